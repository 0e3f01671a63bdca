"""An updater replaces a sidecar's files while the app runs: `prepare_for_update` has ended all that uses them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from figures import note
from world import Host, host, kill, many

APP = """
import json, os, subprocess, sys, time
from pathlib import Path
import sidecar_bridge

VERSION = (Path(__file__).parent / "version.txt").read_text()
BALLAST = b"1" * (32 << 20)  # the system needs a while to take it back: who does not wait for an end is seen

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        subprocess.Popen([sys.executable, "worker"])  # outlives the sidecar, and is a program of the bundle
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return await send({"type": "lifespan.shutdown.complete"})
    body = json.dumps({"version": VERSION, "pid": os.getpid()}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})

if __name__ == "__main__":
    if sys.argv[1:] == ["worker"]:
        time.sleep(1000)
    sidecar_bridge.serve(app, log_level="warning")
"""

QUIET_S = 1.5
"""Longer than the host ever waits before it starts a spare, and than its first pauses before a restart."""


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    """Two versions of a sidecar, as folders that `python -m sidecar_bridge bundle` makes; a file in them says which."""
    project = tmp_path_factory.mktemp("project")
    (project / "main.py").write_text(APP)
    (project / "version.txt").write_text("1")
    made = [project / "made", project / "next"]
    command = [sys.executable, "-m", "sidecar_bridge", "bundle", "main.py", "--include", "version.txt"]
    subprocess.run([*command, "--to", str(made[0])], cwd=project, check=True, timeout=600)
    shutil.copytree(made[0], made[1])
    (version,) = made[1].rglob("version.txt")
    version.write_text("2")
    yield [folder / "python" for folder in made]
    shutil.rmtree(project)  # it is large


def users(folder: Path) -> dict[int, set[str]]:
    """Give the processes that run, map, have open or stand in anything of a folder, and what of it."""
    found: dict[int, set[str]] = {}
    for process in Path("/proc").glob("[0-9]*"):
        # It may end meanwhile, or be one of the kernel's.
        with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            links = [process / "exe", process / "cwd", *(process / "fd").iterdir()]
            used = {str(link.readlink()) for link in links}
            used |= {line.split(maxsplit=5)[-1] for line in (process / "maps").read_text().splitlines()}
            if ours := {path for path in used if path.startswith(f"{folder}/")}:
                found[int(process.name)] = ours
    return found


def until_used_by(folder: Path, processes: int) -> dict[int, set[str]]:
    """Wait until so many processes use a folder."""
    until = time.monotonic() + 60
    while len(using := users(folder)) != processes:
        assert time.monotonic() < until, using
        time.sleep(0.05)
    return using


def prepare(running: Host) -> None:
    """Let the app make room for its updater, and wait until it has."""
    running.tell("prepareForUpdate")
    while "preparedForUpdate" not in running.next_line():
        pass


def set_trap(folder: Path) -> Path:
    """Leave the folder as an updater does that is half done, with a program that tells when somebody runs it."""
    shutil.rmtree(folder)
    folder.mkdir()
    ran, program = folder.parent / "ran", folder / "python"
    program.write_text(f"#!/bin/sh\necho \"$$ $*\" >>'{ran}'\nexec sleep 1000\n")
    program.chmod(0o755)
    return ran


def replaced(versions: list[Path], folder: Path, state: str) -> None:
    """Run the first version, replace it by the second one, and see which one runs when."""
    shutil.copytree(versions[0], folder)
    with host(command=[str(folder / "python")], dev={"standby": "app"}) as running:
        serving = running.ready()
        assert running.fetch("/") == {"version": "1", "pid": serving}
        # The sidecar, its worker, and the spare.
        assert serving in until_used_by(folder, 3)
        if state == "restarting":
            kill(serving)
            running.wait_for("restarting")
        prepare(running)
        assert users(folder) == {}
        ran = set_trap(folder)
        (call,) = running.burst(1, "/")
        assert call["failure"][0] == "unavailable", call
        time.sleep(QUIET_S)
        assert not ran.exists(), ran.read_text()
        shutil.rmtree(folder)
        shutil.copytree(versions[1], folder)
        running.tell("restartApp")
        serving = running.ready()
        assert running.fetch("/") == {"version": "2", "pid": serving}
        running.stop()
    assert users(folder) == {}


@pytest.mark.parametrize("state", ["serving", "restarting"])
def test_a_running_bundle_is_replaced(state: str, versions: list[Path], tmp_path: Path) -> None:
    rounds = many(2, 20)
    for number in range(rounds):
        replaced(versions, tmp_path / str(number), state)
    note(
        f"a bundle is replaced behind `prepare_for_update`, its sidecar {state}, a spare beside it",
        "nothing of it runs or is open, nothing starts, then the new one serves",
        f"so in {rounds} of {rounds} rounds",
    )
