"""What a handle's end does when the host is gone, or refuses it: for both twins at a fake host."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from heard import done

from sidecar_bridge import DeadlineExceededError, PermissionDeniedError
from sidecar_bridge.tauri.menu import MenuItem
from sidecar_bridge.tauri.rgba import Rgba
from sidecar_bridge.testing import FakeHost

Open = Callable[[Any, Path], Any]

HANDLES: dict[str, Open] = {
    "image": lambda host, _: host.image.new(Rgba(b"\0" * 4, 1, 1)),
    "menu": lambda host, _: host.menu.new([MenuItem("Open", on_click=print)]),
    "tray": lambda host, _: host.tray.new(menu=[MenuItem("Open", on_click=print)], on_click=print),
    "shortcut": lambda host, _: host.global_shortcut.register("F9", print),
    "clicks on notifications": lambda host, _: host.notification.on_action(print),
    "sizes of a window": lambda host, _: host.window("main").on_resized(print),
    "file": lambda host, folder: host.fs.open(folder / "file", write=True, create=True),
}
BLOCKS: dict[str, Open] = {
    "program": lambda host, _: host.shell.spawn("tool"),
    "watch": lambda host, folder: host.fs.watch(folder),
    "event": lambda host, _: host.listen("news"),
    "channel": lambda host, _: host.channel(),
}


@pytest.fixture(params=["Host", "AsyncHost"])
async def twin(request: pytest.FixtureRequest, fake: FakeHost) -> AsyncIterator[Any]:
    yield fake.host if request.param == "Host" else fake.async_host
    if request.param == "AsyncHost":
        await fake.async_host.close()


def entered(block: Any) -> Awaitable[Any]:
    return done(block.__aenter__() if hasattr(block, "__aenter__") else block.__enter__())


def left(block: Any, error: BaseException | None = None) -> Awaitable[Any]:
    """End a block, in which `error` was raised. What this raises is seen in the place of that."""
    leave = block.__aexit__ if hasattr(block, "__aexit__") else block.__exit__
    return done(leave(error and type(error), error, None))


@pytest.mark.parametrize("opens", HANDLES.values(), ids=HANDLES)
async def test_a_handle_whose_host_is_gone_is_closed_as_its_end_is(
    twin: Any, fake: FakeHost, tmp_path: Path, opens: Open
) -> None:
    handle = await done(opens(twin, tmp_path))
    fake.close()
    await done(handle.close())
    await done(handle.close())


@pytest.mark.parametrize("opens", [*HANDLES.values(), *BLOCKS.values()], ids=[*HANDLES, *BLOCKS])
@pytest.mark.parametrize("raises", [False, True], ids=["ends", "raises"])
async def test_a_block_whose_host_is_gone_ends_as_it_would(
    twin: Any, fake: FakeHost, tmp_path: Path, opens: Open, raises: bool
) -> None:
    made = opens(twin, tmp_path)
    block = await made if asyncio.iscoroutine(made) else made
    await entered(block)
    fake.close()
    error = KeyError("of the block") if raises else None
    assert not await left(block, error)
    assert getattr(error, "__notes__", []) == []


@pytest.mark.parametrize(
    ("opens", "undo"),
    [
        (HANDLES["image"], "plugin:resources|close"),
        (HANDLES["shortcut"], "plugin:global-shortcut|unregister"),
        (BLOCKS["program"], "plugin:shell|kill"),
        (BLOCKS["watch"], "plugin:resources|close"),
    ],
    ids=["image", "shortcut", "program", "watch"],
)
async def test_an_end_that_is_refused_is_told_beside_the_error_of_the_block(
    twin: Any, fake: FakeHost, tmp_path: Path, opens: Open, undo: str
) -> None:
    async def opened() -> Any:
        made = opens(twin, tmp_path)
        block = await made if asyncio.iscoroutine(made) else made
        await entered(block)
        return block

    fake.refuses(undo, detail="command `it` is not granted")
    error = KeyError("of the block")
    assert not await left(await opened(), error)
    (note,) = error.__notes__
    assert note.endswith("could not be closed either: permission_denied: command `it` is not granted")
    fake.desktop.shortcuts.clear()
    with pytest.raises(PermissionDeniedError):
        await left(await opened())


async def test_an_end_that_takes_too_long_is_told_since_the_host_may_be_there(twin: Any, fake: FakeHost) -> None:
    image = await done(twin.image.new(Rgba(b"\0" * 4, 1, 1)))
    fake.holds("plugin:resources|close")
    with pytest.raises(DeadlineExceededError):
        await done(image.close(timeout_s=0.05))
