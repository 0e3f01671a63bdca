"""For the diagnostics page: measure the way to the host, and crash on purpose."""

import asyncio
import os
from time import perf_counter

from fastapi import APIRouter
from pydantic import BaseModel
from sidecar_bridge.fastapi import HostDep

from ledger.bindings import AsyncCommands
from ledger.errors import failures
from ledger.sessions import CurrentUser

router = APIRouter(prefix="/diagnostics", tags=["diagnostics"])

_HOST_TIMEOUT_S = 10
_CRASH_AFTER_S = 0.1


class RoundTrip(BaseModel):
    """How long a call took, in milliseconds."""

    ms: float


@router.post("/host", responses=failures(401, 403, 503))
async def host_round_trip(_user: CurrentUser, host: HostDep) -> RoundTrip:
    """Time a call from FastAPI to the Tauri host and back."""
    start = perf_counter()
    await AsyncCommands(host, timeout_s=_HOST_TIMEOUT_S).ping()
    return RoundTrip(ms=(perf_counter() - start) * 1000)


@router.post("/crash", status_code=202, responses=failures(401, 503))
async def crash(_user: CurrentUser) -> None:
    """End this process without a chance to clean up, once the answer has left; the host starts another one."""
    asyncio.get_running_loop().call_later(_CRASH_AFTER_S, os.abort)
