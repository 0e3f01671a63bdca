"""Files that the page has saved, and files that it sends."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, UploadFile
from fastapi.responses import Response, StreamingResponse

router = APIRouter(prefix="/files")
asked: Counter[str] = Counter()

PIECE = bytes(range(256)) * 1024


@router.get("/asked/{what}")
async def get_asked(what: str) -> int:
    """How often a route below was asked."""
    return asked[what]


@router.get("/export/{megabytes}")
async def export(megabytes: int) -> StreamingResponse:
    """So many times 2^20 bytes, with their length and a name."""
    asked["export"] += 1

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(megabytes * 4):
            yield PIECE

    headers = {
        "content-length": str(megabytes * 4 * len(PIECE)),
        "content-disposition": "attachment; filename*=utf-8''gr%C3%BC%C3%9Fe.csv",
    }
    return StreamingResponse(pieces(), media_type="text/csv", headers=headers)


@router.get("/refused")
async def refused() -> None:
    raise HTTPException(409, "no orders")


@router.get("/zipped")
async def zipped() -> Response:
    """Compressed, although nobody has asked for that."""
    return Response(b"\x1f\x8b", headers={"content-encoding": "gzip"})


@router.post("/import")
async def take(request: Request, file: UploadFile, year: Annotated[int, Form()]) -> dict[str, object]:
    """What comes of a form."""
    asked["import"] += 1
    digest = hashlib.sha256()
    while piece := await file.read(1 << 20):
        digest.update(piece)
    return {
        "name": file.filename,
        "type": file.content_type,
        "bytes": file.size,
        "sha256": digest.hexdigest(),
        "year": year,
        "length": request.headers.get("content-length"),
    }
