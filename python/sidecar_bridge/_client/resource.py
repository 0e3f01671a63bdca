# Generated from `_client/async_resource.py` by `python/tools/blocking.py`: do not edit.

"""What a call made in the app, and who holds it, for blocking code."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar, overload

from sidecar_bridge._client import wire
from sidecar_bridge._client.collected import may_end, when_collected
from sidecar_bridge._client.errors import (
    BridgeError,
    CommandError,
    NotFoundError,
    ProblemError,
    ResourceClosedError,
    TransportError,
    UnauthenticatedError,
    UnavailableError,
)
from sidecar_bridge._client.failure import beside, is_gone
from sidecar_bridge._client.headers import checked
from sidecar_bridge._client.reading import shape_of
from sidecar_bridge._client.undo import Made, Undo, made

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Protocol, Self

    from typing_extensions import TypeForm

    from sidecar_bridge._client.link import Link

    class Caller(Protocol):
        """What runs commands over a link: a host, and each plugin of a host."""

        _link: Link


_T = TypeVar("_T")


def invoke_undoably(
    host: Caller,
    command: str,
    args: Mapping[str, object] | bytes | None = None,
    *,
    undo: Undo,
    returns: Any = object,
    window: str | None = None,
    headers: Mapping[str, str] | None = None,
    timeout_s: float | None = None,
) -> Made:
    """Run a command as `Host.invoke` does, which the host undoes by `undo` when this sidecar's generation ends.

    A command whose caller leaves before its answer has come is undone then.
    """
    request = wire.invoke(command, args, window, headers=checked(headers), undo=undo.header())
    reply = host._link.exchange(request, timeout_s)
    return made(reply, shape_of(returns).reply(reply, f"the answer of command `{command}`"))


class Resource:
    """Something that this sidecar made in the app: a menu, an image, an open file, a shortcut, a child process.

    It ends with `close`, with the block of `with`, when nobody has the handle any more, with its window, and at
    the latest with this sidecar's generation. So nothing is left behind, however the sidecar ends.

    The handle stands for its number in the arguments of commands.
    """

    _is_the_apps = False
    """Whether what was made stays when its window closes, such as a child process."""
    _closes_within_s: float | None = None
    """How long the end of its block waits, in seconds."""

    def __init__(self, host: Caller, made: Made, rid: int | None) -> None:
        """Hold what a call made, under the number `rid` that commands know it by, if it has one."""
        self._link = host._link
        self._rid = rid
        self._window = made.window
        self._number = made.number
        self._process = os.getpid()
        self._ended = ""
        self._finalizer = when_collected(self, self._link, made.number)

    @classmethod
    def _make(
        cls,
        host: Caller,
        command: str,
        args: Mapping[str, object] | bytes | None = None,
        *,
        undo: Undo,
        rid: int | str | None = None,
        window: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Self:
        """Run a command that makes one; its number is the answer, or what has the index or name `rid` in the answer.

        Raises:
            BridgeError: The command made nothing; else as `Host.invoke`.
        """
        call = invoke_undoably(host, command, args, undo=undo, window=window, headers=headers, timeout_s=timeout_s)
        if not call.number:
            msg = (
                f"command `{command}` made nothing that could be undone: its answer is {call.answer!r}; if it did make "
                "something, the host is older than this package: update the plugin"
            )
            raise BridgeError(msg)
        number = call.answer if rid is None else call.answer[rid]
        handle = cls(host, call, number if isinstance(number, int) else None)
        handle._is_the_apps = undo.anywhere
        return handle

    def __repr__(self) -> str:
        state = f"{self._ended}, " if self._ended else ""
        return f"<{type(self).__name__} {self._rid} ({state}window {self._window!r})>"

    def __enter__(self) -> Self:
        self._check()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.close(timeout_s=self._closes_within_s)
        except BridgeError as failed:
            beside(error, self, failed)

    def __bridge_json__(self) -> int | None:
        """Give what stands for it in the arguments of a command; `ResourceClosedError` once it has ended."""
        return self.rid

    @property
    def rid(self) -> int | None:
        """The number by which commands know it; `None` for what has none, such as a shortcut.

        Raises:
            ResourceClosedError: It has ended.
        """
        self._check()
        return self._rid

    @property
    def window(self) -> str:
        """The label of the window that it belongs to, in which its commands run."""
        return self._window

    @property
    def is_closed(self) -> bool:
        """Whether it was closed, or is known to have ended."""
        return bool(self._ended)

    def close(self, *, timeout_s: float | None = None) -> None:
        """Undo what made it; a second time does nothing. What a forked child closes of its parent's stays.

        Raises:
            CommandError: What undoes it answered with an error.
            PermissionDeniedError: The ACL does not grant what undoes it, such as `core:resources:allow-close`.
            TransportError: No answer came; the end of this sidecar's generation undoes it then. A host that is gone is
                no error: what it had went with it.
        """
        self._finish("closed", wire.undo(self._number), timeout_s)

    def leave(self, *, timeout_s: float | None = None) -> None:
        """Let it stay in the app as it is, also when this sidecar ends; the handle is closed."""
        self._finish("left to the app", wire.forget_undo(self._number), timeout_s)

    def _finish(self, how: str, request: wire.Request, timeout_s: float | None) -> None:
        # A handle that has ended with its window may be of something that is there still.
        if not self._finalizer.alive:
            return
        is_ours = may_end(self, self._link, self._process)
        self._ended = how if is_ours else "left to the process that made it"
        self._finalizer.detach()
        if not is_ours:
            return
        try:
            self._link.ask(request, timeout_s)
        except (NotFoundError, UnauthenticatedError, UnavailableError):
            # It went with its window or with an earlier generation, or goes with this one, whose app ends.
            return
        except TransportError as error:
            if not is_gone(error):
                raise

    @overload
    def _invoke(
        self,
        command: str,
        args: Mapping[str, object] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> object: ...
    @overload
    def _invoke(
        self,
        command: str,
        args: Mapping[str, object] | None = None,
        *,
        returns: TypeForm[_T],
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> _T: ...
    def _invoke(
        self,
        command: str,
        args: Mapping[str, object] | None = None,
        *,
        returns: Any = object,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Any:
        """Run a command on it, in its window: `{"rid": self}` among the arguments."""
        self._check()
        request = wire.invoke(command, args, self._window, headers=checked(headers))
        try:
            reply = self._link.exchange(request, timeout_s)
            return shape_of(returns).reply(reply, f"the answer of command `{command}`")
        except ProblemError as error:
            self._check_end(error)
            raise

    def _check_end(self, error: ProblemError) -> None:
        """Raise `ResourceClosedError` if a refusal says that it is there no more."""
        if isinstance(error, UnauthenticatedError):
            self._ended = "gone with an earlier generation of this sidecar"
        elif isinstance(error, NotFoundError) and error.problem.detail.startswith(f"no window `{self._window}`"):
            self._ended = "gone with its window"
        elif isinstance(error, CommandError) and error.error == f"The resource id {self._rid} is invalid.":
            self._ended = "closed by the app"
        else:
            return
        if not (self._is_the_apps and isinstance(error, NotFoundError)):
            self._finalizer.detach()
        raise ResourceClosedError(repr(self)) from error

    def _check(self) -> None:
        if self._ended:
            raise ResourceClosedError(repr(self))
