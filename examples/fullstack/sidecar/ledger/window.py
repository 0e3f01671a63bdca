"""The app's windows, over HTTP."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from sidecar_bridge.fastapi import HostDep

from ledger.desktop import WindowAction, change_window, show_report
from ledger.errors import failures
from ledger.sessions import CurrentUser

router = APIRouter(tags=["window"])


class WindowRequest(BaseModel):
    """What to do with the main window."""

    action: WindowAction


class Done(BaseModel):
    """What was done, to show to a person."""

    status: Literal["success"] = "success"
    message: str


@router.post("/window", responses=failures(401, 403, 503))
async def act(request: WindowRequest, _user: CurrentUser, host: HostDep) -> Done:
    """Toggle, maximize, restore or minimize the main window, as Tauri's ACL lets this sidecar."""
    return Done(message=await change_window(host, request.action))


@router.post("/windows/report", responses=failures(401, 403, 503))
async def report(_user: CurrentUser, host: HostDep) -> Done:
    """Open the window with the chart, or bring it to the front."""
    return Done(message=await show_report(host))
