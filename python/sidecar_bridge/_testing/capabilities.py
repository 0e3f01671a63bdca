"""Tauri's access control list for a sidecar, as the app's own capability files have it."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from fnmatch import fnmatchcase
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sidecar_bridge._testing.manifests import CapabilityError, Commands, Manifests, permission_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TARGET = {"darwin": "macOS", "win32": "windows"}.get(sys.platform, "linux")
_READERS = {".json": json.loads, ".toml": tomllib.loads}


class _Capability(NamedTuple):
    """What one capability lets the sidecar do, and in which windows."""

    labels: list[str]
    commands: Commands


class Capabilities:
    """What the capabilities of an app grant to one sidecar. The scopes of permissions are the plugins' to judge."""

    def __init__(self, paths: str | PathLike[str] | Iterable[str | PathLike[str]], sidecar: str) -> None:
        """Read files and folders of capabilities; `CapabilityError` for what cannot be read."""
        self._principal = f"sidecar-bridge://{sidecar}"
        self._manifests: list[Manifests] = []
        self._granted = [found for path in _files(paths) for found in self._read(path)]

    def grants(self, command: str, label: str) -> bool:
        """Tell whether the sidecar may run a command in the window with that label."""
        if any(command in each.commands.deny for each in self._granted):
            return False
        return any(
            command in each.commands.allow and any(fnmatchcase(label, pattern) for pattern in each.labels)
            for each in self._granted
        )

    def refusal(self, command: str, label: str) -> str:
        """Say what a host says of a command that it does not grant in the window with that label."""
        permission = permission_of(command)
        grant = f"grant `{permission}` in a capability with that remote url"
        if all(manifests.knows(command) for manifests in self._manifests):
            refused = f"command `{command}` is not granted to `{self._principal}` in window `{label}`"
            return f"{refused}; {grant} and that window"
        unknown = f"command `{command}` cannot be granted to `{self._principal}`, since Tauri's ACL does not know it"
        if command.startswith("plugin:"):
            add = "add its plugin to the app's `Cargo.toml`, or a version of the plugin that has the command"
            return f"{unknown}; {add}, and {grant}"
        declare = "if the app has it, declare it in `AppManifest` of the app's `build.rs`"
        return f"{unknown}; {declare} and {grant}; if not, register it first"

    def _read(self, path: Path) -> Iterator[_Capability]:
        try:
            content: Any = _READERS[path.suffix](path.read_text("utf-8"))
        except (ValueError, OSError) as error:
            raise CapabilityError(f"{path} cannot be read: {error}") from error
        several = content.get("capabilities") if isinstance(content, dict) else content
        listed = several if isinstance(several, list) else [content]
        manifests = Manifests(path.resolve())
        self._manifests.append(manifests)
        for each in listed:
            try:
                yield from self._judged(each, manifests)
            except CapabilityError as error:
                raise CapabilityError(f"{path}: {error}") from None
            except (KeyError, TypeError, AttributeError) as error:
                raise CapabilityError(f"{path} has a capability that Tauri would not read: {error!r}") from error

    def _judged(self, capability: dict[str, Any], manifests: Manifests) -> Iterator[_Capability]:
        permissions = capability["permissions"]
        urls = (capability.get("remote") or {}).get("urls", [])
        is_active = _TARGET in (capability.get("platforms") or [_TARGET])
        if not is_active or not any(_matches(url, self._principal) for url in urls):
            return
        labels = [*capability.get("windows", []), *capability.get("webviews", [])]
        if wrong := next((each for each in labels if not isinstance(each, str)), None):
            raise TypeError(f"{wrong!r} is no label")
        for entry in permissions:
            permission = entry if isinstance(entry, str) else entry["identifier"]
            yield _Capability(labels, manifests.commands(permission, _TARGET))


def _files(paths: str | PathLike[str] | Iterable[str | PathLike[str]]) -> Iterator[Path]:
    for path in [Path(paths)] if isinstance(paths, str | PathLike) else [Path(each) for each in paths]:
        if path.is_file():
            if path.suffix not in _READERS:
                raise CapabilityError(f"{path} is neither .json nor .toml, the formats that are read here")
            yield path
            continue
        # As Tauri's build finds them.
        found = [each for each in sorted(path.rglob("*")) if each.parent.name != "schemas"]
        if json5 := next((each for each in found if each.suffix == ".json5"), None):
            raise CapabilityError(f"{json5} is JSON5, which is not read here; make it .json or .toml")
        files = [each for each in found if each.suffix in _READERS and each.is_file()]
        if not files:
            raise CapabilityError(
                f"there is no capability in {path.resolve()}; give `src-tauri/capabilities`, or a file"
            )
        yield from files


def _matches(pattern: str, principal: str) -> bool:
    """Tell whether a URL pattern is of the sidecar: only `*` of the patterns' syntax is read here."""
    scheme, _, rest = pattern.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if scheme == "sidecar-bridge" and re.search(r"[^\w*.-]", host):
        raise CapabilityError(f"remote url `{pattern}` has more than `*` in it; write `{principal}`")
    glob = re.compile("".join(".*" if part == "*" else re.escape(part) for part in f"{scheme}://{host}"))
    return glob.fullmatch(principal) is not None
