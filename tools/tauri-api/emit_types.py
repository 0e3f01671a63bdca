"""Modules of `sidecar_bridge.tauri`: the records, enums and words of one plugin."""

from __future__ import annotations

import keyword
import re
from typing import Any

from prose import brief, docstring, split
from python_types import Names, constant
from trees import snake

_RECORDS = "sidecar_bridge.tauri"


def module(
    name: str,
    title: str,
    types: dict[str, dict[str, Any]],
    names: Names,
    given: set[str],
    taken: set[str],
    more: tuple[str, ...],
) -> str:
    """Give the text of a module with these types; `given` come as results, `taken` go as arguments.

    `more` is a module that is written by hand, and the types that are taken over from it.
    """
    body: list[str] = []
    for each in _ordered(types):
        definition = types[each]
        if definition["kind"] == "enum":
            body += _enum(each, definition)
        elif definition["kind"] == "alias":
            body += _alias(each, definition, names)
        else:
            body += _record(each, definition, names, is_given=each in given, is_taken=each in taken)
    imports = _imports(name, types, names)
    # Whoever uses the module finds all of its types there.
    taken_over = [f"from {_RECORDS}.{more[0]} import {each} as {each}  # noqa: PLC0414" for each in more[1:]]
    return "\n".join([f'"""Types of Tauri\'s {title}."""', "", *imports[:1], *taken_over, *imports[1:], *body]) + "\n"


def _ordered(types: dict[str, dict[str, Any]]) -> list[str]:
    """Words and enums first: records use these when they are read."""
    return sorted(types, key=lambda name: (types[name]["kind"] == "record", name))


def _imports(name: str, types: dict[str, dict[str, Any]], names: Names) -> list[str]:
    here = f"{_RECORDS}.{name}"
    kinds = {each["kind"] for each in types.values()}
    lines = ["from __future__ import annotations", ""]
    if "record" in kinds:
        lines.append("from dataclasses import KW_ONLY, dataclass")
    if "enum" in kinds:
        lines.append("from enum import Enum, IntFlag")
    lines.append("from typing import TYPE_CHECKING, Any, Literal, TypeAlias")
    lines += [f"from {_RECORDS} import _{each} as {each}" for each in sorted(names.uses)]
    lines += [f"from {home} import {each}" for each, home in sorted(names.values.items()) if home != here]
    for_types = {each: home for each, home in names.annotations.items() if each not in names.values and home != here}
    block = [f"    from {home} import {each}" for each, home in sorted(for_types.items()) if home != "typing"]
    if "record" in kinds:
        block.append("    from typing import Self")
    return [*lines, "", *(["if TYPE_CHECKING:", *block, ""] if block else []), ""]


def _enum(name: str, definition: dict[str, Any]) -> list[str]:
    base = "IntFlag" if definition.get("flags") else "Enum"
    lines = [f"class {name}({base}):", *docstring(_described(name, definition["doc"]), 4), ""]
    for member in definition["members"]:
        lines.append(f"    {_constant(member['name'])} = {member['value']!r}")
        summary, more = split(member["doc"])
        if summary:
            lines += docstring([summary, *more], 4)
    return [*lines, "", ""]


def _constant(name: str) -> str:
    return name if name.isupper() else snake(name).upper()


def _alias(name: str, definition: dict[str, Any], names: Names) -> list[str]:
    line = f"{name}: TypeAlias = {names.taken({'literal': definition['literal']})}"
    summary, more = split(definition["doc"])
    words = f"{constant(name)}: tuple[{name}, ...] = ({', '.join(map(repr, definition['literal']))})"
    return [line, *docstring([summary or f"{_title(name)}.", *more], 0), words, "", ""]


def _record(name: str, definition: dict[str, Any], names: Names, *, is_given: bool, is_taken: bool) -> list[str]:
    members = sorted(definition["members"], key=lambda each: each["optional"])
    attributes = [f"    {_field(each)}: {brief(each['doc'])}" for each in members if brief(each["doc"])]
    about = _described(name, definition["doc"])
    lines = ["@dataclass(frozen=True, slots=True)", f"class {name}:"]
    lines += [*docstring([*about, *(["Attributes:\n" + "\n".join(attributes)] if attributes else [])], 4), ""]
    is_behind = False
    for each in members:
        if each["optional"] and not is_behind and is_taken:
            lines.append("    _: KW_ONLY")
            is_behind = True
        annotation = names.taken(each["type"]) if is_taken else names.given(each["type"])
        nullable = each["optional"] and "None" not in annotation.split(" | ")
        lines.append(
            f"    {_field(each)}: {annotation}{' | None' if nullable else ''}{' = None' if each['optional'] else ''}"
        )
    if is_taken:
        lines += ["", *_taken(name, members, names)]
    if is_given:
        lines += ["", *_read(name, members, names, is_pair=bool(definition.get("pair")))]
    return [*lines, "", ""]


def _taken(name: str, members: list[dict[str, Any]], names: Names) -> list[str]:
    lines = [
        "    @staticmethod",
        "    def _taken(value: Any, name: str) -> dict[str, object]:",
        f"        if not isinstance(value, {name}):",
        f'            arguments.wrong(name, "{_article(name)} {name}", value)',
        "        found: dict[str, object] = {",
    ]
    lines += [f'            "{each["json"]}": {_take(each, names)},' for each in members if not each["optional"]]
    lines.append("        }")
    for each in members:
        if each["optional"]:
            lines.append(f"        if value.{_field(each)} is not None:")
            lines.append(f'            found["{each["json"]}"] = {_take(each, names)}')
    return [*lines, "        return found"]


def _take(member: dict[str, Any], names: Names) -> str:
    return f'{names.taker(member["type"])}(value.{_field(member)}, f"{{name}}.{_field(member)}")'


def _read(name: str, members: list[dict[str, Any]], names: Names, *, is_pair: bool) -> list[str]:
    lines = ["    @classmethod", "    def _read(cls, value: Any) -> Self:"]
    fields = []
    for number, each in enumerate(members):
        optional = each["optional"] and not (isinstance(each["type"], dict) and "optional" in each["type"])
        reader = f"results.maybe({names.reader(each['type'])})" if optional else names.reader(each["type"])
        place = f"value[{number}]" if is_pair else f'value["{each["json"]}"]'
        # What has a null is left out by some commands and sent by others.
        is_sure = is_pair or not (optional or (isinstance(each["type"], dict) and "optional" in each["type"]))
        got = place if is_sure else f'value.get("{each["json"]}")'
        fields.append(f"            {_field(each)}={reader}({got}),")
    names.uses.add("results")
    checked = f"results.row({len(members)}, value)" if is_pair else "results.members(value)"
    return [*lines, f"        {checked}", "        return cls(", *fields, "        )"]


def _field(member: dict[str, Any]) -> str:
    name: str = member["python"]
    return f"{name}_" if keyword.iskeyword(name) else name


def _described(name: str, doc: str) -> list[str]:
    summary, more = split(doc)
    return [summary or f"{_title(name)}.", *more]


def _title(name: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return words[0] + words[1:].lower()


def _article(name: str) -> str:
    return "an" if name[0] in "AEIO" else "a"
