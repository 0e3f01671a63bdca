"""Importing CSV files, over HTTP and from the tray. What becomes of an import is in the routes of the jobs."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from sidecar_bridge import AsyncHost
from sidecar_bridge.fastapi import HostDep
from sidecar_bridge.jobs import JobsError
from sqlmodel import select

from ledger.database import Database
from ledger.desktop import choose_csv
from ledger.errors import failures, refusal
from ledger.faults import DatabaseUnusableError
from ledger.import_job import import_orders, jobs
from ledger.models import ImportRow
from ledger.order_csv import CsvError, open_orders
from ledger.sessions import CurrentUser
from ledger.state import State, StateDep

router = APIRouter(prefix="/imports", tags=["imports"])

_CHOSEN: dict[int | str, dict[str, Any]] = {
    204: {"description": "The dialog was cancelled."},
    **failures(401, 403, 409, 503, 507),
}


class Started(BaseModel):
    """An import that has started: the id of its job."""

    id: str


@router.post("/choose", status_code=202, response_model=Started, responses=_CHOSEN)
async def choose(_user: CurrentUser, host: HostDep, state: StateDep) -> Started | Response:
    """Let the person choose a CSV file in the native dialog, and import it in the background."""
    started = await choose_and_start(host, state)
    return Response(status_code=204) if started is None else Started(id=started)


async def choose_and_start(host: AsyncHost, state: State) -> str | None:
    """Choose a file and start its import; `None` when the dialog was cancelled."""
    if state.choosing.locked():
        raise refusal(409, "the dialog to choose a file is open; choose one or cancel it")
    async with state.choosing:
        newest = await run_in_threadpool(jobs.list, limit=1)
        if newest and not newest[0].has_ended:
            raise refusal(409, "an import is running; wait for its end or cancel it")
        path = await choose_csv(host)
        return None if path is None else await run_in_threadpool(_start, state, path)


def _start(state: State, path: Path) -> str:
    try:
        # A session brings the database up to date, which the worker does not.
        with state.database.reading(), open_orders(path, state.settings.max_import_bytes) as file:
            return import_orders.having(label=file.name).submit(state.settings, path).id
    except CsvError as error:
        raise refusal(422, str(error)) from error


def end_saved_imports(database: Database) -> None:
    """Let those imports end as done that had saved all when their process was killed, and could not say so any more."""
    with suppress(JobsError, DatabaseUnusableError), database.reading() as session:
        jobs.open()  # they may have been closed in this process before, as in tests
        saved = set(session.exec(select(ImportRow.job)))
        for job in jobs.list():
            if job.id in saved and job.state in {"cancelled", "failed", "interrupted"}:
                jobs.retry(job.id)
