"""A host for the tests of an app: the host takes the app's calls and answers as the test says.

With pytest, the fixture `fake_host` is there as soon as this package is installed:

    def test_import(fake_host: FakeHost, client: TestClient) -> None:
        fake_host.answers("plugin:dialog|open", "/tmp/orders.csv")
        fake_host.refuses("plugin:notification|notify")
        client.post("/imports/choose")
        assert fake_host.args_of("plugin:dialog|open") == [{"options": {"multiple": False}}]

The app's own `Host` or `AsyncHost` talks to the fake host, over a private Unix socket as in production: through the
dependencies of `sidecar_bridge.fastapi`, through generated bindings, or `fake_host.host`. A call that the test gives
no answer for fails and says so.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import tempfile
import weakref
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Condition, Event
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from sidecar_bridge import AsyncHost, Host
from sidecar_bridge._client import wire
from sidecar_bridge._native import encode_json
from sidecar_bridge._serve import current
from sidecar_bridge._testing.capabilities import Capabilities
from sidecar_bridge._testing.hosts import FakeHosts
from sidecar_bridge._testing.manifests import CapabilityError
from sidecar_bridge._testing.replies import STATUSES, Refused, Reply, reply_of, streamed
from sidecar_bridge._testing.server import LIMIT_S, Server, address
from sidecar_bridge._testing.steps import Steps
from sidecar_bridge._testing.window import COMMANDS, DONE, FakeWindow, label_of, named_in

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import TracebackType
    from typing import Self, TypeAlias

    from sidecar_bridge import ErrorCode
    from sidecar_bridge._testing.server import Handler

    _Paths: TypeAlias = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]

__all__ = [
    "Call",
    "CapabilityError",
    "Emitted",
    "FakeHost",
    "FakeWindow",
    "Steps",
    "fake_host",
    "fake_host_capabilities",
]


class Call(NamedTuple):
    """A command that the app has run.

    Attributes:
        command: The command's name, such as `greet` or `plugin:dialog|open`.
        args: The arguments, or the raw bytes that came instead.
        window: The label of the window that the app named.
    """

    command: str
    args: Any
    window: str | None


class Emitted(NamedTuple):
    """An event that the app has emitted, to one label if `target` names it."""

    name: str
    payload: Any
    target: str | None


class _Answer(NamedTuple):
    """The answer to a command: what `give` makes of the call, after the messages of each channel."""

    give: Callable[[Call], object]
    messages: Mapping[str, list[Any]] = {}
    steps: Steps | None = None


class FakeHost:
    """A host without an app. In a `with` block `HostDep` and `SyncHostDep` give this host.

    Answers, messages, events and errors may be all that arguments may be: JSON, models, dataclasses, dates and so on.

    Attributes:
        path: The Unix socket; on Windows the name of the pipe.
        token: What callers show; `Host(fake.path, fake.token)` makes another host of the same app.
        calls: The commands that the app has run, oldest first.
        events: The events that the app has emitted, oldest first.
        startups: What the app has reported with `report_startup`: the activity and its percentage.
        windows: The windows by label; at first there is `main`.
        window_actions: Each `POST /window` and command of `Window` that changed a window: the label and the command.
        unanswered: The commands that failed because the test gives no answer for them.
        errors: What functions given to `answers` raised; the fixture raises the first again after the test.
    """

    def __init__(self, *, capabilities: _Paths | None = None, sidecar: str = "python") -> None:
        """Listen on a new private socket.

        Args:
            capabilities: The app's `src-tauri/capabilities`, or files and folders of it (JSON, TOML). What they do not
                grant to `sidecar-bridge://<sidecar>` is refused as the app would refuse it, whatever answers the test
                gives; without them nothing is. The permissions' scopes are not judged. Sets of permissions, such as
                `core:default`, are known once a build of the app has written `gen/schemas/acl-manifests.json`.
            sidecar: The name of this sidecar in the app's configuration.

        Raises:
            CapabilityError: A capability cannot be read, or has a permission that only a build of the app knows.
        """
        self._acl = None if capabilities is None else Capabilities(capabilities, sidecar)
        self._sidecar = sidecar
        self.token: str = secrets.token_urlsafe(32)
        self.calls: list[Call] = []
        self.events: list[Emitted] = []
        self.startups: list[tuple[str, int | None]] = []
        self.windows: dict[str, FakeWindow] = {"main": FakeWindow()}
        self.window_actions: list[tuple[str, str]] = []
        self.unanswered: list[str] = []
        self.errors: list[BaseException] = []
        self._answers: dict[str, _Answer] = {}
        self._listeners: list[tuple[str, Handler]] = []
        self._releases: list[Callable[[], object]] = []
        self._changed = Condition()
        self._async_hosts: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncHost] = weakref.WeakKeyDictionary()
        self._before: current.Hosts | None = None
        directory = tempfile.mkdtemp(prefix="fake-host-")  # mode 0700
        self._directory = Path(directory)
        # By `close`, else at the end of the interpreter.
        self._remove = weakref.finalize(self, shutil.rmtree, directory, ignore_errors=True)
        self.path: str = address(self._directory)
        self.host: Host = Host(self.path, self.token)
        """The blocking host of the app."""
        self._server = Server(self.path, self._respond, self.errors.append)

    def __enter__(self) -> Self:
        self._before = current._current
        current.set_hosts(cast("current.Hosts", FakeHosts(self, self._directory)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        current._current = self._before
        self.host.close()
        self.close()

    def close(self) -> None:
        """Go away as a host that has exited: calls under way and later ones get a `TransportError`."""
        self._server.hang_up()
        for release in self._releases:
            release()
        self._server.close()
        self._remove()

    @property
    def async_host(self) -> AsyncHost:
        """The host of the app for the event loop that runs."""
        loop = asyncio.get_running_loop()
        if loop not in self._async_hosts:
            self._async_hosts[loop] = AsyncHost(self.path, self.token)
        return self._async_hosts[loop]

    def answers(self, command: str, result: object = None, *, messages: Mapping[str, list[Any]] | None = None) -> None:
        """Answer a command from now on.

        Args:
            command: Its name, such as `greet` or `plugin:dialog|open`.
            result: A JSON value, a model, raw bytes, or a function that gets the `Call` and gives one of these.
            messages: What to send over the command's channels first, under the names of their arguments.
        """
        self._answers[command] = _Answer(result if callable(result) else lambda _call: result, messages or {})

    def steps(self, command: str) -> Steps:
        """Answer the next call of a command step by step: `download.send("onProgress", 40)`, and at last an answer."""
        steps = Steps(command)
        self._releases.append(steps._give_up)
        self._answers[command] = _Answer(lambda _call: None, steps=steps)
        return steps

    def fails(self, command: str, error: object) -> None:
        """Answer a command with its own error value: the app gets a `CommandError`."""
        refused = partial(Refused.by_command, command, error)
        refused()  # an error that is no JSON is the test's own
        self._answers[command] = _Answer(_raises(refused))

    def refuses(self, command: str, code: ErrorCode = "permission_denied", detail: str | None = None) -> None:
        """Refuse a command as the host does: the app gets the `ProblemError` of the code."""
        if code not in STATUSES:
            msg = f"`{code}` is no code of a problem; use one of {', '.join(sorted(STATUSES))}"
            raise ValueError(msg)
        refused = partial(Refused, code, detail or f"command `{command}` is refused by the test")
        self._answers[command] = _Answer(_raises(refused))

    def holds(self, command: str, result: object = None) -> Event:
        """Answer a command with a value, once the test sets the event that this gives."""
        hold = Event()
        self._releases.append(hold.set)

        def give(_call: Call) -> object:
            hold.wait()
            return result

        self._answers[command] = _Answer(give)
        return hold

    def args_of(self, command: str) -> list[Any]:
        """Give the arguments of each call of a command, oldest first."""
        return [call.args for call in self.calls if call.command == command]

    def payloads_of(self, event: str) -> list[Any]:
        """Give the payloads of each event of that name, oldest first."""
        return [emitted.payload for emitted in self.events if emitted.name == event]

    def emit(self, name: str, payload: object = None) -> int:
        """Emit an event as the app's Rust part or a page; give how many subscriptions get the event.

        Raises:
            AssertionError: A subscription is full, and the app does not read it. Here no event is lost.
        """
        text = encode_json(payload, f"the payload of event `{name}`").decode()
        with self._changed:
            found = [handler for listens, handler in self._listeners if listens == name]
            for handler in found:
                with suppress(OSError):  # of whoever has just left
                    handler.send_event(text)
        return len(found)

    def is_listened_to(self, name: str) -> bool:
        """Tell whether the app listens to an event."""
        return any(listens == name for listens, _ in self._listeners)

    def wait_until(self, holds: Callable[[], object], timeout_s: float = LIMIT_S) -> None:
        """Wait for what the app does in the background: `fake.wait_until(lambda: fake.args_of("greet"))`.

        In an `async` test, whose loop must not stop: `await asyncio.to_thread(fake.wait_until, ...)`.

        Raises:
            AssertionError: It was not so within `timeout_s` seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: bool(holds()), timeout_s):
                msg = f"not so within {timeout_s} s; the app has run {[call.command for call in self.calls]}"
                raise AssertionError(msg)

    def _respond(self, handler: Handler, body: bytes) -> Reply | None:
        """Answer a request; `None` when a stream was the answer, and has ended."""
        if handler.headers.get("Authorization") != f"Bearer {self.token}":
            raise Refused("unauthenticated", "the token is not that of this fake host; use `fake.host`")
        url = urlsplit(handler.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        window = handler.headers.get("Bridge-Window")
        match [handler.command, *(unquote(part) for part in url.path.split("/")[1:])]:
            case ["GET", "health"]:
                return reply_of({"status": "ok", "sidecar": self._sidecar, "generation": 1, "version": "fake"})
            case ["POST", "v1", "invoke", command]:
                return self._invoke(command, handler, body)
            case ["POST", "window"]:
                return self._act(json.loads(body))
            case ["POST", "v1", "events", name]:
                self._judge("plugin:event|emit_to" if "target" in query else "plugin:event|emit", window)
                emitted = Emitted(name, json.loads(body or b"null"), query.get("target"))
                self._note(self.events, emitted)
                self.emit(name, emitted.payload)
            case ["GET", "v1", "events"]:
                self._judge("plugin:event|listen", window)
                self._stream(handler, query["name"])
                return None
            case ["POST", "v1", "starting"]:
                report = json.loads(body)
                self._note(self.startups, (report["activity"], report.get("percent")))
            case ["POST", "v1", "ready" | "log"]:
                pass
            case _:
                raise Refused("not_found", f"the fake host has no route {handler.command} {url.path}")
        return Reply(204, "", b"")

    def _invoke(self, command: str, handler: Handler, body: bytes) -> Reply | None:
        args = body if handler.headers.get("Content-Type") == wire.BYTES else json.loads(body or b"{}")
        call = Call(command, args, handler.headers.get("Bridge-Window"))
        self._note(self.calls, call)
        answer = self._answer_to(call)
        channels = [name.strip() for name in handler.headers.get("Bridge-Channels", "").split(",") if name.strip()]
        if answer.steps is not None:
            return answer.steps._run(handler, channels)
        result = reply_of(answer.give(call))
        return streamed(answer.messages, result) if channels else result

    def _answer_to(self, call: Call) -> _Answer:
        label = self._judge(call.command, call.window)
        if call.command in self._answers:
            return self._answers[call.command]
        plugin, _, command = call.command.partition("|")
        with suppress(KeyError):
            if plugin == "plugin:window":
                result = self._run_in(named_in(self.windows, call.command, call.args, label), command, call.args)
                return _Answer(lambda _call: result)
        self._note(self.unanswered, call.command)
        remedy = f'before, call `fake_host.answers("{call.command}", ...)`, `.fails(...)` or `.refuses(...)`'
        raise Refused("internal", f"the test does not say what command `{call.command}` answers; {remedy}")

    def _act(self, request: dict[str, Any]) -> Reply:
        label, action = request.get("label"), request.get("action")
        if action != "toggle" and action not in COMMANDS:
            raise Refused("invalid_argument", f"the body is not what this route takes: unknown action `{action}`")
        label = self._judge(f"plugin:window|{COMMANDS.get(action, 'toggle_maximize')}", label)
        if action == "toggle":
            action = "restore" if self.windows[label].maximized else "maximize"
        command = COMMANDS[action]
        if answer := self._answers.get(f"plugin:window|{command}"):
            answer.give(Call(f"plugin:window|{command}", {}, label))
        else:
            self._run_in(label, command, {})
        return reply_of({"success": True, "message": f"Window {DONE[command]}"})

    def _judge(self, command: str, label: str | None) -> str:
        """Give the label of the window that a command runs in, if the sidecar may run the command there."""

        def grants(label: str) -> bool:
            return self._acl is None or self._acl.grants(command, label)

        found = label_of(self.windows, label, grants)
        if self._acl is not None and not grants(found):
            raise Refused("permission_denied", self._acl.refusal(command, found))
        return found

    def _run_in(self, label: str, command: str, args: Mapping[str, Any]) -> Any:
        result = self.windows[label]._run(command, args)
        if command == "close":
            del self.windows[label]
        if result is None:
            self._note(self.window_actions, (label, command))
        return result

    def _stream(self, handler: Handler, name: str) -> None:
        listener = (name, handler)
        # Nobody emits between the promise that nothing is lost and the listener's place in the list.
        with suppress(OSError), self._changed:
            handler.begin_stream("subscribed")
            self._listeners.append(listener)
            self._changed.notify_all()
        with suppress(OSError):
            handler.wait_for_end()
        with self._changed:
            if listener in self._listeners:
                self._listeners.remove(listener)
            self._changed.notify_all()

    def _note(self, where: list[Any], what: Any) -> None:
        with self._changed:
            where.append(what)
            self._changed.notify_all()


def _raises(refused: Callable[[], Refused]) -> Callable[[Call], object]:
    def give(_call: Call) -> object:
        raise refused()

    return give


@pytest.fixture
def fake_host_capabilities() -> _Paths | None:
    """What `fake_host` takes for `capabilities`; a test or a `conftest.py` has its own fixture of this name."""
    return None


@pytest.fixture
def fake_host(fake_host_capabilities: _Paths | None) -> Iterator[FakeHost]:
    """A host that answers as the test says, and that is the host of this process while the test runs."""
    with FakeHost(capabilities=fake_host_capabilities) as fake:
        yield fake
    if fake.errors:
        raise fake.errors[0]
