"""Handlers: functions that are called with what the app sends, for blocking code; `async_handlers` for asyncio.

One channel serves all handlers of a kind in a window: every item of every menu, every icon in the tray. It is opened
for the first and closed after the last. A thread reads it, and each handler has a thread of its own while it has
events, so that a slow one holds up nobody else.
"""

from __future__ import annotations

import os
from concurrent.futures import Future, wait
from contextvars import Context
from functools import partial, wraps
from threading import Condition, Event, Lock, Thread, current_thread
from time import monotonic
from typing import TYPE_CHECKING, Any

from sidecar_bridge._client import collected, wire
from sidecar_bridge._client.backlog import ANSWERED_WITHIN_S, Backlog, Kind, check, is_async, log, missed
from sidecar_bridge._client.errors import BridgeError, DeadlineExceededError, ResourceClosedError
from sidecar_bridge._client.messages import open_channel
from sidecar_bridge._client.reading import channel_reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from sidecar_bridge._client.link import Link
    from sidecar_bridge._client.messages import Messages

_LINGERS_S = 1.0
"""How long the thread of a handler waits for one more event before it ends."""


def _start(function: Callable[[], object], name: str) -> Thread:
    """Start a thread for which the end of the process does not wait, in no context of whoever has registered."""
    thread = Thread(target=Context().run, args=[function], name=name, daemon=True)
    thread.start()
    return thread


class Handler:
    """One function, and the events that wait for it."""

    def __init__(self, function: Any, of: str) -> None:
        """Call it with one event after the other; `TypeError` for what is no function for that."""
        check(function, of)
        if is_async(function):
            msg = f"the handler of {of} is `async`; `Host` calls functions that are not, and `AsyncHost` both"
            raise TypeError(msg)
        self._function = function
        self._backlog = Backlog(function, of)
        self._changed = Condition()
        self._runs = False
        self._is_ended = False

    def put(self, event: Any) -> None:
        """Let it have an event, in its own turn."""
        with self._changed:
            if self._is_ended:
                return
            self._backlog.put(event)
            if self._runs:
                self._changed.notify()
            else:
                self._runs = True
                _start(self._run, "handler")

    def end(self) -> None:
        """Drop what waits; a call that is under way goes on."""
        with self._changed:
            self._is_ended = True
            self._backlog.clear()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._backlog or self._is_ended, _LINGERS_S)
                if not self._backlog:
                    self._runs = False
                    return
                event = self._backlog.take()
            try:
                self._backlog.gave(self._function(event))
            except (Exception, SystemExit):
                # `sys.exit` in a thread would end this thread alone, and so the handler, without a word.
                self._backlog.failed()


class Claim:
    """What one handle has of a channel: the channel, for as long as it needs it, and its handlers."""

    def __init__(self, source: Source) -> None:
        """Made by `claim`."""
        self._source = source
        self._handlers: list[tuple[object, Handler]] = []
        self._process = os.getpid()
        self.keeps: object = None
        """What is not collected while this is not released."""

    @property
    def channel(self) -> Messages[Any]:
        """What stands for the channel in the arguments of commands."""
        return self._source.messages

    @property
    def kind(self) -> Kind:
        """What the channel brings."""
        return self._source.kind

    @property
    def window(self) -> str:
        """The label of the channel's window."""
        return self._source.messages.window

    def add(self, key: object, function: Callable[[Any], object]) -> Handler:
        """Call a function with what comes under that key; `BridgeError` once the channel has ended."""
        if self._source.is_ended:
            what = f"the channel of {self.kind.name} in window `{self.window}`"
            raise ResourceClosedError(what, "has ended, with its window or its handle; make another one")
        handler = Handler(function, self._source.kind.name)
        self._source.add(key, handler)
        self._handlers.append((key, handler))
        return handler

    def remove(self, handler: Handler) -> None:
        """Call that function no more."""
        for each in [each for each in self._handlers if each[1] is handler]:
            self._handlers.remove(each)
            self._source.drop(*each)

    def release(self) -> None:
        """Call none of the functions any more, and close the channel if nobody else has it; twice does nothing more."""
        if self._process != os.getpid():
            # A forked child has its parent's channel, which goes on, and calls nothing.
            return
        self.keeps = None
        handlers, self._handlers = self._handlers, []
        for key, handler in handlers:
            self._source.drop(key, handler)
        self._source.leave(self)

    def release_with(self, owner: object) -> None:
        """Release this once the owner is collected, in whatever thread."""
        collected.then(owner, self.release)


class Source:
    """One channel, what it brings, and for whom."""

    def __init__(self, link: Link, kind: Kind, messages: Messages[Any]) -> None:
        """Made by `claim`."""
        self.kind = kind
        self.messages = messages
        self._handlers: dict[object, list[Handler]] = {}
        self._link = link
        self._claims: set[Claim] = set()
        self._lock = Lock()
        self.thread: Thread | None = None
        self.is_ended: bool = False

    def claim(self) -> Claim | None:
        """Keep it open until the claim is released; `None` if it has ended just now."""
        claim = Claim(self)
        with self._lock:
            if self.is_ended:
                return None
            self._claims.add(claim)
        return claim

    def add(self, key: object, handler: Handler) -> None:
        """Note a handler."""
        with self._lock:
            self._handlers.setdefault(key, []).append(handler)

    def drop(self, key: object, handler: Handler) -> None:
        """Forget a handler."""
        handler.end()
        with self._lock:
            found = self._handlers.get(key, [])
            if handler in found:
                found.remove(handler)
            if not found:
                self._handlers.pop(key, None)

    def leave(self, claim: Claim) -> None:
        """Forget a claim, and close after the last one."""
        with self._lock:
            self._claims.discard(claim)
            if self._claims or self.is_ended:
                return
            self.is_ended = True
        self.forget()
        self.messages.close()
        if self.thread is not None and self.thread is not current_thread():
            self.thread.join()

    def forget(self) -> None:
        """Let nobody else have it."""
        sources = self._link.sources
        for key in [key for key, source in list(sources.items()) if source is self]:
            sources.pop(key, None)

    def read(self) -> None:
        """Give each message to its handlers, until the channel ends."""
        while True:
            try:
                message = self.messages.receive()
            except BridgeError as error:
                if not self.messages._closed or self.messages._buffer.ended is not None:
                    log("info", "the handlers of %s have ended: %s", self.kind.name, error)
                return
            self._give(message)

    def end(self) -> None:
        """Let go all that it has."""
        with self._lock:
            self.is_ended = True
            handlers = [handler for found in self._handlers.values() for handler in found]
            claims = list(self._claims)
            self._handlers.clear()
            self._claims.clear()
        self.forget()
        for handler in handlers:
            handler.end()
        for claim in claims:
            claim.keeps = None

    def _give(self, message: Any) -> None:
        try:
            keys = self.kind.keys(message)
            with self._lock:
                found = [each for key in keys for each in self._handlers.get(key, ())]
            event = self.kind.read(message) if found else None
        except (KeyError, TypeError, ValueError) as error:
            log("warning", "one of %s was not understood, %s: %r", self.kind.name, error, message)
            return
        for handler in found:
            handler.put(event)


_opening = Lock()
"""Who opens a channel first. Nobody waits while holding it."""


def claim(link: Link, kind: Kind, window: str | None, timeout_s: float | None, *, is_shared: bool = True) -> Claim:
    """Claim the channel of that kind in that window; the first one opens it. One that is not shared is always new."""
    link.check()
    deadline = link.deadline(timeout_s)
    # A forked child has none of the threads of its parent.
    key: tuple[object, ...] = (os.getpid(), kind.name, window)
    opened: Future[Source] = Future()
    while is_shared:
        with _opening:
            found = link.sources.setdefault(key, opened)
        if found is opened:
            break
        if isinstance(found, Source):
            if (mine := found.claim()) is not None:
                return mine
            found.forget()
        elif not wait([found], _left(deadline)).done:
            raise DeadlineExceededError(f"another thread opens the channel of {kind.name}, for longer than the limit")
    serve = partial(_serve, link, kind, window, deadline, opened)
    thread = _start(serve, "handlers")
    try:
        source = opened.result()
        source.thread = thread
        found = source.claim()
        if found is None:
            raise BridgeError(f"the channel of {kind.name} has ended as it began")
    except BaseException:
        if is_shared:
            link.sources.pop(key, None)
        raise
    if is_shared:
        # Without a label, the window may be one that has a channel already.
        same = link.sources.setdefault((os.getpid(), kind.name, source.messages.window), source)
        if same is not source and isinstance(same, Source) and (other := same.claim()) is not None:
            link.sources[key] = same
            found.release()
            source, found = same, other
        link.sources[key] = source
        if source.is_ended:
            source.forget()
    return found


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - monotonic())


def _serve(link: Link, kind: Kind, window: str | None, deadline: float | None, opened: Future[Source]) -> None:
    """Read a channel for as long as somebody has it."""
    request, read = wire.open_channel(window, kind.events, kind.closing_ms), channel_reader(object)
    try:
        with open_channel(link, request, _left(deadline), read, on_lost=partial(missed, kind)) as messages:
            source = Source(link, kind, messages)
            opened.set_result(source)
            try:
                source.read()
            finally:
                source.end()
    except Exception as error:
        if opened.done():
            log("warning", "the handlers of %s have ended: %s", kind.name, error)
        else:
            opened.set_exception(error)


def deciding(
    link: Link, window: str, function: Callable[[Any], object], make: Callable[[str, Callable[[], object]], Any]
) -> Callable[[int], object]:
    """Give the handler that asks a function whether a window closes, and tells the host; see `closing_handling`."""

    @wraps(function)
    def decide(number: int) -> None:
        """Have the function decide; its turn ends once it has, so that the window can ask again meanwhile."""
        decided = Event()

        def answer(*, prevents: bool) -> None:
            reply = link.ask(wire.answer_closing(number, prevent=prevents), ANSWERED_WITHIN_S)
            if prevents and not reply["inTime"]:
                log("warning", "window `%s` was to stay open, which its handler has said too late", request.window)

        def prevent() -> None:
            try:
                answer(prevents=True)
            finally:
                decided.set()

        request, backlog = make(window, prevent), Backlog(function, "requests to close")

        def call() -> None:
            try:
                backlog.gave(function(request))
            except (Exception, SystemExit):
                backlog.failed()
            try:
                if not request.is_prevented:
                    answer(prevents=False)
            except BridgeError as error:
                log("info", "the app did not hear whether a window stays open: %s", error)
            finally:
                decided.set()

        _start(call, "handler")
        decided.wait()

    return decide


class Handling:
    """A function that is called with events, until this is closed; or its window, or the host.

    It is not closed when nobody holds it any more.
    """

    def __init__(self, claim: Claim) -> None:
        """Made by the methods that take a handler."""
        self._claim = claim
        claim.keeps = self

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._claim.kind.name} in window {self.window!r}>"

    @property
    def window(self) -> str:
        """The label of the window whose events they are."""
        return self._claim.window

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Call it no more; a second time does nothing. A call that is under way goes on.

        What a forked child closes of its parent's goes on there.
        """
        self._claim.release()


def handling(
    link: Link,
    kind: Kind,
    window: str | None,
    function: Callable[[Any], object],
    timeout_s: float | None = None,
    *,
    is_shared: bool = True,
) -> Handling:
    """Call a function with all that a channel of that kind brings."""
    # A handler that is none is refused before anything is opened.
    Handler(function, kind.name)
    mine = claim(link, kind, window, timeout_s, is_shared=is_shared)
    mine.add(None, function)
    return Handling(mine)


def closing_handling(
    link: Link,
    kind: Kind,
    window: str | None,
    function: Callable[[Any], object],
    timeout_s: float | None = None,
    *,
    make: Callable[[str, Callable[[], object]], Any],
) -> Handling:
    """Call a function before a window closes, by a channel of its own: each is asked, and any may prevent it.

    `make` makes what the function gets: of the window's label, and of what prevents the closing.
    """
    Handler(function, kind.name)
    mine = claim(link, kind, window, timeout_s, is_shared=False)
    mine.add(None, deciding(link, mine.window, function, make))
    return Handling(mine)
