"""How a call is undone, for both twins: what the header `Bridge-Undo` says, see `docs/wire.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sidecar_bridge._client.errors import TransportError
from sidecar_bridge._native import encode_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sidecar_bridge._client import wire


class Undo(NamedTuple):
    """A command that undoes another one.

    Attributes:
        command: Its name, such as `plugin:resources|close`.
        args: Its arguments.
        answer: Further arguments by JSON Pointers (RFC 6901) into the answer of the other: `{"rid": "/0"}`; the empty
            pointer is the whole answer.
        anywhere: Whether what the other made is the app's, and stays when the window closes in which that ran.
    """

    command: str
    args: Mapping[str, object] = {}
    answer: Mapping[str, str] = {}
    anywhere: bool = False

    def header(self) -> str:
        """Give what the header says; `TypeError` or `ValueError` for arguments that are not JSON."""
        order: dict[str, object] = {"command": self.command, "args": dict(self.args), "answer": dict(self.answer)}
        if self.anywhere:
            order["anywhere"] = True
        return encode_json(order, f"the arguments of command `{self.command}`").decode()


class Made(NamedTuple):
    """What a call made.

    Attributes:
        answer: The command's answer.
        number: Under which the host undoes it; empty if the command made nothing.
        window: The label of the window that the command ran in.
    """

    answer: Any
    number: str
    window: str


def made(reply: wire.Reply, answer: Any) -> Made:
    """Read what the reply says beside its answer."""
    if reply.undo is None:
        return Made(answer, "", "")
    number, separator, window = reply.undo.partition("; window=")
    if not separator:
        msg = f"the host said `{reply.undo}` of how a call is undone; it may be older than this package"
        raise TransportError(msg)
    return Made(answer, number, window)
