"""`get_host` and `get_async_host` in each process of a sidecar: the one that serves, its workers, its scripts."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import get_type_hints

import pytest
from hosts import LIMIT_S, Dialled, without_host

from sidecar_bridge import AsyncHost, BridgeError, Host, ProblemError, get_async_host, get_host
from sidecar_bridge._serve import current
from sidecar_bridge.testing import FakeHost

WORK = """
import asyncio, json, multiprocessing, os, subprocess, sys, threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from sidecar_bridge import BridgeError, get_async_host, get_host, paths, serve

def say(what):
    print(json.dumps(what), flush=True)

def blocking(name):
    return get_host().invoke("greet", {"name": name})

async def awaited(name):
    return await get_async_host().invoke("greet", {"name": name})

def both(name):
    # Twice, for a worker runs one event loop after another.
    return [blocking(name), asyncio.run(awaited(name)), asyncio.run(awaited(name)), os.getpid()]

def given(host, name):
    return [host.invoke("greet", {"name": name}), host.window("main").is_maximized(), repr(host), os.getpid()]

def travel(how):
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(how)) as executor:
        return [*executor.submit(given, get_host(), how).result(), repr(get_host())]

def directories():
    try:
        paths().temp
    except BridgeError as error:
        return [str(paths().data), str(error)]

def pool(how):
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(how)) as executor:
        return executor.submit(both, how).result()
"""

SERVE = """
async def app(scope, receive, send):
    await receive()
    say([*await asyncio.to_thread(WORK), os.getpid()])
    await send({"type": "lifespan.startup.complete"})
    await receive()

if __name__ == "__main__":
    FIRST
    serve(app, log_level="warning")
"""


def serving(work: str, first: str = "pass") -> str:
    """Give a sidecar that does this work once it serves, and something else before."""
    return WORK + SERVE.replace("WORK", work).replace("FIRST", first)


class App:
    """A running app, to which this test's processes belong: what it answers, and who asked for what."""

    def __init__(self, directory: Path, fake_host: FakeHost) -> None:
        self.dialled = Dialled(directory, host_path=fake_host.path, token=fake_host.token)
        self.main = directory / "main.py"
        self.complaints = b""
        """What the program wrote to its standard error."""
        self._leases: list[socket.socket] = []
        self._answering = Thread(target=self._answer)
        self._answering.start()

    def _answer(self) -> None:
        with suppress(OSError):
            while True:
                self._leases.append(self.dialled.give_lease())
                if self.dialled.roles[-1] == "calls":
                    self._leases.pop().close()

    def run(self, code: str, *arguments: str) -> list[object]:
        """Run a program of the sidecar, and give what it says."""
        self.main.write_text(code)
        process = subprocess.Popen(
            [sys.executable, str(self.main), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=without_host(SIDECAR_BRIDGE=self.dialled.address),
            start_new_session=True,
        )
        try:
            assert process.stdout is not None
            said: list[object] = json.loads(process.stdout.readline())
            return said
        finally:
            process.kill()
            _, self.complaints = process.communicate(timeout=LIMIT_S)

    def close(self) -> None:
        self.dialled.close()
        self._answering.join(LIMIT_S)
        for lease in self._leases:
            lease.close()


@pytest.fixture
def app(tmp_path: Path, fake_host: FakeHost) -> Iterator[App]:
    fake_host.answers("greet", lambda call: f"Hello, {call.args['name']}!")
    app = App(tmp_path, fake_host)
    yield app
    app.close()


def test_in_the_process_that_serves_nobody_is_asked_again(app: App) -> None:
    said = app.run(serving("both, 'Ada'"))
    assert said[:3] == ["Hello, Ada!"] * 3
    assert app.dialled.roles == ["serve"]


@pytest.mark.parametrize(("how", "asked"), [("spawn", 1), ("forkserver", 1), ("fork", 0)])
def test_a_worker_of_a_serving_process_has_the_host(app: App, how: str, asked: int) -> None:
    *greetings, worker, sidecar = app.run(serving(f"pool, {how!r}"))
    assert greetings == [f"Hello, {how}!"] * 3
    assert worker != sidecar
    # A fork knows already what the process that serves was told.
    assert app.dialled.roles == ["serve"] + ["calls"] * asked


@pytest.mark.parametrize("how", ["spawn", "forkserver", "fork"])
def test_a_host_can_be_given_to_a_worker(app: App, how: str) -> None:
    greeting, maximized, there, worker, here, sidecar = app.run(serving(f"travel, {how!r}"))
    assert (greeting, maximized, there) == (f"Hello, {how}!", False, here)
    assert worker != sidecar
    assert app.dialled.roles == ["serve"]


@pytest.mark.parametrize("how", ["spawn", "forkserver"])
def test_a_worker_that_would_serve_too_is_told_how_not_to(app: App, how: str) -> None:
    work = f"""
from concurrent.futures.process import BrokenProcessPool
def broken():
    try:
        return pool({how!r})
    except BrokenProcessPool:
        return ["broken"]
"""
    unguarded = (
        serving("broken").replace("async def app", work + "async def app").replace('__name__ == "__main__"', "True")
    )
    assert app.run(unguarded)[:1] == ["broken"]
    assert app.dialled.roles == ["serve"]
    assert b"a worker of `multiprocessing` calls `serve`; call it under `if __name__ ==" in app.complaints


def test_a_script_that_a_serving_process_starts_has_the_host(app: App, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(WORK + "say(both('script'))")
    run = f"json.loads, subprocess.check_output([sys.executable, {str(script)!r}], stdin=subprocess.DEVNULL)"
    assert app.run(serving(run))[:3] == ["Hello, script!"] * 3
    assert app.dialled.roles == ["serve", "calls"]


def test_before_serve_it_asks_once_and_serves_all_the_same(app: App) -> None:
    assert app.run(serving("both, 'Ada'", first="get_host()"))[:3] == ["Hello, Ada!"] * 3
    assert app.dialled.roles == ["calls", "serve"]


@pytest.mark.parametrize("first", ["pass", "paths()"])
def test_the_apps_directories_are_known_before_and_behind_serve(app: App, first: str) -> None:
    data, error, _ = app.run(serving("directories", first=first))
    assert data == "/home/ada/.local/share/com.example.test"
    assert error == "the app has no directory `temp`; is the plugin older than this package?"
    assert app.dialled.roles == (["serve"] if first == "pass" else ["calls", "serve"])


def test_many_threads_ask_once(app: App) -> None:
    work = """
with ThreadPoolExecutor(20) as threads:
    say([len({id(host) for host in threads.map(lambda _: get_host(), range(200))}), blocking("Ada")])
"""
    assert app.run(WORK + work) == [1, "Hello, Ada!"]
    assert app.dialled.roles == ["calls"]


def test_each_loop_of_many_threads_keeps_its_host(app: App) -> None:
    work = """
async def same():
    host = get_async_host()
    await asyncio.sleep(0)
    return host is get_async_host()

with ThreadPoolExecutor(20) as threads:
    say([all(threads.map(lambda _: asyncio.run(same()), range(400)))])
"""
    assert app.run(WORK + work) == [True]
    assert app.dialled.roles == ["calls"]


def test_a_fork_has_connections_of_its_own(app: App) -> None:
    work = """
def fork(work):
    child = os.fork()
    if child == 0:
        say(work())
        os._exit(0)
    os.waitpid(child, 0)

async def main():
    host = get_async_host()
    await host.invoke("greet", {"name": "parent"})
    fork(lambda: [asyncio.new_event_loop().run_until_complete(awaited("child")), blocking("child")])

asyncio.run(main())
"""
    assert app.run(WORK + work) == ["Hello, child!", "Hello, child!"]
    assert app.dialled.roles == ["calls"]


def test_a_fork_while_another_thread_asks_is_not_stuck(tmp_path: Path) -> None:
    work = """
threading.Thread(target=get_host, daemon=True).start()
os.read(0, 1)  # until the host has the question
child = os.fork()
if child == 0:
    say([type(get_host()).__name__])
os._exit(0 if child == 0 else os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    with Dialled(tmp_path) as dialled:
        process = subprocess.Popen(
            [sys.executable, "-c", WORK + work],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=without_host(SIDECAR_BRIDGE=dialled.address),
        )
        with dialled.accept(), process:
            assert process.stdin is not None
            process.stdin.write(b"x")
            process.stdin.close()
            with dialled.accept() as connection:
                connection.sendall(dialled.hello())
            assert process.stdout is not None
            assert process.stdout.readline() == b'["Host"]\n'
            assert process.wait(LIMIT_S) == 0


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has no host."""
    monkeypatch.delenv("SIDECAR_BRIDGE", raising=False)
    monkeypatch.setattr(current, "_current", None)


@pytest.mark.usefixtures("nobody")
def test_without_a_host_it_says_what_to_do() -> None:
    remedy = "SIDECAR_BRIDGE is not set; start it from the Tauri app, or in a test use `sidecar_bridge.testing"
    with pytest.raises(BridgeError, match=remedy):
        get_host()

    async def ask() -> None:
        get_async_host()

    with pytest.raises(BridgeError, match=remedy):
        asyncio.run(ask())


@pytest.mark.usefixtures("nobody")
def test_a_refusal_is_the_error_and_the_next_call_asks_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Dialled(tmp_path) as dialled:
        monkeypatch.setenv("SIDECAR_BRIDGE", dialled.address)
        for detail in ("no generation runs", "still none"):
            answering = Thread(target=dialled.refuse, args=("unavailable", detail))
            answering.start()
            with pytest.raises(ProblemError) as caught:
                get_host()
            answering.join()
            assert (caught.value.problem.code, caught.value.problem.detail) == ("unavailable", detail)
    with pytest.raises(BridgeError, match=f"nobody listens at {dialled.path}"):
        get_host()


def test_outside_of_an_event_loop_there_is_no_host_for_asyncio(fake_host: FakeHost) -> None:
    assert get_host() is get_host()
    assert get_host().app.name() == fake_host.host.app.name()
    with pytest.raises(RuntimeError, match=r"no event loop runs in this thread; blocking code calls `get_host\(\)`"):
        get_async_host()


def test_a_framework_that_injects_the_host_finds_its_type() -> None:
    assert get_type_hints(get_host) == {"return": Host}
    assert get_type_hints(get_async_host) == {"return": AsyncHost}


def test_the_hosts_of_loops_that_have_ended_are_let_go(app: App) -> None:
    work = """
for _ in range(50):
    asyncio.run(awaited("Ada"))
say([len(os.listdir("/proc/self/fd")) < 15])
"""
    if sys.platform != "linux":
        pytest.skip("looks into /proc")
    assert app.run(WORK + work) == [True]


def test_a_sidecar_that_joined_tells_its_children(app: App, tmp_path: Path) -> None:
    connection = {"protocol": 2, "sidecars": {"python": {"join": {"unix": str(app.dialled.path)}}}}
    file = tmp_path / "sidecar-bridge-com.example.test.json"
    file.write_text(json.dumps(connection))
    file.chmod(0o600)
    tmp_path.chmod(0o700)
    by_hand = {"XDG_RUNTIME_DIR": str(tmp_path), "SIDECAR_BRIDGE": "", "SIDECAR_BRIDGE_APP": "com.example.test"}
    code = serving("pool, 'spawn'", first=f"os.environ.update({by_hand!r})")
    assert app.run(code)[:3] == ["Hello, spawn!"] * 3
    assert app.dialled.roles == ["join", "calls"]
