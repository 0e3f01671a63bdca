"""What a command sends while it runs, for blocking code: callbacks, where asyncio has channels to iterate over."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@contextmanager
def receiving(channels: Mapping[str, Callable[[Any], object]]) -> Iterator[Callable[[str, Any], object]]:
    """Give what takes the name of a channel and a message, for one call: it calls what was given for the channel."""
    yield lambda name, message: channels[name](message)
