"""How a sidecar ends in the time that it has: pages' streams first, then the app's own work, then its lifespan."""

from __future__ import annotations

import http.client
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from hosts import LIMIT_S
from served import NO_UVLOOP, UVLOOP, Served, Serving, serving
from websockets.sync.client import unix_connect

__all__ = ["serving"]

APP = """
import asyncio, atexit, os, sys, time
from contextlib import asynccontextmanager
from fastapi import BackgroundTasks, FastAPI, Request, WebSocket
from fastapi.responses import Response, StreamingResponse
from sidecar_bridge import serve

go = asyncio.Event()

@asynccontextmanager
async def lifespan(app):
    yield
    {shutdown}
    print("lifespan")

app = FastAPI(lifespan=lifespan)

@app.get("/events")
async def events():
    async def endless():
        try:
            while True:
                yield "data: x\\n\\n"
                await asyncio.sleep(0.01)
        finally:
            print("stream")
    return StreamingResponse(endless(), media_type="text/event-stream")

@app.get("/job/{{seconds}}")
async def job(seconds: float, tasks: BackgroundTasks):
    async def work():
        try:
            await asyncio.sleep(seconds)
            print("job")
        except asyncio.CancelledError:
            print("job cancelled")
            raise
    tasks.add_task(work)

@app.get("/slow")
async def slow():
    say("begun")
    # Longer than streams have.
    await asyncio.sleep(1.5)
    print("slow")
    return "done"

@app.get("/large")
async def large():
    return Response(bytes(50_000_000))

@app.get("/large-stream")
async def large_stream():
    async def chunks():
        try:
            for _ in range(50):
                yield bytes(1_000_000)
        finally:
            print("stream")
    return StreamingResponse(chunks())

@app.post("/upload")
async def upload(request: Request):
    say("begun")
    await request.body()

class Deaf:
    # It never looks whether the page is still there.
    async def __call__(self, scope, receive, send):
        await send({{"type": "http.response.start", "status": 200}})
        await send({{"type": "http.response.body", "body": b"begun", "more_body": True}})
        try:
            await asyncio.Event().wait()
        finally:
            print("stream")

app.mount("/deaf", Deaf())

@app.websocket("/deaf-websocket")
async def deaf_websocket(websocket: WebSocket):
    await websocket.accept()
    try:
        await asyncio.Event().wait()
    finally:
        print("stream")

atexit.register(print, "atexit")
serve(app, log_level="critical")
"""


def start(
    serving: Serving,
    shutdown: str = "pass",
    stop_timeout_ms: int | None = 20_000,
    env: Mapping[str, str] | None = None,
) -> Served:
    return serving(APP.format(shutdown=shutdown), env, stopTimeoutMs=stop_timeout_ms)


@contextmanager
def opened(served: Served, request: str, *, reads: bool = True) -> Iterator[socket.socket]:
    """Send a request, and read the first bytes of its answer and no more."""
    with served.socket() as client:
        client.sendall(f"{request} HTTP/1.1\r\nhost: localhost\r\n".encode())
        client.sendall(b"content-length: 1000\r\n\r\nhalf" if request.startswith("POST") else b"\r\n")
        if reads:
            assert client.recv(20).startswith(b"HTTP/1.1 200 OK")
        yield client


@pytest.mark.parametrize("env", [NO_UVLOOP, UVLOOP])
def test_pages_streams_end_first_and_cost_the_apps_own_work_nothing(serving: Serving, env: Mapping[str, str]) -> None:
    served = start(serving, "await asyncio.sleep(0.5)", env=env)
    with opened(served, "GET /events"), opened(served, "GET /job/2"):
        served.say("stop")
        assert served.ended() == 0
    assert served.printed().splitlines() == ["stream", "job", "lifespan", "atexit"]


def test_a_request_that_is_not_answered_yet_is_answered(serving: Serving) -> None:
    served = start(serving)
    with served.connection() as connection, opened(served, "GET /events"):
        connection.request("GET", "/slow")
        assert served.heard() == "begun"
        served.say("stop")
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b'"done"')
    assert served.ended() == 0
    assert served.printed().splitlines() == ["stream", "slow", "lifespan", "atexit"]


@pytest.mark.parametrize("path", ["/events", "/large", "/large-stream", "/deaf/"])
def test_an_answer_that_nobody_reads_keeps_nothing(serving: Serving, path: str) -> None:
    served = start(serving)
    with opened(served, f"GET {path}"):
        served.say("stop")
        assert served.ended() == 0
    assert served.printed().splitlines()[-2:] == ["lifespan", "atexit"]
    assert ("stream" in served.printed()) == (path != "/large")


def test_an_upload_that_does_not_go_on_keeps_nothing(serving: Serving) -> None:
    served = start(serving)
    with opened(served, "POST /upload", reads=False):
        assert served.heard() == "begun"
        served.say("stop")
        assert served.ended() == 0
    assert served.printed().splitlines() == ["lifespan", "atexit"]


def test_a_websocket_whose_app_does_not_listen_keeps_nothing(serving: Serving) -> None:
    served = start(serving)
    with unix_connect(served.path, uri="ws://localhost/deaf-websocket") as websocket:
        served.say("stop")
        with pytest.raises(Exception, match="1012"):
            websocket.recv(LIMIT_S)
        assert served.ended() == 0
    assert served.printed().splitlines() == ["stream", "lifespan", "atexit"]


def test_a_job_without_an_end_leaves_the_lifespan_its_time(serving: Serving) -> None:
    served = start(serving, stop_timeout_ms=1000)
    assert served.get("/job/1000") == (200, b"null")
    served.say("stop")
    assert served.ended() == 0
    assert served.printed().splitlines() == ["job cancelled", "lifespan", "atexit"]


@pytest.mark.parametrize(("seconds", "warned"), [(0.95, True), (0.1, False)])
def test_a_lifespan_that_the_host_is_about_to_end_is_in_the_log(serving: Serving, seconds: float, warned: bool) -> None:
    app = APP.format(shutdown=f"await asyncio.sleep({seconds})").replace('"critical"', '"warning"')
    served = serving(app, stopTimeoutMs=1000)
    served.get("/job/0")
    served.say("stop")
    assert served.ended() == 0
    warning = "the lifespan's shutdown goes on after 0.9 s, and the host is about to end it; raise `stopTimeoutMs`"
    assert (warning in served.printed()) == warned


def test_without_a_word_of_the_host_there_are_ten_seconds(serving: Serving) -> None:
    served = start(serving, stop_timeout_ms=None)
    assert served.get("/job/3") == (200, b"null")
    served.say("stop")
    assert served.ended() == 0
    assert served.printed().splitlines() == ["job", "lifespan", "atexit"]


def test_a_stream_breaks_off(serving: Serving) -> None:
    served = start(serving)
    with served.connection() as connection:
        connection.request("GET", "/events")
        answer = connection.getresponse()
        assert answer.read(4) == b"data"
        served.say("stop")
        with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
            answer.read()
    assert served.ended() == 0


def test_the_hosts_next_step_does_not_cut_the_end_short(serving: Serving) -> None:
    served = start(serving, "say('shuts down'); await asyncio.sleep(0.5)")
    served.get("/job/0")
    served.say("stop")
    assert served.heard() == "shuts down"
    served.process.terminate()
    assert served.ended() == 0
    assert served.printed().splitlines() == ["job", "lifespan", "atexit"]


def test_sigterm_alone_ends_it_in_order_too(serving: Serving) -> None:
    served = start(serving)
    with opened(served, "GET /events"), opened(served, "GET /job/2"):
        served.process.terminate()
        assert served.ended() == -signal.SIGTERM
    # Ended by a signal, it runs no `atexit`.
    assert served.printed().splitlines() == ["stream", "job", "lifespan"]


# The thread that hears `stop` is at it for longer than everything else takes.
SLOW_STOP = """
import time
from sidecar_bridge import serve
from sidecar_bridge._serve.server import Server

wake = Server._wake

def slowly(self):
    wake(self)
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        time.sleep(0)  # asks for the GIL again and again

Server._wake = slowly

async def app(*asgi):
    raise NotImplementedError

serve(app)
"""


def test_the_thread_that_hears_the_host_has_left_when_python_ends(serving: Serving) -> None:
    served = serving(SLOW_STOP)
    assert served.get("/")[0] == 500
    served.say("stop")
    assert served.ended() == 0
