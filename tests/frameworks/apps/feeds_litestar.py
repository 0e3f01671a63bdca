"""A feed reader in Litestar: injected hosts, background tasks, a task for the whole life of the app."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager, suppress
from multiprocessing import get_context
from typing import Any

from litestar import Litestar, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency, Provide
from litestar.response import ServerSentEvent
from sidecar_bridge import AsyncHost, Host, get_async_host, get_host, serve


async def fetch(text: str) -> None:
    await get_async_host().emit("item-added", {"text": text})


def export(host: Host, name: str) -> tuple[int, Any]:
    return os.getpid(), host.invoke("greet", {"name": name})


@get("/greeting/{name:str}", sync_to_thread=True)
def greeting(name: str) -> Any:
    return get_host().invoke("greet", {"name": name})


@get("/async-greeting/{name:str}")
async def async_greeting(name: str, host: NamedDependency[AsyncHost]) -> Any:
    return await host.invoke("greet", {"name": name})


@post("/items/{text:str}")
async def add(text: str) -> Response[None]:
    return Response(None, status_code=202, background=BackgroundTask(fetch, text))


@get("/news")
async def news() -> ServerSentEvent:
    async def lines() -> AsyncIterator[str]:
        async with get_async_host().listen("item-added") as added:
            yield "ready"
            async for item in added:
                yield item["text"]

    return ServerSentEvent(lines())


@get("/tick")
async def tick(host: NamedDependency[AsyncHost]) -> Any:
    async with host.listen("tick") as ticks:
        return await ticks.receive(20)


@get("/wait", sync_to_thread=True)
def wait() -> Any:
    with get_host().listen("never") as events:
        return events.receive()


@post("/report/{how:str}", sync_to_thread=True)
def report(how: str, name: str) -> list[Any]:
    with ProcessPoolExecutor(1, mp_context=get_context(how)) as pool:
        worker, answer = pool.submit(export, get_host(), name).result()
    return [worker != os.getpid(), answer]


@get("/imported")
async def imported() -> list[str]:
    return sorted({"fastapi"} & set(sys.modules))


@asynccontextmanager
async def ticking(_app: Litestar) -> AsyncIterator[None]:
    async def forever() -> None:
        while True:
            await get_async_host().emit("tick", {"by": "litestar"})
            await asyncio.sleep(0.2)

    task = asyncio.create_task(forever())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


app = Litestar(
    [greeting, async_greeting, add, news, tick, wait, report, imported],
    dependencies={"host": Provide(get_async_host, sync_to_thread=False)},
    lifespan=[ticking],
)

if __name__ == "__main__":
    serve(app, log_level="warning")
