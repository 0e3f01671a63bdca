"""The quickstart's sidecar: an ordinary FastAPI app, served by `sidecar_bridge`."""

from collections.abc import Awaitable
from itertools import count
from time import perf_counter
from typing import TypeVar

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sidecar_bridge import serve
from sidecar_bridge.fastapi import HostDep

from bindings import Asked, AsyncCommands, AsyncEvents, GreetCommandError

app = FastAPI()
questions = count(1)
T = TypeVar("T")


class Question(BaseModel):
    name: str


class Answer(BaseModel):
    message: str
    ms: float = 0


async def timed(call: Awaitable[T]) -> tuple[T, float]:
    start = perf_counter()
    return await call, (perf_counter() - start) * 1000


@app.get("/health")
async def health() -> str:
    return "healthy"


@app.post("/ask")
async def ask(question: Question, host: HostDep) -> Answer:
    await AsyncEvents(host).asked.emit(Asked(count=next(questions)))
    return Answer(message=f"Hello from FastAPI, {question.name}!")


@app.post("/greet")
async def greet(question: Question, host: HostDep) -> Answer:
    try:
        greeting, ms = await timed(AsyncCommands(host).greet(name=question.name))
    except GreetCommandError as refused:
        raise HTTPException(422, refused.error) from refused
    return Answer(message=greeting.message, ms=ms)


# [snippet: python]
@app.post("/api/v1/window")
async def toggle(host: HostDep) -> Answer:
    _, ms = await timed(host.window("main").toggle_maximize())  # judged by Tauri's ACL
    return Answer(message="Window toggled", ms=ms)


if __name__ == "__main__":
    serve(app)  # on the socket that the Rust host has opened
# [end]
