"""The contracts of the generated bindings that this process has loaded. The host compares them with the app's."""

from __future__ import annotations

_loaded: dict[str, None] = {}


def contract(name: str) -> str:
    """Note that bindings with the contract `name` are loaded, and give `name` back."""
    _loaded[name] = None
    return name


def contracts() -> list[str]:
    """Give the contracts of all bindings that are loaded, oldest first."""
    return list(_loaded)
