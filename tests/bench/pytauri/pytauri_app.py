"""An app of pytauri, which runs Python inside of Tauri's process. Its page measures what lines on stdin ask for."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from anyio import to_thread
from anyio.from_thread import start_blocking_portal
from pydantic import BaseModel

pytauri: Any = import_module("pytauri")
lib: Any = import_module("pytauri_wheel.lib")


class Person(BaseModel):
    name: str


class Run(BaseModel):
    times: int
    at_once: int


class Order(BaseModel):
    run: Run | None


class Times(BaseModel):
    ms: list[float]


async def small(body: Person) -> Person:
    return body


async def ask(body: Order) -> Order:
    line = await to_thread.run_sync(sys.stdin.readline)
    return Order.model_validate_json(line) if line else body


async def tell(body: Times) -> Order:
    sys.stdout.write(body.model_dump_json() + "\n")
    sys.stdout.flush()
    return Order(run=None)


if __name__ == "__main__":
    commands = pytauri.Commands()
    for command in (small, ask, tell):
        commands.command()(command)
    with start_blocking_portal("asyncio") as portal:
        context = lib.context_factory(Path(__file__).parent)
        app = lib.builder_factory().build(context=context, invoke_handler=commands.generate_handler(portal))
        sys.exit(app.run_return())
