"""Apps in other frameworks than FastAPI call the host, with nothing but `get_host` and `get_async_host`."""

from __future__ import annotations

import http.client
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hosts import LIMIT_S, HostProcess, wait_until_gone

APPS = Path(__file__).parent / "apps"
FRAMEWORKS = os.environ.get("SIDECAR_BRIDGE_FRAMEWORKS", "")
ALL = ["notes_flask", "shop_django-wsgi", "shop_django-asgi", "feeds_litestar", "photos_starlette", "chat_quart"]


class App:
    """A running app, and its pages."""

    def __init__(self, name: str, directory: Path) -> None:
        binary = os.environ.get("SIDECAR_BRIDGE_TEST_HOST", "")
        assert os.access(binary, os.X_OK), f"SIDECAR_BRIDGE_TEST_HOST={binary!r} is no executable; run scripts/test"
        has_flask = Path(FRAMEWORKS, "flask").is_dir()
        assert has_flask, f"SIDECAR_BRIDGE_FRAMEWORKS={FRAMEWORKS!r} has no Flask; run scripts/test"
        program, _, served_as = name.partition("-")
        self.framework = program.split("_")[1]
        env = {"PYTHONPATH": FRAMEWORKS, "DATABASE": str(directory / "data.db"), "SERVED_AS": served_as}
        spawn = {"command": [sys.executable, str(APPS / f"{program}.py")], "env": env}
        run = directory / "run"
        run.mkdir(mode=0o700)
        self.host = HostProcess(binary, {"sidecars": {"python": {"spawn": spawn}}}, {"XDG_RUNTIME_DIR": str(run)})
        self.pid = self.host.wait_for("ready")["pid"]
        (self._path,) = run.glob("sidecar-bridge-*/sidecar.sock")

    def connection(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("localhost", timeout=LIMIT_S)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(LIMIT_S)
        connection.sock.connect(str(self._path))
        return connection

    def ask(self, path: str, method: str = "GET") -> object:
        connection = self.connection()
        connection.request(method, path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        assert answer.status in {200, 201, 202}, body
        return json.loads(body or b"null")


@pytest.fixture(params=ALL)
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[App]:
    app = App(request.param, tmp_path)
    yield app
    app.host.kill()


def test_an_app_calls_the_host_from_wherever_it_runs(app: App) -> None:
    assert app.ask("/imported") == []
    # A route in a thread, a route in the loop.
    assert app.ask("/greeting/Ada") == app.ask("/async-greeting/Ada") == {"message": "Hello, Ada!"}
    # A scheduler.
    assert app.ask("/tick") == {"by": app.framework}
    # Background work of a request, heard by a stream of another one.
    page = app.connection()
    page.request("GET", "/news")
    stream = page.getresponse()
    assert next_event(stream) == "ready"
    assert app.ask("/items/milk", "POST") is None
    assert next_event(stream) == "milk"
    # Worker processes, to which a host travels as an argument.
    for how in ("spawn", "forkserver"):
        assert app.ask(f"/report/{how}?name=worker", "POST") == [True, {"message": "Hello, worker!"}]
    # The stream does not keep the sidecar: it ends in order.
    assert app.host.process.stdin is not None
    app.host.process.stdin.close()
    assert stream.read().strip() == b""
    app.host.stop()
    wait_until_gone(app.pid)


def test_what_pages_have_left_gives_its_threads_back(app: App) -> None:
    # Of threads, a2wsgi has 10 and asyncio, which runs those of Litestar and Quart, 6 on two cores.
    for _ in range(11):
        page = app.connection()
        page.request("GET", "/news")
        assert next_event(page.getresponse()) == "ready"
        page.sock.shutdown(socket.SHUT_RDWR)
        page.close()
        with app.connection().sock as waiting:
            waiting.sendall(b"GET /wait HTTP/1.1\r\nhost: localhost\r\n\r\n")
    assert app.ask("/greeting/Ada") == {"message": "Hello, Ada!"}
    app.host.stop()


def next_event(stream: http.client.HTTPResponse) -> str:
    for line in iter(stream.readline, b""):
        if line.startswith(b"data: "):
            return line.removeprefix(b"data: ").strip().decode()
    pytest.fail("the stream has ended")
