"""What all plugins have in common, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.failure import no_answer_of_tauri

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from sidecar_bridge._client.async_link import AsyncLink

_T = TypeVar("_T")


class AsyncPlugin:
    """A plugin of Tauri, whose commands are methods; each needs its own permission.

    Every method raises what `AsyncHost.invoke` raises, and `TypeError` or `ValueError` for an argument that Tauri would
    not take, before anything is sent.
    """

    _prefix: ClassVar[str]

    def __init__(self, link: AsyncLink, label: str | None, timeout_s: float | None) -> None:
        """Made by `AsyncHost`."""
        self._link = link
        self._label = label
        self._timeout_s = timeout_s

    def __repr__(self) -> str:
        return f"{type(self).__name__}(label={self._label!r})"

    def using(self, *, window: str | None = None, timeout_s: float | None = None) -> Self:
        """Give the same commands, called in another window, or with a limit for each call, in seconds."""
        return type(self)(self._link, self._label if window is None else window, timeout_s)

    async def _call(self, command: str, args: dict[str, object], read: Callable[[Any], _T]) -> _T:
        # The command runs in the window itself: a label in `args` would let the first window's grants decide.
        request = wire.invoke(self._prefix + command, args, self._label)
        value = wire.decode(await self._link.exchange(request, self._timeout_s))
        return as_read(read, value, f"the answer of command `{self._prefix}{command}`")


def as_read(read: Callable[[Any], _T], value: object, what: str) -> _T:
    """Give what `read` makes of something of Tauri's; `UnexpectedTypeError` if it is not what that is."""
    try:
        return read(value)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise no_answer_of_tauri(what, f"has {error}") from error
