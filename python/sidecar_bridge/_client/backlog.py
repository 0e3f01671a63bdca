"""What channels bring for handlers, and what waits for one handler, for both twins: nothing here does I/O."""

from __future__ import annotations

from collections import deque
from functools import partial
from inspect import isasyncgenfunction, isawaitable, iscoroutine, iscoroutinefunction, isgeneratorfunction, signature
from types import AsyncGeneratorType, GeneratorType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_WAITING = 16_384
"""How many events wait for one handler, as many as the host keeps for one reader."""

ANSWERED_WITHIN_S = 10.0
"""How long the host may take to hear whether a window closes."""


class Kind(NamedTuple):
    """What one channel brings.

    Attributes:
        name: In words, for the log.
        keys: Gives of a message for which handlers it is.
        read: Makes of a message what its handlers get.
        events: The names of the window's events that the channel brings; none for what commands send.
        closing_ms: How long the window waits for an answer before it closes; `None` for a channel that does not ask.
    """

    name: str
    keys: Callable[[Any], tuple[object, ...]]
    read: Callable[[Any], Any]
    events: tuple[str, ...] = ()
    closing_ms: int | None = None


def check(function: Any, of: str) -> None:
    """Refuse what cannot be called with an event: `TypeError`."""
    if not callable(function):
        msg = f"the handler of {of} must be a function of one argument, not {type(function).__name__}"
        raise TypeError(msg)
    if _is_generator(function):
        msg = (
            f"the handler of {of}, `{name_of(function)}`, has a `yield`: a call of it runs nothing; take the `yield` "
            "out, or give a function that iterates over it"
        )
        raise TypeError(msg)
    try:
        # What `wraps` has put around a function of two arguments may itself have one.
        signature(function, follow_wrapped=False).bind(None)
    except TypeError as error:
        msg = f"the handler of {of} must be a function of one argument, the event: {error}"
        raise TypeError(msg) from None
    except ValueError:
        # Some that are built in do not say.
        return


def check_plain(function: Any, name: str) -> None:
    """Refuse what cannot be called in passing, and has done its work then: `TypeError`."""
    kind = type(function).__name__
    if callable(function):
        if not (is_async(function) or _is_generator(function)):
            return
        kind = "a coroutine function" if is_async(function) else f"`{name_of(function)}`, which has a `yield`"
    msg = f"`{name}` must be a plain function, not {kind}"
    raise TypeError(msg)


def is_async(function: Any) -> bool:
    """Tell whether it is `async def`, also as the `__call__` of an object or in a `partial`."""
    return _is(iscoroutinefunction, function)


def _is_generator(function: Any) -> bool:
    return _is(isgeneratorfunction, function) or _is(isasyncgenfunction, function)


def _is(kind: Callable[[Any], bool], function: Any) -> bool:
    while isinstance(function, partial):
        function = function.func
    # The `__call__` of a class is that of what it makes.
    return kind(function) or (not isinstance(function, type) and kind(getattr(function, "__call__", None)))  # noqa: B004


def name_of(function: Any) -> str:
    """Give the name of a handler, for the log."""
    return getattr(function, "__qualname__", None) or repr(function)


class Backlog:
    """The events that wait for one handler. When too many do, the oldest are dropped, as the host does for a reader."""

    def __init__(self, function: Callable[[Any], object], of: str) -> None:
        """Begin with none, for a handler of that kind."""
        self._name = f"handler `{name_of(function)}` of {of}"
        self._waiting: deque[Any] = deque(maxlen=MOST_WAITING)
        self._is_behind = False

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def put(self, event: Any) -> None:
        """Let an event wait."""
        if len(self._waiting) == MOST_WAITING and not self._is_behind:
            # Once, until it has caught up.
            self._is_behind = True
            log("warning", "%s is slower than its events, of which it misses the oldest", self._name)
        self._waiting.append(event)

    def take(self) -> Any:
        """Give the oldest; `IndexError` if none waits."""
        event = self._waiting.popleft()
        if not self._waiting:
            self._is_behind = False
        return event

    def clear(self) -> None:
        """Drop what waits."""
        self._waiting.clear()

    def failed(self) -> None:
        """Tell the log that the handler has just raised."""
        log("exception", "%s failed, and goes on with the next event", self._name)

    def gave(self, result: object) -> None:
        """Tell the log if what the handler gave was to be run, and is not: a generator, or what only asyncio runs."""
        if isinstance(result, GeneratorType | AsyncGeneratorType):
            log("error", "%s gave a generator, which nobody iterates over; take the `yield` out", self._name)
        elif isawaitable(result):
            if iscoroutine(result):
                # Python would say later that nobody has awaited it.
                result.close()
            remedy = "give `Host` a function that is not `async`, or use `AsyncHost`"
            log("error", "%s gave something to await, which `Host` does not; %s", self._name, remedy)


def every(_message: Any) -> tuple[object, ...]:
    """Give the key of a channel whose messages are all for the same handlers."""
    return (None,)


def log(level: str, message: str, *words: object) -> None:
    """Tell the log of this package."""
    import logging  # noqa: PLC0415 - nearly never needed

    getattr(logging.getLogger("sidecar_bridge"), level)(message, *words)


def missed(kind: Kind, lost: int | None) -> None:
    """Tell the log that the host had to drop messages of a channel."""
    log("warning", "%s of %s were lost, since this process was too slow", "some" if lost is None else lost, kind.name)
