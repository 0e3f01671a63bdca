"""`python -m sidecar_bridge new --start`: an app's packages, all at once, and then its window."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Lock
from typing import IO, TYPE_CHECKING, NamedTuple

from sidecar_bridge._app.errors import AppError

if TYPE_CHECKING:
    from pathlib import Path

_WINDOWS = sys.platform == "win32"
_ENDED = 1
"""The exit status of what was ended since something else had failed; nobody looks at it."""
_INTERRUPTED = 130
"""What shells say of a program that SIGINT has ended."""


class Tools(NamedTuple):
    """The programs that install and build an app, with their whole paths: on Windows, `npm` is a script."""

    npm: str
    cargo: str

    @classmethod
    def found(cls) -> Tools:
        """Look for them.

        Raises:
            AppError: One is missing.
        """
        paths = {name: shutil.which(name) for name in cls._fields}
        if missing := [f"`{name}`" for name, path in paths.items() if path is None]:
            raise AppError(
                f"no {' and no '.join(missing)} on PATH; install Node 20 and Rust 1.90, or leave --start out"
            )
        return cls(**{name: str(path) for name, path in paths.items()})


class _Task(NamedTuple):
    name: str
    folder: Path
    commands: list[list[str]]
    is_seen: bool = False
    """Whether what it prints is shown as it comes."""


@dataclass
class _Running:
    """What runs now, so that all of it ends when one fails."""

    lock: Lock = field(default_factory=Lock)
    processes: set[subprocess.Popen[bytes]] = field(default_factory=set)
    is_ending: bool = False

    def do(self, task: _Task) -> int:
        """Run the commands of a task; give the exit status of the first that fails, or 0."""
        began = time.monotonic()
        with tempfile.TemporaryFile() as said:
            for command in task.commands:
                process = self._begin(command, task.folder, None if task.is_seen else said)
                status = _ENDED if process is None else process.wait()
                if self.is_ending:
                    return _ENDED
                if status:
                    said.seek(0)
                    text = said.read().decode(errors="replace")
                    sys.stderr.write(f"{text}{task.name}: exit code {status}\n")
                    return status
        sys.stdout.write(f"{task.name}: {time.monotonic() - began:.1f} s\n")
        sys.stdout.flush()
        return 0

    def _begin(self, command: list[str], folder: Path, output: IO[bytes] | None) -> subprocess.Popen[bytes] | None:
        """Start a command, unless all is to end."""
        with self.lock:
            if self.is_ending:
                return None
            process = subprocess.Popen(  # noqa: S603 - the app's own
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
            self.processes.add(process)
            return process

    def end(self) -> None:
        """End what runs."""
        with self.lock:
            self.is_ending = True
            for process in self.processes:
                process.terminate()


def start(folder: Path, tools: Tools) -> int:
    """Install and build the app in that folder, then run `tauri dev` until its end; give the exit status."""
    sys.stdout.flush()
    programs = folder / ".venv" / ("Scripts" if _WINDOWS else "bin")
    pip = [str(programs / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    tasks = [
        # The longest first: only its tail has a processor to spare.
        _Task("cargo build", folder / "src-tauri", [[tools.cargo, "build"]], is_seen=True),
        _Task("npm install", folder, [[tools.npm, "install", "--no-audit", "--no-fund"]]),
        _Task(
            "packages of the sidecar, in .venv",
            folder,
            [[sys.executable, "-m", "venv", ".venv"], [*pip, "-r", "sidecar/requirements-dev.txt"]],
        ),
    ]
    try:
        if status := _all(tasks):
            return status
    except KeyboardInterrupt:
        return _INTERRUPTED
    path = os.pathsep.join([str(programs), os.environ.get("PATH", "")])
    env = {**os.environ, "PATH": path, "VIRTUAL_ENV": str(folder / ".venv")}
    return _waited(subprocess.Popen([tools.npm, "run", "tauri", "dev"], cwd=folder, env=env))  # noqa: S603 - the app's own


def _waited(process: subprocess.Popen[bytes]) -> int:
    """Wait for the end, which an interrupt of the terminal brings about, too: `tauri dev` ends the app then."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def _all(tasks: list[_Task]) -> int:
    """Run the tasks at the same time; give the exit status of the first that fails, or 0."""
    running = _Running()
    with ThreadPoolExecutor(len(tasks)) as pool:
        left: set[Future[int]] = {pool.submit(running.do, task) for task in tasks}
        try:
            while left:
                done, left = wait(left, return_when=FIRST_COMPLETED)
                if status := next((each.result() for each in done if each.result()), 0):
                    return status
        finally:
            running.end()
    return 0
