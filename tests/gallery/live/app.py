"""The gallery as a real app, and both classes of its bindings to call it with."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from functools import cache
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import pytest
from sidecar_bridge import AsyncChannel, AsyncHost, Host
from sidecar_bridge._hello import Hello, parse_hello
from sidecar_bridge.bindings.pydantic import Command

import bindings
from hosts import LIMIT_S, Fifo, handing_over

Answer = tuple[Any, list[list[Any]]]
"""What a command gave, and what it sent over each of its channels."""


def binary() -> str:
    path = os.environ.get("SIDECAR_BRIDGE_GALLERY", "")
    if not os.access(path, os.X_OK):
        pytest.fail(f"SIDECAR_BRIDGE_GALLERY={path!r} is no executable; run `scripts/test`, which builds it")
    return path


class Gallery:
    """The running app, and what it says of its only sidecar."""

    def __init__(self, command: list[str], **config: Any) -> None:
        config["sidecars"] = {"python": {"spawn": {"command": command, "cwd": "/tmp"}}}
        self._process = subprocess.Popen(
            [binary(), json.dumps(config)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._statuses: Queue[dict[str, Any] | None] = Queue()
        self._reader = Thread(target=self._read)
        self._reader.start()

    def wait_for(self, *phases: str) -> dict[str, Any]:
        """Give the next status with one of these phases."""
        seen: list[dict[str, Any]] = []
        while True:
            try:
                status = self._statuses.get(timeout=LIMIT_S)
            except Empty:
                status = None
            if status is None:
                pytest.fail(f"the gallery did not report {phases}; it reported {seen}")
            seen.append(status)
            if status["state"]["phase"] in phases:
                return status

    def close(self) -> None:
        """Let the app end as it does when its window is closed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            assert self._process.wait(LIMIT_S) == 0
        finally:
            self._process.kill()
            self._process.wait(LIMIT_S)
            self._reader.join(LIMIT_S)
            self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._statuses.put(json.loads(line))
        self._statuses.put(None)


@contextmanager
def running(command: list[str], **config: Any) -> Iterator[Gallery]:
    gallery = Gallery(command, **config)
    try:
        yield gallery
    finally:
        gallery.close()


@contextmanager
def joined(directory: Path, **config: Any) -> Iterator[tuple[Gallery, Hello]]:
    """Run the gallery with a sidecar that hands its hello over, so that the test is the sidecar."""
    fifo = Fifo(directory / "hello")
    try:
        with running(handing_over(fifo.path), **config) as gallery:
            yield gallery, parse_hello(fifo.read_line())
    finally:
        fifo.close()


class Twin:
    """`Commands` and `Events`, or the classes for asyncio, under one roof.

    What listens is closed at the end only: Tauri puts an event off, even behind the next one, that is emitted while
    another thread ends a subscription.
    """

    commands: type[Any]
    events: type[Any]

    def call(self, method: str, *arguments: Any, channels: int = 0, **options: Any) -> Answer:
        """Call a method with these arguments, and channels behind them; `options` are those of all calls."""
        raise NotImplementedError

    def heard(self, event: str, count: int, tell: Callable[[], object]) -> list[Any]:
        """Give so many payloads of an event, from before `tell` is called."""
        raise NotImplementedError

    def emit(self, event: str, payload: Any) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


class Blocking(Twin):
    commands = bindings.Commands
    events = bindings.Events

    def __init__(self, hello: Hello) -> None:
        self._host = Host(hello.host_path, hello.token)
        self._listening = ExitStack()

    def call(self, method: str, *arguments: Any, channels: int = 0, **options: Any) -> Answer:
        told: list[list[Any]] = [[] for _ in range(channels)]
        command = getattr(self.commands(self._host, **{"timeout_s": LIMIT_S, **options}), method)
        return command(*arguments, *(messages.append for messages in told)), told

    def heard(self, event: str, count: int, tell: Callable[[], object]) -> list[Any]:
        stream = self._listening.enter_context(getattr(self.events(self._host), event).listen(timeout_s=LIMIT_S))
        tell()
        return [stream.receive(LIMIT_S) for _ in range(count)]

    def emit(self, event: str, payload: Any) -> None:
        getattr(self.events(self._host), event).emit(payload, timeout_s=LIMIT_S)

    def close(self) -> None:
        self._listening.close()
        self._host.close()


class Asyncio(Twin):
    commands = bindings.AsyncCommands
    events = bindings.AsyncEvents

    def __init__(self, hello: Hello) -> None:
        self._runner = asyncio.Runner()
        self._listening = AsyncExitStack()
        self._host = AsyncHost(hello.host_path, hello.token)

    def call(self, method: str, *arguments: Any, channels: int = 0, **options: Any) -> Answer:
        return self._runner.run(self._call(method, *arguments, channels=channels, **options))

    async def _call(self, method: str, *arguments: Any, channels: int, **options: Any) -> Answer:
        told = [AsyncChannel[Any]() for _ in range(channels)]
        command = getattr(self.commands(self._host, **{"timeout_s": LIMIT_S, **options}), method)
        messages = asyncio.gather(*map(_all, told))
        result = await command(*arguments, *told)
        return result, await asyncio.wait_for(messages, LIMIT_S)

    def heard(self, event: str, count: int, tell: Callable[[], object]) -> list[Any]:
        async def hear() -> list[Any]:
            listening = getattr(self.events(self._host), event).listen(timeout_s=LIMIT_S)
            stream = await self._listening.enter_async_context(listening)
            await asyncio.to_thread(tell)
            return [await stream.receive(LIMIT_S) for _ in range(count)]

        return self._runner.run(hear())

    def emit(self, event: str, payload: Any) -> None:
        self._runner.run(getattr(self.events(self._host), event).emit(payload, timeout_s=LIMIT_S))

    def close(self) -> None:
        self._runner.run(self._listening.aclose())
        self._runner.run(self._host.close())
        self._runner.close()


async def _all(channel: AsyncChannel[Any]) -> list[Any]:
    return [message async for message in channel]


def names(of: type[Any]) -> list[str]:
    """Give the public members that a generated class has itself."""
    return [name for name in vars(of) if not name.startswith("_")]


def description(name: str) -> Any:
    """Give what the bindings know of a command or an event, by its name in Python."""
    return getattr(bindings, "_" + name.rstrip("_").upper())


@cache
def _samples() -> list[tuple[Any, list[str]]]:
    printed = subprocess.run([binary(), "samples", "12"], capture_output=True, check=True, timeout=LIMIT_S, text=True)
    # Not `splitlines`, which knows line ends that JSON leaves in its strings.
    lines = map(json.loads, printed.stdout.rstrip("\n").split("\n"))
    return [(eval(line["python"], vars(bindings)), line["values"]) for line in lines]


def samples(shape: Any) -> list[Any]:
    """Give values of a type as Rust made them; none for a type that it makes none of."""
    read = Command.codec.decoder(shape)
    return [read(text) for python, texts in _samples() if python == shape for text in texts]
