"""Types of TypeScript as annotations of Python, and the records and aliases that they name."""

from __future__ import annotations

import json
import keyword
from dataclasses import dataclass, field
from typing import Any

from sidecar_bridge._tauri_api.text import WIDTH, comment, docstring

Tree = Any


_WORDS = {
    "string": "str",
    "number": "int | float",
    "boolean": "bool",
    "json": "object",
    "null": "None",
    "nothing": "None",
}


class UnclearError(Exception):
    """A type has no form here; the message says why."""


@dataclass
class Shapes:
    """The named types of a package, and what the module has to import for those that it uses."""

    named: dict[str, dict[str, Any]]
    needed: list[str] = field(default_factory=list)
    """Named types that are used, each after those that it needs, where these are in no circle."""
    imports: dict[str, set[str]] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def use(self, module: str, name: str) -> str:
        """Give a name, and remember to import it."""
        self.imports.setdefault(module, set()).add(name)
        return name

    def taken(self, tree: Tree) -> str:
        """Give the annotation of an argument."""
        match tree:
            case "number" | "bytes":
                return {"number": "float", "bytes": "bytes | bytearray"}[tree]
            case {"list": inner}:
                return f"{self.use('collections.abc', 'Sequence')}[{self.taken(self._plain(inner))}]"
            case {"map": inner}:
                return f"{self.use('collections.abc', 'Mapping')}[str, {self.taken(self._plain(inner))}]"
            case {"tuple": parts}:
                return f"tuple[{', '.join(self.taken(self._plain(each)) for each in parts)}]"
            case {"union": parts}:
                return _union([self.taken(self._plain(each)) for each in parts])
        return self.given(tree)

    def given(self, tree: Tree) -> str:
        """Give the annotation of a result, or of a record's member."""
        match tree:
            case str() if tree in _WORDS:
                return _WORDS[tree]
            case str():
                msg = f"{tree}, which come as raw bytes or as a list of numbers"
                raise UnclearError(msg)
            case {"list": inner}:
                return f"list[{self.given(inner)}]"
            case {"map": inner}:
                return f"dict[str, {self.given(inner)}]"
            case {"tuple": parts}:
                return f"list[{_union([self.given(each) for each in parts]) or 'object'}]"
            case {"union": parts}:
                return _union([self.given(each) for each in parts])
        if "literal" in tree or "named" in tree:
            return self._literal(tree["literal"]) if "literal" in tree else self._named(tree["named"])
        msg = tree.get("unclear", next(iter(tree)))
        raise UnclearError(msg)

    def members(self, tree: Tree) -> dict[str, dict[str, Any]] | None:
        """Give the members of a record by name; `None` if the type is none."""
        definition = self.named.get(tree.get("named", ""), {}) if isinstance(tree, dict) else {}
        return {each["name"]: each for each in definition["record"]} if "record" in definition else None

    def definitions(self) -> list[str]:
        """Give the lines of all named types that are used."""
        lines: list[str] = []
        done: set[str] = set()
        for name in self.needed:
            definition = self.named[name]
            lines += self._record(name, definition, done) if "record" in definition else self._alias(name, definition)
            lines += ["", ""]
            done.add(name)
        return lines

    def _plain(self, tree: Tree) -> Tree:
        """Refuse bytes that lie deeper: nothing would make a list of them."""
        if tree == "bytes":
            self.given(tree)
        return tree

    def _named(self, name: str) -> str:
        if name in self._open:
            # An alias cannot be named before it is there; a record can, in quotes.
            if "record" not in self.named[name]:
                msg = f"{name}, which contains itself"
                raise UnclearError(msg)
        elif name not in self.needed:
            self._open.append(name)
            definition = self.named[name]
            if "record" in definition:
                for each in definition["record"]:
                    try:
                        self.given(each["type"])
                    except UnclearError:
                        continue
            elif "alias" in definition:
                self.given(definition["alias"])
            else:
                self._literal(definition["literal"])
            self._open.remove(name)
            self.needed.append(name)
        return name

    def _literal(self, values: list[Any]) -> str:
        if any(isinstance(each, float) for each in values):
            return "float"
        return f"{self.use('typing', 'Literal')}[{', '.join(_quoted(each) for each in dict.fromkeys(values))}]"

    def _alias(self, name: str, definition: dict[str, Any]) -> list[str]:
        self.use("typing", "TypeAlias")
        text = self.given(definition.get("alias", {"literal": definition.get("literal", [])}))
        line = f"{name}: TypeAlias = {text}"
        lines = [line]
        if len(line) > WIDTH and "literal" in definition:
            values = [f"    {_quoted(each)}," for each in definition["literal"]]
            lines = [f"{name}: TypeAlias = Literal[", *values, "]"]
        elif len(line) > WIDTH:
            first, *rest = text.split(" | ")
            lines = [f"{name}: TypeAlias = (", f"    {first}", *(f"    | {each}" for each in rest), ")"]
        pairs = zip(definition.get("literal", ()), definition.get("names", ()), strict=False)
        meanings = ", ".join(f"{_quoted(value)} is `{each}`" for value, each in pairs)
        about = [definition["doc"] or (f"{name}." if meanings else ""), f"{meanings}." if meanings else ""]
        return [*lines, *(docstring(about, "") if any(about) else [])]

    def _record(self, name: str, definition: dict[str, Any], done: set[str]) -> list[str]:
        typed = self.use("typing_extensions", "TypedDict")
        members = [(each, *self._member(each, done)) for each in definition["record"]]
        if not all(_is_name(each["name"]) for each, *_ in members):
            lines = [f"{name} = {typed}(", f'    "{name}",', "    {"]
            for each, annotation, why in members:
                lines += comment(why, "        ") if why else []
                lines.append(f"        {_quoted(each['name'])}: {annotation},")
            about = docstring([definition["doc"]], "") if definition["doc"] else []
            return [*lines, "    },", ")", *about]
        lines = [f"class {name}({typed}):", *docstring([definition["doc"] or f"{name}."], "    ")]
        for number, (each, annotation, why) in enumerate(members):
            lines += [""] if number == 0 else []
            lines += comment(why, "    ") if why else []
            lines.append(f"    {each['name']}: {annotation}")
            lines += docstring([each["doc"]], "    ") if each["doc"] else []
        return lines

    def _member(self, member: dict[str, Any], done: set[str]) -> tuple[str, str]:
        try:
            annotation, why = self.given(member["type"]), ""
        except UnclearError as error:
            annotation, why = "object", f"`{member['name']}` is {error} in TypeScript."
        names = {each for each in self.named if each in annotation.replace("[", " ").replace("]", " ").split()}
        if names - done:
            annotation = f'"{annotation.replace(chr(34), chr(39))}"'
        if not member["optional"]:
            return annotation, why
        if "None" not in annotation:
            annotation = f'{annotation[:-1]} | None"' if annotation.endswith('"') else f"{annotation} | None"
        return f"{self.use('typing', 'NotRequired')}[{annotation}]", why


def _is_name(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("__")


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _union(parts: list[str]) -> str:
    flat = list(dict.fromkeys(each for part in parts for each in part.split(" | ")))
    if "object" in flat:
        return "object"
    return " | ".join([*(each for each in flat if each != "None"), *(["None"] if "None" in flat else [])])
