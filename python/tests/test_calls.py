"""Both twins against a real host: what works, and what each wrong call gets."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Any

import pytest
from hosts import LIMIT_S, MAX_BODY_BYTES, Call, Endpoint

from sidecar_bridge import CommandError, DeadlineExceededError, ProblemError, TransportError

FIVE_MB = 5_000_000


def code_of(call: Call, use: Callable[[Any], Any], **options: Any) -> str:
    with pytest.raises(ProblemError) as caught:
        call(use, **options)
    assert type(caught.value) is ProblemError
    assert caught.value.problem.detail
    return caught.value.problem.code


def test_health(call: Call) -> None:
    health = call(lambda host: host.health(timeout_s=LIMIT_S))
    assert health == {"status": "ok", "sidecar": "python", "generation": 1, "version": "0.1.0"}


def test_a_command_answers(call: Call) -> None:
    assert call(lambda host: host.invoke("greet", {"name": "Ada"})) == {"message": "Hello, Ada!"}


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


def test_what_does_not_exist_is_not_found(call: Call) -> None:
    assert code_of(call, lambda host: host.invoke("missing")) == "not_found"
    assert code_of(call, lambda host: host.invoke("no such/command?")) == "not_found"
    assert code_of(call, lambda host: host.invoke("greet", {"name": "Ada"}, window="absent")) == "not_found"
    assert code_of(call, lambda host: host.window("absent").is_maximized()) == "not_found"


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


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (math.nan, ValueError, "out of range float.*finite"),
        (math.inf, ValueError, "out of range float.*finite"),
        ("\ud800", ValueError, "half a character"),
        ({1, 2}, TypeError, "set is not JSON serializable.*convert"),
    ],
)
def test_what_is_not_json_is_not_sent(call: Call, value: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"the arguments of command `echo` cannot be sent.*{message}"):
        call(lambda host: host.invoke("echo", {"value": value}))
    with pytest.raises(error, match="the payload of event `e` cannot be sent"):
        call(lambda host: host.emit("e", value))


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
