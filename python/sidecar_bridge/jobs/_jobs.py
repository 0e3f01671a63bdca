"""The jobs of a sidecar."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeAlias, TypeVar, overload

from sidecar_bridge._serve.workers import begin_worker
from sidecar_bridge.jobs import _checks
from sidecar_bridge.jobs._desktop import Shown
from sidecar_bridge.jobs._dispatcher import Dispatcher
from sidecar_bridge.jobs._errors import HistoryError, NotOpenError, UnknownJobError
from sidecar_bridge.jobs._function import JobFunction, JobRef
from sidecar_bridge.jobs._lane import LaneOptions
from sidecar_bridge.jobs._shape import Options, Shape
from sidecar_bridge.jobs._ways import refuse_worker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
    from types import TracebackType
    from typing import Self

    from fastapi import APIRouter

    from sidecar_bridge.jobs._desktop import Desktop
    from sidecar_bridge.jobs._job import Job
    from sidecar_bridge.jobs._records import AnyRecord, State

    MakePath: TypeAlias = Callable[[], str | os.PathLike[str]]
    MakeExecutor: TypeAlias = Executor | Callable[[], object] | None

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C")

_logger = logging.getLogger("sidecar_bridge.jobs")


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue of jobs, with an executor of its own.

    Attributes:
        executor: As for `Jobs`.
        concurrency: How many of its jobs run at a time; as many as the executor has workers, unless given.
        waits_on_battery: Whether its jobs wait while the computer runs on its battery. One that runs goes on. Linux
            tells; elsewhere they never wait.
    """

    executor: MakeExecutor = None
    concurrency: int | None = None
    waits_on_battery: bool = False


class Jobs:
    """Functions that run outside of the event loop, with progress, cancel, results and a history.

    Making one opens nothing, and starts nothing, for every worker process imports the module anew. They are open for
    the lifespan of the app that includes `router`, or inside of `with jobs:` or `async with jobs:`; otherwise from
    their first use on.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | MakePath | None = None,
        *,
        executor: MakeExecutor = None,
        concurrency: int | None = None,
        queues: Mapping[str, Queue] | None = None,
        keep: int = 1000,
        max_result_bytes: int = 16 * 1024 * 1024,
        desktop: Desktop | None = None,
    ) -> None:
        """Say where jobs are kept, and where they run.

        Args:
            path: The SQLite database, or a function that gives its path, such as `lambda: paths().data / "jobs.db"`,
                which is called when it is opened. Without one, jobs are kept in memory.
            executor: A function that makes what jobs run on: a `concurrent.futures.Executor`, or a Dask client. It is
                called when the first job runs, and again if the executor breaks. Unless given, processes of the
                sidecar's own, one for each job that runs, which are kept for the next.
            concurrency: How many jobs run at a time; as many as the executor has workers, unless given.
            queues: More queues, each with an executor of its own; one called `default` has the jobs of no other.
            keep: How many jobs that have ended stay in the history.
            max_result_bytes: How large a result may be as JSON.
            desktop: What the person sees of jobs outside of the page; nothing, unless given.

        Raises:
            TypeError: An executor is neither one nor a function, or a queue no `Queue`.
            ValueError: A number is too small.
        """
        _checks.whole("keep", keep, least=0)
        _checks.whole("max_result_bytes", max_result_bytes, least=0)
        # As `sqlite3` has it.
        self._path = None if path == ":memory:" else path
        lanes = {"default": Queue(executor, concurrency), **(queues or {})}
        for name, queue in lanes.items():
            _checks.queue(name, queue, Queue)
            _checks.executor("executor", queue.executor, Executor)
            if queue.concurrency is not None:
                _checks.whole("concurrency", queue.concurrency, least=1)
        self._shown = Shown(desktop) if desktop is not None else None
        self._functions: dict[str, JobFunction[Any, Any, Any]] = {}
        self._core = Dispatcher(
            {
                name: LaneOptions(_maker(queue.executor), queue.concurrency, queue.waits_on_battery)
                for name, queue in lanes.items()
            },
            keep=keep,
            max_result_bytes=max_result_bytes,
            observer=self._shown,
        )
        self._opening = threading.Lock()
        self._is_open = self._is_closed = False
        self._failure: HistoryError | None = None
        self._failed_at = 0.0
        self._process = 0

    @overload
    def job(
        self, function: Callable[Concatenate[Job, P], Coroutine[Any, Any, R]], /
    ) -> JobFunction[P, R, Coroutine[Any, Any, R]]: ...
    @overload
    def job(self, function: Callable[Concatenate[Job, P], R], /) -> JobFunction[P, R, R]: ...
    @overload
    def job(
        self,
        function: None = None,
        /,
        *,
        name: str | None = None,
        queue: str = "default",
        priority: int = 0,
        resume: bool = False,
        cancel_timeout_s: float = 5.0,
        notify: bool = True,
        max_memory_bytes: int | None = None,
        route: bool = True,
        keep_awake: bool = False,
    ) -> _Decorator: ...
    def job(
        self,
        function: Any = None,
        /,
        *,
        name: str | None = None,
        queue: str = "default",
        priority: int = 0,
        resume: bool = False,
        cancel_timeout_s: float = 5.0,
        notify: bool = True,
        max_memory_bytes: int | None = None,
        route: bool = True,
        keep_awake: bool = False,
    ) -> Any:
        """Make a function a job. Its first parameter is the `Job`; the others, and its result, are JSON or models.

        Args:
            function: The function, blocking or async, at the top of a module that the workers can import.
            name: Its name in paths and in the history; the function's, unless given.
            queue: Where its jobs wait.
            priority: Those with more go first.
            resume: Whether it starts again, with its last `job.checkpoint`, after its worker or the sidecar has ended
                while it was under way. Such a function must bear to run twice.
            cancel_timeout_s: After how long a process is killed whose job was cancelled and does not call
                `job.check()`.
            notify: Whether `Desktop` tells of its end.
            max_memory_bytes: How much memory its process may have, with what the module needs; more is a `MemoryError`
                in the function. Kept to under Linux, on processes of the sidecar's own; elsewhere a warning says that
                it is not.
            route: Whether there is a route that submits it. Without, only Python does: for arguments that a page must
                not choose, such as a path.
            keep_awake: Whether the computer does not go to sleep by itself while such a job runs. Kept to under Linux,
                by its login manager; elsewhere, or if that refuses, a warning says that it is not.

        Raises:
            ValueError: Another function has that name, it is no part of a path, there is no such queue, or a number is
                too small.
            TypeError: The function's parameters are not those of a job, it is a generator, or a number is none.
        """
        _checks.whole("priority", priority, least=-_checks.LARGEST)
        _checks.seconds("cancel_timeout_s", cancel_timeout_s)
        if max_memory_bytes is not None:
            _checks.whole("max_memory_bytes", max_memory_bytes, least=1)
        options = Options(queue, priority, resume, cancel_timeout_s, notify, max_memory_bytes, route, keep_awake)
        if function is None:
            return lambda function: self._add(function, name, options)
        return self._add(function, name, options)

    def _add(self, function: Callable[..., Any], name: str | None, options: Options) -> JobFunction[Any, Any, Any]:
        if not hasattr(function, "__qualname__"):
            msg = f"a job is a function that workers import by its name, which {type(function).__name__} has none of"
            raise TypeError(msg)
        name = function.__name__ if name is None else name
        _checks.text("name", name)
        if name in {"", ".", ".."} or set(name) & set("/{}?#"):
            msg = f"job `{name}` cannot have that name, which is a part of paths; give one without `/?#{{}}`"
            raise ValueError(msg)
        if name in self._functions:
            msg = f"there is a job `{name}` already; give one of them another `name`"
            raise ValueError(msg)
        if options.queue not in self._core.lanes:
            queues = ", ".join(sorted(self._core.lanes))
            msg = f"there is no queue `{options.queue}`, only {queues}; add it to `Jobs(queues=…)`"
            raise ValueError(msg)
        shape = Shape(function, name, options)
        self._core.shapes[name] = shape
        made = self._functions[name] = JobFunction[Any, Any, Any](self._opened, function, shape)
        return made

    # --- open and closed

    def open(self) -> None:
        """Open the history, and begin what waits in it. Jobs that an earlier sidecar has left become `interrupted`.

        Raises:
            HistoryError: The database cannot be used.
            NotOpenError: This process is a worker.
        """
        # Where a frozen program opens jobs before `serve`, each of their workers would do so, too.
        begin_worker()
        refuse_worker()
        asked = monotonic()
        with self._opening:
            if self._is_open:
                return
            if self._failure is not None and self._failed_at >= asked:
                # Else each of many requests would wait for the lock of the database in turn, and all threads with it.
                raise HistoryError(*self._failure.args) from self._failure
            path = self._path() if callable(self._path) else self._path
            try:
                self._core.open(None if path is None else Path(path))
            except HistoryError as error:
                self._failure, self._failed_at = error, monotonic()
                raise
            self._failure = None
            if self._shown is not None:
                self._shown.open()
            self._is_open, self._is_closed, self._process = True, False, os.getpid()

    def close(self) -> None:
        """Stop the jobs that run, which are `interrupted` then, or start again at the next `open` if they `resume`.

        Waits for them, each for its `cancel_timeout_s` at most; then their processes are killed. In a forked child it
        does nothing: they are the parent's.
        """
        if self._is_of_parent():
            return
        with self._opening:
            self._is_closed = True
            if self._is_open:
                self._is_open = False
                self._core.close()
                if self._shown is not None:
                    self._shown.close()

    def __enter__(self) -> Self:
        """Open them."""
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close them."""
        self.close()

    async def __aenter__(self) -> Self:
        """Open them."""
        await asyncio.to_thread(self.open)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close them."""
        await asyncio.to_thread(self.close)

    def _is_of_parent(self) -> bool:
        return self._is_open and self._process != os.getpid()

    def _opened(self) -> Dispatcher:
        if self._is_of_parent():
            # SQLite forbids the use of a connection in a fork: what one process writes, the other overwrites.
            msg = "the jobs belong to the process that this one is a fork of; submit them there"
            raise NotOpenError(msg)
        if not self._is_open:
            if self._is_closed:
                msg = "the jobs are closed: the sidecar stops"
                raise NotOpenError(msg)
            self.open()
        return self._core

    # --- all jobs

    def get(self, id: str) -> AnyRecord:
        """Give a job as it is now.

        Raises:
            UnknownJobError: There is none with that id, or not any more.
        """
        return self._opened().get(id)

    def list(
        self, *, name: str | None = None, state: State | None = None, limit: int = 100, before: str | None = None
    ) -> list[AnyRecord]:
        """Give the jobs, the newest first.

        Args:
            name: Only those of that function.
            state: Only those in that state.
            limit: How many at most.
            before: Only those that are older than the job with that id.
        """
        return self._opened().newest(name=name, state=state, limit=limit, before=before)

    def cancel(self, id: str) -> AnyRecord:
        """Let a job stop: one that waits at once, one that runs at its next `job.check()`.

        Raises:
            UnknownJobError: There is none with that id.
            JobStateError: It has ended.
        """
        return self._opened().cancel(id)

    def retry(self, id: str) -> AnyRecord:
        """Queue a job again that has failed, or was cancelled or interrupted; it keeps its id and its checkpoint.

        Raises:
            UnknownJobError: There is none with that id.
            JobStateError: It is done, or has not ended.
        """
        return self._opened().retry(id)

    def ref(self, id: str) -> JobRef[Any]:
        """Refer to a job, whatever its function.

        Raises:
            UnknownJobError: There is none with that id, or its function is gone.
        """
        job = self.get(id)
        function = self._functions.get(job.name)
        if function is None:
            msg = f"job {id} is of `{job.name}`, which this sidecar does not have"
            raise UnknownJobError(msg)
        return function.ref(id)

    @property
    def router(self) -> APIRouter:
        """The routes of the jobs that are defined until now, for `app.include_router`; the app opens and closes them.

        Raises:
            ImportError: FastAPI is not installed, or older than 0.135.
        """
        try:
            from sidecar_bridge.jobs._router import router_of  # noqa: PLC0415 - FastAPI is optional
        except ModuleNotFoundError as error:
            msg = "FastAPI is not installed, which routes of jobs need; run: pip install 'tauri-sidecar-bridge[jobs]'"
            raise ImportError(msg) from error
        return router_of(self._functions, self._opened, self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _app: Any) -> AsyncIterator[None]:
        try:
            await asyncio.to_thread(self.open)
        except HistoryError:
            # The app's other routes work; those of jobs say why they do not.
            _logger.exception("the jobs are not available")
        try:
            yield
        finally:
            await asyncio.to_thread(self.close)


if TYPE_CHECKING:

    class _Decorator:
        @overload
        def __call__(
            self, function: Callable[Concatenate[Job, P], Coroutine[Any, Any, R]], /
        ) -> JobFunction[P, R, Coroutine[Any, Any, R]]: ...
        @overload
        def __call__(self, function: Callable[Concatenate[Job, P], R], /) -> JobFunction[P, R, R]: ...
        def __call__(self, function: Any, /) -> Any: ...


def _maker(executor: MakeExecutor) -> Callable[[], object] | None:
    # One that is there already is used; once it breaks there is no other.
    return (lambda: executor) if isinstance(executor, Executor) else executor
