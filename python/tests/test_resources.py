"""What a call made is undone: handles of resources, for both twins against a real host and a fake one."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hosts import LIMIT_S, Endpoint, Run

from sidecar_bridge import (
    AsyncHost,
    AsyncResource,
    CommandError,
    Host,
    InvalidArgumentError,
    PermissionDeniedError,
    Resource,
    ResourceClosedError,
)
from sidecar_bridge._client import async_resource, resource
from sidecar_bridge._client.undo import Undo
from sidecar_bridge.testing import Call, FakeHost

PIXEL = {"rgba": [0, 0, 0, 0], "width": 1, "height": 1}
CLOSE = Undo("plugin:resources|close", answer={"rid": ""})


def size(host: Host, rid: object) -> object:
    """Ask for what only an image that is there has."""
    return host.invoke("plugin:image|size", {"rid": rid})


@pytest.fixture(params=["Host", "AsyncHost"])
def image(request: pytest.FixtureRequest, endpoint: Endpoint) -> Callable[[Callable[[Any], Any]], Any]:
    """Makes an image with each twin, and gives what a generator function, or an async one, makes of it."""

    def use(do: Callable[[Any], Any]) -> Any:
        path, token = endpoint.hello.host_path, endpoint.hello.token
        if request.param == "Host":
            with Host(path, token) as host:
                return do(Resource._make(host, "plugin:image|new", PIXEL, undo=CLOSE))

        async def run() -> Any:
            async with AsyncHost(path, token) as host:
                result = do(await AsyncResource._make(host, "plugin:image|new", PIXEL, undo=CLOSE))
                return await result if asyncio.iscoroutine(result) else result

        return asyncio.run(run())

    return use


def is_there(host: Host, rid: int) -> bool:
    try:
        size(host, rid)
    except CommandError as error:
        assert "resource id" in str(error)  # noqa: PT017 - it is what is asked
        return False
    return True


def test_a_handle_has_a_number_and_its_window(image: Callable[..., Any], host: Host) -> None:
    def look(made: Any) -> Any:
        assert made.window == "main"
        assert not made.is_closed
        assert is_there(host, made.rid)
        return made.close()

    image(look)


def test_close_undoes_and_a_second_time_does_nothing(image: Callable[..., Any], host: Host) -> None:
    numbers = []

    def closed_twice(made: Any) -> Any:
        numbers.append(made.rid)
        if isinstance(made, Resource):
            made.close()
            return made.close()

        async def close() -> None:
            await made.close()
            await made.close()

        return close()

    image(closed_twice)
    assert not is_there(host, numbers[0])


def test_a_closed_handle_is_refused_before_anything_leaves(host: Host) -> None:
    with Resource._make(host, "plugin:image|new", PIXEL, undo=CLOSE) as made:
        assert size(host, made) == {"width": 1, "height": 1}
        assert made._invoke("plugin:image|size", {"rid": made}) == {"width": 1, "height": 1}
    uses: list[Callable[[], object]] = [
        lambda: made.rid,
        lambda: size(host, made),
        lambda: made._invoke("plugin:image|size", {"rid": 1}),
    ]
    for use in uses:
        with pytest.raises(ResourceClosedError, match=r"<Resource \d+ \(closed, window 'main'\)> has ended"):
            use()


def _collect(made: list[Any]) -> None:
    made.clear()
    gc.collect()


def wait_until_gone(host: Host, rid: int) -> None:
    for _ in range(2000):
        if not is_there(host, rid):
            return
    pytest.fail("it was not closed")


def test_what_nobody_holds_is_closed_in_whatever_thread_it_is_collected(host: Host) -> None:
    held = [Resource._make(host, "plugin:image|new", PIXEL, undo=CLOSE)]
    rid = held[0].rid
    assert rid is not None
    collecting = threading.Thread(target=_collect, args=[held])
    collecting.start()
    collecting.join(LIMIT_S)
    wait_until_gone(host, rid)


async def test_what_nobody_holds_is_closed_by_the_loop(host: Host, endpoint: Endpoint) -> None:
    async with AsyncHost(endpoint.hello.host_path, endpoint.hello.token) as async_host:
        held = [await AsyncResource._make(async_host, "plugin:image|new", PIXEL, undo=CLOSE)]
        rid = held[0].rid
        assert rid is not None
        await asyncio.to_thread(_collect, held)
        await asyncio.to_thread(wait_until_gone, host, rid)


async def test_what_an_ending_app_does_not_close_is_not_worth_a_line(
    fake: FakeHost, caplog: pytest.LogCaptureFixture
) -> None:
    for code in ("unavailable", "permission_denied"):
        fake.refuses("plugin:resources|close", code, code)
        held: list[Resource | AsyncResource] = [Resource._make(fake.host, "plugin:image|new", PIXEL, undo=CLOSE)]
        _collect(held)
        await asyncio.to_thread(fake.wait_until, lambda: fake.args_of("plugin:resources|close"))
        fake.calls.clear()
        held = [await AsyncResource._make(fake.async_host, "plugin:image|new", PIXEL, undo=CLOSE)]
        _collect(held)
        await asyncio.to_thread(fake.wait_until, lambda: fake.args_of("plugin:resources|close"))
        fake.calls.clear()
    await asyncio.to_thread(fake.wait_until, lambda: len(caplog.messages) == 2)
    assert [message.partition(": ")[2] for message in caplog.messages] == ["permission_denied: permission_denied"] * 2


def test_what_is_left_to_the_app_stays(host: Host) -> None:
    made = Resource._make(host, "plugin:image|new", PIXEL, undo=CLOSE)
    rid = made.rid
    assert rid is not None
    made.leave()
    made.close()
    assert is_there(host, rid)
    host.invoke("plugin:resources|close", {"rid": rid})


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_closes_nothing_of_its_parent(host: Host) -> None:
    made = Resource._make(host, "plugin:image|new", PIXEL, undo=CLOSE)
    child = multiprocessing.get_context("fork").Process(target=_collect, args=[[made]])
    child.start()
    child.join(LIMIT_S)
    assert child.exitcode == 0
    assert is_there(host, made.rid or 0)
    made.close()


def test_a_command_that_is_refused_or_fails_leaves_nothing(host: Host) -> None:
    with pytest.raises(PermissionDeniedError):
        Resource._make(host, "secret", undo=CLOSE)
    with pytest.raises(CommandError):
        Resource._make(host, "fail", undo=CLOSE)
    for pointer in ("0", "rid"):
        with pytest.raises(InvalidArgumentError, match="is no JSON Pointer"):
            Resource._make(host, "plugin:image|new", PIXEL, undo=CLOSE._replace(answer={"rid": pointer}))


def test_what_undoes_is_judged_as_the_command_that_it_is(host: Host) -> None:
    made = Resource._make(host, "greet", {"name": "Ada"}, undo=Undo("secret"), rid="message")
    with pytest.raises(PermissionDeniedError, match="`secret`"):
        made.close()


def test_the_answer_and_arguments_with_a_window(run: Run, fake: FakeHost) -> None:
    fake.answers("plugin:own|new", [7, "menu/\u00e9"])
    undo = Undo("plugin:own|gone", {"kind": "Menu"}, {"rid": "/0", "id": "/1"})

    def make(host: Any) -> Any:
        if isinstance(host, Host):
            with Resource._make(host, "plugin:own|new", {"kind": "Menu"}, undo=undo, rid=0, window="main") as made:
                host.invoke("plugin:own|new", {"items": [made]})
                return made.rid

        async def main() -> Any:
            making = AsyncResource._make(host, "plugin:own|new", {"kind": "Menu"}, undo=undo, rid=0, window="main")
            async with await making as made:
                await host.invoke("plugin:own|new", {"items": [made]})
                return made.rid

        return main()

    assert run(make) == 7
    assert fake.args_of("plugin:own|new") == [{"kind": "Menu"}, {"items": [7]}]
    assert fake.undone == [Call("plugin:own|gone", {"kind": "Menu", "rid": 7, "id": "menu/\u00e9"}, "main")]


def test_an_answer_that_made_nothing_has_no_number(run: Run, fake: FakeHost) -> None:
    fake.answers("get_store", None)

    def get(host: Any) -> Any:
        invoke: Any = resource.invoke_undoably if isinstance(host, Host) else async_resource.invoke_undoably
        return invoke(host, "get_store", undo=CLOSE)

    assert run(get) == (None, "", "")


def test_a_file_that_is_open_is_closed(host: Host, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("hello")
    made = Resource._make(host, "plugin:fs|open", {"path": str(path)}, undo=CLOSE)
    assert made._invoke("plugin:fs|read", {"rid": made, "len": 5}, returns=bytes)[:5] == b"hello"
    made.close()
