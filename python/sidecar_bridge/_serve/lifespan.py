"""The lifespan of an app, whatever the app makes of it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Message = MutableMapping[str, Any]

_logger = logging.getLogger("uvicorn.error")


async def run_lifespan(
    app: Callable[..., Awaitable[Any]],
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """Run the app's lifespan.

    An app that raises before it has received anything has no lifespan, and is served without one: that is uvicorn's
    `lifespan="auto"`. An app that raises later has one that failed. uvicorn takes both for the former, and says nothing
    of the exception.
    """
    received: str | None = None
    answered: str | None = None

    async def receive_and_note() -> Message:
        nonlocal received
        message = await receive()
        received = message["type"]
        return message

    async def send_and_note(message: Message) -> None:
        nonlocal answered
        await send(message)
        answered = message["type"]

    try:
        await app(scope, receive_and_note, send_and_note)
    except BaseException as error:
        has_said_so = str(answered).endswith(".failed")
        if received is None or has_said_so or isinstance(error, asyncio.CancelledError):
            raise
        phase = "startup" if answered is None else "shutdown"
        _logger.error(
            'the app raised in its lifespan; serve an app that has none with lifespan="off"\n', exc_info=error
        )
        if answered is None or received == "lifespan.shutdown":
            await send({"type": f"lifespan.{phase}.failed"})
        raise
