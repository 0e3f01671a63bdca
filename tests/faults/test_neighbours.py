"""What processes of the same user can do, which no socket keeps out, and what they cannot: see docs/threat-model.md."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from sidecar_bridge import Host as Client
from sidecar_bridge import ProblemError

from world import Host, endpoint_of, host, request

DIAL = """
import os, socket, sys
address, role, group = sys.argv[1:]
if group != "own":
    os.setpgid(0, int(group))
host = socket.socket(socket.AF_UNIX)
host.connect(address)
host.sendall(b'{"protocol":2,"role":"%s"}\\n' % role.encode())
print(host.makefile().readline())
"""


def dial(directory: Path, role: str, group: int | str = "own") -> dict[str, object]:
    """Dial as another process of the same user, and give what the host says."""
    command = [sys.executable, "-c", DIAL, str(directory / "lease.sock"), role, str(group)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, process_group=0)
    said: dict[str, object] = json.loads(done.stdout)
    return said


def call(path: Path, token: str) -> bytes:
    """Say hello to a host endpoint with a token, and give the first line of the answer."""
    head = f"GET /health HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    return request(path, head.encode()).partition(b"\r\n")[0]


def holds(pid: int, secret: bytes) -> bool:
    """Tell whether a process has those bytes in its memory."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if found is None:
                continue
            begin, end = (int(number, 16) for number in found.groups())
            memory.seek(begin)
            try:
                if secret in memory.read(end - begin):
                    return True
            except OSError:  # a page that nobody may read
                continue
    return False


def wait_for_words(running: Host) -> dict[str, object]:
    """Give what the sidecar has said in its file."""
    while not running.said.exists() or not running.said.read_text().endswith("\n"):
        time.sleep(0.005)
    said: dict[str, object] = json.loads(running.said.read_text().splitlines()[0])
    return said


def test_a_sidecar_has_all_rights_of_the_user(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.write_text("of the user alone")
    private.chmod(0o600)
    with host(first=f"say(uid=os.geteuid(), read=open({str(private)!r}).read())") as running:
        assert wait_for_words(running) == {"uid": os.geteuid(), "read": "of the user alone"}


def test_another_sidecar_gets_neither_the_lease_nor_a_call_through() -> None:
    with host(beside=["other"]) as running:
        pids = running.all_ready(2)
        assert set(pids) == {"python", "other"}
        one, two = running.run_directories()
        (path, token), (other_path, other_token) = endpoint_of(one), endpoint_of(two)
        assert path.parent != other_path.parent
        assert token != other_token
        assert call(path, token) == call(other_path, other_token) == b"HTTP/1.1 200 OK"
        assert call(path, other_token).startswith(b"HTTP/1.1 401")
        assert call(other_path, token).startswith(b"HTTP/1.1 401")
        # In the process group of the one, a process is told by the other that it is none of its own.
        answers = [dial(directory, "calls", group) for directory in (one, two) for group in pids.values()]
        assert [answer.get("code") for answer in answers].count("permission_denied") == 2
        assert {answer["sidecar"] for answer in answers if "token" in answer} == set(pids)


def test_another_sidecar_has_none_of_its_neighbours_grants() -> None:
    with host(beside=["other"]) as running, ExitStack() as stack:
        running.all_ready(2)
        clients = [stack.enter_context(Client(*endpoint_of(each))) for each in running.run_directories()]
        named = {str(client.health()["sidecar"]): client for client in clients}
        assert named["python"].invoke("greet", {"name": "Ada"}) == {"message": "Hello, Ada!"}
        named["python"].emit("touched", "by the one that is granted it")
        acts: list[Callable[[Client], object]] = [
            lambda client: client.invoke("greet", {"name": "Ada"}),
            lambda client: client.emit("touched", "by the other"),
            lambda client: client.listen("touched").__enter__(),
        ]
        for act in acts:
            with pytest.raises(ProblemError, match=r"permission_denied.*`sidecar-bridge://other`"):
                act(named["other"])


def test_another_process_reaches_the_sidecar_and_not_the_host() -> None:
    with host() as running:
        running.ready()
        directory = running.run_directory()
        served = request(directory / "sidecar.sock", b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert served.startswith(b"HTTP/1.1 200")
        assert call(directory / "host.sock", "").startswith(b"HTTP/1.1 401")
        for role in ("serve", "calls"):
            refusal = dial(directory, role)
            assert refusal["code"] == "permission_denied", role
            assert "is in process group" in str(refusal["detail"])
        assert "token" not in json.dumps(refusal)


def test_a_process_of_the_same_session_may_move_into_the_sidecars_group() -> None:
    """A process group is no wall: setpgid(2) lets every process of the session in."""
    with host() as running:
        pid = running.ready()
        directory = running.run_directory()
        hello = dial(directory, "calls", pid)
        assert call(directory / "host.sock", str(hello["token"])) == b"HTTP/1.1 200 OK"
        assert dial(directory, "serve", pid)["code"] == "permission_denied"


def traces() -> bool:
    """Tell whether the system lets a process look into any other one of its user."""
    yama = Path("/proc/sys/kernel/yama/ptrace_scope")
    return os.geteuid() == 0 or not yama.exists() or yama.read_text().strip() == "0"


@pytest.mark.skipif(not traces(), reason="Yama keeps processes out of others that they have not started")
def test_the_memory_of_a_sidecar_is_open_to_whoever_may_trace_it() -> None:
    with host() as running:
        pid = running.ready()
        assert holds(pid, running.endpoint().token.encode())


def test_the_environment_of_a_sidecar_is_open_to_its_user_and_has_no_token() -> None:
    with host() as running:
        pid = running.ready()
        token = running.endpoint().token.encode()
        for process in (pid, running.process.pid):
            assert token not in Path(f"/proc/{process}/environ").read_bytes()
            assert token not in Path(f"/proc/{process}/cmdline").read_bytes()
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        assert f"SAID={running.said}".encode() in environment  # of the configuration
