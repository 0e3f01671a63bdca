"""What the sidecar of the webview tests asks of its app: windows, channels, what waits for the main thread."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import APIRouter, FastAPI
from sidecar_bridge import AsyncChannel, BridgeError, DeadlineExceededError, ProblemError
from sidecar_bridge.fastapi import HostDep, SyncHostDep, get_host

router = APIRouter()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Ask for the window's state from `SIDECAR_TEST_ASKING` tasks without a pause, if the variable is there."""
    tasks = [asyncio.create_task(ask_for_the_window()) for _ in range(int(os.environ.get("SIDECAR_TEST_ASKING", "0")))]
    exits = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, exits.set)
    tasks.append(asyncio.create_task(exit_app_after(exits)))
    if opened := os.environ.get("WEBVIEW_TEST_OPENED"):
        tasks.append(asyncio.create_task(open_windows(Path(opened))))
    yield
    for task in tasks:
        task.cancel()


async def ask_for_the_window() -> None:
    """Ask for as long as the app answers; a refusal of an app that ends is no end of the asking.

    Without a label, so that the last window's end is followed by calls that want the agent.
    """
    host = await get_host()
    while True:
        try:
            await host.window().is_maximized()
            if said := os.environ.get("SIDECAR_TEST_ANSWERED"):
                Path(said).touch()  # noqa: ASYNC240 - an empty file in a temporary directory
        except BridgeError:
            await asyncio.sleep(0.001)


async def open_windows(opened: Path) -> None:
    """Open the window `main` whenever no window is open, and write the labels of all webviews down before."""
    host = await get_host()
    while True:
        with suppress(BridgeError):
            labels = [webview["label"] for webview in await host.invoke("plugin:webview|get_all_webviews")]
            with opened.open("a") as file:
                file.write(f"{labels}\n")
            main = {"label": "main", "title": "Sidecar Bridge Test", "url": "index.html"}
            await host.invoke("plugin:webview|create_webview_window", {"options": main})
        # While a window is open, neither command is granted.
        await asyncio.sleep(0.05)


async def exit_app_after(exits: asyncio.Event) -> None:
    """End the app from one of its own commands."""
    await exits.wait()
    host = await get_host()
    with suppress(BridgeError):
        await host.invoke("exit_app")


@router.get("/count/{up_to}")
async def count(up_to: int, host: HostDep) -> list[int]:
    """What a command counts over a channel."""
    numbers = AsyncChannel[int]()
    await host.invoke("count", {"upTo": up_to}, channels={"onNumber": numbers})
    return [number async for number in numbers]


@router.get("/refused/{command}")
async def refuse(command: str, host: HostDep) -> str | None:
    """How the host refuses a command with a channel."""
    try:
        await host.invoke(command, channels={"onNumber": AsyncChannel()})
    except ProblemError as error:
        return error.problem.code
    return None


@router.get("/withdrawn")
async def withdraw(host: HostDep) -> list[int]:
    """The count of a command's runs before and after a call whose time was over before the main thread was free."""
    before: int = await host.invoke("tick")
    async with host.listen("held") as held:
        holding = asyncio.create_task(host.invoke("hold_main_thread"))
        await held.receive(20)
        with suppress(DeadlineExceededError):
            await host.invoke("tick", timeout_s=0.1)
        await host.emit("release")
        await holding
    after: int = await host.invoke("tick")
    return [before, after]


@router.get("/beside-a-busy-main-thread")
async def call_beside_a_busy_main_thread(host: HostDep) -> dict[str, bool]:
    """What the host still does while its main thread is busy and many tasks ask for the window: all but the window."""
    async with host.listen("held") as held, host.listen("echo") as echoes:
        holding = asyncio.create_task(host.invoke("hold_main_thread"))
        await held.receive(20)
        asking = [asyncio.create_task(host.window("main").is_maximized()) for _ in range(4 * (os.cpu_count() or 1))]
        health = await host.health(timeout_s=10)
        await host.emit("echo", timeout_s=10)
        await echoes.receive(10)
        waited = not any(task.done() for task in asking)
        await host.emit("release")
        await holding
        answers = await asyncio.gather(*asking)
    return {"healthy": health["status"] == "ok", "waited": waited, "answered": answers == [False] * len(asking)}


@router.get("/window/bridge/{what}")
def time_window(what: str, calls: int, host: SyncHostDep) -> list[int]:
    """How long calls of the window take from here, in ns; a toggle waits for the effect of the one before."""
    window = host.window("main", timeout_s=5)
    toggles = what == "toggle_maximize"
    call = window.toggle_maximize if toggles else window.is_maximized
    times = []
    for _ in range(calls):
        was = window.is_maximized()
        begun = time.perf_counter_ns()
        call()
        times.append(time.perf_counter_ns() - begun)
        while toggles and window.is_maximized() == was:
            pass
    return times


@router.get("/window/rust/{what}")
def time_window_in_rust(what: str, calls: int, host: SyncHostDep) -> list[int]:
    """How long they take in the app itself."""
    times: list[int] = host.invoke("time_window", {"what": what, "calls": calls})
    return times
