"""Commands with channels, called by both twins against a real host."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hosts import LIMIT_S, Call, Endpoint

from sidecar_bridge import (
    AsyncChannel,
    AsyncHost,
    BridgeError,
    CommandError,
    DeadlineExceededError,
    FailedPreconditionError,
    Host,
    ProblemError,
    TransportError,
)
from sidecar_bridge._client.stream import CallBuffer

SCRIPT: dict[str, Any] = {
    "times": 1,
    "answer": {"json": {"done": True}},
    "messages": [
        {"text": {"n": 1}},
        {"bytes": 3},
        {"text": None},
        {"json": "[1,\r\n2]"},
        {"bytes": 0},
        {"text": "ü\n"},
    ],
}
TOLD = [("text", {"n": 1}), ("bytes", b"\7\7\7"), ("text", None), ("bytes", [1, 2]), ("bytes", b""), ("text", "ü\n")]


def tell(host: Any, script: dict[str, Any], told: list[tuple[str, Any]], **options: Any) -> Any:
    """Call `tell` with either twin, and note what it sends over which channel."""
    if isinstance(host, Host):
        note = {
            "onText": lambda message: told.append(("text", message)),
            "onBytes": lambda message: told.append(("bytes", message)),
        }
        return host.invoke("tell", script, channels=note, timeout_s=LIMIT_S, **options)

    async def run() -> Any:
        on_text, on_bytes = AsyncChannel[Any](), AsyncChannel[Any]()

        async def note(kind: str, channel: AsyncChannel[Any]) -> None:
            async for message in channel:
                told.append((kind, message))  # noqa: PERF401 - what came before a failure counts

        notes = asyncio.gather(note("text", on_text), note("bytes", on_bytes))
        try:
            channels = {"onText": on_text, "onBytes": on_bytes}
            return await host.invoke("tell", script, channels=channels, timeout_s=LIMIT_S, **options)
        finally:
            await asyncio.wait_for(notes, LIMIT_S)

    return run()


@pytest.fixture
async def async_host(endpoint: Endpoint) -> AsyncIterator[AsyncHost]:
    async with AsyncHost(endpoint.hello.host_path, endpoint.hello.token) as host:
        yield host


def only(told: list[tuple[str, Any]], kind: str) -> list[Any]:
    return [message for name, message in told if name == kind]


def test_messages_come_in_order_before_the_result(call: Call) -> None:
    told: list[tuple[str, Any]] = []
    assert call(lambda host: tell(host, SCRIPT, told)) == {"done": True}
    for kind in ("text", "bytes"):
        assert only(told, kind) == only(TOLD, kind)


def test_several_channels_are_in_one_order(host: Host) -> None:
    told: list[tuple[str, Any]] = []
    tell(host, SCRIPT, told)
    assert told == TOLD


def test_no_message_is_lost(call: Call) -> None:
    told: list[tuple[str, Any]] = []
    script = {"times": 20_000, "answer": {"json": None}, "messages": [{"text": 1}]}
    assert call(lambda host: tell(host, script, told)) is None
    assert len(told) == 20_000


def test_large_messages_and_a_raw_result(call: Call) -> None:
    told: list[tuple[str, Any]] = []
    script = {"times": 2, "answer": {"bytes": 2_000_000}, "messages": [{"bytes": 3_000_000}]}
    assert call(lambda host: tell(host, script, told)) == b"\7" * 2_000_000
    assert told == [("bytes", b"\7" * 3_000_000)] * 2
    script = {"times": 1, "answer": {"bytes": 0}, "messages": []}
    assert call(lambda host: tell(host, script, told)) == b""


def test_a_message_over_the_own_limit_is_refused(call: Call) -> None:
    script = {"times": 1, "answer": {"json": None}, "messages": [{"text": "x" * 1000}]}
    with pytest.raises(TransportError, match="over the limit of 1000 bytes; raise `max_body_bytes`"):
        call(lambda host: tell(host, script, []), max_body_bytes=1000)


def test_the_error_of_a_command_comes_after_its_messages(call: Call) -> None:
    told: list[tuple[str, Any]] = []
    with pytest.raises(CommandError) as caught:
        call(lambda host: tell(host, {**SCRIPT, "answer": {"error": {"kind": "tired"}}}, told))
    assert caught.value.error == {"kind": "tired"}
    assert only(told, "text") == only(TOLD, "text")


def test_refusals_before_and_in_the_stream(call: Call) -> None:
    for refused, code in [
        (lambda host: tell(host, {**SCRIPT, "onText": 1}, []), "invalid_argument"),
        (lambda host: tell(host, {**SCRIPT, "times": "x"}, []), "invalid_argument"),
        (lambda host: tell(host, SCRIPT, [], window="absent"), "not_found"),
        (lambda host: host.invoke("secret", channels={"onText": channel(host)}), "permission_denied"),
        (lambda host: host.invoke("keep", channels={"onOther": channel(host)}), "invalid_argument"),
        (lambda host: host.invoke("keep", b"raw", channels={"onText": channel(host)}), "invalid_argument"),
    ]:
        with pytest.raises(ProblemError) as caught:
            call(refused)
        assert caught.value.problem.code == code


def channel(host: Any) -> Any:
    return (lambda _: None) if isinstance(host, Host) else AsyncChannel()


@pytest.mark.parametrize("name", ["", "a,b", " a", "a\r\nx: y"])
def test_a_name_cannot_smuggle_another(call: Call, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        call(lambda host: host.invoke("keep", channels={name: channel(host)}))


def test_an_app_without_the_interceptor(start_endpoint: Callable[..., Endpoint]) -> None:
    endpoint = start_endpoint(TEST_HOST_NO_INTERCEPTOR="1")
    with Host(endpoint.hello.host_path, endpoint.hello.token) as host:
        for _ in range(2):
            with pytest.raises(ProblemError, match=r"`\.channel_interceptor\(") as caught:
                host.invoke("keep", channels={"onText": pytest.fail})
            assert type(caught.value) is FailedPreconditionError
            assert caught.value.problem.code == "failed_precondition"
        assert host.invoke("greet", {"name": "Ada"}) == {"message": "Hello, Ada!"}
    endpoint.host.stop()


def test_a_callback_that_raises_ends_the_call(host: Host) -> None:
    told = []

    def refuse(message: object) -> None:
        told.append(message)
        raise KeyError(message)

    with pytest.raises(KeyError, match="held"):
        host.invoke("hold", channels={"onText": refuse})
    host.invoke("tell_late", {"message": "late"})
    assert told == ["held"]


def test_messages_come_while_the_command_runs(host: Host, endpoint: Endpoint) -> None:
    told = []
    with Host(endpoint.hello.host_path, endpoint.hello.token) as other:

        def answer(message: object) -> None:
            told.append(message)
            if len(told) < 5:
                other.invoke("tell_late", {"message": len(told)})

        with pytest.raises(DeadlineExceededError):
            host.invoke("hold", channels={"onText": answer}, timeout_s=0.5)
    assert told == ["held", 1, 2, 3, 4]


def test_a_deadline_is_for_the_whole_call(host: Host) -> None:
    # The messages come without a pause.
    begun = time.monotonic()
    script = {"times": 50_000, "answer": {"json": None}, "messages": [{"text": "x"}]}
    with pytest.raises(DeadlineExceededError):
        host.invoke("tell", script, channels={"onText": lambda _: time.sleep(0.001), "onBytes": id}, timeout_s=0.2)
    assert time.monotonic() - begun < LIMIT_S


async def test_a_deadline_ends_the_iteration_too(async_host: AsyncHost) -> None:
    on_text = AsyncChannel[Any]()
    with pytest.raises(DeadlineExceededError):
        await async_host.invoke("hold", channels={"onText": on_text}, timeout_s=0.3)
    assert [message async for message in on_text] == ["held"]
    assert [message async for message in on_text] == []


async def test_cancelling_a_call_leaves_the_others_alone(async_host: AsyncHost) -> None:
    on_text = AsyncChannel[Any]()
    held = asyncio.create_task(async_host.invoke("hold", channels={"onText": on_text}))
    assert await asyncio.wait_for(anext(on_text), LIMIT_S) == "held"
    told: list[tuple[str, Any]] = []
    others = [asyncio.create_task(tell(async_host, SCRIPT, told)) for _ in range(10)]
    held.cancel()
    with pytest.raises(asyncio.CancelledError):
        await held
    assert await asyncio.gather(*others) == [{"done": True}] * 10
    assert len(told) == 10 * len(TOLD)
    assert await anext(on_text, "the end") == "the end"


async def test_messages_come_while_the_command_runs_to_another_task(async_host: AsyncHost) -> None:
    on_text = AsyncChannel[Any]()
    held = asyncio.create_task(async_host.invoke("hold", channels={"onText": on_text}))
    assert await asyncio.wait_for(anext(on_text), LIMIT_S) == "held"
    for number in range(5):
        await async_host.invoke("tell_late", {"message": number})
        assert await asyncio.wait_for(anext(on_text), LIMIT_S) == number
    held.cancel()
    await asyncio.wait([held])


async def test_a_channel_is_for_one_call(async_host: AsyncHost) -> None:
    used, fresh = AsyncChannel[Any](), AsyncChannel[Any]()
    await async_host.invoke("keep", channels={"onText": used})
    with pytest.raises(BridgeError, match="given to a call before"):
        await async_host.invoke("tell", SCRIPT, channels={"onBytes": fresh, "onText": used})
    assert [message async for message in used] == ["kept"]
    assert await asyncio.wait_for(anext(fresh, "the end"), LIMIT_S) == "the end"


async def test_a_call_that_fails_before_it_begins_ends_the_iteration_too(endpoint: Endpoint) -> None:
    not_json, closed = AsyncChannel[Any](), AsyncChannel[Any]()
    async with AsyncHost(endpoint.hello.host_path, endpoint.hello.token) as host:
        with pytest.raises(ValueError, match="is nan"):
            await host.invoke("tell", {"times": float("nan")}, channels={"onText": not_json})
    with pytest.raises(BridgeError, match="is closed"):
        await host.invoke("keep", channels={"onText": closed})
    for channel in (not_json, closed):
        assert await asyncio.wait_for(anext(channel, "the end"), LIMIT_S) == "the end"
        assert not channel._begin()


def test_what_the_host_has_said_when_the_stream_breaks_off() -> None:
    buffer = CallBuffer(1000, ["a", "b"])
    assert buffer.receive(b": hi\n\nevent: channel:a\ndata: 1\n\nevent: raw:b\ndata: AA==\n\nevent: res") == [
        ("a", "1"),
        ("b", b"\0"),
    ]
    assert buffer.reply is None
    with pytest.raises(TransportError, match="`resume`; it may be newer"):
        buffer.receive(b"ume\ndata: 1\n\n")
