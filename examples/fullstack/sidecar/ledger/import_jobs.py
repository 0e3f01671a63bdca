"""Imports in the background: one at a time, watched by anybody."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from fastapi.concurrency import run_in_threadpool

from ledger import import_store
from ledger.bindings import ImportProgress
from ledger.database import Database
from ledger.desktop import Desktop
from ledger.errors import refusal
from ledger.import_store import Import
from ledger.import_work import ImportWork
from ledger.models import ImportState
from ledger.order_csv import open_orders


class ImportJobs:
    """The imports of this process. Made in the event loop; `newest`, `find` and `cancel` may be called in threads."""

    def __init__(self, database: Database, max_bytes: int) -> None:
        """Import into `database` files of at most `max_bytes`."""
        self._database = database
        self._max_bytes = max_bytes
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        # What this process did itself is known here even if the database could not be told.
        self._seen: dict[int, Import] = {}
        self._is_choosing = False
        self._is_busy = False
        self._work: ImportWork | None = None
        self._running: int | None = None
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def choosing(self) -> Iterator[None]:
        """Keep others from choosing a file while the block runs; 409 while somebody does, or while an import runs."""
        self._require_idle()
        if self._is_choosing:
            raise refusal(409, "the dialog to choose a file is open; choose one or cancel it")
        self._is_choosing = True
        try:
            yield
        finally:
            self._is_choosing = False

    async def start(self, path: Path, desktop: Desktop) -> Import:
        """Begin to import a file.

        Raises:
            CsvError: The file is not there, or no file, or too large.
            HTTPException: 409 when an import runs.
        """
        self._require_idle()
        self._is_busy = True
        stack = ExitStack()
        try:
            file = await run_in_threadpool(stack.enter_context, open_orders(path, self._max_bytes))
            begun = await run_in_threadpool(import_store.begin, self._database, file.name, file.bytes_total)
        except BaseException:
            self._is_busy = False
            stack.close()
            raise
        self._seen[begun.id] = begun
        self._running = begun.id
        self._work = ImportWork(self._database, file, begun, self._report)
        self._task = asyncio.create_task(self._run(self._work, stack, begun.id, desktop))
        return begun

    def cancel(self, import_id: int) -> bool:
        """Stop an import, if it runs."""
        if self._running != import_id or self._work is None:
            return False
        self._work.stop(ImportState.CANCELLED)
        return True

    def newest(self) -> list[Import]:
        """Give the last imports, newest first."""
        return [self._seen.get(stored.id, stored) for stored in import_store.newest(self._database)]

    def find(self, import_id: int) -> Import | None:
        """Give one import as it is now."""
        return self._seen.get(import_id) or import_store.find(self._database, import_id)

    async def watch(self, first: Import) -> AsyncIterator[Import]:
        """Give an import, and again when it has changed, until its end."""
        shown = first
        yield shown
        # One that runs in a second copy of the app is not seen here.
        while shown.state is ImportState.RUNNING and first.id in self._seen:
            changed = self._changed
            latest = self._seen[first.id]
            if latest is shown:
                await changed.wait()
                continue
            shown = latest
            yield shown

    async def close(self) -> None:
        """Stop what runs, and wait until it has."""
        if self._work is not None:
            self._work.stop(ImportState.INTERRUPTED)
        if self._task is not None:
            await self._task

    def _require_idle(self) -> None:
        if self._is_busy:
            raise refusal(409, "an import is running; wait for its end or cancel it")

    async def _run(self, work: ImportWork, stack: ExitStack, import_id: int, desktop: Desktop) -> None:
        showing = asyncio.create_task(self._show(self._seen[import_id], desktop))
        try:
            with stack:
                await asyncio.to_thread(work.run)
        finally:
            self._is_busy = False
            self._running = self._work = None
        await showing

    async def _show(self, begun: Import, desktop: Desktop) -> None:
        async for shown in self.watch(begun):
            is_running = shown.state is ImportState.RUNNING
            progress = ImportProgress(id=shown.id, state=shown.state, rows=shown.rows, fraction=shown.fraction)
            await desktop.tell(progress)
            await desktop.show_progress(shown.fraction if is_running else None)
            if not is_running:
                await desktop.notify(_TITLES[shown.state], f"{shown.file_name}: {shown.message}")

    def _report(self, changed: Import) -> None:
        """Take in what the work says, in its thread."""
        self._loop.call_soon_threadsafe(self._publish, changed)

    def _publish(self, changed: Import) -> None:
        self._seen[changed.id] = changed
        before, self._changed = self._changed, asyncio.Event()
        before.set()


_TITLES = {
    ImportState.DONE: "Import done",
    ImportState.FAILED: "Import failed",
    ImportState.CANCELLED: "Import cancelled",
    ImportState.INTERRUPTED: "Import interrupted",
}
