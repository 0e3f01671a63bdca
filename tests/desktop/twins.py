"""Both hosts for the same tests: `Host`, and an `AsyncHost` that is called as if it were one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from inspect import isawaitable
from threading import Thread
from typing import Any, cast

from sidecar_bridge import AsyncHost, Host
from sidecar_bridge._serve.hello import Hello

END = object()


class Called:
    """Something of asyncio, called from a thread beside its event loop as its blocking twin is called.

    What is awaited there is waited for here, a block is `with`, a loop is `for`, and what comes of it is called alike.
    """

    def __init__(self, of_asyncio: Any, loop: asyncio.AbstractEventLoop) -> None:
        """Call it in that loop."""
        self._of_asyncio = of_asyncio
        self._loop = loop

    @property  # type: ignore[misc] # mocks do this too
    def __class__(self) -> Any:
        """The blocking twin, for `isinstance`."""
        made = type(self._of_asyncio)
        twin = getattr(import_module(made.__module__.replace("async_", "")), made.__name__.removeprefix("Async"), None)
        return twin or Called

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._of_asyncio, name)
        if not callable(found):
            return self._given(found)

        def call(*args: Any, **named: Any) -> Any:
            return self._wait(lambda: found(*map(taken, args), **{name: taken(each) for name, each in named.items()}))

        return call

    def __enter__(self) -> Any:
        return self._wait(self._of_asyncio.__aenter__)

    def __exit__(self, *error: object) -> Any:
        return self._wait(lambda: self._of_asyncio.__aexit__(*error))

    def __iter__(self) -> Iterator[Any]:
        items = aiter(self._of_asyncio)
        while (item := self._wait(lambda: anext(items, END))) is not END:
            yield item

    def _wait(self, begin: Callable[[], Any]) -> Any:
        async def done() -> Any:
            begun = begin()
            return await begun if isawaitable(begun) else begun

        return self._given(asyncio.run_coroutine_threadsafe(done(), self._loop).result())

    def _given(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._given(each) for each in value]
        is_of_asyncio = type(value).__name__.startswith("Async") or hasattr(value, "__aenter__")
        return Called(value, self._loop) if is_of_asyncio else value


def taken(value: Any) -> Any:
    """What asyncio is given for an argument."""
    return value._of_asyncio if type(value) is Called else value


@contextmanager
def blocking(hello: Hello) -> Iterator[Host]:
    """A `Host`."""
    with Host(hello.host_path, hello.token) as host:
        yield host


@contextmanager
def asynchronous(hello: Hello) -> Iterator[Host]:
    """An `AsyncHost` in an event loop of its own."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        with Called(AsyncHost(hello.host_path, hello.token), loop) as host:
            yield cast("Host", host)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


Twin = Callable[[Hello], AbstractContextManager[Host]]
TWINS: tuple[Twin, ...] = (blocking, asynchronous)
