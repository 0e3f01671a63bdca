"""A child of a fork holds no socket of the sidecar: neither a broken stream, nor the lease, nor the host stays."""

from __future__ import annotations

import errno
import http.client
import os
import signal
import socket
import time
from collections.abc import Mapping

import pytest
from hosts import LIMIT_S
from served import NO_UVLOOP, UVLOOP, Serving, serving

__all__ = ["serving"]

APP = """
import asyncio, ctypes, os, subprocess, sys, threading, time
from sidecar_bridge import get_host, serve

def fork():
    child = os.fork()
    if not child:
        time.sleep(1000)
        os._exit(0)
    return child

def fork_without_python():
    # As a library in C does: Python does not learn of it.
    child = ctypes.PyDLL(None).fork()
    if not child:
        time.sleep(1000)
        os._exit(0)
    return child

def fork_and_call():
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.write(theirs, get_host().invoke("greet").encode())
        os._exit(0)
    os.close(theirs)
    assert os.waitpid(child, 0)[1] == 0
    return os.read(ours, 100)

def spawn():
    look = "import os, stat, sys; fds = [fd for fd in range(3, 100) if os.path.exists(f'/proc/self/fd/{fd}')]; "
    look += "print([fd for fd in fds if stat.S_ISSOCK(os.stat(f'/proc/self/fd/{fd}').st_mode)])"
    return subprocess.run([sys.executable, "-c", look], close_fds=False, stdout=-1).stdout.strip()

go = asyncio.Event()

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    name = scope["path"].lstrip("/")
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"begun ", "more_body": True})
    body = b""
    if name == "call":
        get_host().invoke("greet")
    elif name:
        result = globals()[name]()
        body = result if isinstance(result, bytes) else str(result).encode()
    await send({"type": "http.response.body", "body": body, "more_body": True})
    if name.startswith("fork") and name != "fork_and_call":
        await receive()
        await go.wait()
        raise RuntimeError("on purpose")
    go.set()
    await send({"type": "http.response.body"})

serve(app, log_level="warning")
"""


@pytest.mark.parametrize("env", [NO_UVLOOP, UVLOOP])
@pytest.mark.parametrize("fork", ["fork", "fork_without_python"])
def test_a_stream_ends_that_breaks_while_a_child_lives(serving: Serving, env: Mapping[str, str], fork: str) -> None:
    served = serving(APP, env)
    with served.connection() as connection:
        connection.request("GET", f"/{fork}")
        answer = connection.getresponse()
        child = int((answer.read1() + answer.read1()).removeprefix(b"begun "))
        assert served.get("/") == (200, b"begun ")
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
    os.kill(child, 0)  # it lives


def test_the_lease_ends_with_its_process(serving: Serving) -> None:
    served = serving(APP)
    with served.connection() as connection:
        connection.request("GET", "/fork")
        answer = connection.getresponse()
        assert answer.read1().startswith(b"begun ")
        assert answer.read1()
        served.process.send_signal(signal.SIGKILL)
        served.lease.settimeout(LIMIT_S)
        while served.lease.recv(4096):
            pass


def test_a_new_connection_does_not_wait_for_a_child(serving: Serving) -> None:
    served = serving(APP)
    with served.connection() as connection:
        connection.request("GET", "/fork")
        assert connection.getresponse().read1().startswith(b"begun ")
        served.process.send_signal(signal.SIGKILL)
        served.process.wait(LIMIT_S)

    def is_refused() -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(served.path) == errno.ECONNREFUSED

    # The child lets go of the socket as its first act, which it may not have come to yet.
    until = time.monotonic() + LIMIT_S
    while not is_refused():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_child_calls_the_host_and_harms_no_call_of_its_parent(serving: Serving) -> None:
    served = serving(APP)
    served.fake.answers("greet", "hello")
    for _ in range(3):
        assert served.get("/call") == (200, b"begun ")
        assert served.get("/fork_and_call") == (200, b"begun hello")


def test_a_program_inherits_no_socket(serving: Serving) -> None:
    served = serving(APP)
    served.fake.answers("greet", "hello")
    assert served.get("/call") == (200, b"begun ")
    assert served.get("/spawn") == (200, b"begun []")
