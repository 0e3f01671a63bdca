"""`serve` with apps of all kinds and with uvicorn's options."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest
from hosts import LIMIT_S, without_host
from served import Serving, serving
from websockets.sync.client import unix_connect

from sidecar_bridge._serve.config import Config

__all__ = ["serving"]

RAW = """
async def answer(send, text):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(text))]})
    await send({"type": "http.response.body", "body": text})

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        assert (await receive())["type"] == "lifespan.startup"
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        return await send({"type": "lifespan.shutdown.complete"})
    await answer(send, repr(scope["path"]).encode())
"""

APPS = {
    "a coroutine function": "serve(app)",
    "what gives an awaitable": "serve(lambda scope, receive, send: app(scope, receive, send))",
    "a partial": """
import functools
async def more(what, scope, receive, send): await app(scope, receive, send)
serve(functools.partial(more, 1))
""",
    "any arguments": """
async def any_arguments(*asgi): await app(*asgi)
serve(any_arguments)
""",
    "an object": """
class App:
    async def __call__(self, scope, receive, send): await app(scope, receive, send)
serve(App())
""",
    "an object that is no coroutine function": """
class App:
    def __call__(self, scope, receive, send): return app(scope, receive, send)
serve(App())
""",
    "a class": """
class App:
    async def __call__(self, scope, receive, send): await app(scope, receive, send)
serve(App)
""",
    "ASGI 2": """
class App:
    def __init__(self, scope): self.scope = scope
    async def __call__(self, receive, send): await app(self.scope, receive, send)
serve(App)
""",
    "a function that gives the app": """
def create(): return app
serve(create)
""",
    "a factory": """
def create(debug=False): return app
serve(create, factory=True)
""",
    "a string": "__name__ == '__main__' and serve('main:app')",
    "a string of a factory": """
def create(): return app
__name__ == '__main__' and serve('main:create', factory=True)
""",
    "in a running event loop": """
import asyncio
asyncio.run(serve_async(app))
print("after serve_async")
""",
    "in a running event loop of a frozen program": """
import asyncio, sys
sys.frozen = True
asyncio.run(serve_async(app))
print("after serve_async")
""",
    "with all that uvicorn can log": "serve(app, log_level='trace', access_log=True)",
}
IMPORTS = "from sidecar_bridge import serve, serve_async\n"


@pytest.mark.parametrize("kind", APPS)
def test_any_asgi_app_is_served(serving: Serving, kind: str) -> None:
    served = serving(IMPORTS + RAW + APPS[kind])
    assert served.get("/a") == (200, b"'/a'")
    served.say("stop")
    assert served.ended() == 0
    assert "Application startup complete." in served.printed()
    assert "Application shutdown complete." in served.printed()
    assert ("after serve_async" in served.printed()) == kind.startswith("in a running")


WSGI = """
def wsgi(environ, start_response):
    start_response("200 OK", [])
    return [b"hi"]

class Flask:
    def __call__(self, environ, start_response):
        return wsgi(environ, start_response)

def create():
    return Flask()
"""
A2WSGI = (
    "is a WSGI app, and `serve` takes ASGI apps; install a2wsgi and wrap the app: `serve(a2wsgi.WSGIMiddleware(app))`"
)


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ("serve(wsgi)", f"TypeError: `__main__.wsgi` {A2WSGI}"),
        ("serve(Flask())", f"TypeError: `__main__.Flask` {A2WSGI}"),
        ("serve(Flask(), interface='wsgi')", "TypeError: serve takes no `interface='wsgi'`; wrap the app"),
        ("serve(42)", "TypeError: `builtins.int` is no ASGI app: it cannot be called; give the app"),
        ("serve(wsgi, host='::')", "TypeError: serve takes no `host`: the host opens the socket; leave it out"),
        ("serve(wsgi, ssl_keyfile='x')", "TypeError: serve takes no `ssl_keyfile`: a private socket needs no TLS"),
        ("serve(wsgi, timeout_keep_alive=1)", "TypeError: serve takes no `timeout_keep_alive`: the host closes idle"),
        ("serve(wsgi, logconfig=None)", "TypeError: serve takes no `logconfig`; `sidecar_bridge.ServeOptions` has"),
        ("serve(wsgi, log_level='warn')", "ValueError: `log_level` is 'warn'; use one of critical, error, warning"),
        ("serve(wsgi, lifespan=None)", "ValueError: `lifespan` is None; use one of auto, on, off"),
        (
            "import asyncio\nasync def main(): serve(wsgi)\nasyncio.run(main())",
            "RuntimeError: an event loop runs already, and `serve` starts its own; use `await serve_async(app)`",
        ),
    ],
)
def test_what_cannot_be_served_is_refused_before_a_host_is_asked(run: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS + WSGI + run],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        env=without_host(),
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(said)


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ("__name__ == '__main__' and serve('main:Flask')", "TypeError: `main.Flask` "),
        ("serve(create)", "TypeError: `__main__.Flask` " + A2WSGI),
        ("async def make(): pass\nserve(make, factory=True)", "TypeError: `__main__.make` is a coroutine function;"),
    ],
)
def test_what_cannot_be_served_is_refused_when_it_is_loaded(serving: Serving, run: str, said: str) -> None:
    served = serving(IMPORTS + WSGI + run)
    assert served.ended() == 1
    assert said in served.printed()


LIFESPAN = """
import asyncio
async def lifespan(receive, send):
    {lifespan}

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return await lifespan(receive, send)
    await answer(send, b"ok")
serve(app, {options})
"""
STARTED = 'await receive(); await send({"type": "lifespan.startup.complete"}); await receive(); '


@pytest.mark.parametrize(
    ("lifespan", "options"),
    [
        ("raise NotImplementedError", ""),
        ("assert False", ""),
        ("return", ""),
        ("await receive(); raise ValueError", "lifespan='off'"),
    ],
)
def test_an_app_without_a_lifespan_is_served(serving: Serving, lifespan: str, options: str) -> None:
    served = serving(IMPORTS + RAW + LIFESPAN.format(lifespan=lifespan, options=options))
    assert served.get("/") == (200, b"ok")
    served.say("stop")
    assert served.ended() == 0
    assert "Traceback" not in served.printed()


@pytest.mark.parametrize(
    ("lifespan", "options"),
    [("await receive(); raise ValueError('no database')", ""), ("raise ValueError('no database')", "lifespan='on'")],
)
def test_a_lifespan_that_raises_is_a_start_that_failed(serving: Serving, lifespan: str, options: str) -> None:
    served = serving(IMPORTS + RAW + LIFESPAN.format(lifespan=lifespan, options=options))
    assert served.ended() == 3
    assert "ValueError: no database" in served.printed()
    assert served.printed().count("Traceback") == 1


def test_a_lifespan_that_raises_at_its_end_is_logged(serving: Serving) -> None:
    lifespan = STARTED + "raise ValueError('not flushed')"
    served = serving(IMPORTS + RAW + LIFESPAN.format(lifespan=lifespan, options=""))
    assert served.get("/") == (200, b"ok")
    served.say("stop")
    assert served.ended() == 0
    assert "ValueError: not flushed" in served.printed()


LOGS = """
import logging
handler = logging.FileHandler("app.log", mode="w")
mine = logging.getLogger("mine")
mine.addHandler(handler)
mine.setLevel("INFO")
mine.info("before serve")

async def logged(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    mine.info("in a request")
    await answer(send, open("app.log", "rb").read())

serve(logged, {options})
"""
OTHER_LOG = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}


@pytest.mark.parametrize("options", ["", "log_level='warning'", "log_config=None", f"log_config={OTHER_LOG!r}"])
def test_the_apps_own_log_stays_open(serving: Serving, options: str) -> None:
    served = serving(IMPORTS + RAW + LOGS.format(options=options))
    assert served.get("/") == (200, b"before serve\nin a request\n")


def test_uvicorn_can_leave_logging_alone(serving: Serving) -> None:
    served = serving(IMPORTS + RAW + "serve(app, log_config=None)")
    assert served.get("/a") == (200, b"'/a'")
    assert served.printed() == ""


def test_options_reach_uvicorn(serving: Serving) -> None:
    run = "serve(app, root_path='/below', headers=[('x-a', '1')], server_header=True, date_header=True, loop='asyncio')"
    served = serving(IMPORTS + RAW + run)
    with served.connection() as connection:
        connection.request("GET", "/a")
        answer = connection.getresponse()
        assert answer.read() == b"'/below/a'"
        assert (answer.getheader("x-a"), answer.getheader("server")) == ("1", "uvicorn")
        assert answer.getheader("date") is not None
    served.say("stop")
    assert served.ended() == 0


def test_a_process_may_end_after_so_many_requests(serving: Serving) -> None:
    served = serving(IMPORTS + RAW + "serve(app, limit_max_requests=2)")
    assert served.get("/a") == (200, b"'/a'")
    assert served.get("/a") == (200, b"'/a'")
    assert served.ended() == 0
    assert "Application shutdown complete." in served.printed()


CANCELLED = """
import asyncio
asked = asyncio.Event()

async def noting(scope, receive, send):
    if scope["type"] == "http":
        asked.set()
    await app(scope, receive, send)

async def main():
    serving = asyncio.create_task(serve_async(noting))
    await asked.wait()
    serving.cancel()
    try:
        await serving
    except asyncio.CancelledError:
        print("cancelled")

asyncio.run(main())
"""


def test_a_cancelled_serve_async_shuts_the_app_down(serving: Serving) -> None:
    served = serving(IMPORTS + RAW + CANCELLED)
    assert served.get("/a") == (200, b"'/a'")
    assert served.ended() == 0
    assert served.printed().splitlines()[-1] == "cancelled"
    assert "Application shutdown complete." in served.printed()


WEBSOCKET = """
from fastapi import FastAPI, WebSocket
app = FastAPI()

@app.websocket("/")
async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)
"""
PING = 0x89
KEY = base64.b64encode(b"sixteen bytes ok").decode()


def test_a_page_that_answers_no_ping_is_not_gone(serving: Serving) -> None:
    served = serving(IMPORTS + WEBSOCKET + "serve(app, ws_ping_interval=0.01)")
    with served.socket() as client:
        client.sendall(
            f"GET / HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
            f"sec-websocket-version: 13\r\nsec-websocket-key: {KEY}\r\n\r\n".encode()
        )
        said = client.makefile("rb")
        with said:
            while said.readline() != b"\r\n":
                pass
            for _ in range(3):
                assert said.read(6)[0] == PING


def test_without_a_word_uvicorn_sends_no_pings() -> None:
    config = Config("main:app", {})
    assert (config.ws_ping_interval, config.ws_ping_timeout) == (None, None)


def test_a_message_may_not_be_larger_than_that(serving: Serving) -> None:
    served = serving(IMPORTS + WEBSOCKET + "serve(app, ws_max_size=10)")
    with unix_connect(served.path, uri="ws://localhost/") as websocket:
        websocket.send("x" * 10)
        assert websocket.recv() == "x" * 10
        websocket.send("x" * 11)
        with pytest.raises(Exception, match="1009"):
            websocket.recv()


TYPED = """
from sidecar_bridge import ServeOptions, serve, serve_async

async def app(*asgi: object) -> None: ...

options: ServeOptions = {"root_path": "/below", "ws_max_size": 10}
serve(app, loop="asyncio", **options)
serve(app, lifespan="off", limit_concurrency=10)
serve(app, host="::")  # wrong
serve(app, lifespan="maybe")  # wrong
async def main() -> None:
    await serve_async(app, log_config=None)
    await serve_async(app, loop="uvloop")  # wrong
"""


def test_type_checkers_know_the_options(tmp_path: Path) -> None:
    file = tmp_path / "typed.py"
    file.write_text(TYPED)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={tmp_path}", "--no-error-summary", str(file)],
        capture_output=True,
        text=True,
        timeout=LIMIT_S * 6,
        check=False,
        cwd=tmp_path,
    )
    wrong = [number for number, line in enumerate(TYPED.splitlines(), 1) if line.endswith("# wrong")]
    assert [int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line] == wrong, done.stdout
