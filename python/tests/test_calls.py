"""Both twins against a real host: what works, and what each wrong call gets."""

from __future__ import annotations

import copy
import json
import math
import os
import pickle
import random
from collections import OrderedDict
from collections.abc import Callable
from enum import IntEnum, StrEnum
from typing import Any

import pytest
from hosts import LIMIT_S, MAX_BODY_BYTES, Call, Endpoint

from sidecar_bridge import (
    AsyncChannel,
    BridgeError,
    CommandError,
    DeadlineExceededError,
    Host,
    ProblemError,
    TransportError,
)
from sidecar_bridge._client import wire
from sidecar_bridge._client.host import link_of

FIVE_MB = 5_000_000


def code_of(call: Call, use: Callable[[Any], Any], **options: Any) -> str:
    with pytest.raises(ProblemError) as caught:
        call(use, **options)
    assert not isinstance(caught.value, CommandError)
    assert caught.value.problem.detail
    return caught.value.problem.code


def test_health(call: Call) -> None:
    health = call(lambda host: host.health(timeout_s=LIMIT_S))
    assert health == {"status": "ok", "sidecar": "python", "generation": 1, "version": "0.1.0"}


def test_a_command_answers(call: Call) -> None:
    assert call(lambda host: host.invoke("greet", {"name": "Ada"})) == {"message": "Hello, Ada!"}


def test_what_calls_the_host_can_be_pickled(call: Call) -> None:
    def pickled(caller: Any) -> Any:
        return pickle.loads(pickle.dumps(caller))

    assert call(lambda host: pickled(host).invoke("greet", {"name": "Ada"})) == {"message": "Hello, Ada!"}
    assert call(lambda host: copy.deepcopy(host).invoke("greet", {"name": "Ada"})) == {"message": "Hello, Ada!"}
    assert call(lambda host: pickled(host.window("main")).is_maximized()) is False
    with pytest.raises(TransportError, match="the limit of 1000 bytes"):
        call(lambda host: pickled(host).invoke("echo", {"value": "x" * 2000}), max_body_bytes=1000)


def test_a_closed_host_is_not_pickled(endpoint: Endpoint) -> None:
    host = Host(endpoint.hello.host_path, endpoint.hello.token)
    host.close()
    with pytest.raises(BridgeError, match="is closed; make another one"):
        pickle.dumps(host)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -(2**63),
        2**64 - 1,
        0.1,
        "",
        "grüße 👋 \x00 \u2028",
        [],
        {},
        [1, [2, {"a": None}]],
        {"ключ": [""]},
    ],
)
def test_json_comes_back_as_it_went(call: Call, value: object) -> None:
    assert call(lambda host: host.invoke("echo", {"value": value})) == value


def test_a_large_json_body_goes_both_ways(call: Call) -> None:
    value = "ü" * (FIVE_MB // 2)
    assert call(lambda host: host.invoke("echo", {"value": value}, timeout_s=LIMIT_S)) == value


def test_raw_bytes_go_both_ways(call: Call) -> None:
    content = os.urandom(FIVE_MB)
    assert call(lambda host: host.invoke("reverse", content, timeout_s=LIMIT_S)) == content[::-1]
    assert call(lambda host: host.invoke("reverse", memoryview(b"abc"))) == b"cba"
    assert call(lambda host: host.invoke("reverse", b"")) == b""


def test_the_error_of_a_command_is_kept(call: Call) -> None:
    with pytest.raises(CommandError) as caught:
        call(lambda host: host.invoke("greet", {"name": ""}))
    assert caught.value.error == {"kind": "emptyName"}
    assert caught.value.problem.code == "failed_precondition"
    with pytest.raises(CommandError, match="it failed on purpose") as caught:
        call(lambda host: host.invoke("fail"))
    assert caught.value.error == "it failed on purpose"


def test_what_is_not_granted_is_denied(call: Call) -> None:
    assert code_of(call, lambda host: host.invoke("secret")) == "permission_denied"
    assert code_of(call, lambda host: host.window("main").toggle_maximize()) == "permission_denied"
    assert code_of(call, lambda host: host.invoke("no such/command?")) == "permission_denied"


def test_what_does_not_exist_is_not_found(call: Call) -> None:
    assert code_of(call, lambda host: host.invoke("missing")) == "not_found"
    assert code_of(call, lambda host: host.invoke("greet", {"name": "Ada"}, window="absent")) == "not_found"
    assert code_of(call, lambda host: host.window("absent").is_maximized()) == "not_found"
    assert code_of(call, lambda host: host.emit("tick", 1, window="absent")) == "not_found"


def test_events_name_the_window_in_which_they_are_judged(host: Host) -> None:
    with pytest.raises(ProblemError, match="no window `absent`"), host.listen("tick", window="absent"):
        pass
    with host.listen("tick", window="main") as events:
        host.emit("tick", 1, window="main")
        assert events.receive(LIMIT_S) == 1


@pytest.mark.parametrize("args", [None, {}, {"name": 7}, [1], "text"])
def test_wrong_arguments_are_invalid(call: Call, args: Any) -> None:
    assert code_of(call, lambda host: host.invoke("greet", args)) == "invalid_argument"


def test_a_wrong_token_is_refused_and_never_shown(call: Call) -> None:
    with pytest.raises(ProblemError) as caught:
        call(lambda host: host.health(), token="hunter2")
    assert caught.value.problem.code == "unauthenticated"
    assert "hunter2" not in str(caught.value)
    assert call(lambda host: host.health() if "hunter2" not in repr(host) else None)


def test_a_body_over_the_limit_of_the_host_is_refused(call: Call) -> None:
    body = bytes(MAX_BODY_BYTES + 1)
    assert code_of(call, lambda host: host.invoke("reverse", body, timeout_s=LIMIT_S)) == "resource_exhausted"


def test_an_answer_over_the_own_limit_is_refused(call: Call) -> None:
    with pytest.raises(TransportError, match="over the limit of 1000 bytes; raise `max_body_bytes`"):
        call(lambda host: host.invoke("reverse", bytes(1001)), max_body_bytes=1000)
    assert call(lambda host: host.invoke("reverse", bytes(1000)), max_body_bytes=1000) == bytes(1000)


def nested(depth: int) -> Any:
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    return value


class Shade(StrEnum):
    DARK = "dark"


class Level(IntEnum):
    HIGH = 3


SELF: list[Any] = []
SELF.append(SELF)


@pytest.mark.parametrize(
    ("value", "error", "path", "message"),
    [
        (math.nan, ValueError, "", "is nan; send a finite number"),
        ([0, {"x": -math.inf}], ValueError, "[1].x", "is -inf; send a finite number"),
        (2**64, ValueError, "", "beyond 64 bits; send it as a string"),
        ({"a b": (0, -(2**63) - 1)}, ValueError, '["a b"][1]', "beyond 64 bits"),
        (10**5000, ValueError, "", "beyond 64 bits"),
        (["\ud800"], ValueError, "[0]", r'holds "\\ud800", which is half a character'),
        ({"a": {"\udc00": 1}}, ValueError, '.a["\\udc00"]', "half a character"),
        ({"a": {1: 2}}, TypeError, ".a", "has a key of type int.*make it a str"),
        ([{0.5: 2}], TypeError, "[0]", "has a key of type float"),
        ({True: 2}, TypeError, "", "has a key of type bool"),
        ({None: 2}, TypeError, "", "has a key of type NoneType"),
        ({(1, 2): 2}, TypeError, "", "has a key of type tuple"),
        ({"s": {1, 2}}, TypeError, ".s", "is of type set; convert it"),
        (SELF, ValueError, "[0]", "holds itself"),
        (nested(100_000), ValueError, "[0]", "nested over 128 deep"),
    ],
    ids=lambda _: "",
)
def test_what_is_not_json_is_not_sent(
    call: Call, value: object, error: type[Exception], path: str, message: str
) -> None:
    for use, what, root in (
        (lambda host: host.invoke("echo", {"value": value}), "the arguments of command `echo`", "$.value"),
        (lambda host: host.emit("e", value), "the payload of event `e`", "$"),
    ):
        with pytest.raises(error, match=message) as caught:
            call(use)
        assert str(caught.value).startswith(f"{what} cannot be sent as JSON: `{root}{path}")


@pytest.mark.parametrize(
    ("value", "arrives"),
    [
        ((1, (2,)), [1, [2]]),
        ([Shade.DARK, Level.HIGH, {Shade.DARK: Level.HIGH}], ["dark", 3, {"dark": 3}]),
        (OrderedDict(b=1), {"b": 1}),
        (nested(126), nested(126)),
    ],
    ids=lambda _: "",
)
def test_what_json_can_hold_is_sent(call: Call, value: object, arrives: object) -> None:
    assert call(lambda host: host.invoke("echo", {"value": value})) == arrives


def test_no_float_changes_on_its_way(call: Call) -> None:
    values = [math.ldexp(random.Random(n).random(), n % 600 - 300) for n in range(3000)]
    assert call(lambda host: host.invoke("echo", {"value": values})) == values


def test_the_host_counts_how_deep_json_is(call: Call) -> None:
    body = json.dumps({"value": nested(128)}).encode()
    with pytest.raises(ProblemError, match="nested over 128 deep") as caught:
        call(lambda host: link_of(host).ask(wire.invoke_json("echo", body, None), LIMIT_S))
    assert caught.value.problem.code == "invalid_argument"


@pytest.mark.parametrize("text", [b"NaN", b"[Infinity]", b'{"a":-Infinity}', b'"\xff"', b"\xef\xbb\xbf1", b"1 2", b"x"])
def test_what_the_host_sends_must_be_json(text: bytes) -> None:
    with pytest.raises(TransportError, match="the host sent something that is not JSON"):
        wire.decode(wire.Reply(200, "application/json", text))


def test_a_window_label_cannot_smuggle_a_header(call: Call) -> None:
    with pytest.raises(ValueError, match="window label"):
        call(lambda host: host.invoke("greet", {"name": "Ada"}, window="main\r\nbridge-window: x"))


def test_the_window(call: Call) -> None:
    assert call(lambda host: host.window("main").set_title("Título")) is None
    assert call(lambda host: host.window().is_maximized()) is False


def test_a_deadline_passes(call: Call, endpoint: Endpoint) -> None:
    with pytest.raises(DeadlineExceededError, match=r"in time; raise `timeout_s`") as caught:
        call(lambda host: host.health(timeout_s=0))
    assert isinstance(caught.value, TimeoutError)
    assert endpoint.hello.token not in str(caught.value)


@pytest.mark.parametrize("timeout_s", [-1, -0.001, math.nan, math.inf])
def test_a_time_that_cannot_pass_is_refused(call: Call, timeout_s: float) -> None:
    def listen(host: Any) -> Any:
        if isinstance(host, Host):
            with host.listen("e", timeout_s=timeout_s):
                return None

        async def run() -> None:
            async with host.listen("e", timeout_s=timeout_s):
                pass

        return run()

    def receive(host: Any) -> Any:
        if isinstance(host, Host):
            with host.listen("e") as events:
                return events.receive(timeout_s)

        async def run() -> None:
            async with host.listen("e") as events:
                await events.receive(timeout_s)

        return run()

    def call_with_channels(host: Any) -> Any:
        channel: Any = pytest.fail if isinstance(host, Host) else AsyncChannel()
        return host.invoke("keep", channels={"onText": channel}, timeout_s=timeout_s)

    for use in (
        lambda host: host.health(timeout_s=timeout_s),
        lambda host: host.invoke("greet", {"name": "Ada"}, timeout_s=timeout_s),
        lambda host: host.window(timeout_s=timeout_s).title(),
        call_with_channels,
        listen,
        receive,
    ):
        with pytest.raises(ValueError, match=rf"(?i)^timeout_s is {timeout_s}; give seconds from 0 up, or None$"):
            call(use)


def test_a_closed_host_says_so(call: Call) -> None:
    def close_and_call(host: Any) -> Any:
        closed = host.close()
        if closed is None:
            return host.health()

        async def then_call() -> Any:
            await closed
            await host.health()

        return then_call()

    with pytest.raises(Exception, match=r"Host\('.*'\) is closed; make another one"):
        call(close_and_call)
