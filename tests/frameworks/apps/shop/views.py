"""The views of the shop, sync and async."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from threading import Thread
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from sidecar_bridge import get_async_host, get_host

from shop.models import Order
from shop.work import export


def greeting(_request: HttpRequest, name: str) -> HttpResponse:
    return JsonResponse(get_host().invoke("greet", {"name": name}))


async def async_greeting(_request: HttpRequest, name: str) -> HttpResponse:
    return JsonResponse(await get_async_host().invoke("greet", {"name": name}))


def add(_request: HttpRequest, text: str) -> HttpResponse:
    Thread(target=Order.objects.create, kwargs={"text": text}).start()
    return HttpResponse(status=202)


def news(_request: HttpRequest) -> HttpResponse:
    def lines() -> Iterator[str]:
        with get_host().listen("item-added") as added:
            yield "data: ready\n\n"
            for item in added:
                yield f"data: {item['text']}\n\n"

    return StreamingHttpResponse(lines(), content_type="text/event-stream")


async def async_news(_request: HttpRequest) -> HttpResponse:
    async def lines() -> Any:
        async with get_async_host().listen("item-added") as added:
            yield "data: ready\n\n"
            async for item in added:
                yield f"data: {item['text']}\n\n"

    return StreamingHttpResponse(lines(), content_type="text/event-stream")


def tick(_request: HttpRequest) -> HttpResponse:
    with get_host().listen("tick") as ticks:
        return JsonResponse(ticks.receive(20))


def wait(_request: HttpRequest) -> HttpResponse:
    with get_host().listen("never") as events:
        return JsonResponse(events.receive())


def report(request: HttpRequest, how: str) -> HttpResponse:
    with ProcessPoolExecutor(1, mp_context=get_context(how)) as pool:
        worker, answer = pool.submit(export, get_host(), request.GET["name"]).result()
    return JsonResponse([worker != os.getpid(), answer], safe=False)


def imported(_request: HttpRequest) -> HttpResponse:
    return JsonResponse(sorted({"fastapi", "pydantic"} & set(sys.modules)), safe=False)
