"""The names of all commands, for refusals that tell which one was meant."""

from __future__ import annotations

from typing import Any

_SYSTEMS = {"macos": "macOS", "windows": "Windows", "linux": "Linux"}

_MODULE = '''"""The names of Tauri's commands."""

from __future__ import annotations

COMMANDS: tuple[str, ...] = ({names})
"""Every command that a desktop has."""

ONLY_ON: dict[str, str] = {only}
"""Those that one system alone has, with its name."""
'''


def module(plugins: list[dict[str, Any]]) -> str:
    """Give the text of the module."""
    commands = {
        f"plugin:{plugin['name']}|{each['command']}": each
        for plugin in plugins
        for each in plugin["commands"]
        if each["state"] != "absent"
    }
    only = {name: system for name, each in commands.items() if (system := _system(each.get("only_with", "")))}
    return _MODULE.format(names="".join(f"{name!r}," for name in commands), only=repr(only))


def _system(condition: str) -> str | None:
    """Give the system that a condition of Rust's is for, such as `target_os = "macos"`."""
    return next((name for word, name in _SYSTEMS.items() if condition == f'target_os = "{word}"'), None)
