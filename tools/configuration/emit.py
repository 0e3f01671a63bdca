"""Writes `docs/configuration.md` from the schema of the configuration, which is made from the Rust types.

    python tools/configuration/emit.py            writes the page
    python tools/configuration/emit.py --check    compares it, and writes nothing

The schema has a key's type, default, example and words. It does not have the place in the code that reads the key:
`READ_IN` does, and the page is refused when such a place no longer has the words that it stands for.
"""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schemas/config.schema.json"
PAGE = ROOT / "docs/configuration.md"

READ_IN = {
    "sidecars": ("src/bridge.rs", "config.sidecars"),
    "maxBodyBytes": ("src/server/payload.rs", "max_body_bytes"),
    "waitMs": ("src/bridge.rs", "config.waiting()"),
    "staleBindings": ("src/contract.rs", "StaleBindings"),
    "spawn.command": ("src/launch.rs", "spawn.command"),
    "spawn.cwd": ("src/supervisor/spawn.rs", "launch.cwd"),
    "spawn.env": ("src/supervisor/spawn.rs", "launch.env"),
    "spawn.keepEnv": ("src/supervisor/spawn.rs", "launch.keep_env"),
    "spawn.sha256": ("src/supervisor/digest.rs", "launch.sha256"),
    "spawn.restart": ("src/supervisor/life.rs", "launch.restart"),
    "spawn.readyTimeoutMs": ("src/supervisor/generation.rs", "launch.ready_timeout"),
    "spawn.stopTimeoutMs": ("src/supervisor/generation.rs", "launch.stop_timeout"),
    "spawn.watchdog": ("src/supervisor/watchdog.rs", "Watchdog"),
    "spawn.deadAfterMs": ("src/supervisor/watchdog.rs", "dead_after"),
    "spawn.standby": ("src/supervisor/standby.rs", "launch.standby"),
    "spawn.standbyWithout": ("src/supervisor/standby.rs", "launch.standby_without"),
    "spawn.cookies": ("src/bridge.rs", "config.cookies()"),
    "spawn.persistCookies": ("src/bridge.rs", "config.persist_cookies()"),
    "spawn.window": ("src/server/webviews.rs", "home.window"),
    "spawn.agent": ("src/server/webviews.rs", "home.agent"),
    "spawn.dev": ("src/launch.rs", "spawn.dev"),
    "spawn.dev.command": ("src/launch.rs", "spawn.dev.command"),
    "spawn.dev.cwd": ("src/launch.rs", "spawn.dev.cwd"),
    "spawn.dev.reload": ("src/launch.rs", "dev.reload"),
    "spawn.dev.standby": ("src/launch.rs", "spawn.dev.standby"),
    "attach.url": ("src/supervisor/attach.rs", "attach.url"),
    "attach.healthPath": ("src/supervisor/attach.rs", "attach.health_path"),
    "attach.intervalMs": ("src/supervisor/attach.rs", "attach.interval_ms"),
    "attach.timeoutMs": ("src/supervisor/attach.rs", "attach.timeout_ms"),
    "attach.cookies": ("src/bridge.rs", "config.cookies()"),
    "attach.persistCookies": ("src/bridge.rs", "config.persist_cookies()"),
}
"""The file that reads each key, and what stands there."""

SECTIONS = [
    (
        "",
        "",
        "The plugin itself",
        "Beside `sidecars`, which has the rest of this page, the plugin has these keys for all sidecars together.",
    ),
    (
        "spawn",
        "Spawn",
        "A sidecar that the app starts: `spawn`",
        "The host starts the process, and ends it with the app.",
    ),
    (
        "spawn.dev",
        "Dev",
        "The same under `tauri dev`: `spawn.dev`",
        "A built app passes over these keys. Relative paths begin where the app is started, which is `src-tauri`.",
    ),
    (
        "attach",
        "Attach",
        "A server that runs already: `attach`",
        "Somebody else starts the server and ends it. It cannot call the host.",
    ),
]
"""Each object of keys: what stands before its keys, its name in the schema, its heading and the sentence below."""

UNITS = {"Ms": "ms", "Bytes": "bytes"}
"""What the end of a key's name says that its number counts."""

BEGINNING = Path(__file__).with_name("beginning.md")


class StaleTableError(Exception):
    """A key has no line in `READ_IN`, or a line there is not true any more."""


class Key(NamedTuple):
    """A key of the configuration: its whole name, its schema, and whether it has to be there."""

    name: str
    schema: dict[str, Any]
    is_required: bool

    @property
    def last(self) -> str:
        """The name as it stands in the file."""
        return self.name.rpartition(".")[2]

    @property
    def unit(self) -> str:
        """What its numbers count."""
        return next((unit for end, unit in UNITS.items() if self.last.endswith(end)), "")


def main(arguments: list[str]) -> int:
    """Write or compare the page; give the exit code."""
    text = page(json.loads(SCHEMA.read_text()))
    if arguments == ["--check"]:
        if PAGE.is_file() and PAGE.read_text() == text:
            return 0
        sys.stderr.write(f"{PAGE} is not what {SCHEMA} says; run scripts/generate\n")
        return 1
    PAGE.write_text(text)
    return 0


def page(schema: dict[str, Any]) -> str:
    """Give the page of a schema."""
    sections = [section(schema, *words) for words in SECTIONS]
    unknown = READ_IN.keys() - {key.name for words in SECTIONS for key in keys(schema, *words[:2])}
    if unknown:
        raise StaleTableError(f"{sorted(unknown)} in READ_IN are no keys of {SCHEMA}; leave them out")
    return "\n".join([BEGINNING.read_text(), *sections]).rstrip("\n") + "\n"


def keys(schema: dict[str, Any], prefix: str, definition: str) -> Iterator[Key]:
    """Give the keys of one object; those that have to be there first, the others in the order of the alphabet."""
    part = schema["$defs"][definition] if definition else schema
    required = part.get("required", [])
    for name in sorted(part["properties"], key=lambda name: (name not in required, name)):
        yield Key(f"{prefix}.{name}".lstrip("."), part["properties"][name], name in required)


def section(schema: dict[str, Any], prefix: str, definition: str, heading: str, words: str) -> str:
    """Give one object's keys: a table of all of them, then each."""
    found = list(keys(schema, prefix, definition))
    rows = [
        f"| [`{key.last}`](#{key.name.replace('.', '').lower()}) | {kind(schema, key.schema)} | {default(key)} |"
        for key in found
    ]
    table = "\n".join(["| key | type | default |", "|---|---|---|", *rows])
    return "\n".join([f"## {heading}", words, "", table, "", *(entry(schema, key) for key in found)])


def entry(schema: dict[str, Any], key: Key) -> str:
    """Give one key's own part."""
    examples = key.schema.get("examples") or []
    if not examples:
        raise StaleTableError(
            f"`{key.name}` has no example; add one to its field in src/config/ and run scripts/generate"
        )
    also = "".join(f" or `{json.dumps(value)}`" for value in examples[1:])
    lines = [
        f"### `{key.name}`",
        wrapped(said(key.schema["description"])),
        "",
        f"- **type:** {kind(schema, key.schema)}{f', in {key.unit}' if key.unit else ''}",
        *(wrapped(f"    - `{value}`: {words}", "      ") for value, words in choices(schema, key.schema)),
        f"- **default:** {default(key)}",
        f'- **example:** `"{key.last}": {json.dumps(examples[0])}`{also}',
        f"- **read in:** [{read_in(key.name)}](../{read_in(key.name)})",
        "",
    ]
    return "\n".join(lines)


def read_in(name: str) -> str:
    """Give the file that reads a key, once that is seen to be true."""
    try:
        file, words = READ_IN[name]
    except KeyError:
        raise StaleTableError(f"`{name}` is new; say in READ_IN of {__file__} which file reads it") from None
    if not (ROOT / file).is_file() or words not in (ROOT / file).read_text():
        raise StaleTableError(f"`{name}`: {file} has no `{words}` any more; correct READ_IN in {__file__}")
    return file


def said(words: str) -> str:
    """Give a description without its last sentence about the default, which has a line of its own."""
    text = " ".join(words.split())
    return text.partition(" Default: ")[0]


def wrapped(text: str, indent: str = "") -> str:
    """Give a text in lines that are no longer than those of other pages."""
    return textwrap.fill(text, 130, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def default(key: Key) -> str:
    """Give what holds when the key is not there."""
    if key.is_required:
        return "none: it has to be there"
    value = key.schema["default"]
    if value is None or (key.name == "spawn.dev"):
        _, _, told = " ".join(key.schema["description"].split()).partition(" Default: ")
        return told.rstrip(".") or "nothing"
    told = f"`{json.dumps(value)}`"
    return f"{told} {key.unit}" if key.unit else told


def kind(schema: dict[str, Any], part: dict[str, Any]) -> str:
    """Give the type of a value in words."""
    if part.get("additionalProperties") == {"$ref": "#/$defs/SidecarConfig"}:
        return "object of `spawn` or `attach`, by name"
    part = resolved(schema, part)
    alternatives = [each for each in part.get("anyOf", []) if each != {"type": "null"}]
    if alternatives:
        return " or ".join(kind(schema, each) for each in alternatives)
    if "oneOf" in part:
        return ", ".join(f"`{value}`" for value, _ in choices(schema, part))
    if "properties" in part:
        return "object"
    names = part["type"] if isinstance(part["type"], list) else [part["type"]]
    (name,) = [name for name in names if name != "null"]
    if name == "array":
        return f"array of {kind(schema, part['items'])}s"
    if name == "object":
        return f"object of {kind(schema, part['additionalProperties'])}s" if part.get("additionalProperties") else name
    return str(name)


def choices(schema: dict[str, Any], part: dict[str, Any]) -> list[tuple[str, str]]:
    """Give the values of a key that has a list of them, each with its words."""
    part = resolved(schema, part)
    for each in part.get("anyOf", []):
        if each != {"type": "null"} and (found := choices(schema, each)):
            return found
    found = []
    for each in part.get("oneOf", []):
        words = said(each["description"])
        if "const" in each:
            found.append((json.dumps(each["const"]), words))
        else:
            (name,) = each["properties"]
            found.append((f'{{ "{name}": … }}', words))
    return found


def resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Give what a reference means."""
    if "$ref" not in part:
        return part
    found: dict[str, Any] = schema["$defs"][part["$ref"].removeprefix("#/$defs/")]
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
