"""The contracts of the generated bindings that are loaded, which the host compares with the app's."""

from __future__ import annotations

_loaded: dict[str, None] = {}


def contract(name: str) -> str:
    """Note that bindings with this contract are loaded, and give it back."""
    _loaded[name] = None
    return name


def contracts() -> list[str]:
    """Give the contracts of all bindings that are loaded, oldest first."""
    return list(_loaded)
