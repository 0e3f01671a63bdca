"""A chat in Quart: async routes, background tasks, sync code in threads."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from quart import Quart, request
from quart.utils import run_sync
from sidecar_bridge import Host, get_async_host, get_host, serve

app = Quart(__name__)


def export(host: Host, name: str) -> tuple[int, Any]:
    return os.getpid(), host.invoke("greet", {"name": name})


async def deliver(text: str) -> None:
    await get_async_host().emit("item-added", {"text": text})


@app.get("/greeting/<name>")
def greeting(name: str) -> Any:
    return get_host().invoke("greet", {"name": name})


@app.get("/async-greeting/<name>")
async def async_greeting(name: str) -> Any:
    return await get_async_host().invoke("greet", {"name": name})


@app.post("/items/<text>")
async def add(text: str) -> tuple[str, int]:
    app.add_background_task(deliver, text)
    return "", 202


@app.get("/news")
async def news() -> Any:
    async def lines() -> AsyncIterator[str]:
        async with get_async_host().listen("item-added") as added:
            yield "data: ready\n\n"
            async for item in added:
                yield f"data: {item['text']}\n\n"

    return lines(), {"content-type": "text/event-stream"}


@app.get("/tick")
async def tick() -> Any:
    async with get_async_host().listen("tick") as ticks:
        return await ticks.receive(20)


@app.get("/wait")
def wait() -> Any:
    with get_host().listen("never") as events:
        return events.receive()


@app.post("/report/<how>")
async def report(how: str) -> list[Any]:
    def work() -> tuple[int, Any]:
        with ProcessPoolExecutor(1, mp_context=get_context(how)) as pool:
            return pool.submit(export, get_host(), name).result()

    name = request.args["name"]
    worker, answer = await run_sync(work)()
    return [worker != os.getpid(), answer]


@app.get("/imported")
async def imported() -> list[str]:
    return sorted({"fastapi", "pydantic"} & set(sys.modules))


@app.while_serving
async def ticking() -> AsyncIterator[None]:
    async def forever() -> None:
        while True:
            await get_async_host().emit("tick", {"by": "quart"})
            await asyncio.sleep(0.2)

    task = asyncio.create_task(forever())
    yield
    task.cancel()


if __name__ == "__main__":
    serve(app, log_level="warning")
