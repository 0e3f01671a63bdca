"""The lease, with the test as the host: what `serve` says and heeds on it, and what is no lease."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hosts import LIMIT_S, wait_until_gone

APP = """
import os, time
from sidecar_bridge import serve

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return await send({"type": "lifespan.shutdown.complete"})
    exec(scope["path"].lstrip("/"))
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})

serve(app, log_level="warning")
"""


class Sidecar:
    """A process that serves `APP`, and the host's ends of everything: the lease, its endpoint and the sidecar's."""

    def __init__(
        self, directory: Path, *, group: Callable[[int], int | None] = lambda pid: pid, beat_ms: int | None = None
    ) -> None:
        self.lease, theirs = socket.socketpair()
        self.lease.settimeout(LIMIT_S)
        self._replies = self.lease.makefile("rb")
        self._endpoint = socket.socket(socket.AF_UNIX)
        self._endpoint.bind(str(directory / "host.sock"))
        self._endpoint.listen()
        self._endpoint.settimeout(LIMIT_S)
        listener = socket.socket(socket.AF_UNIX)
        self._path = str(directory / "sidecar.sock")
        listener.bind(self._path)
        listener.listen()
        self.process = subprocess.Popen(
            [sys.executable, "-c", APP], stdin=theirs.fileno(), pass_fds=[listener.fileno()], start_new_session=True
        )
        hello = {
            "protocol": 1,
            "sidecar": "python",
            "generation": 1,
            "identifier": "test",
            "host": {"unix": str(directory / "host.sock")},
            "listen": {"fd": listener.fileno()},
            "beatMs": beat_ms,
            "processGroup": group(self.process.pid),
            "token": "hunter2",
        }
        theirs.close()
        listener.close()
        self.say(json.dumps({name: value for name, value in hello.items() if value is not None}))

    def until_ready(self) -> None:
        """Take the announcement, as the host's API would."""
        connection, _ = self._endpoint.accept()
        with connection:
            request = b""
            while not request.endswith(b"}"):
                request += connection.recv(65536)
            assert request.startswith(b"POST /v1/ready ")
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            # The sidecar keeps the connection, and the answer must have been read before it is closed.
            assert self.call("0") == b"ok"

    def say(self, word: str) -> None:
        self.lease.sendall(word.encode() + b"\n")

    def hear(self) -> str:
        return self._replies.readline().decode().rstrip()

    def call(self, code: str, *, wait: bool = True) -> bytes:
        """Run code in a handler, which blocks the event loop for as long as it takes."""
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(LIMIT_S)
        client.connect(self._path)
        client.sendall(f"GET /{code} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
        if not wait:
            client.close()
            return b""
        with client, client.makefile("rb") as answer:
            return answer.read().rpartition(b"\r\n\r\n")[2]

    def close(self) -> None:
        self.process.kill()
        self.process.wait(LIMIT_S)
        for end in (self._replies, self.lease, self._endpoint):
            end.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Sidecar]]:
    started: list[Sidecar] = []

    def start(**options: Any) -> Sidecar:
        started.append(Sidecar(tmp_path, **options))
        return started[-1]

    yield start
    for sidecar in started:
        sidecar.close()


def test_its_event_loop_beats_and_its_thread_answers(start: Callable[..., Sidecar]) -> None:
    sidecar = start(beat_ms=5)
    assert sidecar.hear() == "alive"
    sidecar.until_ready()
    assert [sidecar.hear() for _ in range(20)] == ["beat"] * 20
    sidecar.say("probe")
    while (heard := sidecar.hear()) != "alive":
        assert heard == "beat"


def test_it_does_not_beat_when_nobody_listens(start: Callable[..., Sidecar]) -> None:
    sidecar = start()
    assert sidecar.hear() == "alive"
    sidecar.until_ready()
    sidecar.lease.settimeout(0.2)
    with pytest.raises(TimeoutError):
        sidecar.hear()


@pytest.mark.parametrize("busy", ["time.sleep(1000)", "9**9**9"])
def test_a_busy_event_loop_is_silent_while_the_thread_answers(start: Callable[..., Sidecar], busy: str) -> None:
    sidecar = start(beat_ms=5)
    sidecar.until_ready()
    sidecar.call(busy, wait=False)
    sidecar.lease.settimeout(1)
    with suppress(TimeoutError):
        while sidecar.lease.recv(65536):
            pass  # beats from before it was busy
    for _ in range(10):
        sidecar.say("probe")
        assert sidecar.lease.recv(65536) == b"alive\n"


def test_a_host_that_does_not_listen_holds_nothing_up(start: Callable[..., Sidecar]) -> None:
    sidecar = start(beat_ms=1)
    sidecar.until_ready()
    # Far more answers than the socket's buffer holds, and none is taken.
    for _ in range(200_000):
        sidecar.say("probe")
    assert sidecar.call("0") == b"ok"


def test_an_idle_sidecar_sleeps(start: Callable[..., Sidecar]) -> None:
    sidecar = start()
    sidecar.until_ready()

    def wake_ups() -> int:
        tasks = Path(f"/proc/{sidecar.process.pid}/task").iterdir()
        lines = (line for task in tasks for line in (task / "status").read_text().splitlines())
        return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))

    time.sleep(0.5)  # so that start-up and the last call are over
    before = wake_ups()
    time.sleep(3)
    assert wake_ups() - before <= 2


@pytest.mark.parametrize("orderly", ["stop", "SIGTERM"])
def test_it_ends_when_it_is_told_to(start: Callable[..., Sidecar], orderly: str) -> None:
    sidecar = start()
    sidecar.until_ready()
    if orderly == "stop":
        sidecar.say("stop")
        assert sidecar.process.wait(LIMIT_S) == 0
    else:
        sidecar.process.terminate()
        assert sidecar.process.wait(LIMIT_S) == -signal.SIGTERM


def test_a_stop_that_comes_at_once_is_not_lost(start: Callable[..., Sidecar]) -> None:
    sidecar = start()
    sidecar.say("stop")
    # It was never ready, so the code is not that of a server that has served.
    assert sidecar.process.wait(LIMIT_S) in {0, 3}


@pytest.mark.parametrize("ours", [True, False])
def test_children_go_along_only_in_the_hosts_group(start: Callable[..., Sidecar], tmp_path: Path, ours: bool) -> None:
    sidecar = start(group=(lambda pid: pid) if ours else (lambda _: None))
    sidecar.until_ready()
    report = tmp_path / "pid"
    spawn = f"import subprocess;open('{report}','w').write(str(subprocess.Popen(['sleep','1000']).pid))"
    assert sidecar.call(spawn.replace(" ", "%20")) == b"ok"
    child = int(report.read_text())
    sidecar.lease.shutdown(socket.SHUT_RDWR)
    assert sidecar.process.wait(LIMIT_S) == -signal.SIGKILL
    if ours:
        wait_until_gone(child)
    else:
        os.kill(child, signal.SIGKILL)  # it lives


SERVE = "from sidecar_bridge import serve; serve('app:app')"
NOBODY = (
    "-c: this is the sidecar of a Tauri app, and there is no host ({}; to join an app that runs under `tauri dev`, set "
    "SIDECAR_BRIDGE_APP to its identifier); start the Tauri app, or run the ASGI app alone with `uvicorn module:app`\n"
)
HELLO = (
    b'{"protocol":1,"sidecar":"a","generation":1,"identifier":"b","host":{"unix":"/x"},"listen":{"fd":0},"token":"t"}\n'
)


def by_hand(stdin: Any) -> tuple[int, str]:
    environment = {name: value for name, value in os.environ.items() if name != "SIDECAR_BRIDGE_APP"}
    done = subprocess.run(
        [sys.executable, "-c", SERVE],
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        env=environment,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"", "the lease ended without a hello"),
        (b"hello\n", "the first line of standard input is not a hello"),
        (b"[]\n", "the first line of standard input is not a hello"),
        (b"\xff\n", "the first line of standard input is not a hello"),
        (b"x" * 70_000, "the first line is over 65536 bytes"),
        (b'{"protocol":1}\n', "the host's hello has no `sidecar` of the type str"),
        (
            b'{"protocol":9}\n',
            "the host speaks protocol 9 and this package 1; "
            "install versions of the plugin and the package that belong together",
        ),
    ],
)
def test_what_is_no_hello_is_refused_in_one_sentence(said: bytes, reason: str) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(said)
        ours.shutdown(socket.SHUT_WR)
        assert by_hand(theirs) == (64, NOBODY.format(reason))


def test_a_hello_that_names_no_socket_is_refused() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(HELLO)
        code, said = by_hand(theirs)
    assert code == 64
    reason = f"[Errno {errno.ENOTSOCK}] {os.strerror(errno.ENOTSOCK)}"
    assert f"descriptor 0, which the host's hello names, is no socket: {reason}" in said


def test_without_a_host_it_does_not_wait() -> None:
    ours, terminal = os.openpty()
    reading, writing = os.pipe()
    try:
        for stdin in (terminal, reading, subprocess.DEVNULL):
            started_at = time.monotonic()
            assert by_hand(stdin) == (64, NOBODY.format("standard input is no socket of a host"))
            assert time.monotonic() - started_at < 4
    finally:
        for descriptor in (ours, terminal, reading, writing):
            os.close(descriptor)


def test_a_silent_host_is_given_five_seconds() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert by_hand(theirs) == (64, NOBODY.format("no hello came within 5 s"))


def test_a_host_that_does_not_answer_the_announcement_is_an_error(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        hello = {
            "protocol": 1,
            "sidecar": "python",
            "generation": 1,
            "identifier": "test",
            "host": {"unix": str(tmp_path / "absent")},
            "listen": {"fd": listener.fileno()},
            "token": "hunter2",
        }
        code = "from sidecar_bridge import serve\nasync def app(*asgi): raise NotImplementedError\nserve(app)"
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall(json.dumps(hello).encode() + b"\n")
            done = subprocess.run(
                [sys.executable, "-c", code],
                stdin=theirs.fileno(),
                capture_output=True,
                text=True,
                pass_fds=[listener.fileno()],
                timeout=LIMIT_S,
                check=False,
            )
    assert done.returncode == 1
    assert "the host did not take the announcement that this sidecar is ready" in done.stderr
    assert "hunter2" not in done.stderr
