"""The kit for the tests of apps: the app's own hosts talk to it, and it answers as a host does."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from hosts import LIMIT_S, Run

from sidecar_bridge import (
    AsyncChannel,
    BridgeError,
    CommandError,
    DeadlineExceededError,
    ErrorCode,
    Host,
    InternalError,
    InvalidArgumentError,
    ProblemError,
    Size,
    TransportError,
    UnavailableError,
    paths,
)
from sidecar_bridge._client import wire
from sidecar_bridge._client.host import link_of
from sidecar_bridge.bindings.pydantic import AsyncBoundCommands, BoundCommands, Command, TypedCommandError
from sidecar_bridge.fastapi import HostDep, SyncHostDep, get_host, get_sync_host
from sidecar_bridge.testing import Call, Emitted, FakeHost, FakeWindow


@pytest.mark.parametrize("result", [None, 7, "ü", {"a": [1, 2.5, None]}, b"", b"\0raw"])
def test_what_the_test_says_is_the_answer(fake: FakeHost, run: Run, result: object) -> None:
    fake.answers("greet", result)
    assert run(lambda host: host.invoke("greet", {"name": "Ada"}, window="main")) == result
    assert fake.calls == [Call("greet", {"name": "Ada"}, "main")]
    assert fake.args_of("greet") == [{"name": "Ada"}]
    assert fake.args_of("other") == []


def test_names_and_raw_bytes_arrive_as_they_are(fake: FakeHost, run: Run) -> None:
    fake.answers("plugin:fs|write ü/?%", lambda call: call.args[::-1])
    assert run(lambda host: host.invoke("plugin:fs|write ü/?%", b"\1\2\3")) == b"\3\2\1"
    assert run(lambda host: host.invoke("plugin:fs|write ü/?%", bytes(3_000_000))) == bytes(3_000_000)


def test_the_last_word_holds(fake: FakeHost, run: Run) -> None:
    fake.fails("greet", "no")
    fake.answers("greet", "yes")
    assert run(lambda host: host.invoke("greet")) == "yes"


def test_a_command_fails_with_its_own_error(fake: FakeHost, run: Run) -> None:
    fake.fails("greet", {"kind": "emptyName"})
    with pytest.raises(CommandError, match="`greet` answered with an error") as raised:
        run(lambda host: host.invoke("greet"))
    assert raised.value.error == {"kind": "emptyName"}


@pytest.mark.parametrize(("code", "status"), [("permission_denied", 403), ("not_found", 404), ("unavailable", 503)])
def test_a_command_is_refused(fake: FakeHost, run: Run, code: ErrorCode, status: int) -> None:
    fake.refuses("plugin:window|set_title", code, "grant it")
    with pytest.raises(ProblemError, match=f"^{code}: grant it$") as raised:
        run(lambda host: host.window().set_title("x"))
    assert not isinstance(raised.value, CommandError)
    assert raised.value.problem.status == status
    assert fake.windows["main"].title == ""


def test_a_late_refusal_is_a_deadline(fake: FakeHost, run: Run) -> None:
    fake.refuses("greet", "deadline_exceeded")
    with pytest.raises(DeadlineExceededError, match="refused by the test"):
        run(lambda host: host.invoke("greet"))


def test_codes_are_those_of_the_wire(fake: FakeHost) -> None:
    with pytest.raises(ValueError, match="`forbidden` is no code of a problem; use one of cancelled, deadline_"):
        fake.refuses("greet", "forbidden")  # type: ignore[arg-type]


def test_what_nobody_answers_says_how_to(fake: FakeHost, run: Run) -> None:
    remedy = r'does not say what command `greet` answers; before, call `fake_host.answers\("greet", ...\)`'
    with pytest.raises(ProblemError, match=remedy):
        run(lambda host: host.invoke("greet"))
    assert fake.unanswered == ["greet"]
    assert fake.args_of("greet") == [{}]


def test_what_a_function_raises_is_kept(fake: FakeHost, run: Run) -> None:
    def check(call: Call) -> None:
        assert call.args == {"name": "Ada"}, "not Ada"

    fake.answers("greet", check)
    assert run(lambda host: host.invoke("greet", {"name": "Ada"})) is None
    with pytest.raises(ProblemError, match=r"what the test gave to `answers` raised AssertionError\(.not Ada"):
        run(lambda host: host.invoke("greet", {"name": "Bob"}))
    assert len(fake.errors) == 1
    fake.answers("greet", lambda call: Path("/absent").read_text())
    with pytest.raises(ProblemError, match="FileNotFoundError"):
        run(lambda host: host.invoke("greet"))
    assert len(fake.errors) == 2


def test_an_answer_that_is_not_json(fake: FakeHost, run: Run) -> None:
    fake.answers("greet", object())
    with pytest.raises(ProblemError, match=r"the answer cannot be sent as JSON: `\$` is of type object"):
        run(lambda host: host.invoke("greet"))


def test_a_call_is_held(fake: FakeHost, run: Run) -> None:
    hold = fake.holds("plugin:dialog|open", "/tmp/a.csv")
    with pytest.raises(DeadlineExceededError):
        run(lambda host: host.invoke("plugin:dialog|open", {"options": {}}, timeout_s=0.05))
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(fake.host.invoke, "plugin:dialog|open", {"options": {}})
        fake.wait_until(lambda: len(fake.calls) == 2)
        assert not waiting.done()
        hold.set()
        assert waiting.result(LIMIT_S) == "/tmp/a.csv"


def test_channels(fake: FakeHost) -> None:
    fake.answers("download", {"done": True}, messages={"onChunk": [1, b"\0\1", "ü\n", None], "onLog": ["x"]})
    told: list[Any] = []
    note = {"onChunk": told.append, "onLog": told.append}
    assert fake.host.invoke("download", {"url": "u"}, channels=note) == {"done": True}
    assert told == [1, b"\0\1", "ü\n", None, "x"]
    fake.fails("download", "gone")
    with pytest.raises(CommandError) as raised:
        fake.host.invoke("download", channels=note)
    assert raised.value.error == "gone"


async def test_channels_for_asyncio(fake: FakeHost) -> None:
    fake.answers("download", b"raw", messages={"onChunk": [1, b"2"]})
    channel = AsyncChannel[Any]()
    assert await fake.async_host.invoke("download", channels={"onChunk": channel}) == b"raw"
    assert [message async for message in channel] == [1, b"2"]


async def test_a_channel_of_the_other_twin_is_refused_before_the_call(fake: FakeHost) -> None:
    fake.answers("download", messages={"onChunk": [1]})
    own: Any = {"onChunk": AsyncChannel(int)}
    with pytest.raises(TypeError, match="channel `onChunk` is of type AsyncChannel; give a function"):
        fake.host.invoke("download", channels=own)
    own = {"onChunk": print}
    with pytest.raises(
        TypeError, match="channel `onChunk` is of type builtin_function_or_method; give an `AsyncChannel`"
    ):
        await fake.async_host.invoke("download", channels=own)
    own = [AsyncChannel(int)]
    with pytest.raises(TypeError, match="`channels` must be a dict, with the name of the argument for each, not list"):
        await fake.async_host.invoke("download", channels=own)
    own = [print]
    with pytest.raises(TypeError, match="`channels` must be a dict, with the name of the argument for each, not list"):
        fake.host.invoke("download", channels=own)
    assert fake.calls == []


@pytest.mark.parametrize("timeout_s", ["5", timedelta(seconds=5)])
def test_a_time_limit_that_is_no_number_is_refused_by_its_name(run: Run, timeout_s: Any) -> None:
    with pytest.raises(TypeError, match="timeout_s"):
        run(lambda host: host.window(timeout_s=timeout_s).title())


def test_events_of_the_app_are_kept(fake: FakeHost, run: Run) -> None:
    run(lambda host: host.emit("progress-ü", {"percent": 40}))
    run(lambda host: host.emit("progress-ü", target="main window"))
    assert fake.events == [Emitted("progress-ü", {"percent": 40}, None), Emitted("progress-ü", None, "main window")]
    assert fake.payloads_of("progress-ü") == [{"percent": 40}, None]


def test_the_app_listens(fake: FakeHost) -> None:
    assert fake.emit("tick", 0) == 0
    with fake.host.listen("tick") as one, fake.host.listen("tick") as other:
        assert fake.is_listened_to("tick")
        assert not fake.is_listened_to("tack")
        assert fake.emit("tick", {"n": 1}) == 2
        fake.host.emit("tick", "2\n")
        assert [one.receive(LIMIT_S), one.receive(LIMIT_S)] == [{"n": 1}, "2\n"]
        assert other.receive(LIMIT_S) == {"n": 1}
    fake.wait_until(lambda: not fake.is_listened_to("tick"))


def test_an_app_that_does_not_read_its_events_fails_the_test(fake: FakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sidecar_bridge._testing.server.LIMIT_S", 0.2)
    with fake.host.listen("tick") as events:
        with pytest.raises(AssertionError, match="the app reads none of its events"):
            [fake.emit("tick", "x" * 1000) for _ in range(10_000)]
        assert events.receive(LIMIT_S) == "x" * 1000


async def test_the_app_listens_for_asyncio(fake: FakeHost) -> None:
    async with fake.async_host.listen("tick") as events:
        fake.emit("tick", 1)
        assert await events.receive(LIMIT_S) == 1


def test_windows_do_what_they_are_told(fake: FakeHost) -> None:
    window = fake.host.window()
    window.set_title("Orders")
    assert window.title() == "Orders"
    for do, ask, expected in [
        (window.toggle_maximize, window.is_maximized, True),
        (window.unmaximize, window.is_maximized, False),
        (window.maximize, window.is_maximized, True),
        (window.minimize, window.is_minimized, True),
        (window.unminimize, window.is_minimized, False),
        (window.hide, window.is_visible, False),
        (window.show, window.is_visible, True),
        (window.set_focus, window.is_focused, True),
    ]:
        do()
        assert ask() is expected
    assert (window.inner_size(), window.outer_size()) == (Size(800, 600), Size(800, 630))
    assert fake.window_actions[:2] == [("main", "set_title"), ("main", "toggle_maximize")]
    window.close()
    assert fake.windows == {}
    with pytest.raises(UnavailableError, match="no window is open"):
        window.show()


def test_only_windows_that_are_there(fake: FakeHost, run: Run) -> None:
    with pytest.raises(ProblemError, match=r"not_found: there is no window `report`; a test makes one"):
        run(lambda host: host.window("report").is_visible())
    fake.windows["report"] = FakeWindow(visible=False)
    assert run(lambda host: host.window("report").is_visible()) is False


def test_commands_of_windows_that_it_does_not_know(fake: FakeHost, run: Run) -> None:
    with pytest.raises(ProblemError, match=r"does not say what command `plugin:window\|set_flags` answers"):
        run(lambda host: host.invoke("plugin:window|set_flags", {"value": {}}))


def test_it_reports_and_is_healthy(fake: FakeHost, run: Run) -> None:
    run(lambda host: host.report_startup("migrating", 40))
    assert fake.startups == [("migrating", 40)]
    assert run(lambda host: host.health())["status"] == "ok"


@pytest.mark.parametrize(
    ("action", "message"), [("toggle", "maximized"), ("restore", "restored"), ("focus", "focused"), ("close", "closed")]
)
def test_the_window_route(fake: FakeHost, action: str, message: str) -> None:
    assert act(fake, action) == {"success": True, "message": f"Window {message}"}
    assert len(fake.window_actions) == 1


def test_the_window_route_refuses(fake: FakeHost) -> None:
    with pytest.raises(ProblemError, match=r"invalid_argument.*`explode`"):
        act(fake, "explode")
    fake.refuses("plugin:window|maximize")
    with pytest.raises(ProblemError, match="permission_denied"):
        act(fake, "toggle")


def act(fake: FakeHost, action: str) -> Any:
    body = json.dumps({"action": action}).encode()
    return link_of(fake.host).ask(wire.Request("POST", "/window", wire.JSON, body), LIMIT_S)


def test_the_token_counts(fake: FakeHost) -> None:
    with Host(fake.path, "another") as stranger, pytest.raises(ProblemError, match="unauthenticated"):
        stranger.health()


def test_a_host_that_goes_away(fake: FakeHost, run: Run) -> None:
    assert run(lambda host: host.health())
    fake.close()
    with pytest.raises(TransportError, match="it may have exited"):
        run(lambda host: host.health())


def test_a_call_that_it_leaves_behind(fake: FakeHost) -> None:
    fake.holds("greet")
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(fake.host.invoke, "greet")
        fake.wait_until(lambda: fake.calls)
        fake.close()
        assert isinstance(waiting.exception(LIMIT_S), TransportError)


def test_waiting_has_an_end(fake: FakeHost) -> None:
    with pytest.raises(AssertionError, match=r"not so within 0.01 s; the app has run \[\]"):
        fake.wait_until(lambda: fake.calls, timeout_s=0.01)


class GreetError(TypedCommandError[str]):
    """For the bindings below."""

    value_type = str


GREET = Command("greet", {"name": str}, int, GreetError)


class Commands(BoundCommands):
    def greet(self, name: str) -> int:
        return self._call(GREET, name)


class AsyncCommands(AsyncBoundCommands):
    async def greet(self, name: str) -> int:
        return await self._call(GREET, name)


def test_bindings(fake: FakeHost, run: Run) -> None:
    def greet(host: Any) -> Any:
        return (Commands(host) if isinstance(host, Host) else AsyncCommands(host)).greet("Ada")

    fake.answers("greet", 7)
    assert run(greet) == 7
    assert fake.args_of("greet") == [{"name": "Ada"}]
    fake.fails("greet", "emptyName")
    with pytest.raises(GreetError) as raised:
        run(greet)
    assert raised.value.error == "emptyName"


async def test_the_dependencies_of_fastapi(fake: FakeHost) -> None:
    app = FastAPI()

    @app.get("/both")
    async def both(host: HostDep, sync_host: SyncHostDep) -> list[Any]:
        return [await host.invoke("one"), await asyncio.to_thread(sync_host.invoke, "two")]

    fake.answers("one", 1)
    fake.answers("two", 2)
    sent: list[Any] = []
    scope = {"type": "http", "method": "GET", "path": "/both", "query_string": b"", "headers": [], "asgi": {}}

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert sent[1]["body"] == b"[1,2]"


async def test_it_is_the_host_only_as_a_context() -> None:
    fake = FakeHost()
    with pytest.raises(BridgeError, match="no host started this process"):
        await get_host()
    with fake:
        assert await get_host() is fake.async_host
        assert repr(await get_sync_host()) == repr(fake.host), "another one, at the same socket"
        with pytest.raises(BridgeError, match="enter each `FakeHost` once"), fake:
            pass
    with pytest.raises(BridgeError, match="no host started this process"):
        await get_host()


def test_each_event_loop_has_its_own_host(fake: FakeHost, run: Run) -> None:
    fake.answers("greet", 7)
    assert [run(lambda host: host.invoke("greet")) for _ in range(3)] == [7, 7, 7]


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe is no file, and goes with its process")
def test_nothing_stays_behind(tmp_path: Path) -> None:
    with FakeHost() as fake:
        fake.host.health()
        assert Path(fake.path).parent.stat().st_mode & 0o777 == 0o700
    assert not Path(fake.path).parent.exists()
    fake.close()  # once more does no harm


SUITE = """
from sidecar_bridge.testing import FakeHost

def test_passes(fake_host: FakeHost) -> None:
    fake_host.answers("greet", 7)
    assert fake_host.host.invoke("greet") == 7

def test_fails_afterwards(fake_host: FakeHost) -> None:
    fake_host.answers("greet", lambda call: 1 / 0)
    try:
        fake_host.host.invoke("greet")
    except Exception:
        pass
"""


def test_the_fixture(tmp_path: Path) -> None:
    (tmp_path / "test_app.py").write_text(SUITE)
    plugins = ["-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "sidecar_bridge.testing"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", *plugins, str(tmp_path)],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "2 passed, 1 error" in done.stdout, done.stdout + done.stderr
    assert "ZeroDivisionError" in done.stdout


def test_the_package_does_not_import_it() -> None:
    code = "import sys, sidecar_bridge; sys.exit('sidecar_bridge.testing' in sys.modules or 'pytest' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_directories_of_the_app_are_its_own_and_go_with_it() -> None:
    with FakeHost():
        data = paths().data
        data.mkdir(parents=True)
        assert {paths().temp.parent, paths().log.parent} == {data.parent}
        assert repr(paths()).startswith(f"Paths(data={str(data)!r}, local_data='")
    assert not data.exists()


def test_messages_and_steps_go_over_channels_that_stay_open_too(fake: FakeHost) -> None:
    fake.answers("watch", 7, messages={"onEvent": ["a", b"\x01"]})
    with fake.host.channel() as changes:
        assert fake.host.invoke("watch", {"options": {"onEvent": changes}}) == 7
        assert [changes.receive(LIMIT_S), changes.receive(LIMIT_S)] == ["a", b"\x01"]
        steps = fake.steps("watch")
        steps.send("onEvent", "b")
        steps.answer(8)
        assert fake.host.invoke("watch", {"onEvent": changes}) == 8
        assert changes.receive(LIMIT_S) == "b"
        with pytest.raises(ValueError, match=r"over a channel of `host.channel`, .* is `fake_host.send`"):
            steps.send("onEvent", "c")
        fake.send(changes.__bridge_json__(), "c")
        assert changes.receive(LIMIT_S) == "c"
    assert fake.errors == []


def test_steps_answer_what_is_undone_later(fake: FakeHost) -> None:
    """A watch, a program, a menu: the handle gets its number from the steps, and its end is undone as any other."""
    steps = fake.steps("plugin:fs|watch")
    steps.send("onEvent", {"type": "any", "paths": ["/tmp/a"], "attrs": {}})
    steps.answer(7)
    with fake.host.fs.watch("/tmp") as changes:
        assert changes.receive(LIMIT_S).paths == (Path("/tmp/a"),)
    assert [(call.command, call.args) for call in fake.undone] == [("plugin:resources|close", {"rid": 7})]


def test_a_file_that_steps_let_a_dialog_give_may_be_read(fake: FakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(Path(__file__).parent / "data"))  # so that this file is not in it
    fake.steps("plugin:dialog|open").answer(__file__)
    chosen = fake.host.dialog.open()
    assert chosen is not None
    assert fake.host.fs.exists(chosen)


def test_an_event_name_that_tauri_refuses_is_refused(fake: FakeHost) -> None:
    for name in ("new file", "saved!", ""):
        refused = f"`{name}` is not an event name; use letters, digits, -, /, : and _"
        with pytest.raises(InvalidArgumentError, match=r"argument `event`: Event name must include only alphanumeric"):
            fake.host.emit(name)
        with pytest.raises(InvalidArgumentError, match=refused), fake.host.listen(name):
            pass
        with pytest.raises(ValueError, match=refused):
            fake.emit(name)
    fake.host.emit("käse://saved-1/of_2")
    assert [emitted.name for emitted in fake.events] == ["käse://saved-1/of_2"]


@pytest.mark.parametrize("args", [["Ada"], "Ada", 7])
def test_arguments_without_names_are_refused_as_a_host_refuses_them(fake: FakeHost, args: Any) -> None:
    fake.answers("greet", "Hello")
    with pytest.raises(InvalidArgumentError, match="expected a map from the arguments' names to their values"):
        fake.host.invoke("greet", args)
    assert fake.calls == []


def test_waiting_looks_again_though_the_app_does_not_call(fake: FakeHost) -> None:
    looks = iter([False, False, True])
    fake.wait_until(lambda: next(looks))


def test_a_window_that_is_not_there_cannot_be_closed(fake: FakeHost) -> None:
    with pytest.raises(ValueError, match=r"there is no window `report`; there are \['main'\]"):
        fake.closes("report")


@pytest.mark.parametrize("by", ["answers", "steps"])
def test_a_message_over_a_channel_that_the_call_has_not_is_the_tests_own_fault(fake: FakeHost, by: str) -> None:
    if by == "answers":
        fake.answers("watch", 7, messages={"on_event": ["a"]})
    else:
        fake.steps("watch").send("on_event", "a")
    with fake.host.channel() as changes, pytest.raises(InternalError):
        fake.host.invoke("watch", {"onEvent": changes})
    words = r"`watch` was called with the channels \['onEvent'\], and not with `on_event`"
    with pytest.raises(ValueError, match=words):
        raise fake.errors[0]
