"""What the package promises as a whole."""

from __future__ import annotations

import ast
import copy
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import sidecar_bridge
from sidecar_bridge import BridgeError, CommandError, Problem, _native
from sidecar_bridge._serve.hello import parse_hello
from sidecar_bridge.fastapi import get_host, get_sync_host

PROBLEM = Problem(
    type="about:blank",
    title="failed precondition",
    status=412,
    detail="command `greet` answered with an error",
    instance="urn:uuid:0",
    code="failed_precondition",
    retryable=False,
    data={"kind": "emptyName"},
)


def test_importing_it_is_light() -> None:
    code = "import sys; before = set(sys.modules); import sidecar_bridge; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = done.stdout.split()
    assert "sidecar_bridge._client.host" in imported
    assert not {"asyncio", "fastapi", "logging", "pydantic", "socket", "uvicorn"} & set(imported)


def test_every_public_name_is_there_and_documented() -> None:
    assert sorted(sidecar_bridge.__all__) == sidecar_bridge.__all__ == dir(sidecar_bridge)
    for name in sidecar_bridge.__all__:
        value = getattr(sidecar_bridge, name)
        # A string and a `Literal` have none of their own.
        assert name in {"ErrorCode", "__version__"} or value.__doc__, name
    with pytest.raises(AttributeError, match="has no attribute 'absent'"):
        sidecar_bridge.absent  # type: ignore[attr-defined] # noqa: B018


BELOW = {
    "_client": set(),
    "_serve": {"_client"},
    "_testing": {"_client"},
    "_bundle": {"_serve"},
    "_tauri_api": set(),
    "bindings": {"_client", "_serve"},
}


@pytest.mark.parametrize("room", BELOW)
def test_imports_of_the_rooms_run_one_way(room: str) -> None:
    places = set()
    for path in (Path(sidecar_bridge.__file__).parent / room).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("sidecar_bridge."):
                places.add(node.module.split(".")[1])
    assert places - {room, "_native"} <= BELOW[room]


def test_a_misspelt_name_is_an_error_of_type_checkers(tmp_path: Path) -> None:
    script = tmp_path / "app.py"
    script.write_text("from sidecar_bridge import AsyncHost, serve\nfrom sidecar_bridge import Hots\n")
    command = [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={tmp_path / 'cache'}", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    (found,) = (line for line in done.stdout.splitlines() if "error:" in line)
    assert found.startswith('app.py:2: error: Module "sidecar_bridge" has no attribute "Hots"')


def test_errors_survive_pickling() -> None:
    error = pickle.loads(pickle.dumps(CommandError(PROBLEM)))
    assert error.error == {"kind": "emptyName"}
    assert str(error) == "failed_precondition: command `greet` answered with an error"
    assert copy.copy(error).problem == PROBLEM


def test_the_token_is_not_in_the_hello_s_repr() -> None:
    line = b'{"protocol":2,"sidecar":"a","generation":1,"identifier":"b","host":{"unix":"/x"},"listen":"passed",'
    hello = parse_hello(line + b'"token":"hunter2"}')
    assert hello.token == "hunter2"
    assert "hunter2" not in repr(hello)


async def test_the_dependencies_need_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIDECAR_BRIDGE", raising=False)
    for get in (get_host, get_sync_host):
        with pytest.raises(BridgeError, match="did not pass its environment on: SIDECAR_BRIDGE is not set"):
            await get()


def test_the_native_decoder_refuses_and_recovers_nothing() -> None:
    decoder = _native.ResponseDecoder(10)
    with pytest.raises(_native.ProtocolError, match="the response is malformed: the status line or a header field"):
        decoder.receive(b"SSH-2.0\r\n")
    with pytest.raises(_native.ProtocolError, match="an event is not UTF-8"):
        _native.EventParser(10).receive(b"data: \xff\n")
