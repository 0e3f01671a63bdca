"""The hosts and twins that the tests use."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from hosts import LIMIT_S, MAX_BODY_BYTES, Call, Endpoint, Fifo, HostProcess, Run, handing_over

from sidecar_bridge import AsyncHost, Host
from sidecar_bridge._client import wire
from sidecar_bridge._client.host import link_of
from sidecar_bridge._serve.hello import parse_hello
from sidecar_bridge.fastapi import get_host
from sidecar_bridge.testing import FakeHost


@pytest.fixture(scope="session")
def start_host() -> Iterator[Callable[..., HostProcess]]:
    """Starts hosts, with more variables if need be; those that a test left running are killed at the end."""
    if sys.platform == "win32":
        pytest.skip("tests/windows drive the real host")
    binary = os.environ.get("SIDECAR_BRIDGE_TEST_HOST", "")
    if not os.access(binary, os.X_OK):
        pytest.fail(f"SIDECAR_BRIDGE_TEST_HOST={binary!r} is no executable; run `scripts/test`, which builds it")
    started: list[HostProcess] = []

    def start(config: dict[str, object], descriptors: int | None = None, **env: str) -> HostProcess:
        started.append(HostProcess(binary, config, env, descriptors))
        return started[-1]

    yield start
    for host in started:
        host.kill()


@pytest.fixture(scope="session")
def start_endpoint(
    start_host: Callable[..., HostProcess], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Endpoint]:
    """Starts a host whose sidecar hands its hello over, so that the test is the sidecar."""

    def start(descriptors: int | None = None, **env: str) -> Endpoint:
        fifo = Fifo(tmp_path_factory.mktemp("hello") / "fifo")
        spawn = {"command": handing_over(fifo.path)}
        config = {"sidecars": {"python": {"spawn": spawn}}, "maxBodyBytes": MAX_BODY_BYTES}
        host = start_host(config, descriptors, **env)
        hello = parse_hello(fifo.read_line())
        fifo.close()
        with Host(hello.host_path, hello.token) as announcer:
            link_of(announcer).ask(wire.ready(os.getpid(), "0.1.0", []), LIMIT_S)
        return Endpoint(host, hello)

    return start


@pytest.fixture(scope="session")
def endpoint(start_endpoint: Callable[[], Endpoint]) -> Iterator[Endpoint]:
    """One host for all tests that do it no harm."""
    endpoint = start_endpoint()
    yield endpoint
    endpoint.host.stop()


@pytest.fixture
def host(endpoint: Endpoint) -> Iterator[Host]:
    with Host(endpoint.hello.host_path, endpoint.hello.token) as host:
        yield host


@pytest.fixture(params=["Host", "AsyncHost"])
def call(request: pytest.FixtureRequest, endpoint: Endpoint) -> Call:
    """Runs each test once for each twin: `call(lambda host: host.invoke(...))`."""

    def blocking(use: Callable[[Host], Any], token: str = endpoint.hello.token, **options: Any) -> Any:
        with Host(endpoint.hello.host_path, token, **options) as host:
            return use(host)

    def awaited(use: Callable[[AsyncHost], Awaitable[Any]], token: str = endpoint.hello.token, **options: Any) -> Any:
        async def run() -> Any:
            async with AsyncHost(endpoint.hello.host_path, token, **options) as host:
                return await use(host)

        return asyncio.run(run())

    return blocking if request.param == "Host" else awaited


@pytest.fixture
def fake() -> Iterator[FakeHost]:
    with FakeHost() as fake:
        yield fake


@pytest.fixture(params=["Host", "AsyncHost"])
def run(request: pytest.FixtureRequest, fake: FakeHost) -> Run:
    """Runs each test once for each twin, as the app gets it: `run(lambda host: host.invoke(...))`."""

    def awaited(use: Callable[[AsyncHost], Awaitable[Any]]) -> Any:
        async def main() -> Any:
            return await use(await get_host())

        return asyncio.run(main())

    def blocking(use: Callable[[Host], Any]) -> Any:
        return use(fake.host)

    return blocking if request.param == "Host" else awaited


@pytest.fixture(scope="module")
def one_host() -> Iterator[FakeHost]:
    """One fake host for many tests: to start one takes longer than each of them."""
    with FakeHost() as fake:
        yield fake


@pytest.fixture
def tauri(one_host: FakeHost) -> FakeHost:
    """The fake host, without the calls of the tests before."""
    one_host.calls.clear()
    return one_host
