"""Handlers, for both twins: who is called, in whose turn, and what is left in the end."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import ContextVar
from functools import partial, wraps
from typing import Any
from weakref import ref

import pytest
from heard import Heard, done, eventually
from hosts import LIMIT_S, Endpoint

from sidecar_bridge import AsyncHost, BridgeError, Host, PermissionDeniedError, ResourceClosedError
from sidecar_bridge._client import async_handlers, backlog, handlers
from sidecar_bridge._client.backlog import Kind, every
from sidecar_bridge.tauri.menu import MenuItem
from sidecar_bridge.testing import FakeHost

MANY = 10_000
"""Fewer than may wait, so that no loss is a matter of this machine's speed."""
NUMBERS = Kind("numbers", every, int)


def handling() -> set[str]:
    """Give the tasks that handle events."""
    names = {each.get_coro().__qualname__ for each in asyncio.all_tasks()}  # type: ignore[union-attr]
    return {name for name in names if "andler" in name or "_serve" in name}


@pytest.fixture(params=["Host", "AsyncHost"])
async def twin(request: pytest.FixtureRequest, fake: FakeHost) -> AsyncIterator[Any]:
    """Each twin as the app gets it; nothing of its handlers is left when it is closed."""
    fake.answers("plugin:menu|new", lambda call: [len(fake.calls), call.args["options"]["id"]])
    fake.answers("plugin:resources|close")
    if request.param == "Host":
        yield fake.host
        fake.host.close()
        for thread in [each for each in threading.enumerate() if each.name in {"handler", "handlers"}]:
            await asyncio.to_thread(thread.join, LIMIT_S)
            assert not thread.is_alive()
    else:
        host = fake.async_host
        yield host
        await host.close()
        # Who was told of the end goes as soon as the loop comes to it.
        await eventually(lambda: not handling())
    assert not host_of(request, fake).sources
    await asyncio.to_thread(fake.wait_until, lambda: not len(fake._channels))


def host_of(request: pytest.FixtureRequest, fake: FakeHost) -> Any:
    return (fake.host if request.node.callspec.params["twin"] == "Host" else fake.async_host)._link


async def numbers(host: Any, *functions: Any, window: str | None = None) -> Any:
    """Claim a channel for functions that are called with numbers."""
    module = handlers if isinstance(host, Host) else async_handlers
    claim = await done(module.claim(host._link, NUMBERS, window, LIMIT_S))
    for function in functions:
        claim.add(None, function)
    return claim


def channel(claim: Any) -> object:
    return claim.channel.__bridge_json__()


async def test_one_channel_serves_all_and_is_closed_after_the_last(twin: Any, fake: FakeHost) -> None:
    first, second = Heard(), Heard()
    one, other = await numbers(twin, first), await numbers(twin, second)
    assert channel(one) == channel(other)
    fake.send(channel(one), 7)
    assert (await first.until(1), await second.until(1)) == ([7], [7])
    await done(one.release())
    await done(one.release())
    fake.send(channel(other), 8)
    assert (await second.until(2), first.events) == ([7, 8], [7])
    await done(other.release())
    await asyncio.to_thread(fake.wait_until, lambda: not len(fake._channels))


async def test_those_that_come_at_the_same_time_share_it_too(twin: Any, fake: FakeHost) -> None:
    claims: list[Any]
    if isinstance(twin, Host):
        claims = await asyncio.gather(
            *[asyncio.to_thread(handlers.claim, twin._link, NUMBERS, None, 9) for _ in "1234"]
        )
    else:
        claims = await asyncio.gather(*[numbers(twin) for _ in "1234"])
    assert len({channel(claim) for claim in claims}) == 1
    for claim in claims:
        await done(claim.release())


async def test_a_slow_handler_holds_up_nobody_else(twin: Any, fake: FakeHost) -> None:
    goes_on = threading.Event()
    slow, quick = Heard(lambda _: goes_on.wait(LIMIT_S)), Heard()
    claim = await numbers(twin, slow, quick)
    for number in range(10):
        fake.send(channel(claim), number)
    assert await quick.until(10) == list(range(10))
    assert await slow.until(1) == [0]
    goes_on.set()
    assert await slow.until(10) == list(range(10))
    await done(claim.release())


async def test_one_that_raises_is_logged_and_goes_on(
    twin: Any, fake: FakeHost, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(number: int) -> None:
        if number == 1:
            raise ValueError("not this one")

    heard = Heard(fail)
    claim = await numbers(twin, heard if isinstance(twin, Host) else heard.asynchronous())
    for number in range(3):
        fake.send(channel(claim), number)
    assert await heard.until(3) == [0, 1, 2]
    await eventually(lambda: caplog.records)
    assert "of numbers failed, and goes on with the next event" in caplog.text
    assert "ValueError: not this one" in caplog.text
    await done(claim.release())


async def test_one_that_is_too_slow_misses_the_oldest_and_the_log_says_so_once(
    twin: Any, fake: FakeHost, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "MOST_WAITING", 3)
    goes_on = threading.Event()
    slow, quick = Heard(lambda _: goes_on.wait(LIMIT_S)), Heard()
    claim = await numbers(twin, slow, quick)
    fake.send(channel(claim), 0)
    await slow.until(1)
    for number in range(1, 10):
        fake.send(channel(claim), number)
        await quick.until(number + 1)
    goes_on.set()
    assert await slow.until(4) == [0, 7, 8, 9]
    assert [each.levelname for each in caplog.records if "misses the oldest" in each.message] == ["WARNING"]
    await done(claim.release())


async def test_what_is_not_understood_is_logged_and_the_next_one_is_read(
    twin: Any, fake: FakeHost, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Heard()
    claim = await numbers(twin, heard)
    fake.send(channel(claim), "x")
    fake.send(channel(claim), 1)
    assert await heard.until(1) == [1]
    assert "one of numbers was not understood" in caplog.text
    await done(claim.release())


async def test_a_handler_is_not_in_the_context_of_whoever_has_registered_it(twin: Any, fake: FakeHost) -> None:
    request: ContextVar[str] = ContextVar("request", default="none")
    request.set("the one that registers")
    seen: list[str] = []
    heard = Heard(lambda _: seen.append(request.get()))
    claim = await numbers(twin, heard)
    fake.send(channel(claim), 1)
    await eventually(lambda: seen)
    assert seen == ["none"]
    await done(claim.release())


async def test_def_and_async_def_and_what_gives_something_to_wait_for(fake: FakeHost) -> None:
    host = fake.async_host
    in_loop, in_thread, by_lambda = Heard(), Heard(), Heard()
    threads = []
    plain = Heard(lambda _: threads.append(threading.current_thread()))
    twice = by_lambda.asynchronous()
    claim = await numbers(host, in_loop.asynchronous(), in_thread, lambda number: twice(number * 2), plain)
    for number in range(3):
        fake.send(channel(claim), number)
    for heard in (in_loop, in_thread, plain):
        assert await heard.until(3) == [0, 1, 2]
    assert await by_lambda.until(3) == [0, 2, 4]
    assert threading.main_thread() not in threads
    await claim.release()
    await host.close()


@pytest.mark.parametrize("wrong", [None, "open", 7])
async def test_what_is_no_function_is_refused_before_anything_leaves(twin: Any, fake: FakeHost, wrong: Any) -> None:
    with pytest.raises(TypeError, match="must be a function of one argument, not"):
        await done(twin.window("main").on_resized(wrong))
    with pytest.raises(TypeError, match=r"`items\[0\]\.on_click` must be a function of one argument, not object"):
        await done(twin.menu.new([MenuItem("Open", on_click=object())]))  # type: ignore[arg-type]
    assert not fake.calls
    assert not len(fake._channels)


async def test_a_function_that_takes_no_event_is_refused_before_anything_leaves(twin: Any, fake: FakeHost) -> None:
    def nothing() -> None: ...

    for take in (twin.window("main").on_resized, twin.window("main").on_close_requested):
        with pytest.raises(TypeError, match="must be a function of one argument, the event: too many positional arg"):
            await done(take(nothing))
    with pytest.raises(TypeError, match="the handler of clicks on menus must be a function of one argument, the event"):
        await done(twin.menu.new([MenuItem("Open", on_click=nothing)]))  # type: ignore[arg-type]
    assert not fake.calls
    assert not len(fake._channels)


def test_a_blocking_host_calls_nothing_that_is_async(fake: FakeHost) -> None:
    with pytest.raises(TypeError, match="is `async`; `Host` calls functions that are not, and `AsyncHost` both"):
        fake.host.window("main").on_resized(Heard().asynchronous())


async def test_a_function_with_a_yield_is_refused_by_its_name(twin: Any, fake: FakeHost) -> None:
    def one_by_one(event: object) -> Iterator[object]:
        yield event

    async def later(event: object) -> AsyncIterator[object]:
        yield event

    class Calls:
        def __call__(self, event: object) -> Iterator[object]:
            yield event

    for function, name in (
        (one_by_one, "one_by_one"),
        (later, "later"),
        (partial(partial(later)), "partial"),
        (Calls(), "Calls"),
    ):
        for take in (twin.window("main").on_resized, twin.window("main").on_close_requested):
            with pytest.raises(
                TypeError, match=rf"`.*{name}.*`, has a `yield`: a call of it runs nothing; take the `yield`"
            ):
                await done(take(function))
        with pytest.raises(TypeError, match="has a `yield`"):
            await done(twin.menu.new([MenuItem("Open", on_click=function)]))
        with pytest.raises(
            TypeError, match=r"`on_lost` must be a plain function, not `.*`, which has a `yield`|coroutine"
        ):
            await entered(twin.listen("news", on_lost=function))
    assert not fake.calls
    assert not len(fake._channels)


async def test_a_handler_is_judged_by_what_is_called(twin: Any, fake: FakeHost) -> None:
    heard = Heard()

    def with_database(function: Callable[[object, str], None]) -> Callable[[object], None]:
        @wraps(function)
        def inner(event: object) -> None:
            function(event, "database")

        return inner

    @with_database
    def resized(event: object, database: str) -> None:
        heard((event, database))

    class Reader:
        def __init__(self, event: object) -> None:
            heard((event, "reader"))

        def __call__(self) -> Iterator[object]:
            yield self

    claim = await numbers(twin, resized, Reader)
    fake.send(channel(claim), 1)
    assert sorted(await heard.until(2)) == [(1, "database"), (1, "reader")]
    await done(claim.release())


async def entered(block: Any) -> None:
    if hasattr(block, "__aenter__"):
        async with block:
            return
    with block:
        return


def test_a_blocking_host_says_that_nobody_awaits_what_a_handler_gave(
    fake: FakeHost, caplog: pytest.LogCaptureFixture
) -> None:
    awaited = Heard()
    later = awaited.asynchronous()
    claim = handlers.claim(fake.host._link, NUMBERS, None, LIMIT_S)
    claim.add(None, lambda number: later([number]))
    fake.send(channel(claim), 1)
    handling = fake.host.window("main").on_close_requested(lambda request: later([request]))
    assert fake.closes("main")
    fake.wait_until(lambda: len(caplog.records) == 2)
    for name, record in zip(("numbers", "requests to close"), sorted(caplog.messages), strict=True):
        assert (
            f"<lambda>` of {name} gave something to await, which `Host` does not; give `Host` a function that" in record
        )
    assert awaited.events == []
    handling.close()
    claim.release()


async def test_what_a_handler_gives_to_iterate_over_is_told(
    twin: Any, fake: FakeHost, caplog: pytest.LogCaptureFixture
) -> None:
    claim = await numbers(twin, lambda number: (each for each in [number]))
    fake.send(channel(claim), 1)
    await eventually(lambda: caplog.records)
    assert "gave a generator, which nobody iterates over" in caplog.text
    await done(claim.release())


@pytest.mark.parametrize("kind", ["def", "async def"])
async def test_a_handler_that_exits_ends_neither_the_sidecar_nor_its_turn(
    twin: Any, fake: FakeHost, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    if kind == "async def" and isinstance(twin, Host):
        pytest.skip("`Host` calls no such handler")

    def leave(number: int) -> None:
        if number == 1:
            sys.exit("enough")

    heard = Heard(leave)
    claim = await numbers(twin, heard if kind == "def" else heard.asynchronous())
    for number in range(3):
        fake.send(channel(claim), number)
    assert await heard.until(3) == [0, 1, 2]
    await eventually(lambda: caplog.records)
    assert "of numbers failed, and goes on with the next event" in caplog.text
    assert "SystemExit: enough" in caplog.text
    asked = Heard(lambda _: sys.exit("enough"))
    handling = await done(twin.window("main").on_close_requested(asked if kind == "def" else asked.asynchronous()))
    assert await asyncio.to_thread(fake.closes, "main")
    assert "of requests to close failed" in caplog.text
    await done(handling.close())
    await done(claim.release())


async def test_a_refused_command_leaves_no_channel(twin: Any, fake: FakeHost) -> None:
    fake.refuses("plugin:menu|new", detail="grant `core:menu:allow-new`")
    with pytest.raises(PermissionDeniedError, match="core:menu:allow-new"):
        await done(twin.menu.new([MenuItem("Open", on_click=print)]))
    assert not twin._link.sources


async def test_the_end_of_the_window_ends_them_and_the_next_one_opens_another_channel(
    twin: Any, fake: FakeHost, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "sidecar_bridge")
    first = await numbers(twin, Heard())
    before = channel(first)
    fake._channels._open[str(before)].handler.send_event('{"reason":"windowClosed"}', "end")
    await asyncio.to_thread(fake.wait_until, lambda: not len(fake._channels))
    assert "the handlers of numbers have ended: the channel has ended with its window" in caplog.text
    with pytest.raises(BridgeError):
        channel(first)
    gone = "the channel of numbers in window `main` has ended, with its window or its handle; make another"
    with pytest.raises(ResourceClosedError, match=gone):
        first.add(None, print)
    heard = Heard()
    second = await numbers(twin, heard)
    fake.send(channel(second), 1)
    assert await heard.until(1) == [1]
    await done(first.release())
    await done(second.release())


async def test_a_menu_that_nobody_holds_is_closed_and_so_are_its_handlers(twin: Any, fake: FakeHost) -> None:
    menu = await done(twin.menu.new([MenuItem("Open", on_click=print)]))
    assert len(fake._channels) == 1
    del menu
    gc.collect()
    await asyncio.to_thread(fake.wait_until, lambda: fake.undone and not len(fake._channels))
    assert [call.command for call in fake.undone] == ["plugin:resources|close"]


async def test_a_handle_is_refused_once_it_is_closed(twin: Any) -> None:
    menu = await done(twin.menu.new([MenuItem("Open", on_click=print)]))
    await done(menu.close())
    await done(menu.close())
    with pytest.raises(ResourceClosedError, match="has ended; make another one"):
        await done(menu.append([MenuItem("Save")]))


async def test_closing_the_host_ends_them(twin: Any, fake: FakeHost) -> None:
    await numbers(twin, Heard())
    await done(twin.close())
    await asyncio.to_thread(fake.wait_until, lambda: not len(fake._channels))
    await asyncio.sleep(0)
    with pytest.raises(BridgeError):
        await numbers(twin, Heard())


async def test_a_handler_may_close_what_calls_it(twin: Any, fake: FakeHost) -> None:
    closed = Heard()
    if isinstance(twin, Host):

        def close(_number: int) -> None:
            claim.release()
            closed(None)

        claim = await numbers(twin, close)
    else:

        async def aclose(_number: int) -> None:
            await claim.release()
            closed(None)

        claim = await numbers(twin, aclose)
    fake.send(channel(claim), 1)
    await closed.until(1)


async def test_ten_thousand_a_second_come_to_a_handler_without_loss(endpoint: Endpoint) -> None:
    path, token = endpoint.hello.host_path, endpoint.hello.token
    with Host(path, token) as host:
        heard = Heard()
        claim = await numbers(host, heard)
        host.invoke("tell_from_thread", {"count": MANY, "perSecond": 10_000, "options": {"handler": claim.channel}})
        assert await heard.until(MANY) == list(range(MANY))
    async with AsyncHost(path, token) as async_host:
        plain, asynchronous = Heard(), Heard()
        claim = await numbers(async_host, plain, asynchronous.asynchronous())
        args = {"count": MANY, "perSecond": 10_000, "options": {"handler": claim.channel}}
        await async_host.invoke("tell_from_thread", args)
        assert await asynchronous.until(MANY) == list(range(MANY))
        assert await plain.until(MANY) == list(range(MANY))


async def test_a_window_s_events_come_to_its_handlers_alone(endpoint: Endpoint) -> None:
    path, token = endpoint.hello.host_path, endpoint.hello.token
    with Host(path, token) as host:
        sizes, drags = Heard(), Heard()
        with host.window("main").on_resized(sizes), host.window("main").on_drag_drop(drags):
            host.emit("tauri://resize", {"width": 5, "height": 6}, target="settings")
            host.emit("tauri://resize", {"width": 7, "height": 8}, target="main")
            host.emit("tauri://drag-enter", {"paths": ["/a"], "position": {"x": 1.5, "y": 2}}, target="main")
            host.emit("tauri://drag-leave", None, target="main")
            assert await sizes.until(1) == [(7, 8)]
            assert [each.type for each in await drags.until(2)] == ["enter", "leave"]
        host.emit("tauri://resize", {"width": 1, "height": 1}, target="main")
        assert len(sizes.events) == 1


async def test_a_channel_that_is_released_keeps_no_socket_until_the_collector_comes(fake: FakeHost) -> None:
    gc.collect()
    gc.disable()
    try:
        mine = await async_handlers.claim(fake.async_host._link, NUMBERS, None, LIMIT_S)
        stream = ref(mine._source.messages._stream)
        assert stream() is not None
        await mine.release()
        assert stream() is None
    finally:
        gc.enable()
