"""Channels with a life of their own, for both twins against a real host."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hosts import LIMIT_S, Call, Endpoint

from sidecar_bridge import (
    AsyncHost,
    BridgeError,
    DeadlineExceededError,
    EventsLostError,
    FailedPreconditionError,
    Host,
    InvalidArgumentError,
    NotFoundError,
    TransportError,
    UnexpectedTypeError,
)

MANY = 30_000


def numbers(host: Any, count: int, per_second: int, **options: Any) -> Any:
    """Give the messages of a command that sends the numbers from 0 after its answer."""
    args = {"count": count, "perSecond": per_second}
    if isinstance(host, Host):
        with host.channel(int, timeout_s=LIMIT_S, **options) as messages:
            host.invoke("tell_from_thread", {**args, "options": {"handler": messages}})
            return [messages.receive(LIMIT_S) for _ in range(count)]

    async def run() -> Any:
        async with host.channel(int, timeout_s=LIMIT_S, **options) as messages:
            await host.invoke("tell_from_thread", {**args, "options": {"handler": messages}})
            return [await messages.receive(LIMIT_S) for _ in range(count)]

    return run()


def test_messages_come_after_the_answer_from_deep_inside_the_arguments(call: Call) -> None:
    assert call(lambda host: numbers(host, 5, 1000)) == [0, 1, 2, 3, 4]


def test_ten_thousand_messages_a_second_arrive_without_loss(call: Call) -> None:
    assert call(lambda host: numbers(host, MANY, 10_000)) == list(range(MANY))


def test_one_channel_serves_many_calls_in_the_order_of_arrival(host: Host) -> None:
    with host.channel(window="main") as messages:
        for number in range(3):
            host.invoke("keep", {"onText": messages})
            host.invoke("tell_late", {"message": number})
            assert [messages.receive(LIMIT_S), messages.receive(LIMIT_S)] == ["kept", number]
        with pytest.raises(DeadlineExceededError):
            messages.receive(0.05)


async def test_iteration_ends_with_the_block_and_later_messages_are_dropped(endpoint: Endpoint) -> None:
    async with AsyncHost(endpoint.hello.host_path, endpoint.hello.token) as host:
        async with host.channel() as messages:
            await host.invoke("keep", {"onText": messages})
            assert await anext(messages) == "kept"
            reader = asyncio.create_task(anext(messages, "the end"))
            await asyncio.sleep(0)
        assert await asyncio.wait_for(reader, LIMIT_S) == "the end"
        await host.invoke("tell_late", {"message": "late"})
        with pytest.raises(BridgeError, match="is closed"):
            await host.invoke("keep", {"onText": messages})


def test_a_blocking_iteration_ends_when_the_host_is_closed(endpoint: Endpoint) -> None:
    came = []
    with Host(endpoint.hello.host_path, endpoint.hello.token) as host, host.channel() as messages:
        host.invoke("keep", {"onText": messages})
        for message in messages:
            came.append(message)
            host.close()
    assert came == ["kept"]


def test_values_are_of_the_type_that_was_asked_for(host: Host) -> None:
    with host.channel(int) as messages:
        host.invoke("keep", {"onText": messages})
        with pytest.raises(UnexpectedTypeError, match="a message of the channel is not `int`"):
            messages.receive(LIMIT_S)
        host.invoke("tell_late", {"message": 1})
        assert messages.receive(LIMIT_S) == 1


def test_raw_bytes_come_as_bytes(host: Host) -> None:
    with host.channel() as text, host.channel() as raw:
        script = {"times": 1, "answer": {"json": None}, "messages": [{"bytes": 3}, {"text": 1}, {"bytes": 0}]}
        host.invoke("tell", {**script, "onText": text, "onBytes": raw})
        assert [raw.receive(LIMIT_S), raw.receive(LIMIT_S)] == [b"\7\7\7", b""]
        assert text.receive(LIMIT_S) == 1


def test_a_slow_reader_misses_the_oldest_and_learns_how_many(call: Call) -> None:
    script = {"times": 200_000, "answer": {"json": None}, "messages": [{"text": "x" * 100}]}

    def read(host: Any) -> Any:
        if isinstance(host, Host):
            with host.channel() as text, host.channel() as raw:
                host.invoke("tell", {**script, "onText": text, "onBytes": raw})
                while True:
                    text.receive(LIMIT_S)

        async def run() -> Any:
            async with host.channel() as text, host.channel() as raw:
                await host.invoke("tell", {**script, "onText": text, "onBytes": raw})
                while True:
                    await text.receive(LIMIT_S)

        return run()

    with pytest.raises(EventsLostError) as caught:
        call(read)
    assert caught.value.lost is not None
    assert caught.value.lost > 0


def test_on_lost_hears_of_what_is_missing_and_the_reader_goes_on(host: Host) -> None:
    lost: list[int | None] = []
    script = {"times": 200_000, "answer": {"json": None}, "messages": [{"text": "x" * 100}]}
    with host.channel(on_lost=lost.append) as text, host.channel() as raw:
        host.invoke("tell", {**script, "onText": text, "onBytes": raw})
        host.invoke("keep", {"onText": text})
        count = 0
        while text.receive(LIMIT_S) != "kept":
            count += 1
    assert None not in lost
    assert count + sum(each or 0 for each in lost) == 200_000


def test_refusals(call: Call) -> None:
    def open_in(window: str) -> Callable[[Any], Any]:
        return lambda host: numbers(host, 1, 1, window=window)

    with pytest.raises(NotFoundError, match="no window `absent`; open: `main`"):
        call(open_in("absent"))


def test_an_app_without_the_interceptor_opens_no_channel(start_endpoint: Callable[..., Endpoint]) -> None:
    endpoint = start_endpoint(TEST_HOST_NO_INTERCEPTOR="1")
    with Host(endpoint.hello.host_path, endpoint.hello.token) as host:
        for _ in range(2):
            with pytest.raises(FailedPreconditionError, match=r"`\.channel_interceptor\("), host.channel():
                pass
    endpoint.host.stop()


def test_a_channel_that_has_ended_is_refused_by_the_host_too(host: Host) -> None:
    with host.channel() as messages:
        text = messages.__bridge_json__()
        host.invoke("keep", {"onText": text})
        assert messages.receive(LIMIT_S) == "kept"
    # The host sees soon that the reader has left.
    for _ in range(1000):
        try:
            host.invoke("keep", {"onText": text})
        except FailedPreconditionError as error:
            assert "has ended; open another one" in str(error)  # noqa: PT017 - it takes a while
            break
    else:
        pytest.fail("the channel did not end")


def test_channels_have_the_places_of_subscriptions_and_give_them_back(endpoint: Endpoint) -> None:
    with Host(endpoint.hello.host_path, endpoint.hello.token) as host:
        for _ in range(3):
            with ExitStack() as stack:
                for _ in range(60):
                    stack.enter_context(host.channel())


async def test_a_channel_that_is_cancelled_as_it_opens_leaves_nothing(endpoint: Endpoint) -> None:
    async with AsyncHost(endpoint.hello.host_path, endpoint.hello.token) as host:
        for _ in range(20):
            opening = asyncio.create_task(AsyncExitStack().enter_async_context(host.channel()))
            await asyncio.sleep(0)
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening
        assert await host.invoke("greet", {"name": "Ada"}) == {"message": "Hello, Ada!"}


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
OPEN = HEAD + b'event: open\ndata: {"id":7,"window":"main"}\n\n'


@pytest.fixture
def play(tmp_path: Path) -> Callable[[bytes], Path]:
    """Starts a host that gives one connection this answer and hangs up."""

    def start(answer: bytes) -> Path:
        path = tmp_path / "s"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()

        def run() -> None:
            connection, _ = listener.accept()
            with listener, connection:
                connection.recv(65536)
                connection.sendall(answer)

        Thread(target=run, daemon=True).start()
        return path

    return start


def test_a_connection_that_breaks_ends_the_channel(play: Callable[[bytes], Path]) -> None:
    with Host(play(OPEN + b"data: 1\n\n"), "token") as host, host.channel() as messages:
        assert messages.receive(LIMIT_S) == 1
        for _ in range(2):
            with pytest.raises(TransportError, match="it may have exited"):
                messages.receive(LIMIT_S)


@pytest.mark.parametrize(
    ("reason", "words"), [("windowClosed", "its window, `main`"), ("generationEnded", "generation")]
)
def test_what_was_sent_before_the_end_comes_and_then_the_end_with_its_reason(
    play: Callable[[bytes], Path], reason: str, words: str
) -> None:
    end = f'data: 1\n\nevent: end\ndata: {{"reason":"{reason}"}}\n\n'.encode()
    with Host(play(OPEN + end), "token") as host, host.channel() as messages:
        assert messages.receive(LIMIT_S) == 1
        with pytest.raises(BridgeError, match=words):
            messages.receive(LIMIT_S)
        assert list(messages) == []
        with pytest.raises(BridgeError, match="closed"):
            host.invoke("keep", {"onText": messages})


def test_another_window_than_that_of_the_channel_is_refused(host: Host) -> None:
    with host.channel() as messages:
        assert messages.window == "main"
        refusal = "was opened in window `main`, and the command is to run in `absent`"
        with pytest.raises(InvalidArgumentError, match=refusal):
            host.invoke("keep", {"onText": messages}, window="absent")
