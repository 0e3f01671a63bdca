"""A photo album in Starlette: sync and async endpoints, background tasks, a scheduler in the loop, worker processes."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from multiprocessing import get_context
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sidecar_bridge import Host, get_async_host, get_host, serve
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


def read_photo(text: str) -> None:
    get_host().emit("item-added", {"text": text})


def export(host: Host, name: str) -> tuple[int, Any]:
    return os.getpid(), host.invoke("greet", {"name": name})


def greeting(request: Request) -> Response:
    return JSONResponse(get_host().invoke("greet", {"name": request.path_params["name"]}))


async def async_greeting(request: Request) -> Response:
    return JSONResponse(await get_async_host().invoke("greet", {"name": request.path_params["name"]}))


async def add(request: Request) -> Response:
    return Response(status_code=202, background=BackgroundTask(read_photo, request.path_params["text"]))


def news(_request: Request) -> Response:
    def lines() -> Iterator[str]:
        with get_host().listen("item-added") as added:
            yield "data: ready\n\n"
            for item in added:
                yield f"data: {item['text']}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream")


async def tick(_request: Request) -> Response:
    async with get_async_host().listen("tick") as ticks:
        return JSONResponse(await ticks.receive(20))


def wait(_request: Request) -> Response:
    with get_host().listen("never") as events:
        return JSONResponse(events.receive())


def report(request: Request) -> Response:
    with ProcessPoolExecutor(1, mp_context=get_context(request.path_params["how"])) as pool:
        worker, answer = pool.submit(export, get_host(), request.query_params["name"]).result()
    return JSONResponse([worker != os.getpid(), answer])


async def imported(_request: Request) -> Response:
    return JSONResponse(sorted({"fastapi", "pydantic"} & set(sys.modules)))


async def tell_the_time() -> None:
    await get_async_host().emit("tick", {"by": "starlette"})


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[None]:
    scheduler = AsyncIOScheduler()
    scheduler.add_job(tell_the_time, "interval", seconds=0.2)
    scheduler.start()
    yield
    scheduler.shutdown()


app = Starlette(
    routes=[
        Route("/greeting/{name}", greeting),
        Route("/async-greeting/{name}", async_greeting),
        Route("/items/{text}", add, methods=["POST"]),
        Route("/news", news),
        Route("/tick", tick),
        Route("/wait", wait),
        Route("/report/{how}", report, methods=["POST"]),
        Route("/imported", imported),
    ],
    lifespan=lifespan,
)

if __name__ == "__main__":
    serve(app, log_level="warning")
