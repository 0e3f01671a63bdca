"""An app that gives `send` and `receive` to tasks of asyncio, which begin later than they are made."""

from __future__ import annotations

import json
from typing import Any

import pytest
from served import Serving, ask, serving

__all__ = ["serving"]

APP = """
import asyncio, json
from sidecar_bridge import serve

outcomes = {}

def head(status=200, *headers):
    return {"type": "http.response.start", "status": status, "headers": headers}

def body(content=b"", more_body=False):
    return {"type": "http.response.body", "body": content, "more_body": more_body}

EMPTY = (b"content-length", b"0")

async def no_content(receive, send):
    await asyncio.gather(send(head(204)), send(body()))

async def nothing(receive, send):
    await asyncio.gather(send(head(200, EMPTY)), send(body()))

async def pieces(receive, send):
    await asyncio.gather(send(head()), send(body(b"", True)), send(body(b"ok", True)), send(body(b"ok")))

async def exact(receive, send):
    head_of_two = head(200, (b"content-length", b"2"))
    await asyncio.gather(send(head_of_two), send(body(b"ok", True)), send(body()))

async def receives_while_it_answers(receive, send):
    receiving = asyncio.create_task(receive())
    await send(head(200, EMPTY))
    message = await receiving
    await send(body())
    return [message["type"], message.get("body", b"").decode()]

async def gives_up_receiving(receive, send):
    given_up = asyncio.create_task(receive())
    given_up.cancel()
    await asyncio.wait([given_up])
    await send(head(200, EMPTY))
    message = await receive()
    await send(body())
    return [message["type"], message.get("body", b"").decode()]

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    name = scope["path"].lstrip("/")
    if name == "outcomes":
        text = json.dumps(outcomes).encode()
        await send(head(200, (b"content-length", b"%d" % len(text))))
        return await send(body(text))
    try:
        outcomes[name] = await globals()[name](receive, send)
    except RuntimeError as error:
        outcomes[name] = str(error)

serve(app, log_level="warning")
"""


def outcome_of(serving: Serving, method: str, name: str, answer: tuple[int, bytes], body: bytes | None = None) -> Any:
    """What became of the app after that answer."""
    with serving(APP).connection() as connection:
        assert ask(connection, method, f"/{name}", body) == answer
        return json.loads(ask(connection, "GET", "/outcomes")[1])[name]


@pytest.mark.parametrize(
    ("method", "name", "answer"),
    [
        ("GET", "no_content", (204, b"")),
        ("GET", "nothing", (200, b"")),
        ("HEAD", "nothing", (200, b"")),
        ("HEAD", "pieces", (200, b"")),
        ("GET", "pieces", (200, b"okok")),
        ("GET", "exact", (200, b"ok")),
    ],
)
def test_messages_that_are_sent_as_tasks_go_out_in_order(
    serving: Serving, method: str, name: str, answer: tuple[int, bytes]
) -> None:
    assert outcome_of(serving, method, name, answer) is None


@pytest.mark.parametrize("name", ["receives_while_it_answers", "gives_up_receiving"])
def test_a_request_is_received_whatever_its_answer_has_said_meanwhile(serving: Serving, name: str) -> None:
    assert outcome_of(serving, "POST", name, (200, b""), b"the request") == ["http.request", "the request"]
