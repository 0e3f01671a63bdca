"""How the arguments of one call are made: parameters in Python, and the statements that put them together."""

from __future__ import annotations

import json
import keyword
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sidecar_bridge._tauri_api.package import snake
from sidecar_bridge._tauri_api.shapes import UnclearError
from sidecar_bridge._tauri_api.text import WIDTH

if TYPE_CHECKING:
    from sidecar_bridge._tauri_api.shapes import Shapes

_INDENT = " " * 8


@dataclass
class Parameter:
    """A parameter of a method."""

    name: str
    annotation: str
    optional: bool = False
    rest: bool = False
    doc: str = ""


class _Piece(NamedTuple):
    """One member of an object."""

    key: str | None
    """`None` for all members of another object."""
    code: str
    when: str | None = None


@dataclass
class Arguments:
    """The arguments of one call."""

    shapes: Shapes
    declared: list[dict[str, Any]]
    """The parameters in TypeScript."""
    messages: str
    """The class that messages of a channel come through."""
    parameters: dict[str, Parameter] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def made(self, value: dict[str, Any] | None) -> str | None:
        """Give the code for all arguments."""
        if value is None:
            return None
        if "object" in value:
            return self._object(value["object"], "sent")
        if "parameter" in value and "member" not in value:
            declared = self.declared[value["parameter"]] if value["parameter"] < len(self.declared) else None
            if declared and (declared["type"] == "bytes" or self.shapes.members(declared["type"])):
                return self._parameter(declared).name
        self.notes.append(f"Its arguments are made of `{value.get('unclear', 'a value')}` in TypeScript.")
        return self._new("args", f"{self.shapes.use('collections.abc', 'Mapping')}[str, object]").name

    def in_order(self) -> list[Parameter]:
        """Give the parameters, optional ones last."""
        every = list(self.parameters.values())
        return [each for each in every if not each.optional] + [each for each in every if each.optional]

    def _object(self, members: dict[str, Any], name: str) -> str:
        while name in self.parameters:
            name += "_"
        pieces = []
        for key, value in members.items():
            if key.startswith("..."):
                pieces.append(self._spread(value, key[3:]))
            elif "object" in value:
                pieces.append(_Piece(key, self._object(value["object"], f"{name}_{snake(key)}")))
            else:
                pieces.append(self._piece(key, value))
        sure = [each for each in pieces if each.when is None]
        if len(sure) == len(pieces):
            return _dict(sure, _INDENT + " " * 4, 1)
        self.statements.append(f"{_INDENT}{name}: dict[str, object] = {_dict(sure, _INDENT, 26 + len(name))}")
        for each in pieces:
            if each.when:
                self.statements.append(f"{_INDENT}if {each.when}:")
                set_ = f"{name}.update({each.code})" if each.key is None else f"{name}[{_text(each.key)}] = {each.code}"
                self.statements.append(f"{_INDENT}    {set_}")
        return name

    def _piece(self, key: str, value: dict[str, Any]) -> _Piece:
        if "constant" in value:
            return _Piece(key, _text(value["constant"]))
        if "channel" in value:
            parameter = self._new(snake(key), f'"{self.messages}[object]"')
            self.notes.append(f"`{parameter.name}` is what a block of `host.channel()` gives.")
            return _Piece(key, parameter.name)
        if "self" in value:
            parameter = self._new(snake(value["self"]), "object")
            self.notes.append(f"`{parameter.name}` is what the class keeps in TypeScript.")
            return _Piece(key, parameter.name)
        if "parameter" in value and value["parameter"] < len(self.declared):
            declared = self.declared[value["parameter"]]
            try:
                return self._member(key, declared, value) if "member" in value else self._whole(key, declared, value)
            except UnclearError as error:
                return self._unclear(key, f"is {error} in TypeScript")
        made_of = f"is made of `{value['unclear']}`" if "unclear" in value else "is not declared for others"
        return self._unclear(key, f"{made_of} in TypeScript")

    def _whole(self, key: str, declared: dict[str, Any], value: dict[str, Any]) -> _Piece:
        parameter = self._parameter(declared)
        code = f"list({parameter.name})" if declared["type"] == "bytes" or parameter.rest else parameter.name
        if not parameter.optional:
            return _Piece(key, code)
        if "otherwise" not in value:
            return _Piece(key, code, f"{parameter.name} is not None")
        other = _text(value["otherwise"])
        if other == "None" and code == parameter.name:
            return _Piece(key, code)
        return _Piece(key, f"{other} if {parameter.name} is None else {code}")

    def _member(self, key: str, declared: dict[str, Any], value: dict[str, Any]) -> _Piece:
        member = (self.shapes.members(declared["type"]) or {}).get(value["member"])
        if member is None:
            msg = f"the member `{value['member']}` of `{declared['name']}`"
            raise UnclearError(msg)
        parameter = self._parameter(declared)
        own = _text(value["member"])
        conditions = [f"{parameter.name} is not None"] if parameter.optional else []
        conditions += [f"{own} in {parameter.name}"] if member["optional"] else []
        code, when = f"{parameter.name}[{own}]", " and ".join(conditions) or None
        if when and "otherwise" in value:
            return _Piece(key, f"{code} if {when} else {_text(value['otherwise'])}")
        return _Piece(key, code, when)

    def _spread(self, value: dict[str, Any], what: str) -> _Piece:
        if "parameter" in value and "member" not in value and value["parameter"] < len(self.declared):
            declared = self.declared[value["parameter"]]
            if self.shapes.members(declared["type"]):
                parameter = self._parameter(declared)
                return _Piece(None, parameter.name, f"{parameter.name} is not None" if parameter.optional else None)
        piece = self._unclear(snake(what), f"is `{what}` in TypeScript, whose members are sent")
        self.parameters[piece.code].annotation = f"{self.shapes.use('collections.abc', 'Mapping')}[str, object]"
        return _Piece(None, piece.code)

    def _unclear(self, key: str, why: str) -> _Piece:
        parameter = self._new(snake(key), "object")
        self.notes.append(f"`{parameter.name}` {why}; here it is what the command takes.")
        return _Piece(key, parameter.name)

    def _parameter(self, declared: dict[str, Any]) -> Parameter:
        name = _usable(snake(declared["name"]))
        found = self.parameters.get(name)
        if found is None:
            tree = declared["type"]
            if declared["rest"]:
                tree = tree.get("list", "json") if isinstance(tree, dict) else "json"
            is_channel = isinstance(tree, dict) and "channel" in tree
            annotation = f'"{self.messages}[object]"' if is_channel else self.shapes.taken(tree)
            if is_channel:
                self.notes.append(f"`{name}` is what a block of `host.channel()` gives.")
            found = Parameter(name, annotation, declared["optional"], declared["rest"], declared["doc"])
            self.parameters[name] = found
        return found

    def _new(self, name: str, annotation: str) -> Parameter:
        name = _usable(name)
        while name in self.parameters:
            name += "_"
        self.parameters[name] = Parameter(name, annotation)
        return self.parameters[name]


def _usable(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) or name in {"self", "list"} else name


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _dict(pieces: list[_Piece], indent: str, before: int) -> str:
    """Give a dict in one line if it fits behind `before` letters, else with a line for each member."""
    parts = [f"**{each.code}" if each.key is None else f"{_text(each.key)}: {each.code}" for each in pieces]
    line = f"{{{', '.join(parts)}}}"
    if len(indent) + before + len(line) <= WIDTH:
        return line
    return "\n".join(["{", *(f"{indent}    {each}," for each in parts), f"{indent}}}"])
