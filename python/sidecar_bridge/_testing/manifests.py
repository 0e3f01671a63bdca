"""What permissions allow: Tauri's own manifests, where a build of the app has written them, else their names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from sidecar_bridge._client.known import meant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MANIFESTS = "gen/schemas/acl-manifests.json"
_APP = "__app-acl__"
_CORE = {"app", "event", "image", "menu", "path", "resources", "tray", "webview", "window"}


class CapabilityError(ValueError):
    """A capability cannot be read, or means something that only a build of the app can tell; the message says which."""


class Commands(NamedTuple):
    """The commands that a permission allows and denies, as `invoke` has them."""

    allow: frozenset[str] = frozenset()
    deny: frozenset[str] = frozenset()


class Manifests:
    """The permissions of the app and of its plugins."""

    def __init__(self, capability: Path) -> None:
        """Find the manifests beside the folder of capabilities, or above."""
        self.path = next((path for folder in capability.parents if (path := folder / MANIFESTS).is_file()), None)
        self._plugins: dict[str, Any] = {} if self.path is None else json.loads(self.path.read_text("utf-8"))

    def commands(self, permission: str, target: str) -> Commands:
        """Give the commands of a permission or a set; `CapabilityError` for one that is not there."""
        plugin, _, name = permission.rpartition(":")
        if self.path is None:
            return _by_name(permission, plugin, name)
        found = list(self._resolve(plugin or _APP, name, permission))
        active = [each for each in found if target in (each.get("platforms") or [target])]
        allow = (_command(plugin, command) for each, plugin in _of(active, "allow") for command in each)
        deny = (_command(plugin, command) for each, plugin in _of(active, "deny") for command in each)
        return Commands(frozenset(allow), frozenset(deny))

    def knows(self, command: str) -> bool:
        """Tell whether any permission has the command; without manifests nobody knows."""
        if self.path is None:
            return True
        plugin, _, name = command.removeprefix("plugin:").rpartition("|")
        manifest = self._plugins.get(key_of(plugin) or _APP, {"permissions": {}})
        return any(name in each["commands"]["allow"] for each in manifest["permissions"].values())

    def _resolve(self, plugin: str, name: str, asked: str) -> Iterator[dict[str, Any]]:
        """Give the permissions behind a name, those of other plugins too: `core:default` has `core:window:default`."""
        manifest = self._plugins.get(plugin)
        if manifest is None:
            raise CapabilityError(f"no plugin `{plugin}` has permission `{asked}`; {self.path} names {self._names()}")
        entry = manifest["default_permission"] if name == "default" else manifest["permission_sets"].get(name)
        if entry is not None:
            for each in entry["permissions"]:
                inner, _, inner_name = each.rpartition(":")
                yield from self._resolve(inner or plugin, inner_name, asked)
        elif name in manifest["permissions"]:
            yield {**manifest["permissions"][name], "plugin": plugin}
        elif name != "default":
            raise CapabilityError(
                f"there is no permission `{asked}` in {self.path}; build the app, which writes it "
                f"anew{self._alike(asked)}"
            )

    def _alike(self, asked: str) -> str:
        return meant(
            asked, [f"{plugin}:{name}" for plugin, each in self._plugins.items() for name in each["permissions"]]
        )

    def _names(self) -> str:
        return ", ".join(f"`{name}`" for name in self._plugins if name != _APP)


def key_of(plugin: str) -> str:
    """Give the name under which permissions have a plugin: `core:window` for `window`."""
    return f"core:{plugin}" if plugin in _CORE else plugin


def permission_of(command: str) -> str:
    """Give the permission that Tauri's build makes for a command: `allow-greet`, `dialog:allow-open`."""
    plugin, _, name = command.removeprefix("plugin:").rpartition("|")
    allow = f"allow-{name.replace('_', '-')}"
    return f"{key_of(plugin)}:{allow}" if plugin else allow


def _by_name(permission: str, plugin: str, name: str) -> Commands:
    verb, _, rest = name.partition("-")
    commands = frozenset([_command(plugin, rest.replace("-", "_"))])
    if rest and verb == "allow":
        return Commands(allow=commands)
    if rest and verb == "deny":
        return Commands(deny=commands)
    msg = (
        f"what permission `{permission}` allows is known only to a build of the app, which writes `{MANIFESTS}`: build "
        f"the app once, or name single permissions such as `{plugin}:allow-…`"
    )
    raise CapabilityError(msg)


def _command(plugin: str, command: str) -> str:
    name = plugin.removeprefix("core:")
    return f"plugin:{name}|{command}" if name and name != _APP else command


def _of(permissions: list[dict[str, Any]], verb: str) -> Iterator[tuple[list[str], str]]:
    return ((each["commands"][verb], each["plugin"]) for each in permissions)
