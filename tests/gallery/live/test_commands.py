"""Every command of the gallery, called with the bindings in a running app, by both twins."""

from __future__ import annotations

import asyncio
import math
import re
from contextlib import nullcontext
from typing import Any

import pytest
from sidecar_bridge import (
    AsyncChannel,
    AsyncHost,
    BridgeError,
    CommandError,
    DeadlineExceededError,
    Host,
    ProblemError,
)
from sidecar_bridge._serve.hello import Hello

import bindings
from app import Twin, names
from cases import Case, cases
from hosts import LIMIT_S

REMEMBERING = {"count_call", "calls_so_far"}
"""Those whose answers are not the same every time."""


def test_no_command_is_left_out() -> None:
    assert set(names(bindings.Commands)) == set(names(bindings.AsyncCommands)) == {*cases(), *REMEMBERING}
    assert all(cases().values())


@pytest.mark.parametrize("method", [name for name in names(bindings.Commands) if name not in REMEMBERING])
def test_a_command(twin: Twin, method: str) -> None:
    for case in cases()[method]:
        with pytest.warns(DeprecationWarning, match=case.warns) if case.warns else nullcontext():
            check(twin, method, case)


def check(twin: Twin, method: str, case: Case) -> None:
    if case.refused:
        with pytest.raises(ProblemError, match=re.escape(case.refused)) as refused:
            twin.call(method, *case.arguments)
        assert refused.value.problem.code == "invalid_argument"
        return
    if case.raises is None:
        assert twin.call(method, *case.arguments, channels=len(case.sends)) == (case.gives, [*case.sends])
        return
    with pytest.raises(CommandError) as caught:
        twin.call(method, *case.arguments)
    assert type(caught.value) is case.raises
    assert caught.value.error == case.error
    assert type(caught.value.error) is type(case.error)


def test_commands_that_remember(twin: Twin) -> None:
    before, _ = twin.call("calls_so_far")
    assert twin.call("count_call")[0] == before + 1
    assert twin.call("count_call", 4)[0] == before + 5
    assert twin.call("calls_so_far")[0] == before + 5


@pytest.mark.parametrize(("method", "value"), [("echo_u8", "1"), ("echo_task", {"a": 1}), ("echo_urgency", "now")])
def test_a_value_of_another_type_is_not_sent(twin: Twin, method: str, value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        twin.call(method, value)


@pytest.mark.parametrize(
    ("method", "value", "detail"),
    [
        ("echo_u8", 256, "argument `value`: invalid value: integer `256`, expected u8"),
        ("echo_u64", 2**64, "`$.value`: an integer beyond 64 bits"),
        ("echo_char", "ab", "argument `value`: invalid value: string"),
    ],
)
def test_a_value_that_rust_does_not_take_is_refused(twin: Twin, method: str, value: object, detail: str) -> None:
    with pytest.raises(ProblemError) as caught:
        twin.call(method, value)
    assert caught.value.problem.code == "invalid_argument"
    assert detail in caught.value.problem.detail


def test_no_number_is_sent_as_another_kind_of_value(twin: Twin) -> None:
    for value in (math.nan, math.inf):
        with pytest.raises(ProblemError) as caught:
            twin.call("echo_f64", value)
        assert caught.value.problem.code == "invalid_argument"


def test_the_window_and_the_time_of_all_calls(twin: Twin) -> None:
    with pytest.raises(ProblemError, match="no window `absent`"):
        twin.call("ping", window="absent")
    with pytest.raises(DeadlineExceededError):
        twin.call("ping", timeout_s=0)
    assert twin.call("window_label", "", window="main")[0] == "main"


def test_a_callback_that_raises_ends_the_call(hello: Hello) -> None:
    told = []

    def refuse(number: int) -> None:
        told.append(number)
        raise KeyError(number)

    with Host(hello.host_path, hello.token) as host, pytest.raises(KeyError):
        bindings.Commands(host).count_up(100, refuse)
    assert told == [1]


def test_a_channel_of_asyncio_is_for_one_call(hello: Hello) -> None:
    async def run() -> None:
        async with AsyncHost(hello.host_path, hello.token) as host:
            commands, numbers = bindings.AsyncCommands(host), AsyncChannel[int]()
            call = asyncio.create_task(commands.count_up(3, numbers))
            assert [number async for number in numbers] == [1, 2, 3]
            await call
            with pytest.raises(BridgeError, match="given to a call before"):
                await commands.count_up(3, numbers)

    asyncio.run(asyncio.wait_for(run(), LIMIT_S))


def test_a_channel_of_asyncio_ends_with_a_call_that_is_not_sent(hello: Hello) -> None:
    async def run() -> None:
        async with AsyncHost(hello.host_path, hello.token) as host:
            numbers = AsyncChannel[int]()
            commands: Any = bindings.AsyncCommands(host)
            call = asyncio.create_task(commands.count_up("three", numbers))
            assert [number async for number in numbers] == []
            with pytest.raises(ValueError, match="Expected `int`"):
                await call

    asyncio.run(asyncio.wait_for(run(), LIMIT_S))


def test_the_constants_are_those_of_rust() -> None:
    names = [name for name, annotation in bindings.__annotations__.items() if annotation == "Final"]
    constants = {name: getattr(bindings, name) for name in names if name != "CONTRACT"}
    assert constants == {
        "VERSION": "0.1.0",
        "MAX_RETRIES": 3,
        "LARGEST": 2**64 - 1,
        "SMALLEST": -(2**63),
        "TIMEOUT_SECONDS": 1.5,
        "IS_PRERELEASE": True,
        "NOTHING": None,
        "LANGUAGES": ["de", "日本語", "\"'\\\n"],
        "ORIGIN": {"x": 0, "y": -1},
        "DEFAULT_REFUSAL": {"reason": ""},
        "CLASS": "a keyword",
        "CONTRACT_": "a name that the bindings have",
        "CONSTANT_2ND_CONSTANT": {"list": [1, None, {"deep": [[], {}]}], "$ref": 1e100, "a b": False},
        "A_LONG_TEXT": "It is so long that it does not fit on a line of one hundred and twenty characters, "
        "and it stays whole all the same.",
    }
