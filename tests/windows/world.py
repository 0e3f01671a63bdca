"""Hosts under Wine: `test-host.exe` with sidecars that are a CPython for Windows; `scripts/test-windows` makes both."""

from __future__ import annotations

import json
import os
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO, Any

import pytest

LIMIT_S = 120.0
"""How long anything may take that should take no time; only a fault waits for it. A Python starts in 2 to 15 s here."""

ROUNDS = int(os.environ.get("SIDECAR_BRIDGE_WINDOWS_ROUNDS", "1"))
"""How often what may fail by chance is done."""

WINE = os.environ.get("SIDECAR_BRIDGE_WINE", "")
HOST = os.environ.get("SIDECAR_BRIDGE_WINDOWS_HOST", "")
PYTHON = os.environ.get("SIDECAR_BRIDGE_WINDOWS_PYTHON", "")
SIDECAR = Path(__file__).with_name("sidecar.py")

IDENTIFIER = "com.example.sidecar-bridge.test-host"


def windows(path: Path | str) -> str:
    """Give the name of a Unix path under Wine."""
    return "Z:" + str(path).replace("/", "\\")


def start(program: str, *arguments: str, **env: str) -> subprocess.Popen[str]:
    """Start a program under Wine, which dislikes standard handles that are files."""
    for name, value in {"SIDECAR_BRIDGE_WINE": WINE, "SIDECAR_BRIDGE_WINDOWS_HOST": HOST}.items():
        if not value:
            pytest.fail(f"{name} is not set; run scripts/test-windows, which sets it")
    return subprocess.Popen(
        [WINE, program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, **env},
    )


def run(script: str, *arguments: str, **env: str) -> tuple[int, str]:
    """Run a Python script under Wine, and give its exit code and what it printed to either stream."""
    return _ended(start(PYTHON, "-X", "utf8", "-c", script, *arguments, **env))


def run_file(script: Path, *arguments: str) -> tuple[int, str]:
    """Run the script in that file in the same way."""
    return _ended(start(PYTHON, "-X", "utf8", windows(script), *arguments))


def _ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    try:
        out, err = process.communicate(timeout=LIMIT_S)
    finally:
        process.kill()
    return process.returncode, out + err


class Host:
    """A running host, and what it says."""

    def __init__(self, directory: Path, sidecars: int, spawn: dict[str, object], **variables: str) -> None:
        self.mark = f"mark-{uuid.uuid4()}"
        """An argument of each of its sidecars, and of what they start."""
        self._said = directory / "said"
        self._said.touch()
        self._heard = 0
        self.names = ["python", *(f"python-{number}" for number in range(1, sidecars))]
        env = {"SAID": windows(self._said), **variables}
        command = [windows(PYTHON), windows(SIDECAR), self.mark]
        config = {name: {"spawn": {"command": command, "env": env, **spawn}} for name in self.names}
        self.process = start(HOST, json.dumps({"sidecars": config}), SIDECAR_BRIDGE="", SIDECAR_BRIDGE_APP="")
        self.log: list[str] = []
        self._lines: Queue[dict[str, Any] | None] = Queue()
        self._threads = [Thread(target=self._read, args=[self.process.stdout]), Thread(target=self._note)]
        for thread in self._threads:
            thread.start()

    def tell(self, word: object) -> None:
        """Tell the host one of its words."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(word) + "\n")
        self.process.stdin.flush()

    def next_line(self) -> dict[str, Any]:
        """Give the next line that the host says."""
        try:
            line = self._lines.get(timeout=LIMIT_S)
        except Empty:
            pytest.fail(f"the host said nothing within {LIMIT_S} s; its log:\n" + "\n".join(self.log))
        if line is None:
            pytest.fail("the host has ended; its log:\n" + "\n".join(self.log))
        return line

    def wait_for(self, phase: str, *, sidecars: int = 1) -> dict[str, Any]:
        """Wait until so many sidecars have come to that phase; give the last one's status."""
        came: dict[str, dict[str, Any]] = {}
        while len(came) < sidecars:
            line = self.next_line()
            if "state" in line and line["state"]["phase"] == phase:
                came[line["sidecar"]] = line
        return line

    def calls(self) -> list[dict[str, Any]]:
        """Wait for the report on calls."""
        while "calls" not in (line := self.next_line()):
            pass
        report: list[dict[str, Any]] = line["calls"]
        return report

    def ask(self, path: str, *, calls: int = 1, method: str = "GET") -> list[str]:
        """Let the host ask its sidecar; give what failed."""
        self.tell({"burst": {"calls": calls, "method": method, "path": path}})
        return [": ".join(call["failure"]) for call in self.calls() if "failure" in call]

    def hear(self) -> dict[str, Any]:
        """Give the next thing that a sidecar says in the test's file."""
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            lines = self._said.read_text(encoding="utf-8").splitlines()
            if len(lines) > self._heard:
                self._heard += 1
                said: dict[str, Any] = json.loads(lines[self._heard - 1])
                return said
            time.sleep(0.02)
        pytest.fail("the sidecar said nothing; the host's log:\n" + "\n".join(self.log))

    def wait_for_log(self, line: str) -> None:
        """Wait for a line of the host's log, which comes by another way than its answers."""
        end = time.monotonic() + LIMIT_S
        while line not in list(self.log):
            if time.monotonic() > end:
                pytest.fail(f"no line {line!r} in the log:\n" + "\n".join(self.log))
            time.sleep(0.02)

    def left(self) -> list[int]:
        """Give the processes that are there of its sidecars, and of what they have started."""
        return [pid for pid in _with(self.mark) if pid != self.process.pid]

    def ms_until_none_is_left(self) -> float:
        """Wait until none of them is there any more."""
        began = time.monotonic()
        while self.left():
            if time.monotonic() - began > LIMIT_S / 4:
                pytest.fail(f"{len(self.left())} processes outlived the host")
            time.sleep(0.005)
        return (time.monotonic() - began) * 1000

    def stop(self) -> int:
        """Let the app end as it does when its window is closed."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(LIMIT_S)

    def kill(self) -> None:
        """End the host without a chance to tell anyone."""
        self.process.kill()
        self.process.wait(LIMIT_S)

    def close(self) -> None:
        self.process.kill()
        self.process.wait(LIMIT_S)
        for thread in self._threads:
            thread.join(LIMIT_S)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            if line.startswith("{"):
                self._lines.put(json.loads(line))
            else:
                self.log.append(line.rstrip())
        self._lines.put(None)

    def _note(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line.rstrip())


@contextmanager
def host(directory: Path, *, sidecars: int = 1, **spawn: object) -> Iterator[Host]:
    """Give a host whose sidecars are ready, and end it."""
    running = Host(directory, sidecars, spawn)
    try:
        running.wait_for("ready", sidecars=sidecars)
        yield running
    finally:
        running.close()


def _with(mark: str) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "cmdline").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found
