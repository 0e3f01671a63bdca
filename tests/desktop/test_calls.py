"""Tauri itself takes what each method sends, in a real window, and reads every argument under the name that is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

import pytest
from sidecar_bridge import BridgeError, CommandError, Host, InvalidArgumentError, NotFoundError
from sidecar_bridge.testing import FakeHost

from desktop import DesktopError, until
from hosts import LIMIT_S
from mirror import DOCUMENT, SEEN, TYPES, Method, UnsayableError, kind_of, methods
from outcomes import ELSEWHERE, TAKEN, Outcomes
from place import Place, windows
from test_tauri_calls import sample, written

ALL = methods()
COMMANDS = {each.name.removeprefix("plugin:") for each in ALL}
ENDS = {"app|exit", "process|exit", "process|restart", "webview|webview_close", "window|close", "window|destroy"}
"""Commands that end something: `test_ends.py` has an app for each."""
MAY_HANG = {"window-state|restore_state"}
"""What is called once each way and not again and again: with tauri-plugin-window-state 2.5.0
the app hung once in many runs, its main thread and the plugin's command waiting for each other."""

ACCEPTED = [row for row in SEEN if "refused" not in row and row["command"] in COMMANDS - ENDS]
REFUSED = [row for row in SEEN if "refused" in row and row["command"] in COMMANDS]
ASKS = ("dialog|", "webview|print")
"""What opens a dialog, and waits for a person."""
WRONG: Any = [[[]]]
"""Of no type that an argument has, but for those that may be any JSON."""

NARROWER = {"notification-send", "webview-create_window"}
"""Methods that want something which Tauri can do without."""

TABLES = (
    "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, n TEXT, r REAL, b BLOB, i INTEGER, bo BOOLEAN, d DATETIME)",
    "CREATE TABLE IF NOT EXISTS t (txt TEXT, any, num NUMERIC, done INTEGER, flag BOOLEAN)",
)


def name_of(row: dict[str, Any]) -> str:
    return f"{row['command']} {json.dumps(row.get('args', ''))}"[:80]


def elsewhere(method: Method) -> bool:
    """Whether only another system has the command."""
    return "target_os" in method.command.get("only_with", "")


def takes_any(tree: Any) -> bool:
    return tree in ("json", {"list": "json"}, {"map": "json"}, {"optional": "json"})


HERE = [each for each in ALL if not elsewhere(each)]
ARGUMENTS = [(method, each["python"]) for method in HERE for each in method.method["arguments"]]


def places(tree: Any, plugin: str) -> Iterator[tuple[str | int, ...]]:
    """Where in an argument something of a certain type is, by keys and indexes."""
    if not takes_any(tree):
        yield ()
    if isinstance(tree, dict):
        (kind, inner), *_ = tree.items()
        match kind:
            case "optional":
                yield from (place for place in places(inner, plugin) if place)
            case "list":
                yield from ((0, *place) for place in places(inner, plugin))
            case "map":
                yield from (("key", *place) for place in places(inner, plugin))
            case "record":
                for member in TYPES[plugin, inner]["members"]:
                    yield from ((member["json"], *place) for place in places(member["type"], plugin))


PLACES = [
    (method, each["python"], place)
    for method in HERE
    for each in method.method["arguments"]
    for place in places(each["type"], method.plugin)
]


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeHost]:
    with FakeHost() as fake:
        yield fake


@pytest.fixture(autouse=True)
def ready(at: Place) -> None:
    """Files are as they were at first, whatever the test before has done."""
    at.files()


def prepare(host: Host, row: dict[str, Any]) -> None:
    command = row["command"]
    if command == "webview|create_webview_window":
        # The other host has made it, too.
        label, windows = row["args"]["options"]["label"], host.window("main")
        if label in windows.all_labels():
            host.window(label).destroy()
            until("its end", lambda: label not in windows.all_labels())
    if command == "clipboard-manager|read_text":
        host.clipboard.write_text("né")
    if command.startswith("sql|"):
        for database, table in zip(("sqlite:test.db", "sqlite:t14.db"), TABLES, strict=True):
            host.sql.load(database)
            host.sql.execute(database, table)


@contextmanager
def dismissing(at: Place) -> Iterator[None]:
    """Close the dialog that opens, as a person who wants nothing of it."""
    before = set(windows(at.screen))

    def dialogs() -> list[str]:
        return [window for window, title in windows(at.screen) if (window, title) not in before]

    def are_closed() -> bool:
        left = dialogs()
        for window in left:
            with suppress(DesktopError):  # it has just closed
                at.screen.run("xdotool", "windowactivate", window, "key", "Escape")
        return not left

    def close() -> None:
        until("a dialog", dialogs)
        until("its end", are_closed)

    with ThreadPoolExecutor(1) as pool:
        closed = pool.submit(close)
        yield
        closed.result()


def answering(at: Place, command: str) -> Any:
    return dismissing(at) if command.startswith(ASKS) else nullcontext()


def sayable(row: dict[str, Any], args: dict[str, Any]) -> tuple[Method, list[Any], dict[str, Any]] | None:
    for method in ALL:
        if method.name == f"plugin:{row['command']}":
            try:
                return method, *method.arguments(args)
            except UnsayableError:
                continue
    return None


@pytest.mark.parametrize("row", ACCEPTED, ids=name_of)
def test_tauri_takes_what_it_was_seen_to_take(row: dict[str, Any], at: Place, host: Host, outcomes: Outcomes) -> None:
    prepare(host, row)
    args = at.here(row.get("args", {}))
    found = sayable(row, args)
    with answering(at, row["command"]):
        if found is None:
            host.invoke(f"plugin:{row['command']}", args, timeout_s=LIMIT_S)
            return
        method, loose, named = found
        method.of(host, args.get("label"), LIMIT_S)(*loose, **named)
    outcomes.note(method, TAKEN)


@pytest.mark.parametrize("row", REFUSED, ids=name_of)
def test_tauri_refuses_what_it_was_seen_to_refuse(row: dict[str, Any], at: Place, one_host: Host) -> None:
    with pytest.raises(BridgeError) as refused:
        one_host.invoke(f"plugin:{row['command']}", at.here(row["args"]), timeout_s=LIMIT_S)
    assert at.here(row["refused"]) in str(refused.value)


def unseen() -> list[Method]:
    seen = {str(found[0]) for row in ACCEPTED if (found := sayable(row, row.get("args", {})))}
    return [each for each in ALL if str(each) not in seen and each.name.removeprefix("plugin:") not in ENDS]


@pytest.mark.parametrize("method", unseen(), ids=str)
def test_tauri_takes_what_it_was_not_seen_to_take_before(method: Method, host: Host, outcomes: Outcomes) -> None:
    loose, named = written(method)
    if elsewhere(method):
        with pytest.raises(NotFoundError):
            method.of(host, timeout_s=LIMIT_S)(*loose, **named)
        outcomes.note(method, ELSEWHERE)
        return
    method.of(host, timeout_s=LIMIT_S)(*loose)
    outcomes.note(method, TAKEN)


@pytest.mark.parametrize("method", HERE, ids=str)
def test_tauri_needs_what_is_sent_always(method: Method, one_host: Host, fake: FakeHost) -> None:
    args = least(method, fake)
    for name, kind in method.command["takes"].items():
        if name in args and not kind.startswith("Option<"):
            assert f"missing required key {name}" in refusal(one_host, method, without(args, name))
    for each in method.method["arguments"]:
        if "in" in each and not each["optional"] and str(method) not in NARROWER:
            wanting = {**args, each["in"]: without(args[each["in"]], each["json"])}
            assert f"missing field `{each['json']}`" in refusal(one_host, method, wanting)


@pytest.mark.parametrize(("method", "argument", "place"), PLACES, ids=str)
def test_tauri_reads_what_is_sent_under_its_name(
    method: Method, argument: str, place: tuple[str | int, ...], one_host: Host, fake: FakeHost
) -> None:
    (each,) = (each for each in method.method["arguments"] if each["python"] == argument)
    args = least(method, fake, argument)
    outer, *inner = (each["in"], each["json"], *place) if "in" in each else (each["json"], *place)
    assert f"argument `{outer}`: " in refusal(one_host, method, {**args, outer: instead(args[outer], inner)})


def instead(value: Any, place: list[str | int]) -> Any:
    """Give the JSON with something wrong in one place."""
    if not place:
        return WRONG
    key, *inner = place
    if isinstance(key, int):
        return [instead(value[key], inner)]
    return {**value, key: instead(value[key], inner)}


@pytest.mark.parametrize(
    ("method", "argument"),
    [each for each in ARGUMENTS if each[0].name.removeprefix("plugin:") not in ENDS | MAY_HANG],
    ids=str,
)
def test_tauri_takes_each_value_that_an_argument_may_have(method: Method, argument: str, at: Place, host: Host) -> None:
    (each,) = (each for each in method.method["arguments"] if each["python"] == argument)
    for value in values(each["type"], method.plugin):
        loose, named = written(method, **{argument: value})
        named = {name: given for name, given in named.items() if name == argument}
        with answering(at, method.name.removeprefix("plugin:")):
            try:
                method.of(host, timeout_s=LIMIT_S)(*loose, **named)
            except InvalidArgumentError as error:
                pytest.fail(f"{value!r}: {error}")
            except CommandError:
                pass  # it was read: there is no such file, no such program, …


def values(tree: Any, plugin: str) -> list[Any]:
    """Everything that may be said of a few words, and one sample of everything else."""
    if isinstance(tree, dict):
        (kind, inner), *_ = tree.items()
        match kind:
            case "optional":
                return [None, *values(inner, plugin)]
            case "literal":
                return list(inner)
            case "alias":
                return list(TYPES[plugin, inner]["literal"])
            case "enum" | "tagged":
                return list(kind_of(plugin, inner))
    return [sample(tree, plugin)]


def least(method: Method, fake: FakeHost, *arguments: str) -> dict[str, Any]:
    """What is sent when a caller gives no more than is needed, and these arguments."""
    loose, named = written(method)
    fake.fails(method.name, "sent")
    with pytest.raises(CommandError):
        method.of(fake.host)(*loose, **{name: value for name, value in named.items() if name in arguments})
    args: dict[str, Any] = fake.calls[-1].args
    return args


def without(args: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in args.items() if key != name}


def refusal(host: Host, method: Method, args: dict[str, Any]) -> str:
    with pytest.raises(InvalidArgumentError) as refused:
        host.invoke(method.name, args, timeout_s=LIMIT_S)
    return str(refused.value)


ABSENT = [
    f"plugin:{plugin['name']}|{each['command']}"
    for plugin in DOCUMENT["plugins"]
    for each in plugin["commands"]
    if each["state"] == "absent" and not plugin["left_out"]
]


@pytest.mark.parametrize("command", ABSENT)
def test_what_no_desktop_has_is_not_found(command: str, one_host: Host) -> None:
    with pytest.raises(NotFoundError):
        one_host.invoke(command, {}, timeout_s=LIMIT_S)
