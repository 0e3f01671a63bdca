"""A sidecar that makes each kind of call of the host, and writes down what came.

It runs with this package and with that of the last release, so it says only what both know.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import sidecar_bridge
from fastapi import FastAPI
from sidecar_bridge import AsyncChannel, AsyncHost, CommandError, ProblemError
from sidecar_bridge.fastapi import HostDep

AT_ONCE = 64
"""So many calls at once that this package asks for a connection that carries all of them."""

app = FastAPI()


def say(**what: object) -> None:
    with Path(os.environ["SAID"]).open("a") as said:
        said.write(json.dumps(what) + "\n")


async def answers(host: AsyncHost) -> dict[str, object]:
    greeting = {"name": "Ada"}
    at_once = await asyncio.gather(*(host.invoke("echo", {"value": number}) for number in range(AT_ONCE)))
    told: AsyncChannel[object] = AsyncChannel()
    order = {"messages": [{"text": 1}, {"text": 2}], "times": 2, "answer": {"json": "done"}}
    done = await host.invoke("tell", order, channels={"onText": told, "onBytes": AsyncChannel()})
    async with host.listen("news") as events:
        await host.emit("news", {"edition": 7})
        heard = await anext(aiter(events))
    return {
        "a command": await host.invoke("greet", greeting),
        "bytes": list(await host.invoke("reverse", b"abc", returns=bytes)),
        "at once": at_once == list(range(AT_ONCE)),
        "a channel": [done, [message async for message in told]],
        "an event": heard,
        "an error": await failure(host, "greet", {"name": ""}),
        "a refusal": await failure(host, "secret", None),
    }


async def failure(host: AsyncHost, command: str, args: dict[str, Any] | None) -> list[object]:
    try:
        return ["none", await host.invoke(command, args)]
    except CommandError as error:
        return [error.problem.code, error.error]
    except ProblemError as error:
        return [error.problem.code, error.problem.detail]


@app.post("/answers")
async def told(host: HostDep) -> dict[str, object]:
    found = await answers(host)
    say(package=sidecar_bridge.__file__, pid=os.getpid(), answers=found)
    return found


if __name__ == "__main__":
    sidecar_bridge.serve(app, log_level="warning")
