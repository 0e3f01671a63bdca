"""Types of TypeScript as those of `tauri-api.json`, with the records, enums and aliases that they need."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import exceptions as said

if TYPE_CHECKING:
    from collections.abc import Callable

DPI = {"PhysicalSize", "LogicalSize", "PhysicalPosition", "LogicalPosition"}
WORDS = {"Size": "size", "Position": "position", "Image": "image", "JsImage": "image", "Color": "color",
         "DataStoreIdentifier": "uuid", "Window": "string", "WebviewWindow": "string", "WebviewLabel": "string",
         "WindowLabel": "string", "EventName": "string", "Schedule": "json",
         "HeadersInit": {"map": "string"}}  # fmt: skip
"""Names of TypeScript with a meaning of their own here."""


class UnclearError(Exception):
    """A type has no counterpart here; the message shows it."""


class Types:
    """The named types of one plugin, collected as its commands use them."""

    def __init__(self, named: dict[str, Any], package: str, plugin: str) -> None:
        """Read the types that `named` has, in the words of that package first."""
        self._table = named
        self._package = package
        self._extra = said.RECORDS.get(plugin, {})
        self.found: dict[str, dict[str, Any]] = {}
        self.are_paths = plugin in said.PLUGINS_OF_PATHS

    def key(self, name: str) -> str:
        """Find the package's type of that name."""
        keys = [key for key in self._table if key.endswith(f"#{name}")]
        own = [key for key in keys if key.startswith(self._package)]
        if not own and not keys:
            msg = f"no type `{name}`"
            raise UnclearError(msg)
        return (own or keys)[0]

    def of(self, tree: Any, where: str = "") -> Any:
        """Give the type as `tauri-api.json` has it; `where` is the record's member, which may say more."""
        if isinstance(tree, str):
            return self._word(tree, where)
        (kind, value), *_ = tree.items()
        handler: Callable[..., Any] = getattr(self, f"_{kind}", None) or _unclear
        return handler(value, where)

    def _word(self, tree: str, where: str) -> Any:
        if where in said.PATHS or (tree == "string" and self.are_paths):
            return "path"
        if tree == "number":
            is_float = where.rpartition(".")[2] in said.FLOATS and where not in said.NOT_FLOATS
            return "float" if is_float else "int"
        return {"date": "moment", "url": "string", "null": "nothing"}.get(tree, tree)

    def _union(self, trees: list[Any], where: str) -> Any:
        rest = [each for each in trees if each != "null"]
        if len(rest) < len(trees):
            inner = rest[0] if len(rest) == 1 else {"union": rest}
            return {"optional": self.of(inner, where)}
        if {"string", "url"} >= set(map(str, rest)):
            return "path"
        names = {str(each.get("named", "")).rpartition("#")[2] for each in rest if isinstance(each, dict)}
        for name in ("Size", "Position", "Image"):
            if name in names:
                # The others are forms of the same.
                return WORDS[name]
        parts = [self.of(each, where) for each in rest]
        literals = [each for part in parts if isinstance(part, dict) for each in part.get("literal", ())]
        others = [part for part in parts if not (isinstance(part, dict) and "literal" in part)]
        if literals and not others:
            return {"literal": literals}
        if literals and others == ["string"]:
            return "string"
        flat: list[Any] = [{"literal": literals}] if literals else []
        for part in others:
            if part not in flat:
                flat.append(part)
        return flat[0] if len(flat) == 1 else {"union": flat}

    def _optional(self, tree: Any, where: str) -> Any:
        return {"optional": self.of(tree, where)}

    def _literal(self, value: Any, _where: str) -> Any:
        return {"literal": value if isinstance(value, list) else [value]}

    def _list(self, tree: Any, where: str) -> Any:
        return {"list": self.of(tree, where)}

    def _map(self, tree: Any, where: str) -> Any:
        return {"map": self.of(tree, where)}

    def _tuple(self, trees: list[Any], where: str) -> Any:
        return {"tuple": [self.of(each, where) for each in trees]}

    def _dpi(self, name: str, _where: str) -> Any:
        return {"dpi": name}

    def _alias(self, name: str, where: str) -> Any:
        return self._named(self.key(name), where)

    def _record(self, value: Any, where: str) -> Any:
        if isinstance(value, list):
            if not value:
                return "json"
            # A record without a name is called by the member that has it.
            name = "".join(part[:1].upper() + part[1:] for part in where.split(".")) or "Unnamed"
            return self._keep(name, {"record": value})
        if value in self._extra:
            return self._keep_extra(value)
        return self._named(self.key(value), where)

    _enum = _alias

    def _tagged(self, name: str, where: str) -> Any:
        """An enum that goes out as an object whose `type` is the member's name."""
        self._named(self.key(name), where)
        for member in self.found[name].get("members", ()):
            member["value"] = member["name"]
        return {"tagged": name}

    def _all(self, trees: list[Any], where: str) -> Any:
        """Only options are merged: the members of all."""
        plain = [each for each in trees if each != {"record": []} and "map" not in each]
        if len(plain) == 1:
            return self.of(plain[0], where)
        return {"merged": [self.of(each, where) for each in plain]}

    def _named(self, key: str, where: str) -> Any:
        name = key.rpartition("#")[2]
        if name in WORDS and not key.startswith("@tauri-apps/plugin-positioner"):
            return WORDS[name]
        if name in DPI:
            return {"dpi": name}
        definition = self._table[key]
        if "alias" in definition:
            tree = self.of(definition["alias"], where if name.endswith("Label") else name)
            if isinstance(tree, dict) and "literal" in tree and len(tree["literal"]) > 1:
                return self._keep(name, {"alias": tree, "doc": definition.get("doc", "")}, tree, _home(key))
            return tree
        if "enum" in definition or "record" in definition:
            return self._keep(name, definition, home=_home(key))
        if "class" in definition:
            return {"resource": name}
        raise UnclearError(name)

    def _keep(self, name: str, definition: dict[str, Any], tree: Any = None, home: str | None = None) -> Any:
        python = said.RENAMED_TYPES.get(name, name)
        kind = next(each for each in ("alias", "enum", "record") if each in definition)
        if python in self.found:
            return {kind: python}
        entry: dict[str, Any] = {"kind": kind, "doc": said.TYPE_DOCS.get(python) or definition.get("doc", "")}
        if home:
            entry["home"] = home
        self.found[python] = entry
        if kind == "alias":
            entry["literal"] = tree["literal"]
        elif kind == "enum":
            entry |= {"flags": True} if name in said.FLAGS else {}
            entry["members"] = [
                {"name": each["name"], "value": each["value"], "doc": each["doc"]} for each in definition["enum"]
            ]
        else:
            members = list(definition["record"])
            for base in definition.get("bases", ()):
                members = [*self._table[base["named"]]["record"], *members]
            entry["members"] = [self._member(name, each) for each in members]
        return {kind: python}

    def _keep_extra(self, name: str) -> Any:
        definition = self._extra[name]
        if definition.get("pair"):
            tree = self._named(self.key(name), "")
            self.found[name]["pair"] = True
            return tree
        entry: dict[str, Any] = {"kind": "record", "doc": definition["doc"], "because": definition["because"]}
        if "words" in definition:
            self.found[name] = {**entry, "kind": "alias", "literal": definition["words"]}
            return {"alias": name}
        entry["members"] = [
            {"json": json, "python": snake(json), "type": tree, "optional": optional, "doc": ""}
            for json, tree, optional in definition.get("members", ())
        ]
        self.found[name] = entry
        return {"record": name}

    def _member(self, record: str, member: dict[str, Any]) -> dict[str, Any]:
        where = f"{record}.{member['name']}"
        json, because = said.MEMBERS.get(where, (member["name"], ""))
        found = {
            "json": json,
            "python": snake(member["name"]),
            "type": said.MEMBER_TYPES.get(where) or self.of(member["type"], where),
        }
        if because:
            found["because"] = because
        return {**found, "optional": member["optional"], "doc": member["doc"]}


def _home(key: str) -> str:
    """The plugin that a type belongs to."""
    package, module = key.split("#", maxsplit=1)[0].removeprefix("@tauri-apps/").split("/")[:2]
    return module if package == "api" else package.removeprefix("plugin-")


def _unclear(value: Any, where: str) -> Any:
    msg = f"{where}: {value}"
    raise UnclearError(msg)


def snake(name: str) -> str:
    """Give a name of JavaScript as Python writes it: `uris` of `URIs`, too."""
    name = re.sub(r"([A-Z]{2,})s(?![a-z])", lambda match: f"{match[1].capitalize()}s", name)
    parts = re.sub(r"([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3_\2\4", name)
    return parts.lower().strip("_")
