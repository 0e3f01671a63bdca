"""The typed commands say what Tauri took and read what it gave, in one app with all plugins: `data/tauri-seen.json`."""

from __future__ import annotations

from typing import Any

import pytest
from mirror import SEEN, Method, UnsayableError, methods

from sidecar_bridge.testing import FakeHost, FakeWindow

BY_COMMAND: dict[str, list[Method]] = {}
for each in methods():
    BY_COMMAND.setdefault(f"{each.plugin}|{each.command['command']}", []).append(each)

ACCEPTED = [row for row in SEEN if "refused" not in row]
REFUSED = [row for row in SEEN if "refused" in row]

MISSPELT = {"alt_text", "color"}
"""Arguments that Tauri ignored without a word: nobody can send them here."""

NARROWER = {
    "notification|notify": {"options": {}},  # a notification without a title
    "shell|kill": {"cmd": "killChild", "pid": 4126},  # the wrapper's word, which the command does not read
    "window|set_cursor_icon": {"label": "main", "value": "pointer"},  # any word is taken for the arrow
}
"""What Tauri took, and a caller here cannot say."""

UNCHECKED = ("expected i32", "cannot traverse directory", "invalid digit")
"""What is refused by Tauri alone: the size of a number, `..` in a path, the letters of a colour."""


UNSEEN = sorted(
    [
        # They end something: `tests/desktop/test_ends.py`.
        *("app|exit", "process|exit", "process|restart", "window|close", "webview|webview_close"),
        # On other systems alone.
        *("window|set_badge_label", "window|set_overlay_icon"),
    ]
)
"""Commands that nobody has seen succeed there."""


def sayable(row: dict[str, Any]) -> tuple[Method, list[Any], dict[str, Any]]:
    problems = []
    for method in BY_COMMAND[row["command"]]:
        try:
            return method, *method.arguments(row.get("args", {}))
        except UnsayableError as error:
            problems.append(error)
    raise problems[0]


def name_of(row: dict[str, Any]) -> str:
    return f"{row['command']} {row.get('args', '')}"[:80]


@pytest.mark.parametrize("row", ACCEPTED, ids=name_of)
async def test_what_tauri_took_is_what_is_sent(row: dict[str, Any], tauri: FakeHost) -> None:
    args = row.get("args", {})
    if MISSPELT & args.keys() or NARROWER.get(row["command"]) == args:
        with pytest.raises(UnsayableError):
            sayable(row)
        return
    if row["command"] == "path|resolve_directory" and args.get("path") and args["directory"] != 11:
        pytest.skip("a path below another directory than that of resources is joined in Python")
    method, loose, named = sayable(row)
    label = args.get("label") if method.plugin in {"window", "webview"} else None
    tauri.windows.setdefault(label or "main", FakeWindow())
    tauri.answers(method.name, bytes(row["bytes"]) if "bytes" in row else row["answer"])
    await method.of(tauri.async_host, label)(*loose, **named)
    (call,) = (each for each in tauri.calls if each.command == method.name)
    assert call.window == label
    assert without_nothing(call.args) == without_nothing({k: v for k, v in args.items() if k != "label" or not label})


@pytest.mark.parametrize("row", REFUSED, ids=name_of)
async def test_what_tauri_refused_cannot_be_sent(row: dict[str, Any], tauri: FakeHost) -> None:
    if any(part in row["refused"] for part in UNCHECKED):
        return
    try:
        method, loose, named = sayable(row)
        tauri.answers(method.name, [])
        await method.of(tauri.async_host)(*loose, **named)
    except (UnsayableError, TypeError, ValueError):
        assert not tauri.calls
    else:
        # What a caller leaves out here is sent all the same.
        missing = row["refused"].rpartition("missing required key ")[2]
        assert missing in tauri.calls[0].args


def test_nearly_every_typed_command_was_seen() -> None:
    unseen = BY_COMMAND.keys() - {row["command"] for row in ACCEPTED}
    assert sorted(unseen) == UNSEEN


def without_nothing(value: Any) -> Any:
    """Leave out what is null or empty: for Tauri that is the same as not to send it, where it may be missing."""
    if isinstance(value, dict):
        return {key: without_nothing(each) for key, each in value.items() if each is not None and each not in ({}, [])}
    return value
