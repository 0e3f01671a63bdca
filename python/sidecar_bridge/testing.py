"""A host for the tests of an app: the host takes the app's calls and answers as the test says.

With pytest, the fixture `fake_host` is there as soon as this package is installed:

    def test_import(fake_host: FakeHost, client: TestClient) -> None:
        fake_host.answers("plugin:dialog|open", "/tmp/orders.csv")
        fake_host.refuses("plugin:notification|notify")
        client.post("/imports/choose")
        assert fake_host.args_of("plugin:dialog|open") == [{"options": {"multiple": False}}]

The app's own `Host` or `AsyncHost` talks to the fake host, over a private Unix socket as in production: through the
dependencies of `sidecar_bridge.fastapi`, through generated bindings, or `fake_host.host`. Tauri's own commands do what
a small desktop would; what the test says wins. A call of another command that the test gives no answer for fails and
says so.
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
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from sidecar_bridge import AsyncHost, Host
from sidecar_bridge._client import wire
from sidecar_bridge._client.errors import BridgeError
from sidecar_bridge._client.host import link_of
from sidecar_bridge._client.known import misnamed, suggested
from sidecar_bridge._native import encode_json
from sidecar_bridge._serve import current
from sidecar_bridge._testing.arguments import check_emitted, check_name, read, wrong_name
from sidecar_bridge._testing.call import Call
from sidecar_bridge._testing.capabilities import Capabilities
from sidecar_bridge._testing.channels import FakeChannels
from sidecar_bridge._testing.desktop import FakeDesktop
from sidecar_bridge._testing.hosts import FakeHosts
from sidecar_bridge._testing.manifests import CapabilityError
from sidecar_bridge._testing.replies import STATUSES, Refused, Reply, reply_of, streamed
from sidecar_bridge._testing.server import LIMIT_S, Server, address
from sidecar_bridge._testing.steps import Steps
from sidecar_bridge._testing.undos import FakeUndos
from sidecar_bridge._testing.window import COMMANDS, DONE, FakeWindow, Windows, label_of

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
    "FakeDesktop",
    "FakeHost",
    "FakeWindow",
    "Steps",
    "fake_host",
    "fake_host_capabilities",
]


_FOR_COMMAND = "bridge-header-"
_LOOKS_EVERY_S = 0.02


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
        desktop: What the app finds and changes outside of its windows, such as the clipboard.
        undone: What has undone the app's calls; these are among `calls`, too.
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
        from sidecar_bridge._testing.tauri import FakeTauri  # noqa: PLC0415 - pytest loads this plugin for everybody

        self._acl = None if capabilities is None else Capabilities(capabilities, sidecar)
        self._sidecar = sidecar
        self.token: str = secrets.token_urlsafe(32)
        self.calls: list[Call] = []
        self.events: list[Emitted] = []
        self.startups: list[tuple[str, int | None]] = []
        self.windows: dict[str, FakeWindow] = {"main": FakeWindow()}
        self.window_actions: list[tuple[str, str]] = []
        self.undone: list[Call] = []
        self.unanswered: list[str] = []
        self.errors: list[BaseException] = []
        self._answers: dict[str, _Answer] = {}
        self._listeners: list[tuple[str, Handler]] = []
        self._releases: list[Callable[[], object]] = []
        self._changed = Condition()
        self._channels = FakeChannels(self._changed)
        self._undos = FakeUndos()
        self._async_hosts: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncHost] = weakref.WeakKeyDictionary()
        self._before: current.Hosts | None = None
        self._hosts: FakeHosts | None = None
        self._is_entered = False
        directory = tempfile.mkdtemp(prefix="fake-host-")  # mode 0700
        self._directory = Path(directory)
        self.desktop: FakeDesktop = FakeDesktop()
        self._windows = Windows(self.windows, self.desktop, lambda *action: self._note(self.window_actions, action))
        self._tauri = FakeTauri(self._windows, self.desktop, self._directory, self.emit, self._channels.send)
        # By `close`, else at the end of the interpreter.
        self._remove = weakref.finalize(self, shutil.rmtree, directory, ignore_errors=True)
        self.path: str = address(self._directory)
        self.host: Host = Host(self.path, self.token)
        """A blocking host for the test itself, also in its event loop; that of the app warns there."""
        link_of(self.host).warns = False
        self._server = Server(self.path, self._respond, self.errors.append)

    def __enter__(self) -> Self:
        if self._is_entered:
            msg = "this fake host is the host of this process already, or was; enter each `FakeHost` once"
            raise BridgeError(msg)
        self._is_entered = True
        self._before = current._current
        self._hosts = FakeHosts(self, self._directory)
        current.set_hosts(cast("current.Hosts", self._hosts))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        current._current = self._before
        if self._hosts is not None:
            self._hosts.blocking.close()
        self.host.close()
        self.close()

    def close(self) -> None:
        """Go away as a host that has exited: calls under way and later ones get a `TransportError`."""
        self._server.hang_up()
        for release in self._releases:
            release()
        self._server.close()
        self._tauri.close()
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
            messages: What to send over the command's channels first, under the names of their arguments; those of
                `host.channel`, handlers and watches too. What comes after the answer is `send`.
        """
        self._answers[command] = _Answer(result if callable(result) else lambda _call: result, messages or {})

    def steps(self, command: str) -> Steps:
        """Answer the next call of a command step by step: `download.send("onProgress", 40)`, and at last an answer.

        A channel of `host.channel`, of handlers or of a watch goes on after the answer: there, use `send` of this.
        """
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

    def emit(self, name: str, payload: object = None, *, window: str | None = None) -> int:
        """Emit an event as the app's Rust part or a page; give how many subscriptions and handlers get the event.

        Args:
            name: The event's name.
            payload: Its payload.
            window: The label of the window whose event it is, such as of `tauri://resize`; by default it is for all.

        Raises:
            AssertionError: A subscription is full, and the app does not read it. Here no event is lost.
            ValueError: Tauri has no events of such a name.
        """
        if wrong := wrong_name(name):
            raise ValueError(wrong)
        text = encode_json(payload, f"the payload of event `{name}`").decode()
        with self._changed:
            found = [handler for listens, handler in self._listeners if listens == name]
            for handler in found:
                with suppress(OSError):  # of whoever has just left
                    handler.send_event(text)
            return len(found) + self._channels.emit(name, text, window)

    def closes(self, window: str = "main", timeout_s: float = LIMIT_S) -> bool:
        """Close a window as its user does; give whether it closes, which handlers of the app may prevent.

        It waits for each handler as long as the app would, by the `timeout_s` of `on_close_requested`, or of this.

        In an `async` test, whose loop must not stop: `await asyncio.to_thread(fake.closes)`.

        Raises:
            ValueError: There is no such window.
        """
        if window not in self.windows:
            msg = f"there is no window `{window}`; there are {list(self.windows)}"
            raise ValueError(msg)
        closes = self._channels.closes(window, timeout_s)
        if closes:
            self.windows.pop(window, None)
        return closes

    def send(self, channel: object, message: object) -> None:
        """Send over a channel of the app's, as a command does that keeps the channel: a JSON value or raw bytes.

        Args:
            channel: What stands for it in the arguments, such as
                `fake_host.args_of("plugin:tray|new")[0]["handler"]`.
            message: The message.

        Raises:
            ValueError: The app has opened no such channel, or has left its block.
            AssertionError: The app does not read it. Here no message is lost.
        """
        self._channels.send(channel, message)

    def is_listened_to(self, name: str) -> bool:
        """Tell whether the app listens to an event."""
        return any(listens == name for listens, _ in self._listeners)

    def wait_until(self, holds: Callable[[], object], timeout_s: float = LIMIT_S) -> None:
        """Wait for what the app does in the background: `fake.wait_until(lambda: fake.args_of("greet"))`.

        In an `async` test, whose loop must not stop: `await asyncio.to_thread(fake.wait_until, ...)`.

        Raises:
            AssertionError: It was not so within `timeout_s` seconds.
        """
        end = monotonic() + timeout_s
        with self._changed:
            while not holds():
                left = end - monotonic()
                if left <= 0:
                    msg = f"not so within {timeout_s} s; the app has run {[call.command for call in self.calls]}"
                    raise AssertionError(msg)
                # Not until the app calls: it may well change something of its own.
                self._changed.wait(min(left, _LOOKS_EVERY_S))

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
                check_emitted(name)
                emitted = Emitted(name, json.loads(body or b"null"), query.get("target"))
                self._note(self.events, emitted)
                self.emit(name, emitted.payload)
            case ["GET", "v1", "events" | "channel" as what]:
                self._stream(what, handler, window, query)
                return None
            case ["POST", "v1", "closing", number]:
                return reply_of({"inTime": self._channels.answer(int(number), prevents=query["prevent"] == "true")})
            case ["POST", "v1", "undo", number]:
                self._undo(number)
            case ["DELETE", "v1", "undo", number]:
                self._undos.take(number)
            case ["POST", "v1", "starting"]:
                self._starting(**json.loads(body))
            case ["POST", "v1", "ready" | "log"]:
                pass
            case _:
                raise Refused("not_found", f"the fake host has no route {handler.command} {url.path}")
        return Reply(204, "", b"")

    def _starting(self, activity: str, percent: object) -> None:
        if percent is not None and percent not in range(101):
            raise Refused("invalid_argument", f"`percent` is {percent}; give 0 to 100, or leave it out")
        self._note(self.startups, (activity, percent))

    def _invoke(self, command: str, handler: Handler, body: bytes) -> Reply | None:
        args = body if handler.headers.get("Content-Type") == wire.BYTES else read(body)
        sent = {name.lower(): value for name, value in handler.headers.items()}
        headers = {name.removeprefix(_FOR_COMMAND): sent[name] for name in sent if name.startswith(_FOR_COMMAND)}
        call = Call(command, args, handler.headers.get("Bridge-Window"), headers)
        self._note(self.calls, call)
        channels = [name.strip() for name in handler.headers.get("Bridge-Channels", "").split(",") if name.strip()]
        answer = self._answer_to(call, channels)
        if answer is None:
            raise self._unanswered(command)
        lasting = self._channels.among(call.args)
        if answer.steps is not None:
            result = answer.steps._run(handler, channels, lasting, self._channels.pass_on)
            if result is None:  # the steps have answered over the stream
                return None
        else:
            known = [*channels, *lasting]
            for name in answer.messages:
                if name not in known:
                    msg = f"command `{command}` was called with the channels {known}, and not with `{name}`"
                    raise ValueError(msg)
            result = reply_of(answer.give(call))
            for name in answer.messages.keys() & lasting.keys():
                for message in answer.messages[name]:
                    self._channels.pass_on(lasting[name], reply_of(message))
        self._tauri.answered(command, result)
        if channels:
            return streamed({name: answer.messages[name] for name in answer.messages if name in channels}, result)
        if order := sent.get("bridge-undo"):
            return self._undos.add(order, result, label_of(self.windows, call.window, lambda _label: True))
        return result

    def _undo(self, number: str) -> None:
        call = Call(*self._undos.take(number))
        self._note(self.calls, call)
        self._note(self.undone, call)
        if answer := self._answer_to(call, []):
            answer.give(call)

    def _answer_to(self, call: Call, channels: list[str]) -> _Answer | None:
        if wrong := misnamed(call.command):
            raise Refused("not_found", wrong)
        label = self._judge(call.command, call.window)
        self._tauri.check(call, channels)
        if call.command in self._answers:
            return self._answers[call.command]
        return _Answer(lambda call: self._tauri.answer(call, label)) if self._tauri.knows(call.command) else None

    def _unanswered(self, command: str) -> Refused:
        self._note(self.unanswered, command)
        remedy = f'before, call `fake_host.answers("{command}", ...)`, `.fails(...)` or `.refuses(...)`'
        return Refused(
            "internal", f"the test does not say what command `{command}` answers; {remedy}{suggested(command)}"
        )

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
            self._windows.run(label, command)
        return reply_of({"success": True, "message": f"Window {DONE[command]}"})

    def _judge(self, command: str, label: str | None) -> str:
        """Give the label of the window that a command runs in, if the sidecar may run the command there."""

        def grants(label: str) -> bool:
            return self._acl is None or self._acl.grants(command, label)

        found = label_of(self.windows, label, grants)
        if self._acl is not None and not grants(found):
            raise Refused("permission_denied", self._acl.refusal(command, found))
        return found

    def _stream(self, what: str, handler: Handler, window: str | None, query: Mapping[str, str]) -> None:
        if what == "events":
            check_name(query.get("name", ""))
            self._judge("plugin:event|listen", window)
            self._listen(handler, query["name"])
            return
        events = [name for name in query.get("events", "").split(",") if name]
        asks_s = int(query["closingMs"]) / 1000 if "closingMs" in query else None
        if events or asks_s is not None:
            label = self._judge("plugin:event|listen", window)
        else:
            label = label_of(self.windows, window, lambda _label: True)
        self._channels.stream(handler, label, events, asks_s)

    def _listen(self, handler: Handler, name: str) -> None:
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
