"""A program of `bench-peers` that measures in Rust: a line of words to it, a line of JSON from it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from contest import Sample


class RustPeer:
    """The running program."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Made by `rust_peer`."""
        self._process = process
        self.pid = process.pid

    def tell(self, line: str) -> None:
        """Send a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def line(self) -> str:
        """The next line from it."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            msg = f"{self._process.args!r} has ended"
            raise RuntimeError(msg)
        return line

    def measure(self, *words: object) -> Sample:
        """What it measures when told these words."""
        self.tell(" ".join(map(str, words)))
        found = json.loads(self.line())
        return Sample([ns / 1e9 for ns in found["timesNs"]], found["cpuNs"] / 1e9, found["wallNs"] / 1e9)


@contextmanager
def rust_peer(*command: str) -> Iterator[RustPeer]:
    """Run it for a block; it ends with its standard input."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield RustPeer(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(20)
