"""Types of `tauri-api.json` in Python: how an argument and a result are written, taken and read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from trees import snake

Tree = Any

_TAKEN = {
    "string": ("str", "text"),
    "extension": ("str", "extension"),
    "int": ("int", "integer"),
    "float": ("float", "number"),
    "boolean": ("bool", "boolean"),
    "json": ("object", "anything"),
    "bytes": ("bytes | bytearray | memoryview", "data"),
    "path": ("str | PathLike[str]", "path"),
    "uuid": ("UUID", "uuid"),
    "size": ("LogicalSize | PhysicalSize", "size"),
    "position": ("LogicalPosition | PhysicalPosition", "position"),
    "length": ("float", "length"),
    "color": ("Color", "color"),
    "image": ("AsyncImage | Rgba | str | PathLike[str] | bytes", "image"),
    "buttons": ('Literal["Ok", "OkCancel", "YesNo", "YesNoCancel"] | Sequence[str]', "buttons"),
}
_GIVEN = {
    "string": ("str", "text"),
    "int": ("int", "integer"),
    "float": ("float", "number"),
    "boolean": ("bool", "boolean"),
    "json": ("Any", "anything"),
    "bytes": ("bytes", "data"),
    "utf8": ("str", "utf8"),
    "path": ("Path", "path"),
    "uuid": ("UUID", "uuid"),
    "moment": ("datetime", "moment"),
    "nothing": ("None", "nothing"),
}
_FROM = {
    "Any": "typing",
    "Literal": "typing",
    "PathLike": "os",
    "Path": "pathlib",
    "UUID": "uuid",
    "datetime": "datetime",
    "Sequence": "collections.abc",
    "Mapping": "collections.abc",
    "AsyncImage": "sidecar_bridge._client.tauri.async_image",
    "Rgba": "sidecar_bridge.tauri.rgba",
    **dict.fromkeys(
        ("LogicalSize", "PhysicalSize", "LogicalPosition", "PhysicalPosition", "Color"), "sidecar_bridge.tauri.dpi"
    ),
}
_DPI = {
    "PhysicalSize": "physical_size",
    "PhysicalPosition": "physical_position",
    "LogicalPosition": "logical_position",
}


class NoPythonError(Exception):
    """A type has no form in Python yet; the message shows it."""


@dataclass
class Names:
    """What one module needs from others: for annotations alone, and at run time."""

    homes: dict[str, str]
    """The module of each type of Tauri's that the plugin uses."""
    annotations: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    uses: set[str] = field(default_factory=set)
    """Which of the modules `arguments` and `results` are used."""

    def of(self, name: str, *, at_run_time: bool = False) -> str:
        """Give the name of a type, and remember that it is needed."""
        (self.values if at_run_time else self.annotations)[name] = self.homes.get(name) or _FROM[name]
        return name

    def _note(self, annotation: str) -> str:
        for name in _FROM:
            if name in annotation.replace("[", " ").replace("]", " ").replace('"', " ").split():
                self.of(name)
        return annotation

    def taken(self, tree: Tree) -> str:
        """Give the annotation of an argument."""
        if isinstance(tree, str):
            return self._note(_plain(_TAKEN, tree)[0])
        (kind, value), *_ = tree.items()
        match kind:
            case "optional":
                return f"{self.taken(value)} | None"
            case "list":
                return f"{self.of('Sequence')}[{self.taken(value)}]"
            case "map":
                return f"{self.of('Mapping')}[str, {self.taken(value)}]"
            case "literal":
                return self._literal(value)
            case "union":
                return " | ".join(dict.fromkeys(self.taken(each) for each in value))
            case "record" | "enum" | "alias" | "dpi" | "tagged":
                return self.of(value)
        raise NoPythonError(tree)

    def given(self, tree: Tree) -> str:
        """Give the annotation of a result."""
        if isinstance(tree, str):
            return self._note(_plain(_GIVEN, tree)[0])
        (kind, value), *_ = tree.items()
        match kind:
            case "optional":
                return f"{self.given(value)} | None"
            case "list":
                return f"list[{self.given(value)}]"
            case "map":
                return f"dict[str, {self.given(value)}]"
            case "literal":
                return self._literal(value)
            case "union":
                return " | ".join(dict.fromkeys(self.given(each) for each in value))
            case "record" | "enum" | "alias" | "dpi":
                return self.of(value)
        raise NoPythonError(tree)

    def taker(self, tree: Tree) -> str:
        """Give the function that makes JSON of an argument."""
        self.uses.add("arguments")
        if isinstance(tree, str):
            return f"arguments.{_plain(_TAKEN, tree)[1]}"
        (kind, value), *_ = tree.items()
        match kind:
            case "optional":
                return f"arguments.maybe({self.taker(value)})"
            case "list":
                return f"arguments.many({self.taker(value)})"
            case "map":
                return f"arguments.mapping({self.taker(value)})"
            case "literal":
                return f"arguments.one_of({_tuple(value)})"
            case "alias":
                return f"arguments.one_of({self._constant(value)})"
            case "union":
                return f"arguments.either({', '.join(self.taker(each) for each in value)})"
            case "record":
                return f"{self.of(value, at_run_time=True)}._taken"
            case "enum":
                return f"arguments.member({self.of(value, at_run_time=True)})"
            case "tagged":
                return f"arguments.tagged({self.of(value, at_run_time=True)})"
            case "dpi":
                return f"arguments.{_plain(_DPI, value)}"
        raise NoPythonError(tree)

    def reader(self, tree: Tree) -> str:
        """Give the function that makes a value of a result."""
        self.uses.add("results")
        if isinstance(tree, str):
            return f"results.{_plain(_GIVEN, tree)[1]}"
        (kind, value), *_ = tree.items()
        match kind:
            case "optional":
                return f"results.maybe({self.reader(value)})"
            case "list":
                return f"results.many({self.reader(value)})"
            case "map":
                return f"results.mapping({self.reader(value)})"
            case "union":
                first, *rest = value
                other = self.reader({"union": rest} if rest[1:] else rest[0])
                return f"results.either({self.reader(first)}, {other})"
            case "record":
                return f"{self.of(value, at_run_time=True)}._read"
            case "enum":
                return f"results.member({self.of(value, at_run_time=True)})"
            case "alias":
                return f"results.one_of({self._constant(value)})"
            case "dpi":
                return f"results.{_plain(_DPI, value)}"
        raise NoPythonError(tree)

    def _constant(self, alias: str) -> str:
        self.values[constant(alias)] = self.homes[alias]
        return constant(alias)

    def _literal(self, words: list[Any]) -> str:
        return f"{self.of('Literal')}[{', '.join(map(_quoted, words))}]"


def _plain(table: dict[str, Any], word: str) -> Any:
    if word not in table:
        raise NoPythonError(word)
    return table[word]


def _quoted(word: Any) -> str:
    return f'"{word}"' if isinstance(word, str) else repr(word)


def _tuple(words: list[Any]) -> str:
    return f"({', '.join(map(_quoted, words))}{',' if len(words) == 1 else ''})"


def constant(alias: str) -> str:
    """Give the name of the tuple with all words of an alias."""
    return snake(alias).upper()


def within(tree: Tree) -> set[str]:
    """Give the names of Tauri's types in a type."""
    if not isinstance(tree, dict):
        return set()
    found: set[str] = set()
    for kind, value in tree.items():
        if kind in {"record", "enum", "alias", "tagged"}:
            found.add(value)
        elif kind in {"optional", "list", "map"}:
            found |= within(value)
        elif kind in {"union", "tuple", "merged"}:
            found |= {name for each in value for name in within(each)}
    return found
