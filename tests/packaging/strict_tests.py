"""Tests of an app in strict code; `test_types.py` checks this file, and nothing runs it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel
from sidecar_bridge.testing import Call, FakeHost


class User(BaseModel):
    name: str


@dataclass
class Progress:
    percent: int


def test_a_route(fake_host: FakeHost) -> None:
    def answer(call: Call) -> User:
        return User(name=call.command)

    fake_host.answers("user", answer)
    fake_host.answers("rows", [{"id": UUID(int=1)}])
    fake_host.fails("save", Progress(1))
    fake_host.emit("progress", Progress(1))
    assert fake_host.host.invoke("user", returns=User) == User(name="user")
    assert fake_host.args_of("user") == [{}]
