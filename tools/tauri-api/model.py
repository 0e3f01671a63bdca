"""Puts packages, crates and exceptions together: each command with the methods that call it, or why there is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import exceptions as said
from trees import Types, UnclearError, snake

if TYPE_CHECKING:
    from crates import Command, Plugin

_OWNERS = {"Window", "Webview", "WebviewWindow"}
"""Classes whose `this.label` is the window that the call runs in."""


class Model:
    """What `tauri-api.json` has, and the differences that nobody has explained."""

    def __init__(self, packages: dict[str, Any], plugins: list[Plugin]) -> None:
        """Merge what both sides say."""
        self.differences: list[str] = []
        self._named = packages["named"]
        self._modules = packages["modules"]
        self._used: set[int] = set()
        self._by_hand = False
        self._calls: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {}
        for module in self._modules:
            for call in module["calls"]:
                self._calls.setdefault(call["command"].removeprefix("plugin:"), []).append((call, module))
        self.document = {
            "packages": packages["versions"],
            "crates": {each.crate: each.version for each in plugins},
            "plugins": [self._plugin(each) for each in plugins],
        }
        for command in self._calls:
            self.differences.append(f"{command}: the package calls it, and no crate has it; add it to LEFT_OUT")
        commands = {f"{plugin.name}|{command}" for plugin in plugins for command in plugin.commands}
        for command in sorted(said.BY_HAND.keys() - commands):
            self.differences.append(f"{command}: it is written by hand, and no crate has it any more")
        for number, method in enumerate(said.METHODS):
            if number not in self._used:
                self.differences.append(f"{method.command}: the exception for {method.js} explains nothing any more")

    def _plugin(self, plugin: Plugin) -> dict[str, Any]:
        package = f"@tauri-apps/plugin-{plugin.name}" if plugin.crate != "tauri" else f"@tauri-apps/api/{plugin.name}"
        types = Types(self._named, package, plugin.name)
        commands = [self._command(plugin, each, types) for each in plugin.commands.values()]
        return {
            "name": plugin.name,
            "crate": plugin.crate,
            "left_out": said.LEFT_OUT_PLUGINS.get(plugin.name),
            "commands": commands,
            "types": types.found,
        }

    def _command(self, plugin: Plugin, command: Command, types: Types) -> dict[str, Any]:
        key = f"{plugin.name}|{command.name}"
        calls = self._calls.pop(key, [])
        row: dict[str, Any] = {
            "command": command.name,
            "permission": f"{plugin.namespace}:allow-{command.name.replace('_', '-')}",
            "by_default": command.by_default,
        }
        if not command.permission:
            self.differences.append(f"{key}: it is registered and has no permission")
        if command.cfg:
            row["only_with"] = " and ".join(command.cfg)
        if command.arguments is not None:
            row["takes"] = {each.js: each.type for each in command.arguments}
            row["gives"] = command.result
        reason = said.LEFT_OUT_PLUGINS.get(plugin.name) or said.LEFT_OUT.get(key)
        if command.cfg is None:
            return {**row, "state": "absent", "reason": "a permission without a command on desktops"}
        if reason:
            return {**row, "state": "left out", "reason": reason}
        # Of what is written by hand, a newer Tauri's methods are there to be read in the diff.
        self._by_hand = key in said.BY_HAND
        if self._by_hand:
            row |= {"state": "by hand", "python": list(said.BY_HAND[key])}
        else:
            row["state"] = "typed"
            if _is_for_hands(command):
                self.differences.append(
                    f"{key}: it takes channels or handles; write its Python, and name it in BY_HAND"
                )
        methods = [method for call in calls or [({}, {})] if (method := self._method(key, command, *call, types))]
        if not methods and row["state"] == "typed":
            self.differences.append(f"{key}: {plugin.crate} registers it, and no package calls it")
        return {**row, "methods": methods}

    def _method(
        self, key: str, command: Command, call: dict[str, Any], module: dict[str, Any], types: Types
    ) -> dict[str, Any] | None:
        js = _js(call)
        exception = next(
            ((number, each) for number, each in enumerate(said.METHODS) if each.command == key and each.js == js), None
        )
        if f"{key}#{js}" in said.NOT_CALLED or key in said.NOT_CALLED:
            return None
        if exception:
            self._used.add(exception[0])
        extra = exception[1] if exception else None
        if not call and not extra:
            return None
        try:
            return self._typed(key, command, call, module, types, extra)
        except UnclearError as error:
            if not self._by_hand:
                self.differences.append(f"{key}: {js}: {error}; say what it is in METHODS")
            return {"js": js, "unclear": str(error)} if self._by_hand else None

    def _typed(
        self,
        key: str,
        command: Command,
        call: dict[str, Any],
        module: dict[str, Any],
        types: Types,
        extra: said.Method | None,
    ) -> dict[str, Any]:
        signature = self._signature(key, call, module, extra)
        declared = {each["name"]: each for each in signature["parameters"]}
        declared[""] = {"docs": signature.get("parameterDocs", {})}
        taken = {each.js: each for each in command.arguments or []}
        arguments: list[dict[str, Any]] = []
        constants: dict[str, Any] = {}
        wrapped: list[str] = []
        sent = dict(call.get("arguments", {}))
        if extra:
            sent |= {name: {} for name in extra.takes if name not in sent and name in taken}
        for json, value in sent.items():
            tree = extra.takes.get(json, "") if extra else ""
            if tree is None:
                continue
            if "constant" in value and not tree:
                constants[json] = value["constant"]
                continue
            if (directory := re.fullmatch(r"BaseDirectory\.(\w+)", value.get("expression", ""))) and not tree:
                constants[json] = self._directory(directory[1])
                continue
            if value.get("self") == "label" and call.get("class") in _OWNERS:
                continue
            if value.get("self") in {"rid", "kind", "path", "client", "name", "procedureArgs"} and not tree:
                arguments.append({"json": json, "own": value["self"]})
                continue
            found = self._argument(key, json, value, tree, declared, types)
            rust = taken.get(json.removeprefix("..."))
            if json.startswith("...") or self._is_options(found["type"], types):
                members = self._flat(found, types, None if json.startswith("...") else json)
                arguments += [
                    each
                    for each in members
                    if each["json"] not in said.PHONES and (not extra or extra.takes.get(each["json"], "") is not None)
                ]
                if not json.startswith("..."):
                    wrapped += [json] if not (rust and rust.optional) else []
                continue
            if extra and json in extra.defaults:
                found |= {"optional": True, "default": extra.defaults[json]}
            elif rust and rust.optional and not declared.keys() & _parameters(value):
                found["optional"] = True
            if rust and not rust.optional and found["optional"] and "default" not in found:
                self._difference(key, f"`{json}` is optional in {call.get('function')} and not in Rust (`{rust.type}`)")
            if rust is None and "Channel" not in str(found["type"]):
                self._difference(key, f"`{json}` is sent by {call.get('function')}, and Rust takes {sorted(taken)}")
            if extra and json in extra.names:
                found["python"] = extra.names[json]
            if rust:
                found["type"] = _as_in_rust(found["type"], rust.type)
            arguments.append(found)
        sends = {each.get("in") or each["json"] for each in arguments} | constants.keys() | set(wrapped)
        for name, argument in taken.items():
            if not argument.optional and name not in sends and name != "label":
                self._difference(
                    key, f"Rust needs `{name}: {argument.type}`, and {call.get('function')} does not send it"
                )
        if extra is None or not extra.gives:
            self._check_result(key, signature["result"], command.result)
        result = extra.gives if extra and extra.gives else signature["result"]
        if key in said.NO_PATHS:
            types.are_paths = False
        given = types.of(result)
        types.are_paths = plugin_of(key) in said.PLUGINS_OF_PATHS
        function = (
            extra.name
            if extra and extra.name
            else said.NAMES.get(key) or _plain_name(call.get("function", command.name))
        )
        method: dict[str, Any] = {
            "js": _js(call),
            "python": snake(function),
            "arguments": arguments,
            "result": _result_as_in_rust(given, command.result),
            "doc": said.DOCS.get(key) or (extra.doc if extra else None) or signature.get("doc", ""),
            "note": said.NOTES.get(key, ""),
        }
        if constants:
            method["constants"] = constants
        if wrapped:
            method["always"] = wrapped
        if call.get("headers"):
            method["headers"] = call["headers"]
        if extra and extra.overload:
            method |= {"overload": extra.overload, "or_result": types.of(extra.or_gives)}
        if extra:
            method["because"] = extra.because
        return method

    def _check_result(self, key: str, tree: Any, rust: str) -> None:
        inner = re.sub(r"^(?:\w+::)*(?:Command)?Result<(.*)>$", r"\1", rust)
        says_null = isinstance(tree, dict) and "null" in tree.get("union", ())
        if inner.startswith("Option<") != says_null and tree != "nothing":
            self._difference(key, f"TypeScript gives {tree}, Rust gives `{rust}`")

    def _difference(self, key: str, text: str) -> None:
        # Nothing is made of it where the Python is written by hand.
        if not self._by_hand:
            self.differences.append(f"{key}: {text}")

    def _signature(
        self, key: str, call: dict[str, Any], module: dict[str, Any], extra: said.Method | None
    ) -> dict[str, Any]:
        name = extra.like if extra and extra.like else call.get("function")
        places = [module] if module else []
        plugin = key.partition("|")[0]
        places += [
            each for each in self._modules if each["package"].endswith(f"plugin-{plugin}") or each["module"] == plugin
        ]
        for place in places:
            owner = place.get("classes", {}).get(call.get("class") or "", {}).get("methods", {})
            found = owner.get(name) or place.get("functions", {}).get(name)
            if name == "constructor":
                found = owner.get("constructor_")
            if found:
                last: dict[str, Any] = found[-1]
                return last
        if extra:
            return {"parameters": [], "result": "nothing"}
        msg = f"no declaration of `{name}`"
        raise UnclearError(msg)

    def _argument(
        self, key: str, json: str, value: dict[str, Any], tree: Any, declared: dict[str, Any], types: Types
    ) -> dict[str, Any]:
        names = sorted(_parameters(value))
        parameter = declared.get(names[0]) if len(names) == 1 else None
        is_whole = parameter and "member" not in value and parameter["name"] != "options"
        python = snake(parameter["name"]) if parameter and is_whole else snake(json)
        optional = bool(parameter and parameter["optional"])
        doc = self._words(parameter, declared)
        if not tree:
            if parameter is None:
                msg = f"`{json}` is made of {value}"
                raise UnclearError(msg)
            tree = parameter["type"]
            if "member" in value:
                msg = f"`{json}` is the member `{value['member']}` of `{parameter['name']}`"
                raise UnclearError(msg)
        if parameter and not is_whole and not tree_is_options(value):
            return {
                "json": json,
                "python": python,
                "type": types.of(tree, json),
                "optional": optional,
                "named": True,
                "doc": doc,
            }
        if parameter and parameter.get("rest"):
            return {
                "json": json,
                "python": python,
                "type": types.of(tree, json),
                "optional": False,
                "rest": True,
                "doc": doc,
            }
        return {"json": json, "python": python, "type": types.of(tree, json), "optional": optional, "doc": doc}

    def _words(self, parameter: dict[str, Any] | None, declared: dict[str, Any]) -> str:
        docs: dict[str, str] = declared.get("", {}).get("docs", {})
        return docs.get(parameter["name"], "") if parameter and parameter["name"] != "options" else ""

    def _is_options(self, tree: Any, types: Types) -> bool:
        if isinstance(tree, dict) and "merged" in tree:
            return True
        name = tree.get("record", "") if isinstance(tree, dict) else ""
        return name.endswith("Options") or name in {"Notification", "SpawnOptions"}

    def _flat(self, found: dict[str, Any], types: Types, inside: str | None) -> list[dict[str, Any]]:
        """The members of an argument for options, each as an argument of its own."""
        tree = found["type"]
        trees = tree.get("merged", [tree])
        members: dict[str, dict[str, Any]] = {}
        for each in trees:
            for member in types.found.pop(each["record"], {}).get("members", []) or self._again(each["record"], types):
                members.setdefault(member["json"], member)
        return [{**member, "in": inside} if inside else dict(member) for member in members.values()]

    def _again(self, record: str, types: Types) -> list[dict[str, Any]]:
        types.of({"record": record})
        members: list[dict[str, Any]] = types.found.pop(record)["members"]
        return members

    def _directory(self, name: str) -> int:
        members = self._named["@tauri-apps/api/path#BaseDirectory"]["enum"]
        return int(next(each["value"] for each in members if each["name"] == name))


def plugin_of(key: str) -> str:
    """Give the plugin of a command."""
    return key.partition("|")[0]


def _parameters(value: dict[str, Any]) -> set[str]:
    """The parameters of the function that an argument is made of."""
    return {value["parameter"]} if "parameter" in value else set(value.get("parameters", ()))


def tree_is_options(value: dict[str, Any]) -> bool:
    """Whether an argument is the whole of what the caller gave as options."""
    return value.get("parameter") == "options" and "member" not in value


def _is_for_hands(command: Command) -> bool:
    types = [command.result, *(each.type for each in command.arguments or [])]
    return any("Channel<" in each or "ResourceId" in each for each in types)


def _js(call: dict[str, Any]) -> str | None:
    if not call:
        return None
    owner = call.get("class")
    return call["function"] if owner in {None, "Window", "Webview"} else f"{owner}.{call['function']}"


def _plain_name(function: str) -> str:
    """`getVersion` is `version` in Python."""
    return re.sub(r"^get(?=[A-Z])", "", function)


def _as_in_rust(tree: Any, rust: str) -> Any:
    """Numbers are told apart by Rust alone."""
    if tree == "int" and re.fullmatch(r"(Option<)?f(32|64)>?", rust):
        return "float"
    return tree


def _result_as_in_rust(tree: Any, rust: str) -> Any:
    return "float" if tree == "int" and "f64" in rust else tree
