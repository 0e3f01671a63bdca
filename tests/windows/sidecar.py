"""The sidecar of these tests: each of its paths is a function below.

A check that fails is a 500 to the host, and a traceback in the host's log.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from sidecar_bridge import AsyncChannel, BridgeError, Host, UnauthenticatedError, get_async_host, get_host, serve
from sidecar_bridge._client.host import link_of

GREETING = {"message": "Hello, Wine!"}
MESSAGES = {"times": 2, "answer": {"json": "told"}, "messages": [{"text": "ü"}, {"bytes": 3}]}
LARGE = 1024 * 1024


def say(**what: object) -> None:
    """Tell the test something: a line of JSON in its file."""
    with Path(os.environ["SAID"]).open("a", encoding="utf-8") as said:
        said.write(json.dumps(what) + "\n")


print("✓ printed at import")
print("✓ printed to stderr", file=sys.stderr)
if "IMPORTS" in os.environ:
    say(imports="for a long time")
    time.sleep(600)


def calls_of_blocking_code() -> None:
    host = get_host()
    assert host.invoke("greet", {"name": "Wine"}) == GREETING
    assert host.invoke("take_bytes", bytes(LARGE)) == LARGE
    assert host.invoke("give_bytes", {"count": LARGE}) == bytes(LARGE)
    told: list[object] = []
    channels = {"onText": told.append, "onBytes": told.append}
    assert host.invoke("tell", MESSAGES, channels=channels) == "told"
    assert told.count("ü") == told.count(b"\7\7\7") == 2
    with host.listen("ping") as events:
        host.emit("ping", {"from": "blocking code"})
        assert next(iter(events)) == {"from": "blocking code"}


async def blocking() -> None:
    await asyncio.to_thread(calls_of_blocking_code)


async def awaited() -> None:
    host = get_async_host()
    assert await host.invoke("greet", {"name": "Wine"}) == GREETING
    assert await host.invoke("take_bytes", bytes(LARGE)) == LARGE
    assert await host.invoke("give_bytes", {"count": LARGE}) == bytes(LARGE)
    texts, some_bytes = AsyncChannel[Any](), AsyncChannel[Any]()

    async def all_of(channel: AsyncChannel[Any]) -> list[object]:
        return [message async for message in channel]

    notes = asyncio.gather(all_of(texts), all_of(some_bytes))
    assert await host.invoke("tell", MESSAGES, channels={"onText": texts, "onBytes": some_bytes}) == "told"
    assert list(await notes) == [["ü", "ü"], [b"\7\7\7", b"\7\7\7"]]
    async with host.listen("ping") as events:
        await host.emit("ping", {"from": "a task"})
        async for event in events:
            assert event == {"from": "a task"}
            break


async def many() -> None:
    """More calls at once than there are connections."""
    greetings = await asyncio.gather(*(get_async_host().invoke("greet", {"name": "Wine"}) for _ in range(300)))
    assert greetings == [GREETING] * 300


def greeting_in_a_worker() -> object:
    return get_host().invoke("greet", {"name": "Wine"})


async def worker() -> None:
    with ProcessPoolExecutor(1) as pool:
        loop = asyncio.get_running_loop()
        assert await asyncio.wait_for(loop.run_in_executor(pool, greeting_in_a_worker), 60) == GREETING


async def wrong_token() -> None:
    link = link_of(get_host())
    with Host(link.path, "wrong") as stranger:
        try:
            stranger.invoke("greet", {"name": "Wine"})
        except UnauthenticatedError:
            return
    raise AssertionError("it was let in")


async def wrong_process() -> None:
    link = link_of(get_host())
    with Host(link.path, link.token, host_pid=os.getpid()) as careful:
        try:
            careful.invoke("greet", {"name": "Wine"})
        except BridgeError as error:
            if "is behind" in str(error):
                return
    raise AssertionError("it took another process for the host")


async def printed() -> None:
    print("✓ printed, with no newline translated")


async def address() -> None:
    link = link_of(get_host())
    say(variable=os.environ["SIDECAR_BRIDGE"], path=link.path, token=link.token)


async def sleep() -> None:
    say(asleep=True)
    time.sleep(600)  # noqa: ASYNC251 - the event loop hangs


async def spin() -> None:
    threading.Thread(target=exec, args=["while True: pass"], daemon=True).start()


async def hold_the_gil() -> None:
    say(holds="the GIL")
    # A `PyDLL` keeps the GIL while it calls.
    threading.Thread(target=ctypes.PyDLL("kernel32").Sleep, args=[600_000], daemon=True).start()


async def grandchild() -> None:
    # Named as this process is, so that the test finds it.
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", *sys.argv[1:]])  # noqa: ASYNC220 - it takes no time


async def die() -> None:
    os.kill(os.getpid(), 9)  # TerminateProcess


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        say(lifespan="over")
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            text, data = message.get("text"), message.get("bytes")
            if text == "die":
                await die()
            answer = {"bytes": data[::-1]} if text is None else {"text": text.upper()}
            await send({"type": "websocket.send", **answer})
        return
    name = scope["path"].strip("/")
    if name == "stream":
        await stream(send)
        return
    if name:
        await globals()[name]()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    await send({"type": "http.response.body", "body": b"null"})


async def stream(send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for piece in [b"[", *[b"0," * 4096] * 64, b"0]"]:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(0.001)
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    serve(app, log_level="warning")
    say(served="to the end")
