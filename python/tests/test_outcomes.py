"""`retryable` is true only where nothing was done: `tests/outcomes.json`, for what the twins and `FakeHost` tell."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import pytest
from hosts import LIMIT_S
from impostor import BROKEN, Server, answer, awaited, blocking, nothing

from sidecar_bridge import (
    AsyncHost,
    BridgeError,
    CommandError,
    DeadlineExceededError,
    ErrorCode,
    EventsLostError,
    FailedPreconditionError,
    Host,
    InternalError,
    ProblemError,
    UnexpectedTypeError,
    _bindings,
)
from sidecar_bridge._client.errors import PROBLEMS
from sidecar_bridge.testing import FakeHost

OUTCOMES = {row["name"]: row for row in json.loads((Path(__file__).parents[2] / "tests/outcomes.json").read_text())}

AMPLE_S = 0.05
"""How long is waited for what never comes."""

Use = Callable[[Any], Any]
"""Calls a host, and gives what that gives; for asyncio an awaitable."""

Run = Callable[[str, str, Use], Any]
"""Runs a `Use` with a twin that has that socket and token."""


def run_blocking(path: str, token: str, use: Use) -> Any:
    with Host(path, token) as host:
        return use(host)


def run_awaited(path: str, token: str, use: Use) -> Any:
    async def main() -> Any:
        async with AsyncHost(path, token) as host:
            return await use(host)

    return asyncio.run(main())


@pytest.fixture(params=[run_blocking, run_awaited], ids=["Host", "AsyncHost"])
def run(request: pytest.FixtureRequest) -> Run:
    return request.param  # type: ignore[no-any-return]


def greet(host: Any) -> Any:
    return host.invoke("greet", {"value": BROKEN}, timeout_s=LIMIT_S)


@contextmanager
def impostor(folder: Path, play: Callable[[socket.socket], object]) -> Iterator[str]:
    """A server that plays when `greet` is called."""
    server = Server(str(folder / "host.sock"), play, nothing)
    try:
        yield str(folder / "host.sock")
    finally:
        server.close()


def hang_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def problem(code: str, **more: Any) -> Callable[[socket.socket], object]:
    document = {"type": "about:blank", "title": code, "status": 500, "detail": "-", "instance": "-", "code": code}
    body = json.dumps({**document, "retryable": False, **more}).encode()
    return lambda connection: connection.sendall(answer(body, "application/problem+json", "500 It is so"))


def closed(_folder: Path, run: Run) -> Any:
    def use(host: Any) -> Any:
        ending = host.close()

        async def end_and_greet() -> Any:
            await ending
            return await greet(host)

        return greet(host) if ending is None else end_and_greet()

    return run("/nowhere", "token", use)


def played_to(play: Callable[[socket.socket], object], folder: Path, run: Run, use: Use) -> Any:
    with impostor(folder, play) as path:
        return run(path, "token", use)


def played(play: Callable[[socket.socket], object], timeout_s: float = LIMIT_S) -> Callable[[Path, Run], Any]:
    def use(host: Any) -> Any:
        return host.invoke("greet", {"value": BROKEN}, timeout_s=timeout_s)

    return lambda folder, run: played_to(play, folder, run, use)


PYTHON: dict[str, Callable[[Path, Run], Any]] = {
    "never sent": lambda folder, run: run(str(folder / "nobody.sock"), "token", greet),
    "app ends": played(problem("unavailable", retryable=True)),
    "broke off": played(hang_up),
    "caller's deadline": played(nothing, AMPLE_S),
    "callee's deadline": played(problem("deadline_exceeded")),
    "command's error": played(problem("failed_precondition", data={"kind": "emptyName"}, retryable=True)),
    "unreadable answer": played(lambda connection: connection.sendall(answer(b"{"))),
    "closed": closed,
}
"""How each outcome that Python tells comes about."""


def refusing(code: ErrorCode) -> Callable[[FakeHost, Run], Any]:
    def cause(fake: FakeHost, run: Run) -> Any:
        fake.refuses("greet", code)
        return run(fake.path, fake.token, greet)

    return cause


def failing(fake: FakeHost, run: Run) -> Any:
    fake.fails("greet", {"kind": "emptyName"})
    return run(fake.path, fake.token, greet)


def held(fake: FakeHost, run: Run) -> Any:
    fake.holds("greet")
    return run(fake.path, fake.token, lambda host: host.invoke("greet", timeout_s=AMPLE_S))


def hanging_up(fake: FakeHost, run: Run) -> Any:
    # As `close` does, which would wait for this thread's end.
    fake.answers("greet", lambda _call: fake._server._connections[-1].shutdown(socket.SHUT_RDWR))
    return run(fake.path, fake.token, greet)


def without_windows(fake: FakeHost, run: Run) -> Any:
    fake.windows.clear()
    return run(fake.path, fake.token, greet)


FAKE_HOST: dict[str, Callable[[FakeHost, Run], Any]] = {
    "app ends": refusing("unavailable"),
    "no window": without_windows,
    "broke off": hanging_up,
    "caller's deadline": held,
    "callee's deadline": refusing("deadline_exceeded"),
    "cancelled": refusing("cancelled"),
    "command's error": failing,
    "body too large": refusing("resource_exhausted"),
    "malformed": refusing("invalid_argument"),
    "no token": lambda fake, run: run(fake.path, "another", greet),
    "not granted": refusing("permission_denied"),
    "unknown": lambda fake, run: run(fake.path, fake.token, lambda host: host.window("nowhere").title()),
    "fault": lambda fake, run: run(fake.path, fake.token, greet),
}
"""How each outcome that `FakeHost` tells comes about."""


def told_by(teller: str) -> set[str]:
    return {name for name, row in OUTCOMES.items() if teller in row["toldBy"]}


def test_every_outcome_has_its_cause() -> None:
    assert set(PYTHON) == told_by("python")
    assert set(FAKE_HOST) == told_by("FakeHost")


def check(name: str, error: BridgeError) -> None:
    assert error.retryable is OUTCOMES[name]["retryable"], repr(error)
    if isinstance(error, ProblemError):
        assert error.problem.code == OUTCOMES[name]["code"]
    if isinstance(error, DeadlineExceededError):
        assert OUTCOMES[name]["code"] == "deadline_exceeded"


@pytest.mark.parametrize("name", PYTHON)
def test_python_tells(name: str, tmp_path: Path, run: Run) -> None:
    with pytest.raises(BridgeError) as raised:
        PYTHON[name](tmp_path, run)
    check(name, raised.value)


@pytest.mark.parametrize("name", FAKE_HOST)
def test_the_fake_host_tells(name: str, run: Run) -> None:
    with FakeHost() as fake, pytest.raises(BridgeError) as raised:
        FAKE_HOST[name](fake, run)
    check(name, raised.value)


def test_an_answer_of_another_type_is_not_what_was_agreed_on(tmp_path: Path, run: Run) -> None:
    def use(host: Any) -> Any:
        return host.invoke("greet", {"value": BROKEN}, returns=int, timeout_s=LIMIT_S)

    with pytest.raises(UnexpectedTypeError) as raised:
        played_to(lambda connection: connection.sendall(answer(b'"7"')), tmp_path, run, use)
    check("unreadable answer", raised.value)


@pytest.mark.parametrize("twin", [blocking, awaited])
def test_a_call_with_channels_that_was_not_sent(twin: Any, tmp_path: Path) -> None:
    with twin(str(tmp_path / "nobody.sock")) as call, pytest.raises(BridgeError) as raised:
        call(7, messages=[])
    assert raised.value.retryable


def test_each_code_has_its_class() -> None:
    codes = {row["code"] for row in OUTCOMES.values()}
    assert codes == set(get_args(ErrorCode)) == {code.value for code in _bindings.ErrorCode}
    assert set(PROBLEMS) == codes - {"deadline_exceeded"}
    assert len(set(PROBLEMS.values())) == len(PROBLEMS)


@pytest.mark.parametrize("code", get_args(ErrorCode))
def test_each_code_is_caught_by_its_class(code: ErrorCode, run: Run) -> None:
    with FakeHost() as fake:
        expected = PROBLEMS.get(code, DeadlineExceededError)
        with pytest.raises(expected) as raised:
            refusing(code)(fake, run)
        assert type(raised.value) is expected
        if isinstance(raised.value, ProblemError):
            assert raised.value.problem.code == code


def test_a_command_s_own_error_is_of_its_code_too(run: Run) -> None:
    with FakeHost() as fake, pytest.raises(FailedPreconditionError) as raised:
        failing(fake, run)
    assert type(raised.value) is CommandError


@pytest.mark.parametrize("code", ["data_loss", "", 7])
def test_a_code_that_is_newer_than_this_package(code: Any, tmp_path: Path, run: Run) -> None:
    with pytest.raises(InternalError, match=rf"^internal: - \(`{code}`, a code of a host that is newer") as raised:
        played(problem(code))(tmp_path, run)
    assert raised.value.problem.code == "internal"


def test_events_that_are_lost_stay_lost() -> None:
    assert not EventsLostError(3).retryable
