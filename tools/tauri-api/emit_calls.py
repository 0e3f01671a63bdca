"""Modules of `sidecar_bridge._client.tauri`: the class of one plugin, with a method for each call."""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING, Any

from prose import brief, docstring, split

if TYPE_CHECKING:
    from python_types import Names

_ONLY = {
    'target_os = "windows"': "On Windows only",
    'target_os = "macos"': "On macOS only",
    'feature = "tray-icon"': "Only with the feature `tray-icon` of the plugin",
}
_CLASSES = "sidecar_bridge._client.tauri"


def module(plugin: dict[str, Any], class_name: str, title: str, names: Names, extra: str, base: str) -> str:
    """Give the text of a module with the class of a plugin, which inherits from that of the module `base`, if any."""
    body: list[str] = []
    for command in plugin["commands"]:
        if command["state"] == "typed":
            for method in command["methods"]:
                body += ["", *_method(command, method, names)]
    if extra:
        body += ["", extra.rstrip()]
    inherits = f"Async{base.title().replace('_', '')}" if base else "AsyncPlugin"
    head = [
        f"class Async{class_name}({inherits}):",
        *docstring(
            [f"{title[0].upper()}{title[1:]}.", "Every method has Tauri's own meaning, and needs its permission."], 4
        ),
        "",
        f'    _prefix = "plugin:{plugin["name"]}|"',
    ]
    text = "\n".join([*head, *body])
    of = f"{_CLASSES}.async_{base or 'plugin'}"
    return "\n".join([f'"""Tauri\'s {title}, for asyncio."""', "", *_imports(names, text, of, inherits), text]) + "\n"


def _imports(names: Names, text: str, of: str, inherits: str) -> list[str]:
    lines = ["from __future__ import annotations", ""]
    words = [
        "TYPE_CHECKING",
        *(["Literal"] if "Literal[" in text else []),
        *(["overload"] if "@overload" in text else []),
    ]
    lines.append(f"from typing import {', '.join(words)}")
    lines.append(f"from {of} import {inherits}")
    if "with loading:" in text:
        lines.append("from sidecar_bridge._client.failure import loading")
    lines += [
        f"from sidecar_bridge.tauri import _{each} as {each}" for each in ("arguments", "results") if f"{each}." in text
    ]
    lines += [f"from {home} import {name}" for name, home in sorted(names.values.items())]
    block = {name: home for name, home in names.annotations.items() if name not in {*names.values, "Literal"}}
    under = [f"    from {home} import {name}" for name, home in sorted(block.items())]
    if not under:
        lines = [line.replace("TYPE_CHECKING, ", "") for line in lines if line != "from typing import TYPE_CHECKING"]
    return [*lines, "", *(["if TYPE_CHECKING:", *under, ""] if under else []), ""]


def _method(command: dict[str, Any], method: dict[str, Any], names: Names) -> list[str]:
    required = [each for each in method["arguments"] if not each["optional"] and not each.get("rest")]
    rest = [each for each in method["arguments"] if each.get("rest")]
    # What TypeScript has as a parameter may be given by position, members of its options only by name.
    named = [each for each in method["arguments"] if each["optional"] and ("in" in each or each.get("named"))]
    loose = [each for each in method["arguments"] if each["optional"] and each not in named]
    result = names.given(method["result"])
    if "overload" not in method:
        head = _head(method, _signature(required, rest, loose, named, names), result)
        return [*head, *_doc(command, method), *_body(command, method, names, names.reader(method["result"]))]
    flag = next(each for each in method["arguments"] if each["json"] == method["overload"])
    other = [each for each in named if each is not flag]
    either = f"{result} | {names.given(method['or_result'])}".replace(" | None |", " |")
    lines: list[str] = []
    for words, given in (("Literal[False] = False", result), ("Literal[True]", names.given(method["or_result"]))):
        signature = _signature(required, rest, loose, other, names, first=f"{flag['python']}: {words}")
        lines += ["    @overload", *_head(method, signature, given, " ...")]
    signature = _signature(required, rest, loose, other, names, first=f"{flag['python']}: bool = False")
    lines += [*_head(method, signature, either), *_doc(command, method)]
    body = _body(command, method, names, "read", flag)
    reader = f"{names.reader(method['or_result'])} if {flag['python']} else {names.reader(method['result'])}"
    body.insert(-1, f"        read: Callable[[Any], Any] = {reader}")
    body[-1] = f"        found: {either} = {body[-1].strip().removeprefix('return ')}"
    names.annotations |= {"Callable": "collections.abc", "Any": "typing"}
    return [*lines, *body, "        return found"]


def _head(method: dict[str, Any], signature: str, result: str, end: str = "") -> list[str]:
    return [f"    async def {_name(method['python'])}({signature}) -> {result}:{end}"]


def _signature(
    required: list[dict[str, Any]],
    rest: list[dict[str, Any]],
    loose: list[dict[str, Any]],
    named: list[dict[str, Any]],
    names: Names,
    first: str = "",
) -> str:
    parts = ["self"]
    parts += [f"{_name(each['python'])}: {names.taken(each['type'])}" for each in required]
    parts += [f"{_name(each['python'])}: {_optional(each, names)}" for each in loose]
    parts += [f"*{_name(each['python'])}: {names.taken(each['type']['list'])}" for each in rest]
    if named or first:
        parts += ["*"] if not rest else []
        parts += [first] if first else []
        parts += [f"{_name(each['python'])}: {_optional(each, names)}" for each in named]
    return ", ".join(parts)


def _optional(argument: dict[str, Any], names: Names) -> str:
    default = argument.get("default")
    annotation = names.taken(argument["type"])
    if default is not None:
        return f"{annotation} = {'()' if default == [] else repr(default)}"
    return f"{annotation} = None" if "None" in annotation.split(" | ") else f"{annotation} | None = None"


def _doc(command: dict[str, Any], method: dict[str, Any]) -> list[str]:
    summary, more = split(method["doc"])
    needs = f"Needs `{command['permission']}`"
    if command["by_default"]:
        needs += f", which `{command['permission'].rpartition(':')[0]}:default` has"
    if condition := command.get("only_with"):
        needs += f". {_ONLY.get(condition, f'Only with {condition}')}"
    described = [f"    {_name(each['python'])}: {text}" for each in method["arguments"] if (text := brief(each["doc"]))]
    arguments = ["Args:\n" + "\n".join(described)] if described else []
    return docstring([summary or "Call the command.", *more, method["note"], f"{needs}.", *arguments], 8)


def _body(
    command: dict[str, Any], method: dict[str, Any], names: Names, reader: str, flag: dict[str, Any] | None = None
) -> list[str]:
    always = set(method.get("always", ()))
    groups = list(dict.fromkeys(each["in"] for each in method["arguments"] if "in" in each))
    lines: list[str] = []
    for group in groups:
        inside = [each for each in method["arguments"] if each.get("in") == group]
        lines += _object(group, [each for each in inside if not each["optional"]], {}, names)
        for each in inside:
            if each["optional"]:
                lines += _when_given(group, each, names, is_flag=each is flag)
    direct = [each for each in method["arguments"] if "in" not in each]
    sure = [each for each in direct if not each["optional"] or "default" in each]
    late = [each for each in direct if each["optional"] and "default" not in each]
    loose = [group for group in groups if group not in always]
    constants = {**method.get("constants", {}), **{group: _Code(group) for group in groups if group in always}}
    if not late and not loose:
        return [*lines, _return(command, _literal(sure, constants, names), reader)]
    lines += _object("args", sure, constants, names)
    for each in late:
        lines += _when_given("args", each, names)
    for group in loose:
        lines += [f"        if {group}:", f'            args["{group}"] = {group}']
    return [*lines, _return(command, "args", reader)]


class _Code(str):
    """Code, not a value."""

    __slots__ = ()


def _return(command: dict[str, Any], args: str, reader: str) -> str:
    return f'        return await self._call("{command["command"]}", {args}, {reader})'


def _object(name: str, arguments: list[dict[str, Any]], constants: dict[str, Any], names: Names) -> list[str]:
    return [f"        {name}: dict[str, object] = {_literal(arguments, constants, names)}"]


def _literal(arguments: list[dict[str, Any]], constants: dict[str, Any], names: Names) -> str:
    parts = [f'"{each["json"]}": {_take(each, names)}' for each in arguments]
    parts += [f'"{name}": {value if isinstance(value, _Code) else repr(value)}' for name, value in constants.items()]
    return "{" + ", ".join(parts) + "}"


def _take(argument: dict[str, Any], names: Names) -> str:
    name = _name(argument["python"])
    return f'{names.taker(argument["type"])}({name}, "{name}")'


def _when_given(target: str, argument: dict[str, Any], names: Names, *, is_flag: bool = False) -> list[str]:
    name = _name(argument["python"])
    if is_flag:
        return [f"        if {_take(argument, names)}:", f'            {target}["{argument["json"]}"] = True']
    return [f"        if {name} is not None:", f'            {target}["{argument["json"]}"] = {_take(argument, names)}']


def _name(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name
