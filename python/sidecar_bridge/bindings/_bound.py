# Generated from `bindings/_async_bound.py` by `python/tools/blocking.py`: do not edit.

"""The app's commands and events through one host, for blocking code: the bases of the classes that are generated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sidecar_bridge._client import wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sidecar_bridge._client.events import Events
    from sidecar_bridge._client.host import Host
    from sidecar_bridge.bindings._descriptions import Command, EventType

_T = TypeVar("_T")


class BoundCommands:
    """The app's commands, through one host, for blocking code."""

    def __init__(self, host: Host, *, window: str | None = None, timeout_s: float | None = None) -> None:
        """Run commands through `host`, in the named `window` or else the first, each within `timeout_s` seconds."""
        from sidecar_bridge._client.host import link_of  # noqa: PLC0415 - loaded with the host

        self._link = link_of(host)
        self._window = window
        self._timeout_s = timeout_s

    def _call(self, command: Command, *arguments: Any) -> _T:  # type: ignore[type-var, unused-ignore] # as the caller is declared
        if not command.has_channels:
            request = command.request(arguments, self._window)
            return command.result(self._link.exchange(request, self._timeout_s))  # type: ignore[no-any-return]
        from sidecar_bridge._client.callback import receiving  # noqa: PLC0415 - few calls need it
        from sidecar_bridge._client.calls import reply_with_messages  # noqa: PLC0415 - few calls need it

        with receiving(command.channels(arguments)) as receive:
            request = command.request(arguments, self._window)
            read = command.message_reader()
            reply = reply_with_messages(self._link, request, self._timeout_s, read, receive)
            return command.result(reply)  # type: ignore[no-any-return]


class Event(Generic[_T]):
    """One event of the app, for blocking code."""

    def __init__(self, host: Host, event: EventType) -> None:
        """Made by the generated class."""
        from sidecar_bridge._client.host import link_of  # noqa: PLC0415 - loaded with the host

        self._link = link_of(host)
        self._event = event

    def listen(
        self,
        *,
        window: str | None = None,
        on_lost: Callable[[int | None], object] | None = None,
        timeout_s: float | None = None,
    ) -> AbstractContextManager[Events[_T]]:
        """Subscribe: `with events.progress.listen() as stream: ...`; else as `Host.listen`."""
        from sidecar_bridge._client.events import listen  # noqa: PLC0415 - emitting does not need it

        return listen(self._link, self._event.name, window, timeout_s, self._event.decode, on_lost=on_lost)

    def emit(
        self, payload: _T, *, target: str | None = None, window: str | None = None, timeout_s: float | None = None
    ) -> None:
        """Emit the event to every listener, or only to those of the label `target`; else as `Host.emit`."""
        request = wire.emit_json(self._event.name, self._event.encode(payload), target, window)
        self._link.ask(request, timeout_s)


class BoundEvents:
    """The app's events, through one host, for blocking code."""

    def __init__(self, host: Host) -> None:
        """Emit and listen through `host`."""
        self._host = host
