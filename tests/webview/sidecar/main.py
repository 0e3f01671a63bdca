"""The sidecar of the webview tests: whatever a page could want to see of a server, on the bridge and on a port."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter
from collections.abc import AsyncIterator
from importlib import import_module

import calls
import coded
import desk
import files
import media
import services
import uvicorn
from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from pydantic import BaseModel
from sidecar_bridge import serve

app = FastAPI(lifespan=calls.lifespan)
app.include_router(calls.router)
app.include_router(coded.router)
app.include_router(desk.router)
app.include_router(files.router)
app.include_router(media.router)
app.include_router(services.router)
if os.environ.get("SIDECAR_TEST_JOBS"):
    # Not otherwise, for benchmarks weigh this sidecar.
    app.include_router(import_module("work").jobs.router)
seen: Counter[str] = Counter()
port = 0

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY"]


class Person(BaseModel):
    name: str


@app.get("/port")
async def get_port() -> int:
    return port


@app.get("/pid")
async def get_pid() -> int:
    return os.getpid()


@app.get("/seen/{what}")
async def get_seen(what: str) -> int:
    """How often something happened that only the server sees."""
    return seen[what]


@app.api_route("/echo{rest:path}", methods=METHODS)
async def echo(request: Request) -> JSONResponse:
    body = await request.body()
    query = f"?{request.url.query}" if request.url.query else ""
    path = request.scope["raw_path"].decode() + query
    return JSONResponse(
        {
            "method": request.method,
            "path": path,
            "headers": dict(request.headers),
            "body": list(body),
        }
    )


@app.post("/people")
async def greet(person: Person) -> Person:
    return Person(name=person.name.upper())


@app.post("/form")
async def form(request: Request) -> list[list[object]]:
    fields: list[list[object]] = []
    async with request.form() as form:
        for name, value in form.multi_items():
            if isinstance(value, str):
                fields.append([name, value])
            else:
                fields.append([name, value.filename, value.content_type, list(await value.read())])
    return fields


@app.post("/length")
async def length(request: Request) -> list[object]:
    """How much came, and whether its length was told."""
    total = 0
    try:
        async for chunk in request.stream():
            total += len(chunk)
    except Exception:
        seen["broken upload"] += 1
        raise
    return [total, request.headers.get("content-length")]


@app.get("/status/{status}")
async def status(status: int) -> Response:
    body = "" if status in {204, 205, 304} else f"status {status}"
    return Response(body, status)


@app.get("/json")
async def json() -> dict[str, object]:
    return {"a": [1, 2.5, None, "ü"]}


@app.get("/text")
async def text() -> PlainTextResponse:
    return PlainTextResponse("grüße")


@app.get("/html")
async def html() -> Response:
    return Response("<script>parent.intruded = true</script>", media_type="text/html")


@app.get("/pixel.png")
async def pixel() -> Response:
    data = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100"
        "c9fe92ef0000000049454e44ae426082"
    )
    return Response(data, media_type="image/png")


@app.get("/urlencoded")
async def urlencoded() -> Response:
    return Response("a=1&b=%C3%BC", media_type="application/x-www-form-urlencoded")


@app.get("/bytes/{count}")
async def some_bytes(count: int) -> Response:
    return Response(pattern(count), media_type="application/octet-stream")


def pattern(count: int) -> bytes:
    return (bytes(range(251)) * (count // 251 + 1))[:count]


@app.get("/stream/{count}")
async def stream(count: int) -> StreamingResponse:
    async def chunks() -> AsyncIterator[bytes]:
        left = count
        chunk = pattern(64 * 1024)
        while left > 0:
            yield chunk[:left]
            left -= len(chunk)

    return StreamingResponse(chunks(), media_type="application/octet-stream")


@app.get("/ticks/{count}")
async def ticks(count: int) -> StreamingResponse:
    async def chunks() -> AsyncIterator[str]:
        for n in range(count):
            yield f"tick {n}\n"
            await asyncio.sleep(0.1)

    return StreamingResponse(chunks(), media_type="text/plain")


@app.get("/lines")
async def lines() -> StreamingResponse:
    async def chunks() -> AsyncIterator[str]:
        yield '{"n": 0}\n{"n"'
        await asyncio.sleep(0.02)
        yield ': 1}\n\n{"n": 2}'

    return StreamingResponse(chunks(), media_type="application/x-ndjson")


@app.get("/endless")
async def endless(what: str = "endless") -> StreamingResponse:
    async def chunks() -> AsyncIterator[bytes]:
        seen[f"{what} begun"] += 1
        try:
            while True:
                yield b"x" * 1000
                await asyncio.sleep(0.001)
        finally:
            seen[f"{what} ended"] += 1

    return StreamingResponse(chunks())


@app.get("/flood")
async def flood() -> StreamingResponse:
    """As fast as somebody takes it; `/seen/flood` says how many chunks of 64 KiB were."""
    chunk = bytes(64 * 1024)

    async def chunks() -> AsyncIterator[bytes]:
        try:
            while True:
                seen["flood"] += 1
                yield chunk
                await asyncio.sleep(0)  # where the server tells that the client is gone
        finally:
            seen["flood ended"] += 1

    return StreamingResponse(chunks())


@app.get("/hang")
async def hang(request: Request) -> None:
    seen["hang begun"] += 1
    while (await request.receive())["type"] != "http.disconnect":
        pass
    seen["hang ended"] += 1


@app.get("/breaks")
async def breaks() -> StreamingResponse:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"half"
        await asyncio.sleep(0.05)
        raise RuntimeError("broken on purpose")

    return StreamingResponse(chunks(), headers={"content-length": "1000"})


@app.get("/fields/{count}")
async def fields(count: int) -> Response:
    return Response(headers={f"x-field-{n}": f"{n}" for n in range(count)})


@app.get("/repeated")
async def repeated() -> Response:
    response = Response()
    response.headers.append("x-many", "1")
    response.headers.append("x-many", "2")
    response.set_cookie("a", "1")
    return response


@app.get("/reason")
async def reason() -> Response:
    # ASGI knows no reason phrase; 299 has none of its own.
    return Response(status_code=299)


@app.api_route("/redirect/loop", methods=METHODS)
async def loop() -> RedirectResponse:
    return RedirectResponse("/redirect/loop", 302)


@app.api_route("/redirect/absolute", methods=METHODS)
async def absolute(request: Request) -> RedirectResponse:
    return RedirectResponse(str(request.base_url) + "echo", 302)


@app.api_route("/redirect/{status}", methods=METHODS)
async def redirect(status: int, to: str) -> RedirectResponse:
    return RedirectResponse(to, status)


@app.post("/login")
async def login() -> Response:
    response = Response()
    response.set_cookie("session", "abc", httponly=True, secure=True, samesite="lax")
    return response


@app.get("/me")
async def me(request: Request) -> str | None:
    return request.cookies.get("session")


@app.post("/csrf")
async def set_csrf() -> Response:
    response = Response()
    response.set_cookie("csrftoken", "xyz", max_age=1000, samesite="strict")
    return response


@app.post("/guarded")
async def guarded(request: Request) -> bool:
    """Whether the page sent the token twice, as a cookie and as a header."""
    token = request.cookies.get("csrftoken")
    return token is not None and request.headers.get("x-csrftoken") == token


@app.get("/events")
async def events(request: Request) -> StreamingResponse:
    """Three events for each connection, then the end."""
    last = int(request.headers.get("last-event-id", "0"))

    async def chunks() -> AsyncIterator[str]:
        yield "retry: 20\n: comment\n\n"
        for n in range(last + 1, last + 4):
            yield f"id: {n}\nevent: step\ndata: line one\r\ndata: {n}\n\n"
            await asyncio.sleep(0.01)
        yield "data: not whole"

    return StreamingResponse(chunks(), media_type="text/event-stream")


@app.post("/small")
async def small(person: Person) -> Person:
    return person


@app.get("/admin/secret")
@app.get("/forbidden/secret")
@app.api_route("/readonly/value", methods=["GET", "POST"])
async def secret() -> str:
    seen["secret"] += 1
    return "secret"


@app.websocket("/ws")
async def socket(websocket: WebSocket) -> None:
    protocols = websocket.scope["subprotocols"]
    await websocket.accept(subprotocol=protocols[-1] if protocols else None)
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                seen[f"closed {message['code']}"] += 1
                return
            if message.get("text") == "close":
                await websocket.close(4001, "as you wish")
                return
            if message.get("text") == "flood":
                for n in range(1000):
                    await websocket.send_text(f"{n}")
            elif message.get("text") is not None:
                await websocket.send_text(message["text"])
            else:
                await websocket.send_bytes(message["bytes"])
    except WebSocketDisconnect as left:
        seen[f"closed {left.code}"] += 1


@app.websocket("/ws/cookie")
async def websocket_cookie(websocket: WebSocket) -> None:
    """Sets a cookie with the handshake, and closes."""
    await websocket.accept(headers=[(b"set-cookie", b"opened=yes; Path=/")])
    await websocket.close()


@app.websocket("/ws/refused")
async def refused(websocket: WebSocket) -> None:
    await websocket.close()


def serve_on_a_port() -> None:
    """The same app over HTTP, for the browser's own `fetch` to be compared with."""
    global port  # noqa: PLW0603 - there is one
    open_to_pages = CORSMiddleware(
        app, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"], expose_headers=["*"]
    )
    config = uvicorn.Config(
        open_to_pages, host="127.0.0.1", port=0, http="httptools", log_level="warning", lifespan="off"
    )
    listener = config.bind_socket()
    # Before `server` does, which may be after the page's first request.
    listener.listen()
    port = listener.getsockname()[1]
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()


if __name__ == "__main__":
    if "WEBVIEW_TEST_NO_PORT" not in os.environ:
        serve_on_a_port()
    serve(app, log_level="warning")
