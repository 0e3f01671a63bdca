"""An app in strict code: mypy and pyright find nothing, and no expression is `Any`.

`test_types.py` checks this file; nothing runs it.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Literal, TypedDict, assert_never, assert_type
from uuid import UUID

from pydantic import BaseModel
from sidecar_bridge import (
    AsyncChannel,
    AsyncEvents,
    AsyncHost,
    AsyncMessages,
    BridgeError,
    CallCancelledError,
    Channel,
    CommandError,
    DeadlineExceededError,
    ErrorCode,
    Events,
    FailedPreconditionError,
    Host,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    PermissionDeniedError,
    ProblemError,
    ResourceExhaustedError,
    Size,
    UnauthenticatedError,
    UnavailableError,
    UnexpectedTypeError,
    get_async_host,
    get_host,
)
from sidecar_bridge.desktop import AsyncChild, AsyncFile, Child, File
from sidecar_bridge.tauri.fs import Change
from sidecar_bridge.tauri.log import LogHandler
from sidecar_bridge.tauri.shell import Error, Stderr, Stdout, Terminated
from sidecar_bridge.tauri.store import StoreChange


class Colour(Enum):
    RED = "red"


class User(BaseModel):
    name: str


@dataclass
class Progress:
    percent: int


class Row(TypedDict):
    id: UUID


async def call(host: AsyncHost) -> User:
    assert_type(await host.invoke("greet"), object)
    assert_type(await host.invoke("greet", {"name": "Ada"}, returns=str), str)
    assert_type(await host.invoke("open", returns=str | None), str | None)
    assert_type(await host.invoke("rows", returns=list[Row]), list[Row])
    assert_type(await host.invoke("colours", returns=dict[Colour, list[date]]), dict[Colour, list[date]])
    assert_type(await host.invoke("mode", returns=Literal["a", "b"]), Literal["a", "b"])
    assert_type(await host.invoke("save", returns=None), None)
    assert_type(await host.invoke("read", returns=bytes), bytes)
    assert_type(await host.health(), dict[str, object])
    assert_type(await host.window("main").inner_size(), Size)
    await host.emit("changed", {"at": date.today(), "id": UUID(int=1), "in": Path("/"), "price": Decimal(1)})
    await host.invoke("save", {"colour": Colour.RED, "progress": Progress(1), "user": User(name="Ada")})
    return await host.invoke("user", returns=User, window="main", timeout_s=1)


async def listen(host: AsyncHost) -> int:
    async with host.listen("asked") as asked:
        assert_type(asked, AsyncEvents[object])
    async with host.listen("progress", returns=Progress, timeout_s=1) as events:
        assert_type(events, AsyncEvents[Progress])
        async for event in events:
            assert_type(event, Progress)
            return event.percent
    return 0


async def follow(host: AsyncHost) -> str:
    steps = AsyncChannel(Progress)
    assert_type(steps, AsyncChannel[Progress])
    work = asyncio.create_task(host.invoke("download", channels={"onProgress": steps}, returns=str))
    async for step in steps:
        assert_type(step.percent, int)
    return await work


def show(progress: Progress) -> None:
    print(progress.percent)


def blocking(host: Host) -> bytes | None:
    assert_type(host.invoke("greet"), object)
    with host.listen("progress", returns=Progress) as events:
        assert_type(events, Events[Progress])
        assert_type(events.receive(timeout_s=1), Progress)
    assert_type(host.invoke("download", channels={"onProgress": Channel(show, Progress)}, returns=int), int)
    host.invoke("download", channels={"onProgress": print})
    return host.invoke("read", returns=bytes | None)


def explain(code: ErrorCode) -> str:
    match code:
        case "invalid_argument" | "failed_precondition" | "not_found" | "resource_exhausted":
            return "wrong"
        case "unauthenticated" | "permission_denied":
            return "refused"
        case "unavailable" | "cancelled" | "deadline_exceeded" | "internal":
            return "later"
        case _:
            assert_never(code)


def judge(error: BridgeError) -> str:
    match error:
        case CommandError():
            assert_type(error.error, object)
            return str(error.error)
        case UnexpectedTypeError() | DeadlineExceededError():
            return str(error)
        case ProblemError():
            assert_type(error.problem.code, ErrorCode)
            return explain(error.problem.code)
        case _:
            return "later" if error.retryable else "never"


def by_class() -> bool:
    try:
        return get_host().window("report").is_visible()
    except NotFoundError as error:
        return error.retryable
    except (PermissionDeniedError, UnauthenticatedError, FailedPreconditionError, InvalidArgumentError):
        return False
    except (UnavailableError, ResourceExhaustedError, CallCancelledError, InternalError):
        return True


async def files(host: AsyncHost, path: Path) -> AsyncFile:
    await host.fs.write_text(path, "text")
    async for line in await host.fs.read_lines(path):
        assert_type(line, str)
    async with host.fs.watch([path], delay=timedelta(seconds=1)) as changes:
        assert_type(changes, AsyncMessages[Change])
        async for change in changes:
            assert_type(change.paths, tuple[Path, ...])
    file = await host.fs.open(path, read=True)
    assert_type(await file.read(), bytes)
    return file


async def programs(host: AsyncHost) -> int | None:
    async with host.shell.spawn("tool", ["-v"]) as child:
        async for event in child:
            match event:
                case Stdout(data) | Stderr(data):
                    assert_type(data, str)
                case Error(message):
                    assert_type(message, str)
                case Terminated(code):
                    return code
    async with host.shell.spawn("tool", raw=True) as raw:
        assert_type(raw, AsyncChild[bytes])
        await raw.write(b"data")
        return (await raw.wait()).signal


def in_blocking_code(host: Host, path: Path) -> None:
    with host.fs.open(path) as file, host.shell.spawn("tool", raw=True) as child, host.fs.watch(path) as changes:
        assert_type(file, File)
        assert_type(child, Child[bytes])
        assert_type(changes.receive(), Change)
    with host.store.load(path).changes() as stored:
        assert_type(next(stored), StoreChange)
    update = host.updater.check(within=timedelta(seconds=5))
    if update is not None:
        update.download_and_install(on_progress=lambda progress: print(progress.downloaded))
    logging.getLogger().addHandler(LogHandler(host))


async def anywhere() -> User:
    return await call(get_async_host())
