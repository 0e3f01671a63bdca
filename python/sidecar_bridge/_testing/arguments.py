"""Arguments as Tauri reads them: by their names and types in Rust."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sidecar_bridge._testing.call import refuse_argument
from sidecar_bridge._testing.replies import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sidecar_bridge._testing.call import Call

_TEXTS = {"String", "str", "PathBuf", "SafeFilePath", "MenuId"}
_EVENT = re.compile(r"[\w/:-]+")
_NUMBERS = {"ResourceId": "u32", "ChildId": "u32"}


def wrong_name(event: str) -> str:
    """Say why Tauri refuses the name of an event; nothing if it does not."""
    if _EVENT.fullmatch(event):
        return ""
    return f"`{event}` is not an event name; use letters, digits, -, /, : and _"


def check_name(event: str) -> None:
    """Refuse the name of an event that an app listens to, as the host does."""
    if wrong := wrong_name(event):
        raise Refused("invalid_argument", wrong)


def check_emitted(event: str) -> None:
    """Refuse the name of an event that an app emits, in Tauri's words."""
    if wrong_name(event):
        why = "Event name must include only alphanumeric characters, `-`, `/`, `:` and `_`."
        refuse_argument("plugin:event|emit", "event", why)


def read(body: bytes) -> dict[str, Any]:
    """Read the arguments of a call, and refuse what is no map of them, as the host does."""
    args = json.loads(body or b"{}")
    if not isinstance(args, dict):
        why = "expected a map from the arguments' names to their values; see GET /openapi.json"
        raise Refused("invalid_argument", f"the body does not fit: {why}")
    return args


def check(call: Call, takes: Mapping[str, str], channels: Sequence[str]) -> None:
    """Refuse a call that has not what `takes` says, a type of Rust by name. Tauri ignores what it does not know.

    The host puts `channels` among the arguments, those that last as long as the call.
    """
    bare = call.command.rpartition("|")[2]
    for name, kind in takes.items():
        if name in channels:
            continue
        is_optional = kind.startswith("Option<")
        if not isinstance(call.args, dict):
            if not is_optional:
                why = f"command {bare} expected a value for key {name} but the IPC call used a bytes payload"
                refuse_argument(call.command, name, why)
            continue
        value = call.args.get(name)
        if value is None and is_optional:
            continue
        if name not in call.args:
            refuse_argument(call.command, name, f"command {bare} missing required key {name}")
        if wrong := _wrong(kind[len("Option<") : -1] if is_optional else kind, value):
            refuse_argument(call.command, name, wrong)


def _wrong(kind: str, value: Any) -> str | None:
    """Say what Rust would say of a value that is not of that type; what a struct has inside is not judged."""
    if part := re.fullmatch(r"Vec<(.*)>", kind):
        if not isinstance(value, list):
            return f"invalid type: {_shown(value)}, expected a sequence"
        return next((found for each in value if (found := _wrong(part[1], each))), None)
    word = kind.replace("&'static ", "").removeprefix("&").rpartition("::")[2]
    word = _NUMBERS.get(word, word)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    is_good, wanted = True, word
    if word in _TEXTS:
        is_good, wanted = isinstance(value, str), "a string"
    elif word == "bool":
        is_good, wanted = isinstance(value, bool), "a boolean"
    elif word in {"f32", "f64"}:
        is_good = is_number
    elif re.fullmatch(r"[iu](\d+|size)", word):
        is_good = is_number and isinstance(value, int)
        if is_good and value not in _range(word):
            return f"invalid value: {_shown(value)}, expected {word}"
    return None if is_good else f"invalid type: {_shown(value)}, expected {wanted}"


def _range(kind: str) -> range:
    bits = 64 if kind.endswith("size") else int(kind[1:])
    return range(2**bits) if kind[0] == "u" else range(-(2 ** (bits - 1)), 2 ** (bits - 1))


def _shown(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return f"boolean `{str(value).lower()}`"
        case int():
            return f"integer `{value}`"
        case float():
            return f"floating point `{value}`"
        case str():
            return f'string "{value}"'
    return "sequence" if isinstance(value, list) else "map"
