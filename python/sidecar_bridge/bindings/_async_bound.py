"""The app's commands and events through one host, for asyncio: the bases of the classes that are generated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sidecar_bridge._client import wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from sidecar_bridge._client.async_events import AsyncEvents
    from sidecar_bridge._client.async_host import AsyncHost
    from sidecar_bridge.bindings._descriptions import Command, EventType

_T = TypeVar("_T")


class AsyncBoundCommands:
    """The app's commands, through one host, for asyncio."""

    def __init__(self, host: AsyncHost, *, window: str | None = None, timeout_s: float | None = None) -> None:
        """Run commands through `host`, in the named `window` or else the first, each within `timeout_s` seconds."""
        from sidecar_bridge._client.async_host import link_of  # noqa: PLC0415 - loaded with the host

        self._link = link_of(host)
        self._window = window
        self._timeout_s = timeout_s

    async def _call(self, command: Command, *arguments: Any) -> _T:  # type: ignore[type-var, unused-ignore] # as the caller is declared
        if not command.has_channels:
            request = command.request(arguments, self._window)
            return command.result(await self._link.exchange(request, self._timeout_s))  # type: ignore[no-any-return]
        from sidecar_bridge._client.async_calls import reply_with_messages  # noqa: PLC0415 - few calls need it
        from sidecar_bridge._client.async_channel import receiving  # noqa: PLC0415 - few calls need it

        with receiving(command.channels(arguments)) as receive:
            request = command.request(arguments, self._window)
            read = command.message_reader()
            reply = await reply_with_messages(self._link, request, self._timeout_s, read, receive)
            return command.result(reply)  # type: ignore[no-any-return]


class AsyncEvent(Generic[_T]):
    """One event of the app, for asyncio."""

    def __init__(self, host: AsyncHost, event: EventType) -> None:
        """Made by the generated class."""
        from sidecar_bridge._client.async_host import link_of  # noqa: PLC0415 - loaded with the host

        self._link = link_of(host)
        self._event = event

    def listen(
        self,
        *,
        window: str | None = None,
        on_lost: Callable[[int | None], object] | None = None,
        timeout_s: float | None = None,
    ) -> AbstractAsyncContextManager[AsyncEvents[_T]]:
        """Subscribe: `async with events.progress.listen() as stream: ...`; else as `AsyncHost.listen`."""
        from sidecar_bridge._client.async_events import listen  # noqa: PLC0415 - emitting does not need it

        return listen(self._link, self._event.name, window, timeout_s, self._event.decode, on_lost=on_lost)

    async def emit(
        self, payload: _T, *, target: str | None = None, window: str | None = None, timeout_s: float | None = None
    ) -> None:
        """Emit the event to every listener, or only to those of the label `target`; else as `AsyncHost.emit`."""
        request = wire.emit_json(self._event.name, self._event.encode(payload), target, window)
        await self._link.ask(request, timeout_s)


class AsyncBoundEvents:
    """The app's events, through one host, for asyncio."""

    def __init__(self, host: AsyncHost) -> None:
        """Emit and listen through `host`."""
        self._host = host
