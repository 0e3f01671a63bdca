"""`returns=`: what the host sends is a value of the type that was asked for, or a typed error."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

import msgspec
import pytest
from hosts import LIMIT_S, Run
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from sidecar_bridge import AsyncChannel, Channel, NotFoundError, TransportError, UnexpectedTypeError
from sidecar_bridge._client import wire
from sidecar_bridge._client.reading import Shape, shape_of
from sidecar_bridge.bindings.pydantic import BoundCommands, Command, TypedCommandError
from sidecar_bridge.testing import FakeHost


class Colour(Enum):
    RED = "red"


class User(BaseModel):
    first_name: Annotated[str, Field(alias="firstName")]
    age: int = 0


class Later(BaseModel, defer_build=True):
    tomorrow: Tomorrow


@dataclass
class Unfinished:
    point: Absent  # type: ignore[name-defined] # noqa: F821


class Tomorrow(BaseModel):
    day: date


@dataclass
class Point:
    x: int
    at: datetime


class Row(TypedDict):
    id: UUID
    price: Decimal


class Pair(NamedTuple):
    left: int
    right: str


class Struct(msgspec.Struct, rename="camel"):
    first_name: str


ADA = User.model_validate({"firstName": "Ada", "age": 36})
UUID7 = "00000000-0000-0000-0000-000000000007"


@pytest.mark.parametrize(
    ("returns", "answer", "expected"),
    [
        (str, "a", "a"),
        (int, 2**63, 2**63),
        (float, 1, 1.0),
        (float, 0.5, 0.5),
        (bool, True, True),
        (None, None, None),
        (type(None), None, None),
        (list, [1, "a"], [1, "a"]),
        (dict, {"a": 1}, {"a": 1}),
        (object, {"a": 1}, {"a": 1}),
        (Any, [None], [None]),
        (bytes, b"\0", b"\0"),
        (bytes | None, b"\0", b"\0"),
        (bytes | None, None, None),
        (object, b"\0", b"\0"),
        (str | None, None, None),
        (list[User], [{"firstName": "Ada", "age": 36}], [ADA]),
        (Point, {"x": 1, "at": "2024-12-31T23:59:59Z"}, Point(1, datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC))),
        (Row, {"id": UUID7, "price": "1.10"}, {"id": UUID(UUID7), "price": Decimal("1.10")}),
        (dict[date, Path], {"2024-12-31": "/a"}, {date(2024, 12, 31): Path("/a")}),
        (Later, {"tomorrow": {"day": "2025-01-01"}}, Later(tomorrow=Tomorrow(day=date(2025, 1, 1)))),
        (Colour, "red", Colour.RED),
        (Literal["a", "b"], "b", "b"),
        (tuple[int, str], [1, "a"], (1, "a")),
        (Pair, [1, "a"], Pair(1, "a")),
        (set[int], [1, 2], {1, 2}),
        (Annotated[int, Field(ge=0)], 1, 1),
        (Struct, {"firstName": "Ada"}, Struct("Ada")),
        (list[Struct] | None, [{"firstName": "Ada"}], [Struct("Ada")]),
    ],
    ids=str,
)
def test_an_answer_of_the_type(fake: FakeHost, run: Run, returns: Any, answer: object, expected: object) -> None:
    fake.answers("greet", answer)
    given = run(lambda host: host.invoke("greet", returns=returns, timeout_s=LIMIT_S))
    assert given == expected
    assert type(given) is type(expected)


@pytest.mark.parametrize(
    ("returns", "answer", "message"),
    [
        (str, 7, "the answer of command `greet` is not `str`: it is `int`; see what the app sends"),
        (int, True, "not `int`: it is `bool`"),
        (int, "1", "not `int`: it is `str`"),
        (int, 1.0, "not `int`: it is `float`"),
        (float, True, "not `float`: it is `bool`"),
        (bool, 1, "not `bool`: it is `int`"),
        (None, 0, "not `None`: it is `int`"),
        (str, None, "not `str`: it is `None`"),
        (bytes, [1], "not `bytes`: it is JSON, no raw bytes"),
        (str, b"a", "not `str`: it is raw bytes"),
        (str | None, b"a", r"not `str \| None`: it is raw bytes"),
        (User, {"age": 1}, r"not `User`: `\$\['firstName'\]`: Field required"),
        (User, {"firstName": "Ada", "age": "36"}, r"`\$\['age'\]`: Input should be a valid integer"),
        (list[int], ["a"] * 9, r"`\$\[2\]`: Input should be a valid integer; and 6 more"),
        (Literal["a"], "b", "Input should be 'a'"),
        (Struct, {"firstName": 1}, r"Expected `str`, got `int` - at `\$.firstName`"),
    ],
    ids=str,
)
def test_an_answer_of_another_type(fake: FakeHost, run: Run, returns: Any, answer: object, message: str) -> None:
    fake.answers("greet", answer)
    with pytest.raises(UnexpectedTypeError, match=message) as raised:
        run(lambda host: host.invoke("greet", returns=returns))
    assert isinstance(raised.value, TransportError)
    assert not raised.value.retryable


def test_values_are_not_in_the_message(fake: FakeHost, run: Run) -> None:
    fake.answers("greet", {"firstName": ["hunter2"], "age": "hunter3"})
    with pytest.raises(UnexpectedTypeError) as raised:
        run(lambda host: host.invoke("greet", returns=User))
    assert "hunter" not in str(raised.value)


def test_a_problem_stays_a_problem(fake: FakeHost, run: Run) -> None:
    fake.refuses("greet", "not_found")
    with pytest.raises(NotFoundError):
        run(lambda host: host.invoke("greet", returns=User))


def invoke(host: Any, returns: Any) -> Any:
    return host.invoke("greet", returns=returns)


def test_what_is_no_type_is_refused_before_the_call(fake: FakeHost, run: Run) -> None:
    class Opaque:
        pass

    for returns in (Opaque, 7, list[Opaque]):
        call = partial(invoke, returns=returns)
        with pytest.raises(TypeError, match="is no type that pydantic reads: Unable to generate"):
            run(call)
    with pytest.raises(TypeError, match="`Unfinished` is no type that pydantic reads: name 'Absent' is not defined"):
        run(partial(invoke, returns=Unfinished))
    assert fake.calls == []


def test_what_is_no_json_is_another_error() -> None:
    for returns in (int, User, Struct):
        with pytest.raises(TransportError, match="sent something that is not JSON") as raised:
            shape_of(returns).text(b"{", "it")
        assert not isinstance(raised.value, UnexpectedTypeError)
    with pytest.raises(TransportError, match="media type `text/html`; is another server on its socket"):
        shape_of(int).reply(wire.Reply(200, "text/html", b"<p>"), "it")


def test_an_empty_answer_is_null() -> None:
    empty = wire.Reply(204, "", b"")
    assert shape_of(None).reply(empty, "it") is None
    with pytest.raises(UnexpectedTypeError, match="it is `None`"):
        shape_of(int).reply(empty, "it")


def test_a_reader_is_made_once() -> None:
    assert shape_of(list[User]) is shape_of(list[User])
    assert shape_of(int) is not shape_of(bool)
    assert isinstance(shape_of(Annotated[int, []]), Shape)  # has no hash


async def test_events_for_asyncio(fake: FakeHost) -> None:
    async with fake.async_host.listen("moved", returns=Point) as events:
        fake.emit("moved", {"x": 1, "at": "2024-12-31T00:00:00"})
        fake.emit("moved", {"x": "1", "at": "2024-12-31T00:00:00"})
        fake.emit("moved", {"x": 3, "at": "2024-12-31T00:00:00"})
        assert (await events.receive(LIMIT_S)).x == 1
        with pytest.raises(UnexpectedTypeError, match=r"the payload of event `moved` is not `Point`: `\$\['x'\]`"):
            await events.receive(LIMIT_S)
        assert (await events.receive(LIMIT_S)).x == 3


def test_events(fake: FakeHost) -> None:
    with fake.host.listen("count", returns=int) as events:
        fake.emit("count", 1)
        fake.emit("count", "1")
        assert events.receive(LIMIT_S) == 1
        with pytest.raises(UnexpectedTypeError, match="the payload of event `count` is not `int`: it is `str`"):
            events.receive(LIMIT_S)


@pytest.mark.parametrize(
    "channel", [AsyncChannel(int), AsyncChannel[int](), AsyncChannel[Any](), AsyncChannel["int"](), AsyncChannel()]
)
async def test_channels_for_asyncio(fake: FakeHost, channel: AsyncChannel[int]) -> None:
    fake.answers("count", "done", messages={"onStep": [1, 2]})
    assert await fake.async_host.invoke("count", channels={"onStep": channel}, returns=str) == "done"
    assert [step async for step in channel] == [1, 2]


@pytest.mark.parametrize("make", [partial(AsyncChannel, int), AsyncChannel[int]])
async def test_messages_of_another_type_for_asyncio(fake: FakeHost, make: Callable[[], AsyncChannel[int]]) -> None:
    fake.answers("count", messages={"onStep": [1, "two"]})
    channel = make()
    remedy = "a message of channel `onStep` of command `count` is not `int`: it is `str`"
    with pytest.raises(UnexpectedTypeError, match=remedy):
        await fake.async_host.invoke("count", channels={"onStep": channel})
    assert [step async for step in channel] == [1]


def test_channels(fake: FakeHost) -> None:
    fake.answers(
        "count", "done", messages={"onStep": [{"firstName": "Ada", "age": 36}], "onRaw": [b"\0"], "onAny": [[1]]}
    )
    users: list[User] = []
    raw: list[bytes] = []
    rest: list[object] = []
    channels: dict[str, Callable[[Any], object]] = {
        "onStep": Channel(users.append, User),
        "onRaw": Channel(raw.append, bytes),
        "onAny": rest.append,
    }
    assert fake.host.invoke("count", channels=channels, returns=str) == "done"
    assert (users, raw, rest) == ([ADA], [b"\0"], [[1]])
    fake.answers("count", messages={"onStep": [b"raw"]})
    with pytest.raises(UnexpectedTypeError, match=r"is not `User`: it is raw bytes"):
        fake.host.invoke("count", channels={"onStep": Channel(users.append, User)})


class GreetError(TypedCommandError[int]):
    """As generated bindings have it."""

    value_type = int


class Commands(BoundCommands):
    def greet(self) -> int:
        return self._call(Command("greet", {}, int, GreetError))


def test_bindings_say_the_same(fake: FakeHost) -> None:
    fake.answers("greet", "seven")
    with pytest.raises(
        UnexpectedTypeError, match=r"the answer of command `greet` is not what these bindings say: `\$`: Input"
    ):
        Commands(fake.host).greet()
    fake.fails("greet", "seven")
    with pytest.raises(GreetError) as raised:
        Commands(fake.host).greet()
    with pytest.raises(
        UnexpectedTypeError,
        match=r"the error of a command is not what these bindings say: `\$`: Input .* integer; generate",
    ):
        _ = raised.value.error


WITHOUT = """
import sys
for name in sys.argv[1].split(","):
    sys.modules[name] = None
from dataclasses import dataclass
from sidecar_bridge._client.reading import shape_of
@dataclass
class Point:
    x: int
assert shape_of(str).text('"a"', "it") == "a"
assert shape_of(None).text("null", "it") is None
try:
    print(shape_of(Point).text('{"x": 1}', "it"))
except TypeError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("pydantic", "Point(x=1)"),
        ("msgspec", "Point(x=1)"),
        ("pydantic,msgspec", "to read `Point`, install pydantic or msgspec: `pip install 'tauri-sidecar-bridge[bind"),
    ],
)
def test_without_a_library(missing: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, missing], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.startswith(said)
