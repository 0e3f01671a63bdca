"""What a forked child has of its parent's, and another event loop has of the first one's: it ends nothing of it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Callable
from typing import Any

import pytest
from heard import Heard
from hosts import LIMIT_S

from sidecar_bridge import BridgeError
from sidecar_bridge.tauri.menu import MenuItem
from sidecar_bridge.testing import FakeHost

SIZE = {"width": 7, "height": 8}

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


@pytest.fixture
def menus(fake: FakeHost) -> FakeHost:
    fake.answers("plugin:menu|new", lambda call: [len(fake.calls), call.args["options"]["id"]])
    fake.answers("plugin:resources|close")
    return fake


def in_child(do: Callable[[], object]) -> None:
    child = multiprocessing.get_context("fork").Process(target=do)
    child.start()
    child.join(LIMIT_S)
    assert child.exitcode == 0


def click(fake: FakeHost) -> None:
    options = fake.args_of("plugin:menu|new")[0]["options"]
    fake.send(options["items"][0]["handler"], options["items"][0]["id"])


@forks
async def test_what_a_child_closes_goes_on_in_its_parent(menus: FakeHost) -> None:
    host, clicks, sizes = menus.host, Heard(), Heard()
    menu = host.menu.new([MenuItem("Open", on_click=clicks)])
    left = host.menu.new([MenuItem("Left")])
    handling = host.window("main").on_resized(sizes)
    with host.listen("news") as events, host.channel() as messages:

        def close() -> None:
            left.leave()
            for inherited in (menu, handling, events, messages, host):
                inherited.close()
            assert menu.is_closed

        in_child(close)
        menus.emit("news", 1)
        menus.emit("tauri://resize", SIZE, window="main")
        menus.send(messages.__bridge_json__(), 2)
        click(menus)
        assert (events.receive(LIMIT_S), messages.receive(LIMIT_S)) == (1, 2)
        assert await sizes.until(1) == [(7, 8)]
        assert len(await clicks.until(1)) == 1
        assert menus.undone == []
    left.close()
    assert len(menus.undone) == 1


@forks
async def test_what_a_child_closes_goes_on_in_its_parent_s_loop(menus: FakeHost) -> None:
    host, clicks, sizes = menus.async_host, Heard(), Heard()
    menu = await host.menu.new([MenuItem("Open", on_click=clicks)])
    handling = await host.window("main").on_resized(sizes)
    async with host.listen("news") as events, host.channel() as messages:

        async def close() -> None:
            for inherited in (menu, handling, events, messages, host):
                await inherited.close()

        in_child(lambda: asyncio.run(close()))
        menus.emit("news", 1)
        menus.emit("tauri://resize", SIZE, window="main")
        menus.send(messages.__bridge_json__(), 2)
        click(menus)
        assert (await events.receive(LIMIT_S), await messages.receive(LIMIT_S)) == (1, 2)
        assert await sizes.until(1) == [(7, 8)]
        assert len(await clicks.until(1)) == 1
        assert menus.undone == []
    await host.close()


@forks
def test_a_child_reads_nothing_that_its_parent_would_miss(fake: FakeHost) -> None:
    with fake.host.listen("news") as events, fake.host.channel() as messages:

        def read() -> None:
            for inherited in (events, messages):
                with pytest.raises(
                    BridgeError, match=r"belongs to the process that this one is a fork of; open another"
                ):
                    inherited.receive(LIMIT_S)

        in_child(read)
        fake.emit("news", 1)
        assert events.receive(LIMIT_S) == 1


async def test_what_belongs_to_another_loop_is_closed_there(menus: FakeHost) -> None:
    host, loop = menus.async_host, asyncio.get_running_loop()
    menu = await host.menu.new([MenuItem("Open", on_click=print)])
    handling = await host.window("main").on_resized(print)
    async with host.listen("news") as events, host.channel() as messages:
        all_of_them: list[Any] = [menu, handling, events, messages, host]

        def close_here() -> None:
            for other in all_of_them:
                with pytest.raises(
                    BridgeError, match=r"belongs to another event loop; close it there, by `asyncio.run"
                ):
                    asyncio.run(other.close())

        def close_there() -> None:
            for other in all_of_them:
                asyncio.run_coroutine_threadsafe(other.close(), loop).result(LIMIT_S)

        await asyncio.to_thread(close_here)
        # Nothing of it is half closed.
        assert (menu.is_closed, menus.undone) == (False, [])
        menus.emit("news", 1)
        assert await events.receive(LIMIT_S) == 1
        await asyncio.to_thread(close_there)
        assert [call.command for call in menus.undone] == ["plugin:resources|close"]


def test_what_belongs_to_a_loop_that_is_closed_says_so(menus: FakeHost) -> None:
    async def make() -> list[Any]:
        host = menus.async_host
        return [await host.menu.new([MenuItem("Open")]), await host.window("main").on_resized(print)]

    for made in asyncio.run(make()):
        with pytest.raises(
            BridgeError, match="belongs to an event loop that is closed; it ends with this sidecar's gen"
        ):
            asyncio.run(made.close())
