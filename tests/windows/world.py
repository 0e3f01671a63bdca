"""Hosts on Windows: `test-host.exe` with sidecars that are a CPython for Windows; `scripts/test-windows` makes both.

On Linux both run under Wine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO, Any

import pytest

LIMIT_S = 120.0
"""How long anything may take that should take no time; only faults wait so long. Python starts in 2 to 15 s in Wine."""

ROUNDS = int(os.environ.get("SIDECAR_BRIDGE_WINDOWS_ROUNDS", "1"))
"""How often what may fail by chance is done."""

WINE = os.environ.get("SIDECAR_BRIDGE_WINE", "")
HOST = os.environ.get("SIDECAR_BRIDGE_WINDOWS_HOST", "")
PYTHON = os.environ.get("SIDECAR_BRIDGE_WINDOWS_PYTHON", "")
SIDECAR = Path(__file__).with_name("sidecar.py")

IDENTIFIER = "com.example.sidecar-bridge.test-host"


def windows(path: Path | str) -> str:
    """Give the name of a path to Windows programs."""
    return str(path) if sys.platform == "win32" else "Z:" + str(path).replace("/", "\\")


def local() -> Path:
    """Give the directory that Windows programs know as `%LOCALAPPDATA%`."""
    if sys.platform == "win32":
        return Path(os.environ["LOCALAPPDATA"])
    (user,) = (entry for entry in Path(os.environ["WINEPREFIX"], "drive_c/users").iterdir() if entry.name != "Public")
    return user / "AppData/Local"


def start(program: str, *arguments: str, **env: str) -> subprocess.Popen[str]:
    """Start a program for Windows. Wine dislikes standard handles that are files."""
    if sys.platform == "win32":
        runner: list[str] = []
    elif WINE:
        runner = [WINE]
    else:
        pytest.fail("SIDECAR_BRIDGE_WINE is not set; run scripts/test-windows, which sets it")
    return subprocess.Popen(
        [*runner, program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, **env},
    )


def run(script: str | Path, *arguments: str, **env: str) -> tuple[int, str]:
    """Run a Python script, or a file with one, and give its exit code and what it printed to either stream."""
    code = [windows(script)] if isinstance(script, Path) else ["-c", script]
    process = start(PYTHON, "-X", "utf8", *code, *arguments, **env)
    try:
        out, err = process.communicate(timeout=LIMIT_S)
    finally:
        process.kill()
    return process.returncode, out + err


class Host:
    """A running host, and what it says."""

    def __init__(
        self, directory: Path, sidecars: int, spawn: dict[str, object], *, log: bool = True, **variables: str
    ) -> None:
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
        if not log:
            # What the host logs goes into a pipe that nobody reads any more.
            assert self.process.stderr is not None
            self.process.stderr.close()
        self._lines: Queue[dict[str, Any] | None] = Queue()
        self._threads = [Thread(target=self._read, args=[self.process.stdout])]
        if log:
            self._threads.append(Thread(target=self._note))
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

    def invoke(self, command: str, **body: object) -> dict[str, Any]:
        """Let the page of the window invoke a command of the plugin, with `json` or `bytes`; give its answer."""
        self.tell({"page": {"command": f"plugin:sidecar-bridge|{command}", "body": body}})
        while not (line := self.next_line()).keys() & {"page", "pageError"}:
            pass
        return line

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
        for pid in self.left():
            with suppress(OSError):  # it has ended
                os.kill(pid, 9)
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
def host(directory: Path, *, sidecars: int = 1, log: bool = True, **spawn: object) -> Iterator[Host]:
    """Give a host whose sidecars are ready, and end it."""
    running = Host(directory, sidecars, spawn, log=log)
    try:
        running.wait_for("ready", sidecars=sidecars)
        yield running
    finally:
        running.close()


def _with(mark: str) -> list[int]:
    if sys.platform == "win32":
        search = "Get-CimInstance Win32_Process | Where-Object CommandLine -Like $env:MARK | ForEach-Object ProcessId"
        shell = ["powershell", "-NoProfile", "-NonInteractive", "-Command", search]
        printed = subprocess.check_output(shell, env={**os.environ, "MARK": f"*{mark}*"}, text=True)
        return [int(line) for line in printed.split()]
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "cmdline").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found
