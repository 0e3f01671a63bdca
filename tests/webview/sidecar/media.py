"""Pictures, sound and films for elements of the page, and what must not become a page."""

from __future__ import annotations

import asyncio
import struct
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response, StreamingResponse

router = APIRouter(prefix="/media")
asked: Counter[str] = Counter()
heard: list[dict[str, str]] = []


@router.get("/asked/{what}")
async def get_asked(what: str) -> int:
    """How often a path was asked for."""
    return asked[what]


@router.get("/heard")
async def get_heard() -> list[dict[str, str]]:
    """The headers of the requests for `/media/picture`, the latest last."""
    return heard[-20:]


@router.get("/picture")
async def picture(request: Request, side: int = 1, delay_ms: int = 0) -> Response:
    """A black square, of so many pixels a side, as a bitmap."""
    heard.append(dict(request.headers))
    asked["picture"] += 1
    await asyncio.sleep(delay_ms / 1e3)
    pixels = bytes((side * 3 + 3) // 4 * 4 * side)
    head = struct.pack("<2sIHHI", b"BM", 54 + len(pixels), 0, 0, 54)
    head += struct.pack("<IiiHHIIiiII", 40, side, side, 1, 24, 0, len(pixels), 2835, 2835, 0, 0)
    return Response(head + pixels, media_type="image/bmp")


@router.get("/typed")
async def typed(content_type: str) -> Response:
    """A page that intrudes, under any type."""
    asked["typed"] += 1
    page = "<script>top.intruded = document.title = true; postMessage('intruded')</script><svg width='7'/>"
    return Response(page, headers={"content-type": content_type})


@router.get("/font")
async def font() -> FileResponse:
    return FileResponse("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", media_type="font/ttf")


@router.get("/moved")
async def moved() -> RedirectResponse:
    return RedirectResponse("/media/picture")


@router.get("/long")
async def long() -> Response:
    """A picture of more bytes than the host passes on."""

    async def pixels() -> AsyncIterator[bytes]:
        for _ in range(65):
            yield bytes(1 << 20)

    return StreamingResponse(pixels(), media_type="image/bmp")


@router.get("/film/{path:path}")
async def film(request: Request, path: str) -> FileResponse:
    """A file of this machine, in pieces if the request has a `Range`."""
    heard.append(dict(request.headers))
    asked["film"] += 1
    return FileResponse(Path("/", path))
