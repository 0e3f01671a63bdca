"""Host and package of different versions: each answers right, or says that the two do not belong together.

To build the last release's `test-host` is to compile Tauri: `scripts/release-candidate` asks for it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sidecar_bridge

import last_release
from figures import note
from speaking import OTHER
from world import LIMIT_S, Host, descendants, host

HERE = Path(__file__).parent
TODAY = Path(sidecar_bridge.__file__).parent

ANSWERS = {
    "a command": {"message": "Hello, Ada!"},
    "bytes": [*b"cba"],
    "at once": True,
    "a channel": ["done", [1, 2, 1, 2]],
    "an event": {"edition": 7},
    "an error": ["failed_precondition", {"kind": "emptyName"}],
}

TOGETHER = "install versions of the plugin and the package that belong together"


@pytest.fixture(scope="session")
def package() -> Path:
    """The folder of the last release's Python package."""
    return last_release.package()


def sidecar(*before: str) -> list[str]:
    return [*before, sys.executable, str(HERE / "answering.py")]


def from_folder(folder: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(folder)}


def expect_answers(running: Host, folder: Path, pid: int) -> None:
    """Let Rust ask the sidecar, and look at all that the sidecar got from the host."""
    (call,) = running.burst(1, "/answers")
    assert "failure" not in call, call
    said = json.loads(running.said.read_text().splitlines()[-1])
    assert Path(said["package"]).parent == folder
    assert said["pid"] == pid
    expect(said["answers"])


def expect(answers: Mapping[str, Any]) -> None:
    refusal = answers["a refusal"]
    assert answers == {**ANSWERS, "a refusal": refusal}
    assert refusal[0] == "permission_denied"
    assert "grant `allow-secret`" in refusal[1]


def expect_two_lives(running: Host, folder: Path) -> None:
    """A generation, the next one after an orderly restart, and an orderly end."""
    first = running.wait_for("ready")
    assert first.get("warning") is None, first
    expect_answers(running, folder, first["state"]["pid"])
    running.tell("restart")
    second = running.ready()
    assert second != first["state"]["pid"]
    expect_answers(running, folder, second)
    running.stop()


def test_the_last_releases_package_works_under_this_host(package: Path) -> None:
    with host(command=sidecar(), env=from_folder(package)) as running:
        expect_two_lives(running, package / "sidecar_bridge")
    with host(command=sidecar(), env=from_folder(package)) as running:
        running.ready()
        expect(running.fetch("/answers", "POST"))
        running.stop()
    note("the last release's package under this host", "each call gets its answer", "so in each of its generations")


def spare(running: Host) -> int:
    """Wait until the host has started a spare."""
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        for pid in descendants(running.process.pid):
            with suppress(FileNotFoundError, PermissionError):  # it has ended, or has not begun
                if b"SIDECAR_BRIDGE_STANDBY=" in Path(f"/proc/{pid}/environ").read_bytes():
                    return pid
        time.sleep(0.02)
    pytest.fail(f"no spare within {LIMIT_S} s")


def test_a_spare_of_the_last_releases_package_is_in_nobodys_way(package: Path) -> None:
    """It may know nothing of spares: then it asks for a lease that it must not have yet, and ends."""
    folder = package / "sidecar_bridge"
    with host(command=sidecar(), env=from_folder(package), dev={"standby": "app"}) as running:
        first = running.ready()
        assert spare(running) != first
        expect_answers(running, folder, first)
        running.tell("restart")
        second = running.ready()
        assert second != first
        expect_answers(running, folder, second)
        running.stop()


@pytest.mark.parametrize("side", ["host", "sidecar"])
@pytest.mark.parametrize("release", ["last", "this"])
def test_another_protocol_is_refused_in_words(side: str, release: str, request: pytest.FixtureRequest) -> None:
    env = from_folder(TODAY.parent if release == "this" else request.getfixturevalue("package"))
    speaking = [sys.executable, str(HERE / "speaking.py"), side]
    with host(command=sidecar(*speaking), env=env) as running:
        problem = running.wait_for("failed")["state"]
        assert running.process.poll() is None, "the app died with its sidecar"
        running.stop()
    assert f"protocol {OTHER}" in problem["details"] or f"this process {OTHER}" in problem["details"]
    assert TOGETHER in problem["details"]


@pytest.mark.skipif("SIDECAR_BRIDGE_LAST_HOST" not in os.environ, reason="scripts/release-candidate builds that host")
def test_this_package_works_under_the_last_releases_host() -> None:
    # Its configuration is that of its time, which may know no `standby`.
    with host(binary=last_release.host(), command=sidecar(), env=from_folder(TODAY.parent), dev={}) as running:
        expect_two_lives(running, TODAY)
    note("this package under the last release's host", "each call gets its answer", "so in each of its generations")
