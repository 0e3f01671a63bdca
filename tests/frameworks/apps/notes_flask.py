"""A notes app in Flask: blocking code in threads, a scheduler, and worker processes."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from typing import Any

from a2wsgi import WSGIMiddleware
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, Response, request
from sidecar_bridge import Host, get_async_host, get_host, serve

app = Flask(__name__)
background = ThreadPoolExecutor(2, thread_name_prefix="notes")


def database() -> sqlite3.Connection:
    connection = sqlite3.connect(os.environ["DATABASE"])
    connection.execute("CREATE TABLE IF NOT EXISTS note (text TEXT)")
    return connection


def index(text: str) -> None:
    """What takes too long for a request: it runs in a thread of its own, and tells the app."""
    with closing(database()) as notes, notes:
        notes.execute("INSERT INTO note VALUES (?)", [text])
        (count,) = notes.execute("SELECT count(*) FROM note").fetchone()
    get_host().emit("item-added", {"text": text, "count": count})


def export(host: Host, name: str) -> tuple[int, Any]:
    """Run in a worker process, to which the host travels as an argument."""
    return os.getpid(), host.invoke("greet", {"name": name})


@app.get("/greeting/<name>")
def greeting(name: str) -> Any:
    return get_host().invoke("greet", {"name": name})


@app.get("/async-greeting/<name>")
async def async_greeting(name: str) -> Any:
    return await get_async_host().invoke("greet", {"name": name})


@app.post("/items/<text>")
def add(text: str) -> tuple[str, int]:
    background.submit(index, text)
    return "", 202


@app.get("/news")
def news() -> Response:
    def lines() -> Iterator[str]:
        with get_host().listen("item-added") as added:
            yield "data: ready\n\n"
            for item in added:
                yield f"data: {item['text']}\n\n"

    return Response(lines(), mimetype="text/event-stream")


@app.get("/tick")
def tick() -> Any:
    with get_host().listen("tick") as ticks:
        return ticks.receive(20)


@app.get("/wait")
def wait() -> Any:
    with get_host().listen("never") as events:
        return events.receive()


@app.post("/report/<how>")
def report(how: str) -> list[Any]:
    with ProcessPoolExecutor(1, mp_context=get_context(how)) as pool:
        worker, answer = pool.submit(export, get_host(), request.args["name"]).result()
    return [worker != os.getpid(), answer]


@app.get("/imported")
def imported() -> list[str]:
    return sorted({"fastapi", "pydantic"} & set(sys.modules))


if __name__ == "__main__":
    scheduler = BackgroundScheduler()
    scheduler.add_job(lambda: get_host().emit("tick", {"by": "flask"}), "interval", seconds=0.2)
    scheduler.start()
    serve(WSGIMiddleware(app), log_level="warning")
    scheduler.shutdown()
