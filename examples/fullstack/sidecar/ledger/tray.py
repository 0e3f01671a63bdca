"""The tray's menu. Its items call these routes from the host, with nobody logged in.

They are outside of `/api`, which is all that the page's ACL scope lets it reach.
"""

from typing import Literal

from fastapi import APIRouter
from sidecar_bridge.fastapi import HostDep

from ledger.desktop import DesktopDep, change_window, show_report
from ledger.errors import failures
from ledger.imports import choose_and_start
from ledger.state import JobsDep
from ledger.window import Done

router = APIRouter(prefix="/tray", tags=["tray"])


TrayItem = Literal["import", "report", "toggle"]


@router.post("/{item}", status_code=202, responses=failures(403, 409, 503, 507))
async def choose(item: TrayItem, host: HostDep, desktop: DesktopDep, jobs: JobsDep) -> Done:
    """Do what a menu item says."""
    if item == "toggle":
        return Done(message=await change_window(host, "toggle"))
    if item == "report":
        return Done(message=await show_report(host))
    started = await choose_and_start(host, desktop, jobs)
    return Done(message="No file was chosen" if started is None else f"Importing {started.file_name}")
