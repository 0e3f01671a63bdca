"""What a command sends while it runs, for blocking code: callbacks, where asyncio has channels to iterate over."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sidecar_bridge._client.reading import check_names, message_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Never

    from typing_extensions import TypeForm

_T = TypeVar("_T")


class Channel(Generic[_T]):
    """A function for the messages of one channel, each of which is a value of a type: `Channel(show, Progress)`.

    A function by itself gets the messages as JSON has them.
    """

    def __init__(self, function: Callable[[_T], object], returns: TypeForm[_T]) -> None:
        """Call `function` with each message, read as `returns`; `Host.invoke` says which types there are.

        A message of another type ends the call with an `UnexpectedTypeError`.
        """
        self._function = function
        self._returns: Any = returns

    def __call__(self, message: _T) -> object:
        """Take a message."""
        return self._function(message)


def reading(channels: Mapping[str, Callable[[Never], object]], command: str) -> Callable[[str, str | bytes], Any]:
    """Give the function that makes a value of a channel's name and a message."""
    returns = {name: each._returns if isinstance(each, Channel) else object for name, each in channels.items()}
    return message_reader(returns, command)


@contextmanager
def receiving(channels: Mapping[str, Callable[[Never], object]]) -> Iterator[Callable[[str, Any], object]]:
    """Give the function that takes a channel's name and a message, for one call, and calls that channel's callback."""
    check_names(channels)
    for name, each in channels.items():
        _check(name, each)
    yield lambda name, message: channels[name](message)


def _check(name: str, channel: object) -> None:
    if not callable(channel):
        msg = f"channel `{name}` is of type {type(channel).__name__}; give a function, or `Channel(function, Progress)`"
        raise TypeError(msg)
