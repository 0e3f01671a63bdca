"""The FastAPI app: what it is made of, and what it does when it starts and ends."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from fastapi.concurrency import run_in_threadpool

from ledger import auth, diagnostics, health, imports, orders, pictures, users, window
from ledger.attempts import Attempts
from ledger.database import Database
from ledger.desktop import get_desktop, load_settings
from ledger.errors import failures, install_handlers
from ledger.import_job import jobs, open_at
from ledger.imports import end_saved_imports
from ledger.sessions import current_user
from ledger.settings import Settings
from ledger.state import State
from ledger.tray import show_tray

_logger = logging.getLogger(__name__)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the app; without settings it loads them when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        chosen = settings or await load_settings()
        database = Database(chosen)
        app.state.ledger = state = State(chosen, database, Attempts(), asyncio.Lock())
        open_at(chosen)
        # A database that is locked, damaged or without space is no reason not to start: the page says what is wrong.
        await (await get_desktop()).report_startup("opening the database")
        await run_in_threadpool(database.condition)
        ending = asyncio.create_task(run_in_threadpool(end_saved_imports, database))
        tray = asyncio.create_task(show_tray(state))  # a task, for the app may not have a window yet
        yield
        tray.cancel()
        await ending
        database.close()

    app = FastAPI(title="Ledger", version="0.1.0", lifespan=lifespan)
    install_handlers(app)
    app.include_router(health.router)
    for part in (health, auth, users, pictures, window, imports, orders, diagnostics):
        app.include_router(part.router, prefix="/api/v1")
    app.include_router(jobs.router, prefix="/api/v1", dependencies=[Depends(current_user)], responses=failures(401))
    return app


app = create_app()
