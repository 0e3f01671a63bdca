"""The FastAPI app: what it is made of, and what it does when it starts and ends."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from ledger import auth, diagnostics, health, imports, orders, pictures, tray, users, window
from ledger.attempts import Attempts
from ledger.database import Database
from ledger.desktop import get_desktop
from ledger.errors import install_handlers
from ledger.import_jobs import ImportJobs
from ledger.import_store import interrupt_running
from ledger.settings import Settings, load_settings
from ledger.state import State

_logger = logging.getLogger(__name__)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the app; without settings it loads them when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        chosen = settings or await load_settings()
        database = Database(chosen, interrupt_running)
        jobs = ImportJobs(database, chosen.max_import_bytes)
        app.state.ledger = State(chosen, database, jobs, Attempts())
        # A database that is locked, damaged or without space is no reason not to start: the page says what is wrong.
        await (await get_desktop()).report_startup("opening the database")
        await run_in_threadpool(database.condition)
        yield
        await jobs.close()
        database.close()

    app = FastAPI(title="Ledger", version="0.1.0", lifespan=lifespan)
    install_handlers(app)
    app.include_router(health.router)
    for part in (health, auth, users, pictures, window, imports, orders, diagnostics):
        app.include_router(part.router, prefix="/api/v1")
    app.include_router(tray.router)
    return app


app = create_app()
