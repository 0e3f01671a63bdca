"""The app with every plugin, on a desktop and a bus of its own, and the test as its sidecar."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory
from typing import Any

from sidecar_bridge import Host
from sidecar_bridge._client import wire
from sidecar_bridge._client.host import link_of
from sidecar_bridge._serve.hello import Hello, parse_hello

from desktop import App, Desktop, DesktopError, desktop, running, until
from hosts import LIMIT_S, Fifo, handing_over
from shell import Shell, shell

TITLE = "Desktop Test"
APP = App(TITLE, "SIDECAR_BRIDGE_DESKTOP_TEST")
IDENTIFIER = "io.github.tauri-plugin-sidecar-bridge.desktop-test"
ARGUMENTS = ["--verbose", "--file", "x.txt", "-m", "a", "-m", "b", "posarg"]
"""What the app is started with, as that of `tauri-seen.json` was."""

FOLDERS = ("DESKTOP", "DOWNLOAD", "TEMPLATES", "PUBLICSHARE", "DOCUMENTS", "MUSIC", "PICTURES", "VIDEOS")
# Opens nothing: it notes what it was to open.
OPENER = """#!/bin/sh
printf '%s\\n' "$1" >>"$HOME/opened"
"""


@dataclass(frozen=True)
class Place:
    """A running app and what is around it."""

    screen: Desktop
    shell: Shell
    home: Path
    fifo: Fifo
    process: Popen[bytes]

    @property
    def directory(self) -> Path:
        """Where the sidecar may read and write: the temporary directory of the app."""
        return self.home / "tmp"

    @property
    def other(self) -> Path:
        """Where it may not."""
        return self.home / "other"

    @property
    def config(self) -> Path:
        """Where the app keeps its settings."""
        return self.home / "config" / IDENTIFIER

    def opened(self) -> list[str]:
        """What was opened in other programs."""
        path = self.home / "opened"
        return path.read_text().splitlines() if path.exists() else []

    def join(self) -> Hello:
        """Become the sidecar of the app that has just started."""
        hello = parse_hello(self.fifo.read_line())
        with Host(hello.host_path, hello.token) as host:
            link_of(host).ask(wire.ready(os.getpid(), "0.1.0", []), LIMIT_S)
        return hello

    def here(self, value: Any) -> Any:
        """Give the JSON of `tauri-seen.json` with this app's paths."""
        if isinstance(value, dict):
            return {key: self.here(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.here(each) for each in value]
        if isinstance(value, str):
            return value.replace("/dir", str(self.directory)).replace("/other/", f"{self.other}/")
        return value

    def files(self) -> None:
        """Make the files that `tauri-seen.json` is about."""
        self._empty(self.directory)
        for name, data in {
            "a.txt": "héllo\nline2\r\nlast".encode(), "b.bin": b"\xff\xfebin", "c.txt": b"", "up.txt": b"upload me",
        }.items():  # fmt: skip
            (self.directory / name).write_bytes(data)
        for name in ("sub", "new", "watch", "pick/dir"):
            (self.directory / name).mkdir(parents=True)
        (self.directory / "pick/one.txt").write_text("one")
        (self.directory / "link").symlink_to("a.txt")

    def _empty(self, directory: Path) -> None:
        for path in sorted(directory.rglob("*"), reverse=True):
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink()


@contextmanager
def place(**env: str) -> Iterator[Place]:
    """The app as its user starts it, with `env` added to the environment; at the end it is closed, if it still runs."""
    with TemporaryDirectory(prefix="desktop-test-") as name, shell(Path(name)) as around:
        home = Path(name)
        fifo = Fifo(home / "hello")
        try:
            with desktop(APP, **_environment(home, around.address, fifo.path), **env) as screen:
                command: list[str | Path] = [APP.binary(), *ARGUMENTS]
                with running(command, {**screen.env, **screen.app_env}, screen.log) as process:
                    screen.window()
                    yield Place(screen, around, home, fifo, process)
                    # By its id: a test may have left several of one title.
                    for window, _ in windows(screen):
                        screen.run("wmctrl", "-i", "-c", window)
                    until("the app's end", lambda: process.poll() is not None)
                screen.expect_nothing_left()
        finally:
            fifo.close()


def windows(screen: Desktop) -> list[tuple[str, str]]:
    """The id and the title of each window."""

    def listed() -> str | None:
        try:
            return screen.run("wmctrl", "-l") or "\n"
        except DesktopError as error:
            if "BadWindow" in str(error):  # one has just closed
                return None
            raise

    lines = until("a list of windows", listed).strip().splitlines()
    return [(words[0], words[3] if words[3:] else "") for words in (line.split(maxsplit=3) for line in lines)]


def _environment(home: Path, bus: str, fifo: Path) -> dict[str, str]:
    places = {"XDG_DATA_HOME": "share", "XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache", "TMPDIR": "tmp"}
    for each in (*places.values(), "bin", "other"):
        (home / each).mkdir()
    opener = home / "bin/xdg-open"
    opener.write_text(OPENER)
    opener.chmod(0o700)
    lines = [f'XDG_{each}_DIR="$HOME/{each.title()}"\n' for each in FOLDERS]
    (home / "config/user-dirs.dirs").write_text("".join(lines))
    spawn = {"command": handing_over(fifo), "stopTimeoutMs": 2000}
    return {
        **{name: str(home / each) for name, each in places.items()},
        "HOME": str(home),
        "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
        "DBUS_SESSION_BUS_ADDRESS": bus,
        "GSETTINGS_BACKEND": "memory",
        "NO_AT_BRIDGE": "1",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "DESKTOP_TEST_SIDECARS": json.dumps({"sidecars": {"python": {"spawn": spawn}}}),
    }
