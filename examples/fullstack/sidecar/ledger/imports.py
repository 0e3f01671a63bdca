"""Importing CSV files, over HTTP."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.sse import EventSourceResponse
from sidecar_bridge import AsyncHost
from sidecar_bridge.fastapi import HostDep

from ledger.desktop import Desktop, DesktopDep, choose_csv
from ledger.errors import failures, refusal
from ledger.import_jobs import ImportJobs
from ledger.import_store import Import
from ledger.order_csv import CsvError
from ledger.sessions import CurrentUser
from ledger.state import JobsDep

router = APIRouter(prefix="/imports", tags=["imports"])

_CHOSEN: dict[int | str, dict[str, Any]] = {
    204: {"description": "The dialog was cancelled."},
    **failures(401, 403, 409, 503, 507),
}


def existing(import_id: int, jobs: JobsDep) -> Import:
    """Give the import that the path names."""
    found = jobs.find(import_id)
    if found is None:
        raise refusal(404, f"there is no import {import_id}; look at the list of imports")
    return found


ExistingDep = Annotated[Import, Depends(existing)]


@router.post("/choose", status_code=202, response_model=Import, responses=_CHOSEN)
async def choose(_user: CurrentUser, host: HostDep, desktop: DesktopDep, jobs: JobsDep) -> Import | Response:
    """Let the person choose a CSV file in the native dialog, and import it in the background."""
    started = await choose_and_start(host, desktop, jobs)
    return Response(status_code=204) if started is None else started


@router.get("/", responses=failures(401, 503))
def list_imports(_user: CurrentUser, jobs: JobsDep) -> list[Import]:
    """Give the last 100 imports, newest first."""
    return jobs.newest()


@router.get("/{import_id}", responses=failures(401, 404, 503))
def get_import(_user: CurrentUser, found: ExistingDep) -> Import:
    """Give one import."""
    return found


@router.get("/{import_id}/progress", response_class=EventSourceResponse, responses=failures(401, 404, 503))
async def progress(_user: CurrentUser, found: ExistingDep, jobs: JobsDep) -> AsyncIterator[Import]:
    """Stream an import as it goes on, at most ten times a second, until it has ended."""
    async for shown in jobs.watch(found):
        yield shown


@router.post("/{import_id}/cancel", status_code=202, responses=failures(401, 404, 409, 503))
def cancel(_user: CurrentUser, found: ExistingDep, jobs: JobsDep) -> Import:
    """Stop a running import; nothing of it stays."""
    if not jobs.cancel(found.id):
        raise refusal(409, f"import {found.id} is {found.state.value}; only a running one can be cancelled")
    return found


async def choose_and_start(host: AsyncHost, desktop: Desktop, jobs: ImportJobs) -> Import | None:
    """Choose a file and start its import; `None` when the dialog was cancelled."""
    with jobs.choosing():
        path = await choose_csv(host)
        if path is None:
            return None
        try:
            return await jobs.start(path, desktop)
        except CsvError as error:
            # Whoever chose it from the tray sees no page.
            await desktop.notify("Import refused", str(error))
            raise refusal(422, str(error)) from error
