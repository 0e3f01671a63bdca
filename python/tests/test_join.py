"""A sidecar that was started by hand takes over from the one that the app had started."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hosts import LIMIT_S, Dialled, HostProcess

StartHost = Callable[[dict[str, object]], HostProcess]

APP = """
from sidecar_bridge import serve

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        return await send({"type": "lifespan.startup.complete"})
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})

serve(app, log_level="warning")
"""
IDENTIFIER = "com.example.sidecar-bridge.test-host"


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime directory of this test's own, for connection files must not meet; its path has to be short."""
    with tempfile.TemporaryDirectory() as directory:
        monkeypatch.setenv("XDG_RUNTIME_DIR", directory)
        monkeypatch.setenv("SIDECAR_BRIDGE_APP", IDENTIFIER)
        monkeypatch.delenv("SIDECAR_BRIDGE", raising=False)
        yield Path(directory)


def spawn_by_hand() -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", APP], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def by_hand(directory: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        started.append(spawn_by_hand())
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=LIMIT_S)


@pytest.fixture
def host(directory: Path, start_host: StartHost) -> Iterator[HostProcess]:
    spawn = {"command": [sys.executable, "-c", APP], "cwd": "/tmp"}
    host = start_host({"sidecars": {"python": {"spawn": spawn}}})
    yield host
    host.stop()


def test_it_takes_over_and_the_apps_own_comes_back(
    host: HostProcess, by_hand: Callable[[], subprocess.Popen[str]]
) -> None:
    own = host.wait_for("ready")["pid"]
    joined = by_hand()
    assert host.wait_for("ready")["pid"] == joined.pid
    assert not Path(f"/proc/{own}").exists()
    joined.kill()
    assert "started by hand" in host.wait_for("restarting")["problem"]["detail"]
    assert host.wait_for("ready")["pid"] not in {own, joined.pid}


def test_it_serves_on_the_apps_socket_and_ends_with_the_app(
    directory: Path, start_host: StartHost, by_hand: Callable[[], subprocess.Popen[str]]
) -> None:
    spawn = {"command": [sys.executable, "-c", APP], "cwd": "/tmp"}
    host = start_host({"sidecars": {"python": {"spawn": spawn}}})
    host.wait_for("ready")
    joined = by_hand()
    assert host.wait_for("ready")["pid"] == joined.pid
    (file,) = directory.glob("sidecar-bridge-*.json")
    listen = json.loads(file.read_text())["sidecars"]["python"]["listen"]["unix"]
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(LIMIT_S)
        client.connect(listen)
        client.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 204")
    host.process.send_signal(signal.SIGKILL)
    assert joined.wait(LIMIT_S) == -signal.SIGKILL
    assert joined.stderr is not None
    assert "the app has ended" in joined.stderr.read()
    host.kill()


def test_the_apps_orderly_end_is_the_joined_sidecars_too(
    directory: Path, start_host: StartHost, by_hand: Callable[[], subprocess.Popen[str]]
) -> None:
    host = start_host({"sidecars": {"python": {"spawn": {"command": ["cat"], "cwd": "/tmp"}}}})
    host.wait_for("starting")
    joined = by_hand()
    assert host.wait_for("ready")["pid"] == joined.pid
    host.stop()
    assert joined.wait(LIMIT_S) == 0
    assert list(directory.iterdir()) == []


@pytest.fixture
def dialled(directory: Path) -> Iterator[Dialled]:
    """A running app, as its connection file has it."""
    with Dialled(directory) as dialled:
        meeting = {"join": {"unix": str(dialled.path)}, "listen": {"unix": str(dialled.sidecar_path)}}
        connection = {"protocol": 2, "identifier": IDENTIFIER, "pid": os.getpid(), "sidecars": {"python": meeting}}
        file = directory / f"sidecar-bridge-{IDENTIFIER}.json"
        file.write_text(json.dumps(connection))
        file.chmod(0o600)
        yield dialled


def test_it_asks_to_join_and_the_connection_is_its_lease(
    dialled: Dialled, by_hand: Callable[[], subprocess.Popen[str]]
) -> None:
    process = by_hand()
    with dialled.give_lease() as lease:
        assert dialled.roles == ["join"]
        assert lease.recv(6) == b"alive\n"
        lease.sendall(b"probe\n")
        assert lease.recv(6) == b"alive\n"
    _, said = process.communicate(timeout=LIMIT_S)
    assert process.returncode == -signal.SIGKILL
    # On a busy machine the announcement, which nobody takes, may fail before.
    assert said.splitlines()[-1] == "the app has ended, and this sidecar with it"


def test_a_refusal_is_shown_with_its_reason(dialled: Dialled, by_hand: Callable[[], subprocess.Popen[str]]) -> None:
    process = by_hand()
    dialled.refuse("unavailable", "the app ends")
    assert "the host gives this process no lease (unavailable: the app ends)\n" in refusal(process)


def refusal(process: subprocess.Popen[str]) -> str:
    _, said = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 64
    return said


def test_without_the_app_it_says_what_to_do(by_hand: Callable[[], subprocess.Popen[str]]) -> None:
    said = refusal(by_hand())
    assert f"no app `{IDENTIFIER}` runs in development" in said
    assert "start it with `tauri dev`" in said


def test_a_file_that_others_could_have_written_is_not_trusted(
    directory: Path, by_hand: Callable[[], subprocess.Popen[str]]
) -> None:
    file = directory / f"sidecar-bridge-{IDENTIFIER}.json"
    file.write_text("{}")
    file.chmod(0o644)
    assert "is not a file of this user alone" in refusal(by_hand())
    if os.geteuid() == 0:
        file.chmod(0o600)
        os.chown(file, 1, -1)
        assert "is not a file of this user alone" in refusal(by_hand())
    file.rename(directory / "target")
    file.symlink_to(directory / "target")
    assert "cannot be read" in refusal(by_hand())


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", "is no connection file"),
        ("[]", "is no connection file"),
        ('{"protocol":9,"sidecars":{}}', "is of protocol 9"),
        ('{"protocol":1,"sidecars":{}}', "is of protocol 1 and this package speaks 2; install matching versions"),
        ('{"protocol":2,"sidecars":{"worker":{"join":{"unix":"/x"}}}}', "no sidecar `python`; it has: worker"),
        ('{"protocol":2,"sidecars":{"python":{"join":{"unix":"/no/such"}}}}', "gives no lease: nobody listens at"),
    ],
)
def test_a_file_that_means_nothing_is_named(
    directory: Path, by_hand: Callable[[], subprocess.Popen[str]], document: str, reason: str
) -> None:
    file = directory / f"sidecar-bridge-{IDENTIFIER}.json"
    file.write_text(document)
    file.chmod(0o600)
    assert reason in refusal(by_hand())
