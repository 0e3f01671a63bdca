"""Runs the generated `gallery` module: its commands against a stand-in for the host, then its models on stdin's values.

Reads `{"valid": {"Type": [values]}, "invalid": ...}` and prints what the models make of the valid ones.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

import gallery
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python
from sidecar_bridge import AsyncHost, CommandError, Host, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

PROBLEM: dict[str, Any] = {
    "type": "about:blank",
    "title": "failed precondition",
    "status": 412,
    "detail": "the command answered with an error",
    "instance": "urn:uuid:0",
    "code": "failed_precondition",
    "retryable": False,
}


class Answers(Host):
    """Answers every command alike, or with an error, and keeps what it was sent."""

    def __init__(self, answer: object = None, error: object = None) -> None:
        self.answer = answer
        self.error = error
        self.sent: tuple[object, ...] = ()

    def invoke(
        self, command: str, args: object = None, *, window: str | None = None, timeout_s: float | None = None
    ) -> Any:
        self.sent = (command, args, window, timeout_s)
        if self.error is not None:
            raise CommandError(Problem(**PROBLEM, data=self.error))
        return self.answer


class AsyncAnswers(AsyncHost):
    """The same for asyncio."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers

    async def invoke(
        self, command: str, args: object = None, *, window: str | None = None, timeout_s: float | None = None
    ) -> Any:
        return self.answers.invoke(command, args, window=window, timeout_s=timeout_s)


def raised(call: Callable[[], object]) -> Exception:
    """Give what the call raises."""
    try:
        answer = call()
    except (CommandError, ValidationError) as error:
        return error
    raise AssertionError(f"it answered {answer}")


def commands() -> None:
    """Call commands; each assertion is one thing that a user relies on."""
    host = Answers(3)
    assert gallery.Commands(host, window="main", timeout_s=2).count(gallery.Urgency.NOT_TODAY) == 3
    assert host.sent == ("count", {"of": "not-today"}, "main", 2)

    host = Answers([])
    assert gallery.Commands(host).find_tasks("x") == []
    assert host.sent == ("find_tasks", {"searchText": "x", "limit": None}, None, None)

    assert gallery.Commands(Answers({"a": [None]})).list_() == {"a": [None]}
    assert isinstance(raised(gallery.Commands(Answers("three")).list_), ValidationError)

    plain = raised(gallery.Commands(Answers(error="full")).ping)
    assert type(plain) is CommandError
    assert plain.error == "full"

    commands = gallery.AsyncCommands(AsyncAnswers(Answers(error="Locked")))
    typed = raised(lambda: asyncio.run(commands.find_tasks("x", 1)))
    assert isinstance(typed, gallery.TaskCommandError)
    assert typed.error is gallery.TaskError.LOCKED
    assert typed.problem.code == "failed_precondition"


def models() -> None:
    """Take what serde wrote, give what serde shall read, and refuse what serde refuses."""
    given = json.load(sys.stdin)
    for name, values in given["invalid"].items():
        for value in values:
            try:
                TypeAdapter(getattr(gallery, name)).validate_python(value)
            except ValidationError:
                continue
            raise AssertionError(f"{name} took {value}")
    made = {
        name: [to_jsonable_python(TypeAdapter(getattr(gallery, name)).validate_python(value)) for value in values]
        for name, values in given["valid"].items()
    }
    json.dump(made, sys.stdout)


commands()
models()
