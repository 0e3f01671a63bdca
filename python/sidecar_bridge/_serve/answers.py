"""The outermost layer around the app: what goes wrong at the end of one answer harms no other request.

uvicorn closes a connection when an app raises after its answer, or sends a body where there is none. To the client the
answer was whole before that, so that the host may have sent the next request on that connection: the request fails,
though it was perhaps carried out.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from sidecar_bridge._client.open_ends import present_page
from sidecar_bridge._serve.exchange import Exchange
from sidecar_bridge._serve.lifespan import run_lifespan

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Message, Receive, Send], Awaitable[Any]]

_CLIENT = ("127.0.0.1", 0)
_SERVER = ("localhost", 80)
"""Both ends of the socket as apps expect them: a Unix socket has no address and no port."""

_logger = logging.getLogger("uvicorn.error")


class Answers:
    """An ASGI app around the served one, and what the served one answers just now."""

    def __init__(self, app: App) -> None:
        """Run `app` for each request."""
        self._app = app
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: dict[asyncio.Task[Any], Exchange | None] = {}
        self._is_ending = False

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, or run the lifespan."""
        kind = scope["type"]
        if kind == "lifespan":
            await run_lifespan(self._app, scope, receive, send)
            return
        scope["client"], scope["server"] = _CLIENT, _SERVER
        if self._loop is None:
            # Once: in Python 3.11 it takes a system call, that each request would make.
            self._loop = asyncio.get_running_loop()
        task = asyncio.current_task(self._loop)
        assert task is not None  # noqa: S101 - uvicorn makes one for each request
        exchange = None
        if kind == "http":
            cycle = receive.__self__  # type: ignore[attr-defined] # as uvicorn calls its app
            present_page.set(cycle)
            exchange = Exchange(cycle)
        self._running[task] = exchange
        try:
            if exchange is None:
                await self._app(scope, receive, send)
                return
            result = await self._app(scope, exchange.receive, exchange.send)
            if result is not None:
                _logger.error("ASGI callable should return None, but returned '%s'.", result)
            if exchange.is_over is not None:
                await exchange.end()
        except BaseException as error:
            await self._fail(exchange, error)
        finally:
            del self._running[task]

    def streams(self) -> set[asyncio.Task[Any]]:
        """Give the tasks that last for as long as their pages like; from now on a cancellation is nothing to report."""
        self._is_ending = True
        return {task for task, exchange in self._running.items() if exchange is None or exchange.is_stream}

    async def _fail(self, exchange: Exchange | None, error: BaseException) -> None:
        """Raise the error for uvicorn, or report it if the client has its answer already."""
        is_wanted = self._is_ending and isinstance(error, asyncio.CancelledError)
        if exchange is not None and exchange.is_whole:
            await exchange.end()
            if not is_wanted:
                # `sys.exit` too: no request ends the server.
                when = "" if exchange.tells_failure else ", after its answer"
                _logger.error("Exception in ASGI application%s\n", when, exc_info=error)
        elif not is_wanted:
            # At the end the server cancels, and closes the connection of an answer that is not whole.
            raise error
