"""JSON and JSON5 that keep their comments and their form: only the few bytes that are new are put in.

Both are expressions of JavaScript, so that its grammar for tree-sitter reads them and tells where everything is.
"""

from __future__ import annotations

import ast
import json
import math
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import tree_sitter_javascript
from tree_sitter import Language, Parser

from sidecar_bridge._app.documents import expected, unusual
from sidecar_bridge._app.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tree_sitter import Node

_PARSER = Parser(Language(tree_sitter_javascript.language()))
_WIDTH = 120
_DEEPEST = 127
"""How many lists and objects may be around a value: Tauri's reader, serde_json, refuses more."""
_WORDS = {"true": True, "false": False, "null": None, "Infinity": math.inf, "NaN": math.nan}


class JsonDocument:
    """A JSON or JSON5 file, see `documents.Document`."""

    def __init__(self, path: Path, text: str) -> None:
        """Read the text of the file at `path`; `AppError` where it is neither JSON nor JSON5."""
        self.path = path
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._is_json = path.suffix == ".json"
        self._read(text.encode())

    @property
    def value(self) -> Any:
        """All that the file says."""
        return self._value(self._root)

    @property
    def text(self) -> str:
        """The file as it is now."""
        return self._bytes.decode()

    def put(self, keys: Sequence[str | int], value: Any, *, sort: bool = False) -> None:
        """Add a member, and the objects around it that are missing; `sort` puts it among sorted members."""
        wanted = expected(self.path, self.value, keys, lambda inner, last: inner.update({last: value}))
        node, rest = self._root, list(keys)
        while len(rest) > 1 and (inner := self._inside(node, rest[0])) is not None:
            node = inner
            rest.pop(0)
        name, *inner_names = rest
        inner_value = value
        for each in reversed(inner_names):
            inner_value = {each: inner_value}
        if node.type != "object" or not isinstance(name, str) or self._inside(node, name) is not None:
            raise AppError(f"{self._place(node)} has no room for `{name}`: {self._source(node)[:60]}; correct it")
        self._insert(node, inner_value, name, sort=sort)
        self._check(wanted, keys)

    def append(self, keys: Sequence[str | int], value: Any) -> None:
        """Add an element to a list that is there."""
        node = self._node(keys)
        if node.type != "array":
            raise AppError(f"{self._place(node)} is no list: {self._source(node)[:60]}; make it one")
        wanted = expected(self.path, self.value, keys, lambda inner, last: inner[last].append(value))
        self._insert(node, value, None, sort=False)
        self._check(wanted, keys)

    def _check(self, wanted: Any, keys: Sequence[str | int]) -> None:
        """Refuse a change that has said something else."""
        if self.value != wanted:
            raise unusual(self.path, keys)

    def line_of(self, keys: Sequence[str | int]) -> int:
        """Give the line of a value, from 1."""
        return self._node(keys).start_point.row + 1

    def _read(self, content: bytes) -> None:
        self._bytes = content
        # A `{` at the start of a statement would be a block. The bracket takes the place of one byte before the text.
        self._source_bytes = b"(" + content + b"\n)"
        tree = _PARSER.parse(self._source_bytes)
        if deep := _too_deep(tree.root_node):
            raise AppError(
                f"{self._place(deep)} is nested more than {_DEEPEST} deep, which Tauri does not read; correct it"
            )
        if tree.root_node.has_error:
            raise AppError(f"{self._place(_first_error(tree.root_node))} is not valid JSON; correct it")
        found = tree.root_node
        while found.type in ("program", "expression_statement", "parenthesized_expression"):
            found = _parts(found)[0]
        self._tree, self._root = tree, found
        self._value(found)

    def _place(self, node: Node) -> str:
        return f"{self.path}:{node.start_point.row + 1}"

    def _source(self, node: Node) -> str:
        return self._source_bytes[node.start_byte : node.end_byte].decode()

    def _node(self, keys: Sequence[str | int]) -> Node:
        node = self._root
        for key in keys:
            inner = self._inside(node, key)
            if inner is None:
                raise AppError(f"{self._place(node)} has no `{key}`; add it")
            node = inner
        return node

    def _inside(self, node: Node, key: str | int) -> Node | None:
        if isinstance(key, int):
            parts = _parts(node) if node.type == "array" else []
            return parts[key] if key < len(parts) else None
        if node.type != "object":
            return None
        return next((pair.child_by_field_name("value") for pair in _parts(node) if self._name(pair) == key), None)

    def _name(self, pair: Node) -> str:
        key = pair.child_by_field_name("key")
        if key is None:
            raise self._no_json(pair)
        return self._string(key) if key.type == "string" else self._source(key)

    def _value(self, node: Node) -> Any:
        source = self._source(node)
        match node.type:
            case "object":
                return {self._name(pair): self._value(_value_of(pair)) for pair in _parts(node) if self._name(pair)}
            case "array":
                return [self._value(each) for each in _parts(node)]
            case "string":
                return self._string(node)
            case "number" | "unary_expression":
                with suppress(ValueError):
                    return _number(source)
            case "true" | "false" | "null" | "identifier" if source in _WORDS:
                return _WORDS[source]
        raise self._no_json(node)

    def _string(self, node: Node) -> str:
        try:
            return _string(self._source(node))
        except (SyntaxError, ValueError) as error:  # an escape that neither JSON nor JSON5 has
            raise self._no_json(node) from error

    def _no_json(self, node: Node) -> AppError:
        return AppError(f"{self._place(node)} is not valid JSON: {self._source(node)[:60]}; correct it")

    def _insert(self, node: Node, value: Any, name: str | None, *, sort: bool) -> None:
        parts = _parts(node)
        is_open = node.start_point.row != node.end_point.row
        unit = self._unit()
        outer = self._indent(node)
        inner = self._indent(parts[0]) if parts and is_open else outer + unit
        key = "" if name is None else f"{self._key(name, parts)}: "
        entry = f"{key}{self._render(value, inner, unit, len(key), parts)}".replace("\n", self._newline)
        between = f"{self._newline}{inner}"
        if not parts:
            self._insert_first(node, entry, between, outer)
            return
        if sort and name is not None:
            names = [self._name(pair) for pair in parts]
            later = next((pair for pair, other in zip(parts, names, strict=True) if other > name), None)
            if names == sorted(names) and later is not None:
                self._splice((later.start_byte, later.start_byte, f"{entry},{between if is_open else ' '}"))
                return
        last = parts[-1]
        comma = next((each for each in node.children if each.type == "," and each.start_byte >= last.end_byte), None)
        if not is_open or _parts(node)[0].start_point.row == node.start_point.row:
            where = comma.end_byte if comma else last.end_byte
            self._splice((where, where, f" {entry}" if comma else f", {entry}"))
            return
        # What stands behind the last member in its line, such as a comment, stays there.
        line_end = self._line_end(comma.end_byte if comma else last.end_byte)
        if comma:
            self._splice((line_end, line_end, f"{between}{entry},"))
        else:
            self._splice((last.end_byte, last.end_byte, ","), (line_end, line_end, f"{between}{entry}"))

    def _insert_first(self, node: Node, entry: str, between: str, outer: str) -> None:
        opening, closing = (" ", " ") if node.type == "object" else ("", "")
        if "\n" in entry or node.start_point.row != node.end_point.row or _comments(node):
            # Behind the comments, each of which ends with its line.
            start = max((each.end_byte for each in node.children[:-1]), default=node.start_byte + 1)
            self._splice((start, node.end_byte - 1, f"{between}{entry}{self._newline}{outer}"))
            return
        self._splice((node.start_byte + 1, node.end_byte - 1, f"{opening}{entry}{closing}"))

    def _line_end(self, start: int) -> int:
        """Give where the line ends, or an element that begins in it; a comment over several lines is passed whole."""
        for comment in _comments(self._tree.root_node):
            if comment.start_byte >= start and b"\n" not in self._source_bytes[start : comment.start_byte]:
                start = comment.end_byte
        end = self._source_bytes.find(b"\n", start)
        rest = self._source_bytes[start:end]
        closing = re.search(rb"[\]}]", rest)
        end = start + closing.start() if closing else end
        return end - 1 if self._source_bytes[end - 1 : end] == b"\r" else end

    def _splice(self, *edits: tuple[int, int, str]) -> None:
        """Make edits that stand in their order."""
        content = self._source_bytes
        for start, end, new in reversed(edits):
            content = content[:start] + new.encode() + content[end:]
        self._read(content[1:-2])

    def _indent(self, node: Node) -> str:
        """Give the blanks at the start of the line in which a node begins."""
        start = self._source_bytes.rfind(b"\n", 0, node.start_byte) + 1
        line = self._source_bytes[start : node.start_byte].decode().removeprefix("(" if start == 0 else "")
        return line[: len(line) - len(line.lstrip())]

    def _unit(self) -> str:
        found = re.search(r"\n([ \t]+)[\"'\w/]", self.text)
        return found[1] if found else "  "

    def _key(self, name: str, siblings: Sequence[Node]) -> str:
        first = siblings[0].child_by_field_name("key") if siblings else None
        bare = re.fullmatch(r"[A-Za-z_]\w*", name) and not self._is_json
        if bare and (first is None or first.type == "property_identifier"):
            return name
        return json.dumps(name, ensure_ascii=False)

    def _render(self, value: Any, indent: str, unit: str, before: int, siblings: Sequence[Node]) -> str:
        """Write a value in one line if it fits, else with a line for each member."""
        line = self._one_line(value, siblings)
        if len(indent) + before + len(line) < _WIDTH or not isinstance(value, dict | list) or not value:
            return line
        deeper = indent + unit
        if isinstance(value, list):
            entries = [self._render(each, deeper, unit, 0, siblings) for each in value]
            return "[\n" + ",\n".join(deeper + each for each in entries) + f"\n{indent}]"
        keys = {key: f"{self._key(key, siblings)}: " for key in value}
        entries = [
            keys[key] + self._render(each, deeper, unit, len(keys[key]), siblings) for key, each in value.items()
        ]
        return "{\n" + ",\n".join(deeper + each for each in entries) + f"\n{indent}}}"

    def _one_line(self, value: Any, siblings: Sequence[Node]) -> str:
        if isinstance(value, dict) and value:
            return (
                "{ "
                + ", ".join(f"{self._key(k, siblings)}: {self._one_line(v, siblings)}" for k, v in value.items())
                + " }"
            )
        if isinstance(value, list):
            return "[" + ", ".join(self._one_line(each, siblings) for each in value) + "]"
        return json.dumps(value, ensure_ascii=False)


def _parts(node: Node) -> list[Node]:
    return [each for each in node.named_children if each.type != "comment"]


def _value_of(pair: Node) -> Node:
    value = pair.child_by_field_name("value")
    assert value is not None  # noqa: S101 - `_name` has refused what is no pair
    return value


def _comments(node: Node) -> list[Node]:
    """Give all comments, in their order."""
    return [node] if node.type == "comment" else [found for each in node.children for found in _comments(each)]


def _too_deep(root: Node) -> Node | None:
    """Give a list or object with too many around it: all else here goes into depth by recursion."""
    waiting = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        depth += node.type in ("object", "array")
        if depth > _DEEPEST:
            return node
        waiting.extend((each, depth) for each in node.children)
    return None


def _first_error(node: Node) -> Node:
    while True:
        inner = next((each for each in node.children if each.has_error or each.is_missing), None)
        if inner is None:
            return node
        if inner.type == "ERROR" or inner.is_missing:
            return inner
        node = inner


def _string(source: str) -> str:
    try:
        return str(json.loads(source))
    except ValueError:
        # What JSON5 has beyond JSON, Python's strings have too.
        return str(ast.literal_eval(source.replace("\\\r\n", "").replace("\\\n", "")))


def _number(source: str) -> float:
    sign, digits = (-1, source[1:]) if source[0] == "-" else (1, source.lstrip("+"))
    if digits.strip() in ("Infinity", "NaN"):
        return sign * float(digits)
    try:
        return sign * int(digits, 0)
    except ValueError:
        return sign * float(digits)
