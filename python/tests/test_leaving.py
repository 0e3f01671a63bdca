"""An app that does something after the last byte of an answer holds nobody up, and hears that its client leaves."""

from __future__ import annotations

import pytest
from served import NO_UVLOOP, UVLOOP, Serving, ask, serving

__all__ = ["serving"]

# It waits until the next request is done, which waits for nothing. Meanwhile it listens whether its client leaves.
WAITS = """
import asyncio
from sidecar_bridge import serve
done = asyncio.Event()

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    path = scope["path"]
    if path != "/receives-late":
        await receive()
    if path == "/listens-before":
        leaving = asyncio.create_task(receive())
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": b"ok", "more_body": path != "/other"})
    if path == "/receives-late":
        assert await receive() == {"type": "http.request", "body": b"", "more_body": False}
    if path != "/other":
        if path != "/listens-before":
            leaving = asyncio.create_task(receive())
        await done.wait()
        assert not leaving.done(), leaving
        await send({"type": "http.response.body"})
        say((await leaving)["type"])
    done.set()

serve(app, log_level="warning")
"""


# It says nothing more after its last byte before its client leaves.
LISTENS = """
from sidecar_bridge import serve

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    path = scope["path"]
    if path != "/receives-late":
        await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok", "more_body": path != "/other"})
    if path != "/other":
        if path == "/receives-late":
            assert (await receive())["type"] == "http.request"
        message = await receive()
        await send({"type": "http.response.body"})
        say(message["type"] + " " + (await receive())["type"])

serve(app, log_level="warning")
"""
LEFT = "http.disconnect http.disconnect"


@pytest.mark.parametrize("env", [NO_UVLOOP, UVLOOP])
@pytest.mark.parametrize("then", [(), ("other",), ("other", "other")], ids=["at once", "later", "much later"])
@pytest.mark.parametrize("name", ["listens", "receives-late"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_app_that_listens_after_its_last_byte_hears_that_its_client_leaves(
    serving: Serving, method: str, name: str, then: tuple[str, ...], env: dict[str, str]
) -> None:
    served = serving(LISTENS, env)
    with served.connection() as connection:
        for path in (name, *then):
            assert ask(connection, method, f"/{path}") == (200, b"ok")
    assert served.heard() == LEFT
    assert served.printed() == ""


def test_an_app_that_listens_after_its_last_byte_hears_that_the_server_ends(serving: Serving) -> None:
    served = serving(LISTENS)
    with served.connection() as connection:
        assert ask(connection, "GET", "/listens") == (200, b"ok")
        served.say("stop")
        assert served.heard() == LEFT
        assert served.ended() == 0
    assert served.printed() == ""


@pytest.mark.parametrize("name", ["listens-before", "listens-after", "receives-late"])
def test_what_an_app_does_after_its_last_byte_holds_nobody_up(serving: Serving, name: str) -> None:
    served = serving(WAITS)
    with served.connection() as connection:
        assert ask(connection, "GET", f"/{name}") == (200, b"ok")
        assert ask(connection, "GET", "/other") == (200, b"ok")
    assert served.heard() == "http.disconnect"
    assert served.printed() == ""


def test_an_app_that_listens_after_its_last_byte_hears_that_its_client_goes_on_to_a_websocket(serving: Serving) -> None:
    served = serving(LISTENS)
    with served.socket() as client:
        client.sendall(b"GET /listens HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while not client.recv(1000).endswith(b"ok"):
            pass
        client.sendall(
            b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert served.heard().split()[0] == "http.disconnect"
