"""What is said of jobs when they are defined. A wrong number would show much later, by a job that never begins."""

from __future__ import annotations

from typing import Any

LARGEST = 2**63 - 1
"""The largest integer in SQLite."""


def whole(what: str, value: Any, *, least: int, most: int = LARGEST) -> None:
    """Refuse what is no integer from `least` to `most`.

    Raises:
        TypeError: It is no integer.
        ValueError: It is too small or too large.
    """
    if not isinstance(value, int):
        msg = f"`{what}` is {value!r}; give an integer"
        raise TypeError(msg)
    if not least <= value <= most:
        limit = f"{least} or more" if value < least else f"{most} at most"
        msg = f"`{what}` is {value}; give {limit}"
        raise ValueError(msg)


def seconds(what: str, value: Any) -> None:
    """Refuse what is no time to wait; it may be endless, `math.inf`.

    Raises:
        TypeError: It is no number.
        ValueError: It is less than 0.
    """
    if not isinstance(value, int | float):
        msg = f"`{what}` is {value!r}; give a number of seconds"
        raise TypeError(msg)
    if not value >= 0:
        msg = f"`{what}` is {value}; give 0 or more seconds"
        raise ValueError(msg)


def text(what: str, value: Any, *, is_unicode: bool = True) -> None:
    """Refuse what is no text, or none that SQLite keeps.

    Raises:
        TypeError: It is no text.
        ValueError: It has half of a character, as names of files may have.
    """
    if not isinstance(value, str):
        msg = f"`{what}` is {value!r}; give a text"
        raise TypeError(msg)
    if not is_unicode:
        return
    try:
        value.encode()
    except UnicodeEncodeError as error:
        msg = f"`{what}` is {value!r}, which is no Unicode: {error.reason}; give another text"
        raise ValueError(msg) from None


def queue(name: str, value: Any, kind: type) -> None:
    """Refuse what is no queue.

    Raises:
        TypeError: It is of another type.
    """
    if not isinstance(value, kind):
        msg = f"queue `{name}` is {value!r}; give a `Queue`, such as `Queue(concurrency=2)`"
        raise TypeError(msg)


def executor(what: str, value: Any, kind: type) -> None:
    """Refuse what makes no executor, and is none.

    Raises:
        TypeError: It is neither `None`, nor a function, nor an executor.
    """
    if value is not None and not callable(value) and not isinstance(value, kind):
        msg = f"`{what}` is {value!r}; give a function that makes an executor, such as `lambda: ThreadPoolExecutor(4)`"
        raise TypeError(msg)
