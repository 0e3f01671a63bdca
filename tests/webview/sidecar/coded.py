"""Bodies in the codings that servers use, and in one that nobody knows."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse

router = APIRouter()


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


CODED = {
    "raw": (raw_deflate(b"grown" * 1000), "deflate"),
    "empty": (b"", "gzip"),
    "twice": (zlib.compress(gzip.compress(b"grown" * 1000)), "gzip, deflate"),
    "unknown": (b"\x0b\x02\x80grown\x03", "nonsense"),
}


@router.get("/coded/{how}")
async def coded(how: str) -> Response:
    body, coding = CODED[how]
    return Response(body, headers={"content-encoding": coding}, media_type="text/plain")


@router.get("/coded-stream/{how}")
async def coded_stream(how: str) -> StreamingResponse:
    body, coding = CODED[how]

    async def chunks() -> AsyncIterator[bytes]:
        for byte in body:
            yield bytes([byte])

    return StreamingResponse(chunks(), headers={"content-encoding": coding}, media_type="text/plain")


@router.get("/gzip")
async def gzipped() -> Response:
    return Response(gzip.compress(b"grown" * 1000), headers={"content-encoding": "gzip"}, media_type="text/plain")


@router.get("/deflate")
async def deflated() -> Response:
    return Response(zlib.compress(b"grown" * 1000), headers={"content-encoding": "deflate"}, media_type="text/plain")
