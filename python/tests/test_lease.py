"""The lease, with the test as the host: how `serve` dials it, what it says and heeds on it, and what is no lease."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import IO, Any

import pytest
from hosts import LIMIT_S, Dialled, wait_until_gone, without_host

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
        self,
        directory: Path,
        *,
        group: Callable[[int], int | None] = lambda pid: pid,
        beat_ms: int | None = None,
        first: str = "",
        command: Callable[[str], list[str]] = lambda code: [sys.executable, "-c", code],
        stdin: int | IO[bytes] = subprocess.DEVNULL,
    ) -> None:
        self._endpoint = socket.socket(socket.AF_UNIX)
        self._endpoint.bind(str(directory / "host.sock"))
        self._endpoint.listen()
        self._endpoint.settimeout(LIMIT_S)
        with Dialled(directory) as host:
            self._path = str(host.sidecar_path)
            self.process = subprocess.Popen(
                command(first + APP), stdin=stdin, env=without_host(SIDECAR_BRIDGE=host.address), start_new_session=True
            )
            self.lease = host.give_lease(beatMs=beat_ms, processGroup=group(self.process.pid))
            assert host.roles == ["serve"]
        self._replies = self.lease.makefile("rb")

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


def test_standard_input_is_the_apps_own(start: Callable[..., Sidecar], tmp_path: Path) -> None:
    said = tmp_path / "said"
    swallow = f"import sys; open({str(said)!r}, 'w').write(sys.stdin.read()); sys.stdin.close()\n"
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"what somebody typed")
        ours.shutdown(socket.SHUT_WR)
        start(first=swallow, stdin=theirs.fileno()).until_ready()
    assert said.read_text() == "what somebody typed"


# Like `conda run` and `pdm run`, it hands over neither standard input nor descriptors.
WRAPPER = """
import subprocess, sys
sys.exit(subprocess.call([sys.executable, '-c', sys.argv[1]], stdin=subprocess.DEVNULL, close_fds=True))
"""


def test_a_program_between_them_may_close_what_it_inherits(start: Callable[..., Sidecar]) -> None:
    sidecar = start(command=lambda code: [sys.executable, "-c", WRAPPER, code])
    sidecar.until_ready()
    sidecar.say("stop")
    assert sidecar.process.wait(LIMIT_S) == 0


def test_with_a_program_between_them_the_whole_group_ends_with_the_host(start: Callable[..., Sidecar]) -> None:
    sidecar = start(command=lambda code: [sys.executable, "-c", WRAPPER, code])
    sidecar.until_ready()
    (child,) = map(int, Path(f"/proc/{sidecar.process.pid}/task/{sidecar.process.pid}/children").read_text().split())
    sidecar.lease.shutdown(socket.SHUT_RDWR)
    assert sidecar.process.wait(LIMIT_S) == -signal.SIGKILL
    wait_until_gone(child)


def test_children_inherit_neither_the_lease_nor_the_listener(start: Callable[..., Sidecar], tmp_path: Path) -> None:
    sidecar = start()
    sidecar.until_ready()
    report = tmp_path / "inherited"
    look = f"import subprocess;subprocess.call(['ls','-l','/proc/self/fd'],stdout=open('{report}','w'),close_fds=False)"
    assert sidecar.call(look.replace(" ", "%20")) == b"ok"
    assert str(report) in report.read_text()
    assert "socket:" not in report.read_text()


SERVE = "from sidecar_bridge import serve; serve('app:app')"
APART = "-c: this is the sidecar of a Tauri app, and "
NOBODY = APART + "there is no host ({}); start the Tauri app, or run the ASGI app alone with `uvicorn module:app`\n"
VERSIONS = "install versions of the plugin and the package that belong together"


def by_hand(code: str = SERVE, **env: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        env=without_host(**env),
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


def answered(host: Dialled, answer: Callable[[], object], code: str = SERVE) -> tuple[int, str]:
    """Run the code, and let the host answer meanwhile."""
    answering = Thread(target=answer)
    answering.start()
    try:
        return by_hand(code, SIDECAR_BRIDGE=host.address)
    finally:
        answering.join(LIMIT_S)


@pytest.fixture
def dialled(tmp_path: Path) -> Iterator[Dialled]:
    with Dialled(tmp_path) as dialled:
        yield dialled


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"", "the host closed the connection without a hello"),
        (b'{"protocol":2', "the host closed the connection without a hello"),
        (b"\n", "the host's answer is not a hello"),
        (b"hello\n", "the host's answer is not a hello"),
        (b"[]\n", "the host's answer is not a hello"),
        (b"{}\n", "the host's answer is not a hello"),
        (b"\xff\n", "the host's answer is not a hello"),
        (b"[" * 60_000 + b"\n", "the host's answer is not a hello"),
        (b"x" * 70_000, "the host's answer is over 65536 bytes"),
        (b'{"protocol":2}\n', "the host's hello has no `sidecar` of the type str"),
        (b'{"protocol":9}\n', f"the host speaks protocol 9 and this package 2; {VERSIONS}"),
        (b'{"protocol":1,"listen":{"fd":3}}\n', f"the host speaks protocol 1 and this package 2; {VERSIONS}"),
        (b'{"code":"internal"}\n', "the host answered 403 with a problem that lacks a member: 'type'"),
    ],
)
def test_what_is_no_hello_is_refused_in_one_sentence(dialled: Dialled, said: bytes, reason: str) -> None:
    def answer() -> None:
        with dialled.accept() as connection, suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(said)

    assert answered(dialled, answer) == (64, NOBODY.format(reason))


def test_a_refusal_is_shown_with_its_reason(dialled: Dialled) -> None:
    detail = "process 812 is in process group 812 and the host started 790; let it stay in its group"
    code, said = answered(dialled, lambda: dialled.refuse("permission_denied", detail))
    assert (code, said) == (64, f"{APART}the host gives this process no lease (permission_denied: {detail})\n")


@pytest.mark.parametrize("members", [{"listen": None}, {"listen": {"fd": 3}}, {}])
def test_a_hello_without_a_socket_is_refused(dialled: Dialled, members: dict[str, object]) -> None:
    def answer() -> None:
        with dialled.accept() as connection:
            connection.sendall(dialled.hello(**members))

    reason = "no socket to serve on came with the host's hello"
    assert answered(dialled, answer) == (64, NOBODY.format(reason))


@pytest.mark.parametrize("kind", ["no socket: ", "no listening socket"])
def test_what_cannot_be_served_on_is_refused(dialled: Dialled, kind: str) -> None:
    def answer() -> None:
        with dialled.accept() as connection, Path(os.devnull).open() as file, socket.socket(socket.AF_UNIX) as unbound:
            attached = file if kind == "no socket: " else unbound
            socket.send_fds(connection, [dialled.hello()], [attached.fileno()])

    code, said = answered(dialled, answer)
    assert code == 64
    assert f"what came with the host's hello is {kind}" in said


def test_without_a_host_it_does_not_wait() -> None:
    reason = (
        "no host started this process, or what started it did not pass its environment on: SIDECAR_BRIDGE is not "
        "set; to join an app that runs under `tauri dev`, set "
        "SIDECAR_BRIDGE_APP to its identifier"
    )
    started_at = time.monotonic()
    assert by_hand() == (64, NOBODY.format(reason))
    assert by_hand(SIDECAR_BRIDGE="") == (64, NOBODY.format(reason))
    assert time.monotonic() - started_at < 4


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("unix:", "what follows `unix:` is no absolute path"),
        ("unix:run/dial.sock", "what follows `unix:` is no absolute path"),
        ("unix", f"this package knows addresses that begin with `unix:` only; {VERSIONS}"),
        (r"pipe:\\.\pipe\x", f"this package knows addresses that begin with `unix:` only; {VERSIONS}"),
        ("unix:/" + "x" * 200, f"no socket can be at /{'x' * 200}: "),
        ("unix:/no/such", "nobody listens at /no/such: "),
        ("unix:/dev/null", "nobody listens at /dev/null: "),
    ],
)
def test_an_address_that_leads_nowhere_is_named(address: str, reason: str) -> None:
    # A running app must not be joined instead: the variable says that a host started this process.
    code, said = by_hand(SIDECAR_BRIDGE=address, SIDECAR_BRIDGE_APP="com.example.other")
    assert code == 64
    assert said.startswith(APART + "there is no host (")
    assert reason in said


def test_a_silent_host_is_given_five_seconds(dialled: Dialled) -> None:
    # It accepts nobody, either.
    assert by_hand(SIDECAR_BRIDGE=dialled.address) == (64, NOBODY.format("no hello came within 5 s"))


TWICE = """
import os
from sidecar_bridge import serve

async def app(scope, receive, send):
    await receive()
    if {forked} and (child := os.fork()):
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    try:
        serve(app)
    except SystemExit as end:
        os._exit(end.code)

serve(app, log_level="critical")
"""


@pytest.mark.parametrize("forked", [False, True])
def test_a_process_serves_once(dialled: Dialled, forked: bool) -> None:
    leases = []
    code, said = answered(dialled, lambda: leases.append(dialled.give_lease()), TWICE.format(forked=forked))
    leases[0].close()
    assert said.startswith(APART + "`serve` was called before; ")
    assert '`if __name__ == "__main__"`' in said
    assert code == 64
    assert dialled.roles == ["serve"]


def test_a_host_that_does_not_answer_the_announcement_is_an_error(dialled: Dialled) -> None:
    code = "from sidecar_bridge import serve\nasync def app(*asgi): raise NotImplementedError\nserve(app)"
    leases = []
    status, said = answered(dialled, lambda: leases.append(dialled.give_lease()), code)
    leases[0].close()
    assert status == 1
    assert "the host did not take the announcement that this sidecar is ready" in said
    assert "hunter2" not in said
