"""Whoever is not the sidecar gets nowhere: another user, a wrong token, a browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sidecar_bridge import Host as Client

from figures import note
from world import Endpoint, descendants, host, many, request

NOBODY = 65534

# Tries everything at everything in a directory that all users share, at least so often and until its standard input
# ends, and says what worked. It knows the right token.
INTRUDER = r"""
import json, os, socket, sys
parent, tries, token = sys.argv[1], int(sys.argv[2]), sys.argv[3]
ask = f"GET /health HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n".encode()
print("ready", flush=True)
made, worked = 0, []

def attempt(what, action):
    global made
    made += 1
    try:
        if action():
            worked.append(what)
    except (OSError, RuntimeError):
        pass

def answered(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        client.connect(path)
        client.sendall(ask)
        return client.recv(1)

def bound(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        return True

def done(action, *arguments):
    action(*arguments)
    return True

def over():
    try:
        return made >= tries and os.read(0, 1) == b""
    except BlockingIOError:
        return False

os.set_blocking(0, False)
names = ("host.sock", "sidecar.sock", "lease.sock")
plant = 0
while not over():
    if (plant := plant + 1) < 50:
        lure = f"{parent}/sidecar-bridge-{os.getpid()}-{plant}"
        os.symlink("/etc", lure + "-link")
        os.mkdir(lure)
        bound(f"{lure}/host.sock")
    for entry in os.listdir(parent):
        directory = f"{parent}/{entry}"
        try:
            mine = os.lstat(directory).st_uid == os.geteuid()
        except OSError:
            continue
        if mine:
            continue
        attempt("list", lambda: done(os.listdir, directory) and OPENED not in sys.argv)
        attempt("rename", lambda: done(os.rename, directory, directory + "x"))
        attempt("remove", lambda: done(os.rmdir, directory))
        for name in names:
            path = f"{directory}/{name}"
            attempt("answer of " + path, lambda: answered(path))
            attempt("socket in place of " + path, lambda: bound(path))
            attempt("link in place of " + path, lambda: done(os.symlink, "/etc/passwd", path))
            attempt("removal of " + path, lambda: done(os.unlink, path))
for process in os.listdir("/proc"):
    if process.isdigit() and os.stat(f"/proc/{process}").st_uid != os.geteuid():
        attempt("descriptors of " + process, lambda: os.listdir(f"/proc/{process}/fd"))
        attempt("environment of " + process, lambda: open(f"/proc/{process}/environ").read())
print(json.dumps({"tries": made, "worked": worked}))
""".replace("OPENED", "'opened'")


@contextmanager
def intruder(parent: Path, tries: int, token: str, *more: str) -> Iterator[subprocess.Popen[str]]:
    """Let another user try as often; the block ends when it has."""
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    assert python is not None
    other = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    command = [*other, python, "-c", INTRUDER, str(parent), str(tries), token, *more]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.kill()


def outcome(process: subprocess.Popen[str]) -> int:
    """Tell the intruder to come to an end, and give the number of tries, none of which may have worked."""
    output, _ = process.communicate(timeout=600)
    report = json.loads(output)
    assert report["worked"] == []
    tries: int = report["tries"]
    return tries


@pytest.fixture
def shared() -> Iterator[Path]:
    """A directory like `/tmp`: everybody may make something in it, nobody may take away what others made."""
    with tempfile.TemporaryDirectory(dir="/tmp") as made:
        directory = Path(made)
        directory.chmod(0o1777)
        yield directory


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may be somebody else")


@needs_root
def test_another_user_gets_nowhere_while_sockets_are_bound_and_after(shared: Path) -> None:
    starts = many(3, 200)
    with host(directory=shared) as steady:
        steady.ready()
        endpoint = steady.endpoint()
        with intruder(shared, 10_000, endpoint.token) as other:
            for _ in range(starts):
                with host(directory=shared, command=["true"], restart=False) as fresh:
                    fresh.wait_for("failed")
                    fresh.stop()
            made = outcome(other)
        with Client(*endpoint) as client:
            assert client.health(timeout_s=5)["status"] == "ok"
    seen = f"0 of {made}, while a host served and {starts} others came and went"
    note("another uid connects, spoofs, renames, plants links and sockets", "10⁴ tries: 0 successes", seen)


@needs_root
def test_another_user_gets_nowhere_though_somebody_has_opened_directory_and_sockets(shared: Path) -> None:
    with host(directory=shared) as running:
        running.ready()
        endpoint = running.endpoint()
        endpoint.path.parent.chmod(0o755)
        for socket in endpoint.path.parent.iterdir():
            socket.chmod(0o666)
        with intruder(shared, many(500, 10_000), endpoint.token, "opened") as other:
            made = outcome(other)
        with Client(*endpoint) as client:
            assert client.health(timeout_s=5)["status"] == "ok"
    note("the same with the right token, directory and sockets opened to all", "0 successes", f"0 of {made}")


@needs_root
def test_another_user_reads_arguments_and_not_the_environment() -> None:
    def read(path: Path) -> subprocess.CompletedProcess[bytes]:
        other = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "cat", str(path)]
        return subprocess.run(other, capture_output=True, timeout=60, check=False)

    def sidecar() -> Path | None:
        # Before exec it is the host still, and where there is a reaper, its parent ends at once.
        with suppress(FileNotFoundError, ProcessLookupError):
            for pid in descendants(running.process.pid):
                if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"sleep"):
                    return Path(f"/proc/{pid}")
        return None

    with host(command=["sleep", "1000"]) as running:
        while (process := sidecar()) is None:
            time.sleep(0.005)
        arguments = (process / "cmdline").read_bytes()
        assert read(process / "cmdline").stdout == arguments
        refused = read(process / "environ")
        assert (refused.returncode, refused.stdout) == (1, b"")


def refusals(now: Endpoint, before: Endpoint) -> dict[str, str]:
    """Give the heads that must be refused."""

    def head(*lines: str) -> str:
        return "".join(f"{line}\r\n" for line in ("POST /v1/events/touched HTTP/1.1", "Connection: close", *lines))

    right, own = f"Authorization: Bearer {now.token}", "Host: localhost"
    return {
        "wrong token": head(own, f"Authorization: Bearer {'A' * 43}"),
        "token of the previous generation": head(own, f"Authorization: Bearer {before.token}"),
        "no token": head(own),
        "Origin": head(own, right, "Origin: tauri://localhost"),
        "Sec-Fetch-Mode": head(own, right, "Sec-Fetch-Mode: cors"),
        "foreign Host": head("Host: example.com", right),
        "no Host": head(right),
    }


def test_what_has_no_right_is_refused_and_changes_nothing() -> None:
    rounds = many(20, 1500)
    with host() as running:
        running.ready()
        before = running.endpoint()
        running.tell("restart")
        running.ready()
        now = running.endpoint()
        assert before.token != now.token
        heads = refusals(now, before)
        with Client(*now) as client, client.listen("touched") as events:
            for _ in range(rounds):
                for name, head in heads.items():
                    answer = request(now.path, f"{head}Content-Length: 0\r\n\r\n".encode())
                    assert re.match(rb"HTTP/1.1 40[013] ", answer), f"{name}: {answer!r}"
            client.emit("touched", "by the sidecar")
            assert events.receive(timeout_s=5) == "by the sidecar"
    seen = f"{rounds * len(heads)} of {rounds * len(heads)} refused, 0 events emitted"
    note(f"requests with: {', '.join(heads)}", "refused, nothing changed", seen)
