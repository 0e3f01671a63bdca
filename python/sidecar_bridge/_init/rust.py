"""Where an app's `tauri::Builder` is, by Rust's grammar, and the plugin's line in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import tree_sitter_rust
from tree_sitter import Language, Parser

from sidecar_bridge._app.documents import read_text
from sidecar_bridge._app.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tree_sitter import Node

CALL = ".plugin(tauri_plugin_sidecar_bridge::init())"
_CRATE = b"tauri_plugin_sidecar_bridge"
_PARSER = Parser(Language(tree_sitter_rust.language()))


class Place(NamedTuple):
    """Where a builder begins: a file, a line from 1, and what the file is with the plugin in it."""

    path: Path
    line: int
    before: str
    after: str


def register(files: Sequence[Path], chosen: str | None) -> Place | None:
    """Register the plugin in the one builder of the app; `None` when the app names the plugin already.

    `chosen` is `FILE:LINE` of the builder, where there are several.

    Raises:
        AppError: There is no builder, or there are several.
    """
    places: list[Place] = []
    for path in files:
        text = read_text(path)
        if names_plugin(text):
            return None
        places += _places(path, text)
    if chosen is not None:
        places = [place for place in places if f"{place.path}:{place.line}".endswith(chosen)]
    if len(places) == 1:
        return places[0]
    if not places:
        where = chosen or (files[0].parent if files else "the crate")
        raise AppError(
            f"no `tauri::Builder::default()` in {where}; add `{CALL}` to the builder by hand, then call this"
        )
    names = ", ".join(f"{place.path}:{place.line}" for place in places)
    raise AppError(f"there are several builders: {names}; name one with --builder FILE:LINE")


def names_plugin(text: str) -> bool:
    """Tell whether code, and not a comment, names the plugin's crate."""
    source = text.encode()
    if _CRATE not in source:
        return False
    return any(node.type == "identifier" and node.text == _CRATE for node in _walk(_PARSER.parse(source).root_node))


def _places(path: Path, text: str) -> Iterator[Place]:
    source = text.encode()
    root = _PARSER.parse(source).root_node
    imported = (path for node in _walk(root) if node.type == "use_declaration" for path in _imported(node))
    prefix = "(?:tauri::)?" if "tauri::Builder" in imported else "tauri::"
    builder = re.compile(prefix + r"Builder(?:::<.*>)?::(?:default|new)", re.DOTALL)
    for node in _walk(root):
        function = node.child_by_field_name("function") if node.type == "call_expression" else None
        if function is None or not builder.fullmatch(source[function.start_byte : function.end_byte].decode()):
            continue
        if _in_tests(node):
            continue
        added = _before_next_call(node, source) + CALL
        after = source[: node.end_byte] + added.encode() + source[node.end_byte :]
        yield Place(path, node.start_point.row + 1, text, after.decode())


def _imported(node: Node, before: str = "") -> Iterator[str]:
    """Give the paths that a `use` names; one that gets another name is left out."""
    source = (node.text or b"").decode()
    match node.type:
        case "use_declaration" | "use_list":
            for each in node.named_children:
                yield from _imported(each, before)
        case "scoped_use_list":
            path, inner = node.child_by_field_name("path"), node.child_by_field_name("list")
            if inner is not None:
                outer = "" if path is None else f"{(path.text or b'').decode()}::"
                yield from _imported(inner, before + outer)
        case "identifier" | "scoped_identifier":
            yield before + source


def _before_next_call(node: Node, source: bytes) -> str:
    """Give the line's end and the blanks with which the builder's next call stands in a line of its own."""
    parent = node.parent
    if parent is None or parent.type != "field_expression":
        return ""
    dot = next(each for each in parent.children if each.type == ".")
    line = source.rfind(b"\n", 0, dot.start_byte) + 1
    blanks = source[line : dot.start_byte].decode()
    if line <= node.end_byte or blanks.strip():
        return ""
    return ("\r\n" if source[line - 2 : line] == b"\r\n" else "\n") + blanks


def _in_tests(node: Node) -> bool:
    """Tell whether `#[cfg(test)]` or `#[test]` is above something around the node."""
    around: Node | None = node
    while around is not None:
        before = around.prev_sibling
        while before is not None and before.type in ("attribute_item", "line_comment", "block_comment"):
            if re.fullmatch(rb"#\[(cfg\(test\)|(\w+::)*test)\]", before.text or b""):
                return True
            before = before.prev_sibling
        around = around.parent
    return False


def _walk(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))
