"""The servers of the clients that tests/clients has: no more of each than one call needs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import Response, StreamingResponse

router = APIRouter()
rooms: defaultdict[str, list[WebSocket]] = defaultdict(list)


@router.post("/v1/chat/completions", response_model=None)
async def complete(request: Request) -> dict[str, Any] | StreamingResponse:
    """OpenAI's chat."""
    head = {"id": "1", "created": 1, "model": "m"}
    if not (await request.json()).get("stream"):
        message = {"role": "assistant", "content": "hello"}
        choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        return {**head, "object": "chat.completion", "choices": choices, "usage": usage}

    async def chunks() -> AsyncIterator[str]:
        for part in ["hel", "lo"]:
            choices = [{"index": 0, "delta": {"content": part}, "finish_reason": None}]
            yield f"data: {json.dumps({**head, 'object': 'chat.completion.chunk', 'choices': choices})}\n\n"
        yield "data: [DONE]\n\n"

    return StreamingResponse(chunks(), media_type="text/event-stream")


@router.post("/v1/files")
async def take_file(request: Request) -> dict[str, str]:
    """OpenAI's files; the id is what the file has in it."""
    async with request.form() as form:
        file = form["file"]
        assert not isinstance(file, str)
        return {"id": (await file.read()).decode(), "object": "file"}


@router.get("/trpc/hello")
async def trpc() -> list[dict[str, Any]]:
    return [{"result": {"data": "hi"}}]


@router.post("/clients.Service/Call")
async def connect(request: Request) -> Any:
    """A method of Connect that gives back what it got."""
    return await request.json()


@router.post("/graphql")
async def graphql() -> dict[str, Any]:
    return {"data": {"a": 1}}


@router.post("/tus")
async def tus_create(request: Request) -> Response:
    return Response(status_code=201, headers={"location": f"{request.base_url}tus/1"})


@router.patch("/tus/1")
async def tus_patch(request: Request) -> Response:
    return Response(status_code=204, headers={"upload-offset": f"{len(await request.body())}"})


@router.websocket("/ws/rooms/{name}")
async def room(websocket: WebSocket, name: str) -> None:
    """Tells all others in a room what one says, as the server of y-websocket does."""
    await websocket.accept()
    rooms[name].append(websocket)
    try:
        while True:
            message = await websocket.receive_bytes()
            for other in rooms[name]:
                if other is not websocket:
                    await other.send_bytes(message)
    except WebSocketDisconnect:
        rooms[name].remove(websocket)


@router.websocket("/ws/graphql")
async def graphql_socket(websocket: WebSocket) -> None:
    await websocket.accept(subprotocol="graphql-transport-ws")
    try:
        while True:
            message = await websocket.receive_json()
            if message["type"] == "connection_init":
                await websocket.send_json({"type": "connection_ack"})
            elif message["type"] == "subscribe":
                answer = {"id": message["id"], "type": "next", "payload": {"data": {"a": 1}}}
                await websocket.send_json(answer)
                await websocket.send_json({"id": message["id"], "type": "complete"})
    except WebSocketDisconnect:
        pass


@router.websocket("/socket.io/")
async def socket_io(websocket: WebSocket) -> None:
    """Opens, joins, and gives back every event."""
    await websocket.accept()
    opened = {"sid": "1", "upgrades": [], "pingInterval": 25000, "pingTimeout": 20000, "maxPayload": 1000000}
    await websocket.send_text(f"0{json.dumps(opened)}")
    try:
        while True:
            packet = await websocket.receive_text()
            if packet.startswith("40"):
                await websocket.send_text('40{"sid":"2"}')
            elif packet.startswith("42"):
                await websocket.send_text(packet)
    except WebSocketDisconnect:
        pass
