"""Many calls over one connection: what each call promises stays as it is over a connection of its own."""

from __future__ import annotations

import asyncio
import errno
import gc
import random
import struct
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hosts import LIMIT_S, MAX_BODY_BYTES, Endpoint

from sidecar_bridge import AsyncHost, BridgeError, DeadlineExceededError, NotFoundError, TransportError
from sidecar_bridge._client.async_host import link_of
from sidecar_bridge._native import Calls

MOST_CALLS = 64

MORE = 1 << 31

AGREED = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: sidecar-bridge-calls\r\n\r\n"

ANSWER = b"HTTP/1.1 200 \r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


async def shared(host: AsyncHost) -> AsyncHost:
    """Make calls at once until the host carries them over one connection, which then takes all calls."""
    async with asyncio.timeout(LIMIT_S):
        while not is_shared(host):
            await asyncio.gather(*(host.health() for _ in range(32)))
    link_of(host)._shared_from = 1
    return host


def is_shared(host: AsyncHost) -> bool:
    calls = link_of(host)._calls
    return calls is not None and calls.is_open


@pytest.fixture
async def host(endpoint: Endpoint) -> AsyncIterator[AsyncHost]:
    async with AsyncHost(endpoint.hello.host_path, endpoint.hello.token, max_body_bytes=MAX_BODY_BYTES) as host:
        yield await shared(host)


@pytest.fixture
async def alone(endpoint: Endpoint) -> AsyncIterator[AsyncHost]:
    """A host whose calls have a connection each, since one is made after the other."""
    async with AsyncHost(endpoint.hello.host_path, endpoint.hello.token, max_body_bytes=MAX_BODY_BYTES) as host:
        yield host
        assert link_of(host)._calls is None


async def outcome(call: Awaitable[object]) -> object:
    try:
        return await call
    except Exception as error:
        return type(error), str(error), repr(error.__cause__)


async def test_one_call_after_the_other_needs_no_shared_connection(alone: AsyncHost) -> None:
    for _ in range(20):
        await alone.health()


async def test_many_calls_share_a_connection_and_few_do_not(endpoint: Endpoint) -> None:
    async with AsyncHost(endpoint.hello.host_path, endpoint.hello.token, max_body_bytes=MAX_BODY_BYTES) as host:
        link = link_of(host)

        async def at_once(count: int) -> list[int]:
            """Make so many calls, three times, and give how many of them share a connection each time."""
            sharing = []
            for _ in range(3):
                calls = [asyncio.create_task(host.invoke("echo", {"value": 1})) for _ in range(count)]
                await asyncio.sleep(0)
                sharing.append(0 if link._calls is None else link._calls.count)
                await asyncio.gather(*calls)
            return sharing

        assert await at_once(23) == [0, 0, 0]
        assert link._calls is None
        async with asyncio.timeout(LIMIT_S):
            while not is_shared(host):
                await at_once(24)
        # The first ones do not know of the others yet.
        assert (await at_once(64))[1:] == [64, 64]
        async with asyncio.timeout(LIMIT_S):
            while (await at_once(8)) != [0, 0, 0]:
                pass


async def test_every_call_ends_as_it_does_alone(host: AsyncHost, alone: AsyncHost) -> None:
    rng = random.Random(18)

    def value(depth: int) -> Any:
        kinds: list[Callable[[], Any]] = [
            lambda: rng.choice([None, True, 1.5, -(2**63), 2**64 - 1, "", "ü\n\0", "x" * rng.randrange(70_000)]),
            lambda: [value(depth - 1) for _ in range(rng.randrange(4))],
            lambda: {str(key): value(depth - 1) for key in range(rng.randrange(4))},
        ]
        return rng.choice(kinds if depth else kinds[:1])()

    calls: list[Callable[[AsyncHost], Awaitable[object]]] = [
        lambda host: host.invoke("greet", {"name": "Ada"}),
        lambda host: host.invoke("greet"),
        lambda host: host.invoke("greet", {"name": 5}),
        lambda host: host.invoke("greet", {"name": object()}),
        lambda host: host.invoke("greet", {"name": "Ada"}, window="none"),
        lambda host: host.invoke("greet", {"name": "Ada"}, window="a\nb"),
        lambda host: host.invoke("greet", {"name": "Ada"}, timeout_s=LIMIT_S),
        lambda host: host.invoke("greet", {"name": "Ada"}, timeout_s=0),
        lambda host: host.invoke("greet", {"name": "Ada"}, timeout_s=-1),
        lambda host: host.invoke("greet", {"name": "Ada"}, timeout_s="1"),  # type: ignore[call-overload]
        lambda host: host.invoke("greet", {"name": "Ada"}, returns=dict),
        lambda host: host.invoke("greet", {"name": "Ada"}, returns=int),
        lambda host: host.invoke("greet", [1]),  # type: ignore[call-overload]
        lambda host: host.invoke("secret"),
        lambda host: host.invoke("a|b c%/?"),
        lambda host: host.invoke("fail"),
        lambda host: host.invoke("give_bytes", {"count": 0}),
        lambda host: host.invoke("give_bytes", {"count": 300_000}),
        lambda host: host.invoke("give_bytes", {"count": MAX_BODY_BYTES + 1}),
        lambda host: host.invoke("echo", b"raw"),
        lambda host: host.invoke("echo", {"value": "x" * 200_000}),
        lambda host: host.emit("shared", {"a": 1}),
        lambda host: host.emit("shared", None, target="main"),
        lambda host: host.emit("not a name", None),
        *([lambda host: host.invoke("echo", {"value": value(3)})] * 40),
    ]
    for number, call in enumerate(calls):
        before = rng.getstate()
        expected = await outcome(call(alone))
        rng.setstate(before)
        # With others beside it.
        several = await asyncio.gather(outcome(call(host)), host.health(), host.health(), host.health())
        assert several[0] == expected, number
    assert is_shared(host)


async def test_each_of_many_tasks_gets_its_own_answer(host: AsyncHost) -> None:
    async def echo(number: int) -> None:
        value = {"number": number, "padding": "x" * (number % 11 * 9000)}
        assert await host.invoke("echo", {"value": value}, timeout_s=LIMIT_S) == value

    await asyncio.gather(*map(echo, range(1000)))
    assert is_shared(host)
    assert link_of(host)._has_turn()


async def test_what_is_cancelled_at_any_moment_leaves_the_others_alone(host: AsyncHost) -> None:
    rng = random.Random(19)
    for _ in range(60):
        value = "x" * rng.choice([1, 1000, 60_000])
        calls = [asyncio.ensure_future(host.invoke("echo", {"value": [i, value]})) for i in range(100)]
        for _ in range(rng.randrange(5)):
            await asyncio.sleep(0)
        gone = set(rng.sample(range(100), 50))
        for number in gone:
            calls[number].cancel()
        answers = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), LIMIT_S)
        for number, answer in enumerate(answers):
            assert answer == [number, value] or (number in gone and isinstance(answer, asyncio.CancelledError))
    assert is_shared(host)
    assert len(link_of(host)._turns) == MOST_CALLS
    assert link_of(host)._has_turn()


async def test_calls_that_were_begun_end_after_the_close(host: AsyncHost) -> None:
    calls = [asyncio.ensure_future(host.invoke("echo", {"value": number})) for number in range(10)]
    await asyncio.sleep(0)
    await host.close()
    assert await asyncio.wait_for(asyncio.gather(*calls), LIMIT_S) == list(range(10))
    with pytest.raises(BridgeError, match="closed"):
        await host.invoke("echo", {"value": 1})
    calls_of = link_of(host)._calls
    assert calls_of is not None
    assert calls_of.is_closed


class Frames:
    """A host that carries calls, and answers when the test says so."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def next(self) -> tuple[int, bytes]:
        """Give the next call, and its request; none when the call was given up."""
        length, call = struct.unpack(">II", await asyncio.wait_for(self._reader.readexactly(8), LIMIT_S))
        return call, await self._reader.readexactly(length)

    def answer(self, call: int, piece: bytes = ANSWER, *, more: bool = False) -> None:
        self._writer.write(struct.pack(">II", len(piece) | (MORE if more else 0), call) + piece)

    def hang_up(self) -> None:
        self._writer.close()


class FramingHost:
    """Answers plain requests at once, and agrees to carry calls."""

    def __init__(self, path: str, agreement: bytes) -> None:
        self.path, self.agreement = path, agreement
        self.asked = 0
        """How often it was asked to carry calls."""
        self.requests: list[bytes] = []
        """The first lines of plain requests."""
        self.frames: asyncio.Queue[Frames] = asyncio.Queue()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if head.startswith(b"GET /v1/calls "):
                    self.asked += 1
                    writer.write(self.agreement)
                    if self.agreement == AGREED:
                        assert b"\r\nauthorization: Bearer token\r\n" in head
                        self.frames.put_nowait(Frames(reader, writer))
                        await writer.wait_closed()
                    return
                self.requests.append(head.split(b"\r\n")[0])
                length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
                await reader.readexactly(int(length or b"0"))
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def frames_of(self, host: AsyncHost) -> Frames:
        """Let the host share, and give the connection."""
        await shared(host)
        return await self.frames.get()


@pytest.fixture
async def framing(tmp_path: Path) -> AsyncIterator[FramingHost]:
    framing = FramingHost(str(tmp_path / "s"), AGREED)
    server = await asyncio.start_unix_server(framing.serve, framing.path)
    yield framing
    server.close()


@pytest.fixture
async def client(framing: FramingHost) -> AsyncIterator[AsyncHost]:
    async with AsyncHost(framing.path, "token", max_body_bytes=1000) as host:
        yield host


def begin(host: AsyncHost, *names: str, timeout_s: float | None = LIMIT_S) -> list[asyncio.Task[object]]:
    return [asyncio.create_task(host.invoke(name, timeout_s=timeout_s)) for name in names]


async def test_a_host_that_knows_nothing_of_it_is_asked_once(framing: FramingHost, client: AsyncHost) -> None:
    framing.agreement = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
    for _ in range(5):
        assert await asyncio.gather(*begin(client, *["greet"] * 70)) == [{}] * 70
    assert framing.asked == 1
    assert len(framing.requests) == 350


async def test_at_most_64_calls_are_with_the_host_and_the_next_ones_follow_in_their_order(
    framing: FramingHost, client: AsyncHost
) -> None:
    frames = await framing.frames_of(client)
    names = [f"c{number}" for number in range(MOST_CALLS + 4)]
    calls = begin(client, *names)
    numbers = []
    for name in names[:MOST_CALLS]:
        number, request = await frames.next()
        assert request.startswith(f"POST /v1/invoke/{name} ".encode())
        numbers.append(number)
    calls[MOST_CALLS + 1].cancel()
    await asyncio.sleep(0)
    # One that is given up makes room as well, and tells the host.
    calls[5].cancel()
    assert await frames.next() == (numbers[5], b"")
    numbers.append((await frames.next())[0])
    for name in (names[MOST_CALLS + 2], names[MOST_CALLS + 3]):
        frames.answer(numbers.pop(0))
        number, request = await frames.next()
        assert request.startswith(f"POST /v1/invoke/{name} ".encode())
        numbers.append(number)
    for number in numbers:
        frames.answer(number)
    answers = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), LIMIT_S)
    gone = [number for number, answer in enumerate(answers) if answer != {}]
    assert gone == [5, MOST_CALLS + 1]


async def test_a_call_that_is_cancelled_is_taken_back(framing: FramingHost, client: AsyncHost) -> None:
    frames = await framing.frames_of(client)
    first, gone, last = begin(client, "first", "gone", "last")
    numbers = [(await frames.next())[0] for _ in range(3)]
    gone.cancel()
    assert await frames.next() == (numbers[1], b"")
    for number in numbers:
        frames.answer(number)
    assert list(await asyncio.gather(first, last)) == [{}, {}]
    assert gone.cancelled()


async def test_a_deadline_ends_its_own_call_alone_and_the_host_is_told(framing: FramingHost, client: AsyncHost) -> None:
    frames = await framing.frames_of(client)
    [fine] = begin(client, "fine")
    [late] = begin(client, "late", timeout_s=0.05)
    [later] = begin(client, "later", timeout_s=0.1)
    numbers = {(await frames.next()) for _ in range(3)}
    with pytest.raises(DeadlineExceededError, match="in time; raise `timeout_s`"):
        await late
    with pytest.raises(DeadlineExceededError):
        await later
    by_name = {request.split()[1]: number for number, request in numbers}
    assert await frames.next() == (by_name[b"/v1/invoke/late"], b"")
    assert await frames.next() == (by_name[b"/v1/invoke/later"], b"")
    frames.answer(by_name[b"/v1/invoke/late"])
    frames.answer(by_name[b"/v1/invoke/fine"])
    assert await fine == {}
    assert is_shared(client)


async def test_an_answer_over_the_limit_ends_its_own_call_alone(framing: FramingHost, client: AsyncHost) -> None:
    frames = await framing.frames_of(client)
    large, small = begin(client, "large", "small")
    numbers = [(await frames.next())[0] for _ in range(2)]
    frames.answer(numbers[0], b"HTTP/1.1 200 \r\ncontent-length: 1001\r\n\r\n" + b"x" * 500, more=True)
    frames.answer(numbers[1])
    with pytest.raises(TransportError, match="over the limit of 1000 bytes; raise `max_body_bytes`"):
        await large
    assert await small == {}
    assert await frames.next() == (numbers[0], b"")
    assert is_shared(client)


async def test_the_end_of_the_connection_ends_its_calls_and_the_next_ones_have_their_own(
    framing: FramingHost, client: AsyncHost
) -> None:
    frames = await framing.frames_of(client)
    calls = begin(client, "a", "b")
    for _ in calls:
        await frames.next()
    frames.hang_up()
    for call in calls:
        with pytest.raises(TransportError, match="it may have exited") as caught:
            await call
        assert not caught.value.retryable
    assert await client.invoke("c") == {}
    assert framing.requests[-1] == b"POST /v1/invoke/c HTTP/1.1"


@pytest.mark.parametrize(
    "broken", [b"SSH-2.0\r\n", struct.pack(">II", 1 << 20, 1), struct.pack(">II", 2, 0x7FFF) + b"ab"]
)
async def test_what_is_no_frame_ends_the_calls(framing: FramingHost, client: AsyncHost, broken: bytes) -> None:
    frames = await framing.frames_of(client)
    [call] = begin(client, "a")
    number, _ = await frames.next()
    if broken.endswith(b"ab"):
        # An answer to nobody is none of ours; half an answer to somebody is.
        frames._writer.write(broken)
        frames.answer(number, ANSWER[:-1])
    else:
        frames._writer.write(broken)
    with pytest.raises(TransportError):
        await call
    assert await client.invoke("c") == {}


async def test_a_large_request_takes_a_connection_of_its_own(framing: FramingHost, client: AsyncHost) -> None:
    await framing.frames_of(client)
    assert await client.invoke("large", {"text": "x" * 200_000}, timeout_s=LIMIT_S) == {}
    assert framing.requests[-1].startswith(b"POST /v1/invoke/large ")


async def test_a_command_whose_answer_was_long_takes_a_connection_of_its_own(endpoint: Endpoint) -> None:
    async with AsyncHost(endpoint.hello.host_path, endpoint.hello.token, max_body_bytes=MAX_BODY_BYTES) as host:
        link = link_of(await shared(host))

        async def at_once(count: int) -> int:
            """Make eight calls, and give how many of them share the connection."""
            calls = [asyncio.create_task(host.invoke("give_bytes", {"count": count})) for _ in range(8)]
            await asyncio.sleep(0)
            sharing = 0 if link._calls is None else link._calls.count
            assert await asyncio.gather(*calls) == [bytes(count)] * 8
            return sharing

        most = 128 * 1024
        # The last two: long once, and so from then on.
        assert [await at_once(count) for count in (1000, most, most + 1, most + 1, 1000)] == [8, 8, 8, 0, 0]
        # Others share as before.
        assert is_shared(host)


async def test_a_refusal_is_the_error_that_it_is_alone(host: AsyncHost) -> None:
    with pytest.raises(NotFoundError, match="none"):
        await host.invoke("greet", {"name": "Ada"}, window="none")


async def test_the_loop_may_end_with_calls_under_way(framing: FramingHost) -> None:
    async def leave() -> None:
        host = AsyncHost(framing.path, "token")
        await shared(host)
        begin(host, *["greet"] * 10)
        await asyncio.sleep(0)

    # Its own loop in its own thread: what is left there is cancelled, and nothing warns or hangs.
    await asyncio.wait_for(asyncio.to_thread(asyncio.run, leave()), LIMIT_S)


async def test_a_call_that_cannot_be_sent_gives_its_turn_to_the_next(framing: FramingHost, client: AsyncHost) -> None:
    frames = await framing.frames_of(client)
    first = begin(client, *["greet"] * MOST_CALLS)
    numbers = [(await frames.next())[0] for _ in first]
    # They wait for a turn, and only then it shows that no header can carry this.
    bad = [asyncio.create_task(client.invoke("greet", window="a\nb")) for _ in range(MOST_CALLS)]
    [last] = begin(client, "last")
    await asyncio.sleep(0)
    for number in numbers:
        frames.answer(number)
    frames.answer((await frames.next())[0])
    assert await asyncio.wait_for(last, LIMIT_S) == {}
    assert await asyncio.gather(*first) == [{}] * MOST_CALLS
    for call in bad:
        with pytest.raises(ValueError, match="header"):
            await call
    assert len(link_of(client)._turns) == MOST_CALLS


async def test_calls_that_waited_before_the_shared_connection_was_made_have_their_turn(
    host: AsyncHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = link_of(host)
    link._calls, failures = None, iter(range(MOST_CALLS))

    class FewDescriptors:
        @staticmethod
        def open(*what: Any) -> Calls:
            if next(failures, None) is not None:
                raise OSError(errno.EMFILE, "no descriptor is left")
            return Calls.open(*what)

    monkeypatch.setattr("sidecar_bridge._client.async_link.Calls", FewDescriptors)
    calls = [host.invoke("echo", {"value": number}) for number in range(500)]
    assert await asyncio.wait_for(asyncio.gather(*calls), LIMIT_S) == list(range(500))
    assert is_shared(host)


@pytest.mark.parametrize("closes", [True, False])
def test_a_loop_that_has_ended_leaves_nothing(endpoint: Endpoint, closes: bool) -> None:
    loops, descriptors = [], []

    async def use() -> None:
        loops.append(weakref.ref(asyncio.get_running_loop()))
        host = await shared(AsyncHost(endpoint.hello.host_path, endpoint.hello.token))
        if closes:
            await host.close()

    for _ in range(3):
        asyncio.run(use())
        gc.collect()
        descriptors.append(len(list(Path("/proc/self/fd").iterdir())))
    assert [loop() for loop in loops] == [None] * 3
    assert descriptors == descriptors[:1] * 3


def test_a_loop_that_is_closed_with_calls_under_way_is_freed(endpoint: Endpoint) -> None:
    """Nobody has awaited its tasks: they refer to the connection, and the connection to them."""
    loops, descriptors = [], []
    for _ in range(3):
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda _loop, _context: None)  # "Task was destroyed but it is pending!"
        loops.append(weakref.ref(loop))
        host = AsyncHost(endpoint.hello.host_path, endpoint.hello.token)
        loop.run_until_complete(shared(host))
        tasks = [loop.create_task(host.invoke("echo", {"value": number})) for number in range(70)]
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        del host, loop, tasks
        gc.collect()
        descriptors.append(len(list(Path("/proc/self/fd").iterdir())))
    assert [loop() for loop in loops] == [None] * 3
    assert descriptors == descriptors[:1] * 3
