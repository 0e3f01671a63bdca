"""Handlers: functions that are called with what the app sends, for asyncio; `handlers` is the same for blocking code.

One channel serves all handlers of a kind in a window: every item of every menu, every icon in the tray. It is opened
for the first and closed after the last. Each handler has a turn of its own, so that a slow one holds up nobody else.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from contextvars import Context
from functools import partial, wraps
from inspect import isawaitable
from threading import Thread
from typing import TYPE_CHECKING, Any
from weakref import finalize

from sidecar_bridge._client import wire
from sidecar_bridge._client.async_collected import may_end
from sidecar_bridge._client.async_messages import open_channel
from sidecar_bridge._client.backlog import ANSWERED_WITHIN_S, Backlog, Kind, check, is_async, log, missed
from sidecar_bridge._client.errors import BridgeError, DeadlineExceededError, ResourceClosedError
from sidecar_bridge._client.reading import channel_reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from sidecar_bridge._client.async_link import AsyncLink
    from sidecar_bridge._client.async_messages import AsyncMessages

_FAIR = 256
"""After so many messages, one behind the other, the reader lets other tasks run."""

_FAIR_CALLS = 16
"""After so many calls, one behind the other, a handler lets other tasks run."""

_releasing: set[asyncio.Task[None]] = set()
_deciding: set[asyncio.Task[None]] = set()
"""The loop itself has weak references to its tasks."""


class AsyncHandler:
    """One function, and the events that wait for it: `async def`, or `def`, which then runs in a thread."""

    def __init__(self, function: Any, of: str) -> None:
        """Call it with one event after the other; `TypeError` for what is no function for that."""
        check(function, of)
        self._function = function
        self._is_async = is_async(function)
        self._backlog = Backlog(function, of)
        self._task: asyncio.Task[None] | None = None

    def put(self, event: Any) -> None:
        """Let it have an event, in its own turn."""
        self._backlog.put(event)
        if self._task is None:
            # Not in the context of whoever has registered it: a request that is long over.
            self._task = asyncio.get_running_loop().create_task(self._run(), context=Context())

    def end(self) -> None:
        """Drop what waits; a call that is under way goes on."""
        self._backlog.clear()

    async def _run(self) -> None:
        count = 0
        try:
            while self._backlog:
                if self._is_async:
                    await self._finish(partial(self._function, self._backlog.take()))
                    count += 1
                    if count % _FAIR_CALLS == 0:
                        # A function that never waits would hold up the loop.
                        await asyncio.sleep(0)
                elif (result := await in_thread(self._run_in_thread)) is not None:
                    await self._finish(partial(_given, result))
        finally:
            self._task = None

    def _run_in_thread(self) -> Any:
        """Call it until nothing waits, or until it gives something to wait for, as a `lambda` may."""
        while True:
            try:
                event = self._backlog.take()
            except IndexError:
                return None
            try:
                result = self._function(event)
            except (Exception, SystemExit):
                # `sys.exit` in a thread would end this thread alone, and so the handler, without a word.
                self._backlog.failed()
                continue
            if isawaitable(result):
                return result
            self._backlog.gave(result)

    async def _finish(self, begin: Callable[[], Any]) -> None:
        try:
            await begin()
        except (Exception, SystemExit):
            self._backlog.failed()


def _given(value: Any) -> Any:
    return value


async def in_thread(function: Callable[[], Any]) -> Any:
    """Call a function in a thread of its own: those of asyncio are few, and a slow function keeps its thread."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if not done.done():
            done.set_result(result) if error is None else done.set_exception(error)

    def run() -> None:
        result, failure = None, None
        try:
            result = function()
        except BaseException as error:
            failure = error
        # Nobody waits in a loop that is closed.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, failure)

    # The end of the process does not wait for it.
    Thread(target=run, name="handler", daemon=True).start()
    return await done


class AsyncClaim:
    """What one handle has of a channel: the channel, for as long as it needs it, and its handlers."""

    def __init__(self, source: AsyncSource) -> None:
        """Made by `claim`."""
        self._source = source
        self._handlers: list[tuple[object, AsyncHandler]] = []
        self._process = os.getpid()
        self.keeps: object = None
        """What is not collected while this is not released."""

    @property
    def channel(self) -> AsyncMessages[Any]:
        """What stands for the channel in the arguments of commands."""
        return self._source.messages

    @property
    def link(self) -> AsyncLink:
        """The link of the channel."""
        return self._source._link

    @property
    def kind(self) -> Kind:
        """What the channel brings."""
        return self._source.kind

    @property
    def window(self) -> str:
        """The label of the channel's window."""
        return self._source.messages.window

    def add(self, key: object, function: Callable[[Any], object]) -> AsyncHandler:
        """Call a function with what comes under that key; `BridgeError` once the channel has ended."""
        if self._source.is_ended:
            what = f"the channel of {self.kind.name} in window `{self.window}`"
            raise ResourceClosedError(what, "has ended, with its window or its handle; make another one")
        handler = AsyncHandler(function, self._source.kind.name)
        self._handlers.append((key, handler))
        self._source.handlers.setdefault(key, []).append(handler)
        return handler

    def remove(self, handler: AsyncHandler) -> None:
        """Call that function no more."""
        for each in [each for each in self._handlers if each[1] is handler]:
            self._handlers.remove(each)
            self._source.drop(*each)

    async def release(self) -> None:
        """Call none of the functions any more, and close the channel if nobody else has it; twice does nothing more."""
        if self._process != os.getpid():
            # A forked child has its parent's channel, which goes on, and calls nothing.
            return
        self.keeps = None
        for key, handler in self._handlers:
            self._source.drop(key, handler)
        self._handlers.clear()
        await self._source.leave(self)

    def release_with(self, owner: object) -> None:
        """Release this once the owner is collected, in whatever thread."""
        finalizer = finalize(owner, _release_soon, asyncio.get_running_loop(), self, os.getpid())
        finalizer.atexit = False


class AsyncSource:
    """One channel, what it brings, and for whom."""

    def __init__(self, link: AsyncLink, kind: Kind, messages: AsyncMessages[Any]) -> None:
        """Made by `claim`."""
        self.kind = kind
        self.messages = messages
        self.handlers: dict[object, list[AsyncHandler]] = {}
        self._link = link
        self._claims: set[AsyncClaim] = set()
        self.task: asyncio.Task[None] | None = None
        self.is_ended: bool = False

    def claim(self) -> AsyncClaim:
        """Keep it open until the claim is released."""
        claim = AsyncClaim(self)
        self._claims.add(claim)
        return claim

    def drop(self, key: object, handler: AsyncHandler) -> None:
        """Forget a handler."""
        handler.end()
        found = self.handlers.get(key, [])
        if handler in found:
            found.remove(handler)
        if not found:
            self.handlers.pop(key, None)

    async def leave(self, claim: AsyncClaim) -> None:
        """Forget a claim, and close after the last one."""
        self._claims.discard(claim)
        if not self._claims and self.task is not None:
            self.forget()
            task, self.task = self.task, None
            task.cancel()
            await asyncio.wait([task])
            # The socket goes with the stream, which the collector of cycles would find late.
            self.messages._stream = None

    def forget(self) -> None:
        """Let nobody else have it."""
        sources = self._link.sources
        for key in [key for key, source in sources.items() if source is self]:
            del sources[key]

    async def read(self) -> None:
        """Give each message to its handlers, until the channel ends."""
        count = 0
        while True:
            try:
                message = await self.messages.receive()
            except BridgeError as error:
                if not self.messages._closed or self.messages._buffer.ended is not None:
                    log("info", "the handlers of %s have ended: %s", self.kind.name, error)
                return
            self._give(message)
            count += 1
            if count % _FAIR == 0:
                await asyncio.sleep(0)

    def end(self) -> None:
        """Let go all that it has."""
        self.is_ended = True
        self.forget()
        for handlers in self.handlers.values():
            for handler in handlers:
                handler.end()
        self.handlers.clear()
        for claim in self._claims:
            claim.keeps = None
        self._claims.clear()

    def _give(self, message: Any) -> None:
        try:
            found = [each for key in self.kind.keys(message) for each in self.handlers.get(key, ())]
            event = self.kind.read(message) if found else None
        except (KeyError, TypeError, ValueError) as error:
            log("warning", "one of %s was not understood, %s: %r", self.kind.name, error, message)
            return
        for handler in found:
            handler.put(event)


async def claim(
    link: AsyncLink, kind: Kind, window: str | None, timeout_s: float | None, *, is_shared: bool = True
) -> AsyncClaim:
    """Claim the channel of that kind in that window; the first one opens it. One that is not shared is always new."""
    loop = link.check()
    deadline = link.deadline(timeout_s)
    key = (kind.name, window)
    while is_shared and (found := link.sources.get(key)) is not None:
        if isinstance(found, AsyncSource):
            return found.claim()
        # Another task opens it.
        try:
            async with asyncio.timeout_at(deadline):
                await asyncio.wait([found])
        except TimeoutError:
            msg = f"another task opens the channel of {kind.name}, for longer than the limit"
            raise DeadlineExceededError(msg) from None
    opened: asyncio.Future[AsyncSource] = loop.create_future()
    # A task of its own: the one that asks may be that of a request. Nor is its context that of a request.
    task = loop.create_task(_serve(link, kind, window, deadline, opened), context=Context())
    if is_shared:
        link.sources[key] = opened
    try:
        # The claim is made before anybody else can release what nobody has.
        source = await asyncio.shield(opened)
        if source.is_ended:
            raise BridgeError(f"the channel of {kind.name} has ended as it began")
        mine = source.claim()
    except BaseException:
        opened.cancel()
        task.cancel()
        await asyncio.wait([task])
        if link.sources.get(key) is opened:
            del link.sources[key]
        raise
    source.task = task
    if is_shared:
        # Without a label, the window may be one that has a channel already.
        same = link.sources.setdefault((kind.name, source.messages.window), source)
        if same is not source and isinstance(same, AsyncSource):
            link.sources[key], other = same, same.claim()
            await mine.release()
            return other
        link.sources[key] = source
    return mine


async def _serve(
    link: AsyncLink, kind: Kind, window: str | None, deadline: float | None, opened: asyncio.Future[AsyncSource]
) -> None:
    """Read a channel for as long as somebody has it."""
    timeout_s = None if deadline is None else max(0.0, deadline - asyncio.get_running_loop().time())
    request, read = wire.open_channel(window, kind.events, kind.closing_ms), channel_reader(object)
    try:
        async with open_channel(link, request, timeout_s, read, on_lost=partial(missed, kind)) as messages:
            source = AsyncSource(link, kind, messages)
            opened.set_result(source)
            try:
                await source.read()
            finally:
                source.end()
    except Exception as error:
        if opened.done():
            log("warning", "the handlers of %s have ended: %s", kind.name, error)
        else:
            opened.set_exception(error)


def _release_soon(loop: asyncio.AbstractEventLoop, claim: AsyncClaim, process: int) -> None:
    # What a forked child collects belongs to its parent. A loop that is closed has nothing to release any more.
    if process != os.getpid():
        return
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(_begin_release, loop, claim)


def _begin_release(loop: asyncio.AbstractEventLoop, claim: AsyncClaim) -> None:
    task = loop.create_task(claim.release())
    _releasing.add(task)
    task.add_done_callback(_releasing.discard)


def _decided(calling: asyncio.Task[None]) -> None:
    _deciding.discard(calling)
    if not calling.cancelled() and (error := calling.exception()) is not None:
        log("info", "the app did not hear whether a window stays open: %s", error)


def deciding(
    link: AsyncLink, window: str, function: Callable[[Any], object], make: Callable[[str, Callable[[], object]], Any]
) -> Callable[[int], object]:
    """Give the handler that asks a function whether a window closes, and tells the host; see `closing_handling`."""

    @wraps(function)
    async def decide(number: int) -> None:
        """Have the function decide; its turn ends once it has, so that the window can ask again meanwhile."""
        loop = asyncio.get_running_loop()
        told: list[asyncio.Task[None]] = []
        prevented: asyncio.Future[None] = loop.create_future()

        def prevent() -> None:
            told.append(loop.create_task(answer(prevents=True)))
            if not prevented.done():
                prevented.set_result(None)

        async def answer(*, prevents: bool) -> None:
            reply = await link.ask(wire.answer_closing(number, prevent=prevents), ANSWERED_WITHIN_S)
            if prevents and not reply["inTime"]:
                log("warning", "window `%s` was to stay open, which its handler has said too late", request.window)

        # From a thread, too.
        request = make(window, lambda: loop.call_soon_threadsafe(prevent))

        async def call() -> None:
            try:
                called = function(request) if is_async(function) else await in_thread(partial(function, request))
                if isawaitable(called):
                    await called
                else:
                    Backlog(function, "requests to close").gave(called)
            except (Exception, SystemExit):
                Backlog(function, "requests to close").failed()
            # What was called soon is called by then. Of one that is cancelled the host hears by the end of the channel.
            await asyncio.sleep(0)
            if request.is_prevented:
                await asyncio.gather(*told)
            else:
                await answer(prevents=False)

        calling = loop.create_task(call())
        _deciding.add(calling)
        calling.add_done_callback(_decided)
        await asyncio.wait([calling, prevented], return_when=asyncio.FIRST_COMPLETED)

    return decide


class AsyncHandling:
    """A function that is called with events, until this is closed; or its window, or the host.

    It is not closed when nobody holds it any more.
    """

    def __init__(self, claim: AsyncClaim) -> None:
        """Made by the methods that take a handler."""
        self._claim = claim
        self._process = os.getpid()
        claim.keeps = self

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._claim.kind.name} in window {self.window!r}>"

    @property
    def window(self) -> str:
        """The label of the window whose events they are."""
        return self._claim.window

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Call it no more; a second time does nothing. A call that is under way goes on.

        What a forked child closes of its parent's goes on there.

        Raises:
            BridgeError: It belongs to another event loop, in which it is to be closed.
        """
        if may_end(self, self._claim.link, self._process):
            await self._claim.release()


async def handling(
    link: AsyncLink,
    kind: Kind,
    window: str | None,
    function: Callable[[Any], object],
    timeout_s: float | None = None,
    *,
    is_shared: bool = True,
) -> AsyncHandling:
    """Call a function with all that a channel of that kind brings."""
    check(function, kind.name)
    mine = await claim(link, kind, window, timeout_s, is_shared=is_shared)
    mine.add(None, function)
    return AsyncHandling(mine)


async def closing_handling(
    link: AsyncLink,
    kind: Kind,
    window: str | None,
    function: Callable[[Any], object],
    timeout_s: float | None = None,
    *,
    make: Callable[[str, Callable[[], object]], Any],
) -> AsyncHandling:
    """Call a function before a window closes, by a channel of its own: each is asked, and any may prevent it.

    `make` makes what the function gets: of the window's label, and of what prevents the closing.
    """
    check(function, kind.name)
    mine = await claim(link, kind, window, timeout_s, is_shared=False)
    mine.add(None, deciding(link, mine.window, function, make))
    return AsyncHandling(mine)
