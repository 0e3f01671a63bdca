"""What an app does at the end of one answer harms no other request on the same connection."""

from __future__ import annotations

import http.client
import json

import pytest
from served import Served, Serving, ask, serving
from websockets.sync.client import unix_connect

__all__ = ["serving"]

APP = """
import asyncio, sys
from sidecar_bridge import serve

go = asyncio.Event()
ended = asyncio.Event()

async def head(send, status=200, *headers):
    await send({"type": "http.response.start", "status": status, "headers": headers})

async def body(send, content=b"", more_body=False):
    await send({"type": "http.response.body", "body": content, "more_body": more_body})

async def work(receive, send):
    # The request after the broken one: its handler runs until the broken one has ended.
    go.set()
    await ended.wait()
    for _ in range(100):
        await asyncio.sleep(0)
    await head(send, 200, (b"content-length", b"4"))
    await body(send, b"done")

async def whole(send):
    await head(send, 200, (b"content-length", b"2"))
    await body(send, b"ok")

async def plain(receive, send):
    await whole(send)

async def headers_that_can_be_read_once(receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": iter([(b"content-length", b"2")])})
    await body(send, b"ok")

async def chunked(receive, send):
    await head(send, 200, (b"transfer-encoding", b"Chunked"))
    await body(send, b"ok")

async def raises(receive, send):
    await whole(send)
    await go.wait()
    raise RuntimeError("commit failed")

async def exits(receive, send):
    await whole(send)
    await go.wait()
    sys.exit(7)

async def tells_that_it_failed(receive, send):
    await head(send, 500)
    await body(send, b"Internal Server Error")
    raise ValueError("mine")

async def gives_a_value(receive, send):
    await whole(send)
    await go.wait()
    return "a value"

async def says_more(receive, send):
    await whole(send)
    await go.wait()
    await body(send, b"more")

async def begins_anew(receive, send):
    await whole(send)
    await go.wait()
    await head(send)

async def never_says_that_it_ends(receive, send):
    await head(send, 200, (b"content-length", b"2"))
    await body(send, b"ok", True)
    await go.wait()

async def raises_before_it_says_that_it_ends(receive, send):
    await head(send, 200, (b"content-length", b"2"))
    await body(send, b"ok", True)
    await go.wait()
    raise RuntimeError("commit failed")

async def says_more_than_it_announced(receive, send):
    await head(send, 200, (b"content-length", b"2"))
    await body(send, b"ok", True)
    await go.wait()
    await body(send, b"more")

async def says_more_than_nothing(receive, send):
    await head(send, 200, (b"content-length", b"0"))
    await body(send, b"more")

async def no_content_with_a_body(receive, send):
    await head(send, 204, (b"content-length", b"4"), (b"content-type", b"application/json"))
    await body(send, b"null")

async def no_content_in_chunks(receive, send):
    await head(send, 204, (b"transfer-encoding", b"chunked"))
    await body(send, b"null", True)
    await body(send)

async def no_content_in_pieces(receive, send):
    await head(send, 204)
    await body(send, b"null", True)
    await go.wait()
    raise RuntimeError("commit failed")

async def not_modified_with_a_length(receive, send):
    await head(send, 304, (b"content-length", b"1000"), (b"etag", b'"1"'))
    await body(send)

async def not_modified_with_a_body(receive, send):
    await head(send, 304, (b"content-length", b"4"))
    await body(send, b"body")

async def begins_no_content_twice(receive, send):
    await head(send, 204)
    await body(send, b"", True)
    await go.wait()
    await head(send, 204)

async def stream_that_breaks(receive, send):
    await head(send)
    await body(send, b"some", True)
    await go.wait()
    raise RuntimeError("commit failed")

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    name = scope["path"].lstrip("/")
    if name == "work":
        return await work(receive, send)
    go.clear()
    ended.clear()
    try:
        return await globals()[name](receive, send)
    finally:
        ended.set()

serve(app, log_level="warning")
"""

GONE = ["raises", "exits", "gives_a_value", "says_more", "begins_anew"]
PIECES = ["never_says_that_it_ends", "raises_before_it_says_that_it_ends", "says_more_than_it_announced"]
NO_CONTENT = ["no_content_with_a_body", "no_content_in_chunks", "no_content_in_pieces", "begins_no_content_twice"]
NOT_MODIFIED = ["not_modified_with_a_length", "not_modified_with_a_body"]


def then_work(served: Served, name: str, method: str = "GET") -> tuple[int, bytes]:
    """Give the answer of `name`, after an unrelated request on its connection was carried out."""
    with served.connection() as connection:
        answer = ask(connection, method, f"/{name}")
        assert ask(connection, "POST", "/work") == (200, b"done")
        return answer


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        *((name, (200, b"ok")) for name in (*GONE, *PIECES)),
        ("says_more_than_nothing", (200, b"")),
        *((name, (204, b"")) for name in NO_CONTENT),
        *((name, (304, b"")) for name in NOT_MODIFIED),
    ],
)
def test_the_next_request_on_the_connection_is_carried_out(
    serving: Serving, name: str, answer: tuple[int, bytes]
) -> None:
    assert then_work(serving(APP), name) == answer


@pytest.mark.parametrize("name", ["stream_that_breaks", "raises", "never_says_that_it_ends"])
def test_a_head_request_of_what_breaks_or_never_ends(serving: Serving, name: str) -> None:
    assert then_work(serving(APP), name, "HEAD") == (200, b"")


@pytest.mark.parametrize(
    ("name", "framing"), [("headers_that_can_be_read_once", "content-length"), ("chunked", "transfer-encoding")]
)
def test_the_headers_go_to_the_client(serving: Serving, name: str, framing: str) -> None:
    with serving(APP).connection() as connection:
        connection.request("GET", f"/{name}")
        answer = connection.getresponse()
        assert answer.read() == b"ok"
        assert framing in {field.lower() for field in answer.headers}


def test_a_stream_that_breaks_is_not_whole(serving: Serving) -> None:
    served = serving(APP)
    with served.connection() as connection, served.connection() as other:
        connection.request("GET", "/stream_that_breaks")
        answer = connection.getresponse()
        assert answer.read1(4) == b"some"
        assert ask(other, "POST", "/work") == (200, b"done")
        with pytest.raises(http.client.IncompleteRead):
            answer.read()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("raises", "RuntimeError: commit failed"),
        ("exits", "SystemExit: 7"),
        ("gives_a_value", "returned 'a value'"),
        ("says_more_than_it_announced", "dropped 4 bytes"),
        ("no_content_with_a_body", "dropped 4 bytes"),
    ],
)
def test_the_log_has_what_went_wrong(serving: Serving, name: str, said: str) -> None:
    served = serving(APP)
    then_work(served, name)
    assert said in served.printed()


def test_an_app_that_answers_that_it_failed_raises_no_later(serving: Serving) -> None:
    served = serving(APP)
    assert then_work(served, "tells_that_it_failed") == (500, b"Internal Server Error")
    assert then_work(served, "raises") == (200, b"ok")
    told, gone = [line for line in served.printed().splitlines() if line.startswith("ERROR:")]
    assert told.endswith("Exception in ASGI application")
    assert gone.endswith("Exception in ASGI application, after its answer")


REFUSED = """
from sidecar_bridge import serve
HEADS = {
    "status": (99, []),
    "interim": (103, []),
    "word": ("200", []),
    "name": (200, [(b"a b", b"1")]),
    "value": (200, [(b"a", b"1\\n2")]),
    "length": (200, [(b"content-length", b"two")]),
    "behind": (200, [(b"content-length", b"2"), (b"a", b"1\\n2")]),
    "text": (200, [("a", "1")]),
    "coding": (200, [(b"content-length", b"2"), (b"transfer-encoding", b"identity")]),
}
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    if scope["path"] == "/raises":
        raise RuntimeError("broken")
    if scope["path"] == "/nothing":
        return
    name, _, then = scope["path"].strip("/").partition("/")
    status, headers = HEADS[name]
    try:
        await send({"type": "http.response.start", "status": status, "headers": headers})
    except RuntimeError:
        if not then:
            raise
        await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": then.encode()})
serve(app)
"""

SAID = {
    "status": "status is 99; use one from 200 to 599",
    "interim": "status is 103; use one from 200 to 599",
    "word": "status is '200'; use one from 200 to 599",
    "name": "header b'a b': b'1' has a character that HTTP forbids there; leave it out",
    "value": "header b'a': b'1\\n2' has a character that HTTP forbids there; leave it out",
    "length": "Content-Length is b'two'; give the number of bytes",
    "behind": "header b'a': b'1\\n2' has a character that HTTP forbids there; leave it out",
    "text": "header 'a': '1' is no pair of bytes; encode both",
    "coding": "Transfer-Encoding is b'identity'; leave it out",
}


@pytest.mark.parametrize("name", ["raises", "nothing", *SAID])
def test_what_cannot_be_sent_is_an_answer_that_says_that_it_is_the_last(serving: Serving, name: str) -> None:
    with serving(REFUSED).connection() as connection:
        connection.request("GET", f"/{name}")
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (500, b"Internal Server Error")
        assert answer.getheader("connection") == "close"


@pytest.mark.parametrize(("name", "said"), SAID.items())
def test_the_log_has_why_a_head_was_not_sent(serving: Serving, name: str, said: str) -> None:
    served = serving(REFUSED)
    served.get(f"/{name}")
    assert f"RuntimeError: the answer's {said}" in served.printed()


@pytest.mark.parametrize("name", SAID)
def test_another_head_in_the_place_of_one_that_was_not_sent(serving: Serving, name: str) -> None:
    with serving(REFUSED).connection() as connection:
        assert ask(connection, "GET", f"/{name}/then") == (200, b"then")
        assert ask(connection, "GET", f"/{name}/again") == (200, b"again")


def test_the_next_request_after_an_upgrade_that_nobody_knows(serving: Serving) -> None:
    with serving(APP).connection() as connection:
        connection.request("GET", "/plain", headers={"Connection": "upgrade", "Upgrade": "h2c"})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"ok")
        assert answer.getheader("connection") == "close"


FASTAPI = """
from fastapi import BackgroundTasks, Depends, FastAPI
from fastapi.responses import JSONResponse, Response
from sidecar_bridge import serve
import asyncio

app = FastAPI()
go, ended = asyncio.Event(), asyncio.Event()

async def job():
    await go.wait()
    ended.set()
    raise RuntimeError("commit failed")

async def session():
    yield
    await job()

@app.get("/background")
async def background(tasks: BackgroundTasks) -> str:
    tasks.add_task(job)
    return "accepted"

@app.get("/dependency")
async def dependency(_: None = Depends(session)) -> str:
    return "accepted"

@app.get("/no-content")
async def no_content() -> Response:
    ended.set()
    return JSONResponse(None, 204)

@app.post("/work")
async def work() -> str:
    go.set()
    await ended.wait()
    for _ in range(100):
        await asyncio.sleep(0)
    return "done"

serve(app, log_level="warning")
"""


@pytest.mark.parametrize("name", ["background", "dependency", "no-content"])
def test_the_same_in_fastapi(serving: Serving, name: str) -> None:
    served = serving(FASTAPI)
    with served.connection() as connection:
        status, content = ask(connection, "GET", f"/{name}")
        assert (status, content) in {(200, b'"accepted"'), (204, b"")}
        assert ask(connection, "POST", "/work") == (200, b'"done"')
    assert ("RuntimeError: commit failed" in served.printed()) == (status == 200)


ADDRESSES = """
from fastapi import FastAPI, Request, WebSocket
from sidecar_bridge import serve

app = FastAPI()

@app.get("/")
async def addresses(request: Request) -> list[object]:
    return [request.client, request.scope["server"], str(request.url_for("addresses"))]

@app.websocket("/")
async def websocket_addresses(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_json([websocket.client, websocket.scope["server"]])
    await websocket.close()

serve(app, access_log=True)
"""


def test_both_ends_have_the_addresses_that_apps_expect(serving: Serving) -> None:
    served = serving(ADDRESSES)
    status, content = served.get("/")
    assert (status, json.loads(content)) == (200, [["127.0.0.1", 0], ["localhost", 80], "http://localhost/"])
    with unix_connect(served.path, uri="ws://localhost/") as websocket:
        assert json.loads(websocket.recv()) == [["127.0.0.1", 0], ["localhost", 80]]
    assert '127.0.0.1:0 - "GET / HTTP/1.1" 200 OK' in served.printed()
    assert '127.0.0.1:0 - "WebSocket /" [accepted]' in served.printed()
