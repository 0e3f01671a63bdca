"""The blocking code is what `tools/blocking.py` makes of that for asyncio."""

from __future__ import annotations

import inspect
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import sidecar_bridge
from sidecar_bridge import bindings

TOOL = Path(__file__).parents[1] / "tools/blocking.py"


def desktop_twins() -> Iterator[tuple[type, type]]:
    """The classes of Tauri's plugins, as the two hosts give them."""
    with sidecar_bridge.Host("/nowhere", "token") as host:
        awaited = sidecar_bridge.AsyncHost("/nowhere", "token")
        for name in vars(type(host).__base__ or object):
            if not name.startswith("_"):
                pair = (getattr(awaited, name), getattr(host, name))
                yield tuple(type(each() if callable(each) else each) for each in pair)  # type: ignore[misc]


TWINS = [
    (sidecar_bridge.Host, sidecar_bridge.AsyncHost),
    (sidecar_bridge.Events, sidecar_bridge.AsyncEvents),
    *((twin, awaited) for awaited, twin in desktop_twins()),
    (bindings.BoundCommands, bindings.AsyncBoundCommands),
    (bindings.BoundEvents, bindings.AsyncBoundEvents),
    (bindings.Event, bindings.AsyncEvent),
]


def test_what_is_committed_is_current() -> None:
    done = subprocess.run([sys.executable, TOOL, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("blocking", "awaited"), TWINS)
def test_the_twins_have_the_same_methods(blocking: type, awaited: type) -> None:
    def public(kind: type) -> dict[str, list[str]]:
        return {
            name: list(inspect.signature(method).parameters)
            for name, method in vars(kind).items()
            if name == "__init__" or (inspect.isfunction(method) and not name.startswith("_"))
        }

    assert public(blocking) == public(awaited)


@pytest.mark.parametrize(
    ("code", "left"),
    [
        ("import asyncio", "asyncio"),
        ("from a import aio as asynchronous", "aio as asynchronous"),
        ("async def f(x: int) -> None:\n    await\\\n        x", "await x"),
        ("x.run_async(1)", "x.run_async"),
    ],
)
def test_what_has_no_rule_is_refused(code: str, left: str) -> None:
    tool = runpy.run_path(str(TOOL))
    with pytest.raises(tool["StaleRuleError"], match=re.escape(f"b.py would have `{left}`; add a rule")):
        tool["blocking"]("async_b.py", code, "b.py")


def test_blocking_code_says_nothing_of_asyncio() -> None:
    for blocking, _ in TWINS:
        text = inspect.getsource(inspect.getmodule(blocking) or blocking).partition("\n")[2]
        assert "async" not in text.lower()
        assert not re.search(r"\btasks?\b", text)
