"""Blocking code that waits for the host: it ends with the page that wanted it, and with the sidecar."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hosts import LIMIT_S, Fifo, HostProcess, wait_until_gone

SIDECAR = """
import asyncio, atexit, json, os, threading
from contextlib import asynccontextmanager
from pathlib import Path
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from sidecar_bridge import BridgeError, get_async_host, get_host, serve
from sidecar_bridge._client.host import link_of
from sidecar_bridge.fastapi import SyncHostDep

def say(**what):
    with open(os.environ["SAID"], "w") as fifo:
        fifo.write(json.dumps(what) + "\\n")

@asynccontextmanager
async def lifespan(app):
    say(pid=os.getpid(), path=str(Path(link_of(get_host()).path).with_name("sidecar.sock")))
    yield
    say(down=True)

app = FastAPI(lifespan=lifespan)

def news(begun=None):
    with get_host().listen("news") as events:
        if begun is not None:
            say(begun=True)
        yield from events

def hold():
    return get_host().invoke("hold", channels={"onText": lambda _: say(begun=True)})

@app.get("/stream")
def stream():
    def lines():
        with get_host().listen("news") as events:
            yield "data: begun\\n\\n"
            for event in events:
                yield f"data: {event}\\n\\n"
    return StreamingResponse(lines(), media_type="text/event-stream")

@app.get("/events")
def events():
    return list(news(begun=True))

@app.get("/loop")
async def blocking_the_loop():
    return list(news(begun=True))

@app.get("/channels")
def channels():
    return hold()

@app.get("/call")
def call():
    say(begun=True)
    return get_host().invoke("hold", {"onText": "__CHANNEL__:7"})

@app.get("/thread")
def thread():
    threading.Thread(target=lambda: list(news(begun=True))).start()

@app.get("/other-loop")
def other_loop():
    async def wait():
        say(begun=True)
        await get_async_host().invoke("hold", {"onText": "__CHANNEL__:7"})
    threading.Thread(target=lambda: asyncio.run(wait())).start()

@app.get("/retried")
def retried():
    while True:
        try:
            list(news(begun=True))
        except BridgeError as error:
            return say(refused=str(error))

@app.get("/plain")
def plain():
    return "plain"

serve(app, log_level="warning")
# These run once all threads have ended.
atexit.register(say, exited=True)
"""


class Running:
    """A sidecar that serves, and what it says."""

    def __init__(self, start_host: Callable[..., HostProcess], directory: Path) -> None:
        self._fifo = Fifo(directory / "said")
        program = directory / "sidecar.py"
        program.write_text(SIDECAR)
        spawn = {"command": [sys.executable, str(program)], "env": {"SAID": str(self._fifo.path)}}
        self.host = start_host({"sidecars": {"python": {"spawn": spawn}}})
        self.host.wait_for("ready")
        said = self.heard()
        self.pid: int = said["pid"]
        self._path = said["path"]

    def heard(self) -> Any:
        return json.loads(self._fifo.read_line())

    def ask(self, route: str) -> socket.socket:
        """Send a request; the answer is on its way."""
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(LIMIT_S)
        client.connect(self._path)
        client.sendall(f"GET {route} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode())
        return client

    def close(self) -> None:
        self._fifo.close()


def read_to(client: socket.socket, end: bytes) -> None:
    came = b""
    while not came.endswith(end):
        more = client.recv(65536)
        assert more, came
        came += more


@pytest.fixture
def sidecar(start_host: Callable[..., HostProcess], tmp_path: Path) -> Iterator[Running]:
    sidecar = Running(start_host, tmp_path)
    yield sidecar
    sidecar.close()


def test_streams_that_pages_have_left_give_their_threads_back(sidecar: Running) -> None:
    # FastAPI has 40 threads.
    for _ in range(41):
        with sidecar.ask("/stream") as client:
            read_to(client, b"data: begun\n\n\r\n")
    with sidecar.ask("/plain") as client:
        assert b"".join(iter(lambda: client.recv(65536), b"")).endswith(b'"plain"')
    sidecar.host.stop()


@pytest.mark.parametrize("route", ["/events", "/loop", "/channels", "/call", "/thread", "/other-loop", "/retried"])
def test_what_waits_for_the_host_does_not_keep_the_sidecar(sidecar: Running, route: str) -> None:
    with sidecar.ask(route):
        assert sidecar.heard() == {"begun": True}
        assert sidecar.host.process.stdin is not None
        sidecar.host.process.stdin.close()
        if route == "/retried":
            assert "listens to nothing any more, since the sidecar stops" in sidecar.heard()["refused"]
        assert sidecar.heard() == {"down": True}
        assert sidecar.heard() == {"exited": True}
        sidecar.host.stop()
    wait_until_gone(sidecar.pid)


def test_a_stream_of_a_page_that_stays_ends_in_order(sidecar: Running) -> None:
    with sidecar.ask("/stream") as client:
        read_to(client, b"data: begun\n\n\r\n")
        assert sidecar.host.process.stdin is not None
        sidecar.host.process.stdin.close()
        came = b"".join(iter(lambda: client.recv(65536), b""))
        assert came.endswith(b"0\r\n\r\n")
        assert sidecar.heard() == {"down": True}
        assert sidecar.heard() == {"exited": True}
        sidecar.host.stop()
