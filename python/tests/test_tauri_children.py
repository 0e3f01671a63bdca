"""Programs that the app runs for the sidecar: `host.shell.spawn`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_type

import pytest
from hosts import LIMIT_S, Run

from sidecar_bridge import (
    BridgeError,
    CommandError,
    DeadlineExceededError,
    ResourceClosedError,
    UnexpectedTypeError,
)
from sidecar_bridge._client.tauri.async_child import KILL
from sidecar_bridge.desktop import AsyncChild
from sidecar_bridge.tauri.shell import Error, Event, Stderr, Stdout, Terminated
from sidecar_bridge.testing import Call, FakeHost

if TYPE_CHECKING:
    from sidecar_bridge import AsyncHost

PID = 4126
KILLED = Call("plugin:shell|kill", {"pid": PID}, "main")
SEEN = [
    {"event": "Stdout", "payload": "a\n"},
    {"event": "Stdout", "payload": "b\r\n"},
    {"event": "Stderr", "payload": "err\n"},
    {"event": "Error", "payload": "invalid utf-8 sequence of 1 bytes from index 0"},
    {"event": "Terminated", "payload": {"code": 4, "signal": None}},
]


@pytest.fixture
def spawning(fake_host: FakeHost) -> FakeHost:
    for command, answer in (("spawn", PID), ("stdin_write", None), ("kill", None)):
        fake_host.answers(f"plugin:shell|{command}", answer)
    return fake_host


def tell(fake: FakeHost, *events: object) -> None:
    for event in events:
        fake.send(fake.args_of("plugin:shell|spawn")[-1]["onEvent"], event)


async def test_what_a_child_tells_comes_in_its_order_and_ends_with_its_end(spawning: FakeHost) -> None:
    async with spawning.async_host.shell.spawn("sh", ["-c", "…"]) as child:
        assert (child.pid, child.window) == (PID, "main")
        tell(spawning, *SEEN)
        assert [event async for event in child] == [
            Stdout("a\n"),
            Stdout("b\r\n"),
            Stderr("err\n"),
            Error("invalid utf-8 sequence of 1 bytes from index 0"),
            Terminated(4, None),
        ]
        assert [event async for event in child] == []
        assert await child.wait() == Terminated(4, None)
        with pytest.raises(ResourceClosedError, match=rf"<AsyncChild {PID} \(terminated, window 'main'\)> has ended"):
            await child.write("more")
        with pytest.raises(ResourceClosedError):
            _ = child.pid
    assert spawning.undone == []
    (args,) = spawning.args_of("plugin:shell|spawn")
    assert {**args, "onEvent": ""} == {"program": "sh", "args": ["-c", "…"], "options": {}, "onEvent": ""}


def test_a_child_that_runs_when_the_block_is_left_is_killed(spawning: FakeHost) -> None:
    with spawning.host.shell.spawn("sh") as child:
        tell(spawning, SEEN[0])
        assert next(iter(child)) == Stdout("a\n")
        with pytest.raises(DeadlineExceededError):
            child.receive(0.01)
    assert spawning.undone == [KILLED]
    with pytest.raises(ResourceClosedError, match="closed"):
        child.receive()


async def test_a_child_whose_window_goes_says_so_as_other_handles_do_and_is_killed(spawning: FakeHost) -> None:
    gone = rf"<AsyncChild {PID} \(gone with its window or with this sidecar's generation, window 'main'\)> has ended"
    async with spawning.async_host.shell.spawn("sh") as child:
        tell(spawning, SEEN[0])
        channel = spawning.args_of("plugin:shell|spawn")[-1]["onEvent"]
        spawning._channels._open[channel].handler.send_event('{"reason":"windowClosed"}', "end")
        assert await anext(child) == Stdout("a\n")
        for _ in "12":
            with pytest.raises(ResourceClosedError, match=gone):
                await anext(child)
    assert spawning.undone == [KILLED]


async def test_a_handle_that_missed_the_end_of_its_window_is_closed_all_the_same(spawning: FakeHost) -> None:
    async with spawning.async_host.shell.spawn("sh") as child:
        spawning.refuses("plugin:shell|stdin_write", "not_found", "no window `main`; open are: none")
        with pytest.raises(ResourceClosedError, match=r"\(gone with its window, window 'main'\)"):
            await child.write("yo")
    assert spawning.undone == [KILLED]


async def test_bytes_come_as_they_were_written(spawning: FakeHost) -> None:
    async with spawning.async_host.shell.spawn("sh", raw=True) as child:
        tell(spawning, {"event": "Stdout", "payload": [97, 10, 255]})
        assert await child.receive(LIMIT_S) == Stdout(b"a\n\xff")
    (args,) = spawning.args_of("plugin:shell|spawn")
    assert args["options"] == {"encoding": "raw"}


def test_a_child_is_the_apps_and_is_killed_though_its_window_is_gone() -> None:
    assert json.loads(KILL.header()) == {
        "command": "plugin:shell|kill",
        "args": {},
        "answer": {"pid": ""},
        "anywhere": True,
    }


def check_types(host: AsyncHost) -> None:
    """Is only checked: the output is text, or bytes."""
    assert_type(host.shell.spawn("sh"), AbstractAsyncContextManager[AsyncChild[str]])
    assert_type(host.shell.spawn("sh", raw=True), AbstractAsyncContextManager[AsyncChild[bytes]])


async def read_one(child: AsyncChild[bytes]) -> Event[bytes]:
    return await child.receive()


def test_options_are_tauris(spawning: FakeHost) -> None:
    with spawning.host.shell.spawn(
        "tool", (), cwd=Path("/dir"), env={"A": "b"}, encoding="windows-1252", sidecar=True, process_group=True
    ) as child:
        child.write("yo\n")
        child.write(b"\xff")
        child.kill()
    (args,) = spawning.args_of("plugin:shell|spawn")
    assert args["options"] == {
        "cwd": "/dir",
        "env": {"A": "b"},
        "encoding": "windows-1252",
        "sidecar": True,
        "processGroup": True,
    }
    assert spawning.args_of("plugin:shell|stdin_write") == [
        {"pid": PID, "buffer": "yo\n"},
        {"pid": PID, "buffer": [255]},
    ]
    assert spawning.args_of("plugin:shell|kill") == [{"pid": PID}, {"pid": PID}]


@pytest.mark.parametrize(
    ("use", "kind", "message"),
    [
        (lambda shell: shell.spawn(1), TypeError, "`program` must be a str, not int"),
        (lambda shell: shell.spawn("sh", "-c"), TypeError, "`args` must be a list, not str"),
        (lambda shell: shell.spawn("sh", env={"A": 1}), TypeError, r"`env\['A'\]` must be a str, not int"),
        (lambda shell: shell.spawn("sh", raw=1), TypeError, "`raw` must be a bool, not int"),
        (lambda shell: shell.spawn("sh", encoding="raw"), ValueError, "for bytes give `raw=True` alone"),
        (lambda shell: shell.spawn("sh", raw=True, encoding="utf-8"), ValueError, "`encoding` is that of text"),
    ],
)
def test_a_wrong_argument_is_refused_before_it_leaves(
    use: Callable[[Any], Any], kind: type[Exception], message: str, run: Run, fake: FakeHost
) -> None:
    with pytest.raises(kind, match=message):
        run(lambda host: use(host.shell))
    assert not fake.calls


async def test_a_program_that_is_not_allowed_leaves_nothing(spawning: FakeHost) -> None:
    spawning.fails("plugin:shell|spawn", "program not allowed on the configured shell scope: foo")
    with pytest.raises(CommandError, match="not allowed on the configured shell scope"):
        async with spawning.async_host.shell.spawn("foo"):
            pass
    assert spawning.undone == []


async def test_what_tauri_does_not_tell_is_an_error_behind_which_the_reader_goes_on(spawning: FakeHost) -> None:
    async with spawning.async_host.shell.spawn("sh") as child:
        tell(spawning, {"event": "Exploded"}, {"event": "Stdout", "payload": [1]}, SEEN[0])
        with pytest.raises(UnexpectedTypeError, match=r"`plugin:shell\|spawn` has an event that is none of Stdout"):
            await child.receive(LIMIT_S)
        with pytest.raises(UnexpectedTypeError, match="list in place of str"):
            await child.receive(LIMIT_S)
        assert await child.receive(LIMIT_S) == Stdout("a\n")


async def test_another_task_sees_the_iteration_fail_when_the_block_is_left(spawning: FakeHost) -> None:
    async with spawning.async_host.shell.spawn("sh") as child:
        reader = asyncio.create_task(child.wait())
        await asyncio.sleep(0)
    with pytest.raises(BridgeError, match="is closed"):
        await asyncio.wait_for(reader, LIMIT_S)
    assert spawning.undone == [KILLED]
