"""For every command of the gallery: calls, and what becomes of them."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from pydantic import AnyUrl
from sidecar_bridge import CommandError

from app import description, names, samples
from bindings import (
    AVeryLongNameOfATypeThatDoesNotFitOnOneLineOfPythonTogetherWithAnythingElseThatStandsThereWithIt,
    Awkward,
    Commands,
    EmptyAndOld,
    Integers,
    Message,
    Page,
    Point,
    Progress,
    Refusal,
    RefusalCommandError,
    Task,
    TaskCommandError,
    TaskError,
    Urgency,
    Wide,
)


class Case(NamedTuple):
    """One call."""

    arguments: tuple[Any, ...] = ()
    gives: Any = None
    sends: tuple[list[Any], ...] = ()
    """What comes through each of its channels, which are its last arguments."""
    raises: type[CommandError] | None = None
    error: Any = None
    refused: str | None = None
    """Why Tauri does not run the command, where no caller could say it otherwise."""
    warns: str | None = None
    """What the deprecation says."""


# Values of types that are no structs or enums, and of generic ones that the samples do not have.
VALUES: dict[str, list[Any]] = {
    "echo_bool": [True, False],
    "echo_u8": [0, 255],
    "echo_i64": [-(2**63), 2**63 - 1],
    "echo_u64": [0, 2**53 + 1, 2**64 - 1],
    "echo_f64": [0.1, -0.0, 5e-324, 1.7976931348623157e308, 3.0],
    "echo_char": ["a", "\0", "ü", "\U0001f41b"],
    "echo_text": ["", "grüße\u2028\r\n", "\U0001f468\u200d\U0001f469"],
    "echo_unit": [None],
    "echo_option": [None, 0, 2**32 - 1],
    "echo_list": [[], [None, Point(x=1, y=-1)]],
    "echo_array": [[0, 1, 2, 65535]],
    "echo_tuple": [(1, "a", Point(x=0, y=0))],
    "echo_map": [{}, {"": [], "ü": [1, 255]}],
    "echo_number_map": [{}, {0: Point(x=0, y=0), 2**32 - 1: Point(x=1, y=1)}],
    "echo_value": [None, True, 2**64 - 1, -0.5, "text", [[], {}], {"a": {"$ref": None}}],
    "echo_uuid": [uuid.UUID(int=0), uuid.UUID(int=2**128 - 1)],
    "echo_url": [AnyUrl("https://example.org/a?b=c#d"), AnyUrl("mailto:someone@example.org")],
    "echo_date": [date(1, 1, 1), date(2024, 2, 29), date(9999, 12, 31)],
    "echo_date_time": [datetime(2024, 2, 29, 23, 59, 59, 999999, UTC)],
    "echo_bytes": [b"", bytes(range(256))],
    "echo_wide": [Wide(signed=-1, unsigned=2**64 - 1, perhaps=None)],
    "echo_not_empty": ["ü"],
    "echo_wrapper": [[], [True, False]],
}
REFUSED: dict[str, list[tuple[Any, str]]] = {
    # The host refuses integers that would be parsed as floats,
    "echo_wide": [(Wide(signed=-(2**63) - 1, unsigned=0, perhaps=None), "`$.value.signed`: an integer beyond 64 bits")],
}
JSON: dict[str, list[str]] = {
    "echo_either": ['{"Left":7}', '{"Right":"seven"}'],
    "echo_both": ['{"first":{"x":1,"y":2},"second":null}', '{"first":{"x":1,"y":2},"second":true}'],
    "echo_loaded": ['{"state":"pending"}', '{"state":"ready","value":{"items":["a"],"next":null}}'],
}


def _parameter(command: str) -> Any:
    (shape,) = description(command)._values.values()
    return shape


def _values(command: str) -> list[Any]:
    if command in JSON:
        return list(map(description(command).codec.decoder(_parameter(command)), JSON[command]))
    return VALUES[command] if command in VALUES else samples(_parameter(command))


def _echoes() -> dict[str, list[Case]]:
    commands = [name for name in names(Commands) if name.startswith("echo_")]
    cases = {}
    for command in commands:
        refused = [Case((value,), refused=why) for value, why in REFUSED.get(command, [])]
        arguments = [case.arguments for case in refused]
        given = [Case((value,), value) for value in _values(command) if (value,) not in arguments]
        cases[command] = refused + given
    return cases


def _fails() -> dict[str, list[Case]]:
    values: dict[str, list[Any]] = {
        "fail_text": ["", "it failed"],
        "fail_number": [0, 2**32 - 1],
        "fail_optional": [None, TaskError.NOT_FOUND],
        "fail_tuple": [(1, "a")],
        "fail_unit": [None],
        "fail_page": [Page[TaskError](items=[TaskError.LOCKED], next=None)],
    }
    cases = {}
    for command in names(Commands):
        if command.startswith("fail_"):
            raises = description(command)._error
            # Without an exception of its own a command's error is plain JSON.
            shown = _plain if raises is CommandError else _itself
            given = values.get(command) or samples(_parameter(command))
            cases[command] = [Case((value,), raises=raises, error=shown(value)) for value in given]
    return cases


def _itself(value: Any) -> Any:
    return value


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _one(shape: Any) -> Any:
    return next(islice(samples(shape), 3, None))


def _awkward() -> dict[str, list[Case]]:
    long = _one(AVeryLongNameOfATypeThatDoesNotFitOnOneLineOfPythonTogetherWithAnythingElseThatStandsThereWithIt)
    return {
        "keywords": [Case((1, 2, 3, 4), [1, 2, 3, 4, 0]), Case((1, 2, 3, 4, 5), [1, 2, 3, 4, 5])],
        "builtins": [Case(([1], "a", {"x": -1}, 2, True), ([1], "a"))],
        "optional_first": [Case((None, 1), (None, 1, None, None)), Case((1, 2, 3, "4"), (1, 2, 3, "4"))],
        "only_optional": [Case((None, None), False), Case((1, None), True), Case((None, {"a": 1}), True)],
        "list_": [Case((), {})],
        "import_": [Case((), 1)],
        "print": [Case(({"a": [None]},), {"a": [None]}), Case((None,), None)],
        "old_count": [Case((), None, warns="use `count`")],
        "older_count": [
            Case((Urgency.IT_S_NOW,), 1, warns="do not use it in new code"),
            Case((), raises=CommandError, error="of what?", warns="do not use it in new code"),
        ],
        "documented": [Case()],
        "with_many_arguments": [
            Case(("a", "b", [Urgency.NOT_TODAY], _one(Integers), _one(Awkward)), EmptyAndOld()),
        ],
        "a_command_with_a_name_that_is_so_long_that_it_hardly_fits_on_one_line_of_python": [Case((long,), long)],
        "say_it": [Case(("ab", 3), "ababab")],
        "named_as_in_rust": [Case(("a", 1, 2), ("a", 1, 2)), Case(("a", None, 2), ("a", None, 2))],
        "named_as_in_javascript": [Case(("a", 1, 2), ("a", 1, 2)), Case(("a", None, 2), ("a", None, 2))],
        "find_tasks": [
            Case(("x",), []),
            Case(("",), raises=TaskCommandError, error=TaskError.NOT_FOUND),
            Case(("x", 0), raises=TaskCommandError, error=TaskError.LOCKED),
        ],
        "store": [
            Case(("it", _one(Task), Urgency.IT_S_NOW)),
            Case((None, _one(Task)), raises=RefusalCommandError, error=Refusal(reason="it is not the first")),
        ],
        "count": [Case((Urgency.NOT_TODAY,), 0), Case((Urgency.IT_S_NOW,), 1)],
        "divide": [
            Case((-7, 2), -3),
            Case((1, 0), raises=CommandError, error="1 cannot be divided by 0"),
        ],
        "always_fine": [Case((), Point(x=1, y=-1))],
    }


def _channels() -> dict[str, list[Case]]:
    messages, tasks = samples(Message), samples(Task)
    points = [Point(x=n, y=n) for n in range(5)]
    pages = [Page[Point](items=points[n : n + 2], next=None) for n in (0, 2, 4)]
    return {
        "count_as_in_rust": [Case((3,), sends=([1, 2, 3],))],
        "count_up": [Case((0,), sends=([],)), Case((1000,), sends=([*range(1, 1001)],))],
        "work": [Case((4,), 4, ([Progress(percent=n * 25.0, note=None) for n in range(1, 5)],))],
        "replay": [Case((messages,), sends=(messages,))],
        "sort_out": [Case(([*range(-50, 50)],), sends=([*range(-50, 50, 2)], [*range(-49, 50, 2)]))],
        "watch_tasks": [Case((tasks,), sends=([*tasks, None],))],
        "pages": [Case((points, 2), 3, (pages, ["3 pages"])), Case(([], 0), 0, ([], ["0 pages"]))],
    }


def _raw() -> dict[str, list[Case]]:
    large = bytes(range(256)) * 4096
    return {
        "reverse_bytes": [Case((data,), data[::-1]) for data in (b"", b"abc", large)],
        "cut_bytes": [Case((b"abcde", 2), b"abcde", ([b"ab", b"cd", b"e"],)), Case((b"", 2), b"", ([],))],
    }


def _special() -> dict[str, list[Case]]:
    return {
        "ping": [Case()],
        "ping_later": [Case()],
        "app_name": [Case((), "gallery")],
        "window_label": [Case(("it is ",), "it is main")],
        "labels": [Case((), ("main", "main"))],
    }


def _emits() -> dict[str, list[Case]]:
    commands = [name for name in names(Commands) if name.startswith("emit_") and name != "emit_finished"]
    cases = {command: [Case((value,)) for value in samples(_parameter(command))] for command in commands}
    return cases | {"emit_finished": [Case()]}


@cache
def cases() -> dict[str, list[Case]]:
    """Give calls of every command; `count_call` and `calls_so_far`, which remember, have a test of their own."""
    return _echoes() | _fails() | _awkward() | _channels() | _raw() | _special() | _emits()
