"""What became of each command when Tauri was asked: `tools/tauri-api/runs.json`, of which a table in `docs` is made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sidecar_bridge._client import async_calls, calls, wire
from sidecar_bridge._client.async_link import AsyncLink
from sidecar_bridge._client.link import Link
from sidecar_bridge._client.tauri import async_progress, progress

from mirror import DOCUMENT, Method

PATH = Path(__file__).parents[2] / "tools/tauri-api/runs.json"
WRITES = "`pytest -p no:asyncio tests/desktop --write-runs` writes it"

TAKEN = "taken"
"""Tauri took the call, and the answer was read."""
ELSEWHERE = "not here"
"""Tauri says that it has no such command on this system."""

BY_HAND = {
    f"plugin:{plugin['name']}|{each['command']}"
    for plugin in DOCUMENT["plugins"]
    for each in plugin["commands"]
    if each["state"] == "by hand"
}
"""Commands whose methods are not made of the document, so that a test has to call each."""


class Outcomes:
    """Compares what is found with what is committed, or writes it."""

    def __init__(self, *, writes: bool) -> None:
        """`writes` is whether what is found is to be written."""
        self._writes = writes
        self._committed = json.loads(PATH.read_text(encoding="utf-8"))
        self._methods: dict[str, dict[str, str]] = {}
        self._answered: dict[type[Link | AsyncLink], set[str]] = {Link: set(), AsyncLink: set()}

    def note(self, method: Method, outcome: str) -> None:
        """Say what became of a method; an `AssertionError` if something else is committed."""
        name = method.method["python"]
        self._methods.setdefault(method.plugin, {})[name] = outcome
        known = self._committed["methods"].get(method.plugin, {}).get(name)
        assert self._writes or known == outcome, f"{PATH.name} says {known!r} of {method}; {WRITES}"

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Note each command that Tauri answers without an error, whoever calls it."""
        commands: dict[int, tuple[wire.Request, str]] = {}
        invoke, exchange, async_exchange = wire.invoke, Link.exchange, AsyncLink.exchange

        def invoked(command: str, *args: Any, **named: Any) -> wire.Request:
            request = invoke(command, *args, **named)
            commands[id(request)] = request, command
            return request

        def answered(link: Link | AsyncLink, request: wire.Request, reply: wire.Reply) -> wire.Reply:
            _, command = commands.pop(id(request), (None, ""))
            if reply.status < 300:
                self._answered[type(link)] |= {command} & BY_HAND
            return reply

        def exchanged(link: Link, request: wire.Request, timeout_s: float | None) -> wire.Reply:
            return answered(link, request, exchange(link, request, timeout_s))

        async def async_exchanged(link: AsyncLink, request: wire.Request, timeout_s: float | None) -> wire.Reply:
            return answered(link, request, await async_exchange(link, request, timeout_s))

        def streamed(link: Link, request: wire.Request, *rest: Any) -> wire.Reply:
            return answered(link, request, calls.reply_with_messages(link, request, *rest))

        async def async_streamed(link: AsyncLink, request: wire.Request, *rest: Any) -> wire.Reply:
            return answered(link, request, await async_calls.reply_with_messages(link, request, *rest))

        with (
            patch.object(wire, "invoke", invoked),
            patch.object(Link, "exchange", exchanged),
            patch.object(AsyncLink, "exchange", async_exchanged),
            patch.object(progress, "reply_with_messages", streamed),
            patch.object(async_progress, "reply_with_messages", async_streamed),
        ):
            yield

    def saw(self, command: str) -> None:
        """Say that Tauri carried out a command which the host itself calls, to undo another."""
        for answered in self._answered.values():
            answered.update({command} & BY_HAND)

    def finish(self, *, complete: bool) -> None:
        """Write what was found, or compare it; only what all tests find is `complete`."""
        answered, by_asyncio = map(sorted, self._answered.values())
        if complete:
            assert answered == by_asyncio, "the two hosts have not called the same commands"
        if self._writes:
            assert complete, "a part of the tests does not find all; run all of tests/desktop"
            found = {"commands": answered, "methods": self._methods}
            PATH.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        elif complete:
            assert answered == self._committed["commands"], f"{PATH.name} says other commands; {WRITES}"
