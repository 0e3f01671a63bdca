"""`serve` as the host starts it, and as nobody does."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hosts import Fifo, HostProcess, wait_until_gone

StartHost = Callable[[dict[str, object]], HostProcess]

APP = """
import json, os, sys, subprocess, threading
from contextlib import asynccontextmanager
from pathlib import Path
from fastapi import FastAPI
from sidecar_bridge import get_host as host_of_this_process, serve
from sidecar_bridge._client.host import link_of
from sidecar_bridge.fastapi import HostDep, SyncHostDep

said = Path(os.environ["SAID"])

def own_socket():
    return str(Path(link_of(host_of_this_process()).path).with_name("sidecar.sock"))

def say(**what):
    with said.open("w") as fifo:
        fifo.write(json.dumps(what) + "\\n")

@asynccontextmanager
async def lifespan(app):
    {startup}
    yield
    {shutdown}

app = FastAPI(lifespan=lifespan)
"""


class Sidecar:
    """An app that the host starts as its sidecar, and the FIFO through which it talks to the test."""

    def __init__(self, start_host: StartHost, directory: Path) -> None:
        self._start_host = start_host
        self._path = directory / "sidecar.py"
        self._fifo = Fifo(directory / "said")

    def start(self, startup: str = "pass", shutdown: str = "pass", run: str = "serve(app)") -> HostProcess:
        self._path.write_text(APP.format(startup=startup, shutdown=shutdown) + run)
        spawn = {"command": [sys.executable, str(self._path)], "env": {"SAID": str(self._fifo.path)}}
        return self._start_host({"sidecars": {"python": {"spawn": spawn}}})

    def close(self) -> None:
        self._fifo.close()

    def heard(self) -> Any:
        return json.loads(self._fifo.read_line())


@pytest.fixture
def sidecar(start_host: StartHost, tmp_path: Path) -> Iterator[Sidecar]:
    sidecar = Sidecar(start_host, tmp_path)
    yield sidecar
    sidecar.close()


def test_ready_after_startup_and_stopped_with_the_app(sidecar: Sidecar) -> None:
    host = sidecar.start(startup="say(up=os.getpid())", shutdown="say(down=True)")
    pid = sidecar.heard()["up"]
    assert host.wait_for("ready")["pid"] == pid
    assert host.process.stdin is not None
    host.process.stdin.close()
    assert sidecar.heard() == {"down": True}
    host.stop()
    wait_until_gone(pid)


def test_an_import_string(sidecar: Sidecar) -> None:
    host = sidecar.start(run="if __name__ == '__main__': serve('sidecar:app', log_level='warning')")
    host.wait_for("ready")
    host.stop()


def test_the_lifespan_can_call_the_host(sidecar: Sidecar) -> None:
    call = "from sidecar_bridge.fastapi import get_host; host = await get_host()"
    host = sidecar.start(startup=call + "; say(**await host.invoke('greet', {'name': 'Ada'}))")
    assert sidecar.heard() == {"message": "Hello, Ada!"}
    host.wait_for("ready")
    host.stop()


def test_a_route_reaches_the_host_both_ways(sidecar: Sidecar) -> None:
    run = """
@app.get("/async")
async def asynchronous(host: HostDep):
    return await host.invoke("greet", {"name": "async"})

@app.get("/sync")
def blocking(host: SyncHostDep):
    return host.invoke("greet", {"name": "sync"})

def call_itself():
    import socket
    for path in ("/async", "/sync"):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(own_socket())
            client.sendall(f"GET {path} HTTP/1.1\\r\\nhost: localhost\\r\\nconnection: close\\r\\n\\r\\n".encode())
            answer = b"".join(iter(lambda: client.recv(65536), b""))
            say(answer=json.loads(answer.split(b"\\r\\n\\r\\n", 1)[1]))

threading.Thread(target=call_itself, daemon=True).start()
serve(app)
"""
    host = sidecar.start(run=run)
    assert sidecar.heard() == {"answer": {"message": "Hello, async!"}}
    assert sidecar.heard() == {"answer": {"message": "Hello, sync!"}}
    host.wait_for("ready")
    host.stop()


def test_standard_input_is_empty_and_nothing_is_inherited(sidecar: Sidecar) -> None:
    look = (
        "child = subprocess.run(['sh', '-c', 'cat; ls /proc/self/fd'], stdout=-1, close_fds=False, text=True); "
        "say(stdin=sys.stdin.read(), child=child.stdout.split(), "
        "inheritable=[fd for fd in map(int, os.listdir('/proc/self/fd')) if fd > 2 and is_open_to_children(fd)])"
    )
    run = """
def is_open_to_children(fd):
    try:
        return os.get_inheritable(fd)
    except OSError:
        return False
serve(app)
"""
    if sys.platform != "linux":
        pytest.skip("looks into /proc")
    host = sidecar.start(startup=look, run=run)
    heard = sidecar.heard()
    assert heard["stdin"] == ""
    assert heard["inheritable"] == []
    host.wait_for("ready")
    host.stop()


WORKERS = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

def greet(name):
    return host_of_this_process().invoke("greet", {"name": name})["message"]

@asynccontextmanager
async def in_workers(app):
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(os.environ["HOW"])) as pool:
        say(said=pool.submit(greet, "worker").result())
    yield

if __name__ == "__main__":
    os.environ["HOW"] = HOW
    app.router.lifespan_context = in_workers
    serve(app)
"""


@pytest.mark.parametrize("how", ["spawn", "forkserver", "fork"])
def test_workers_reach_the_host(sidecar: Sidecar, how: str) -> None:
    host = sidecar.start(run=WORKERS.replace("= HOW", f"= {how!r}"))
    assert sidecar.heard() == {"said": "Hello, worker!"}
    host.wait_for("ready")
    host.stop()


def test_a_worker_that_serves_too_is_refused_and_harms_nothing(sidecar: Sidecar) -> None:
    run = WORKERS.replace('if __name__ == "__main__":', "if True:").replace("= HOW", "= 'spawn'")
    run = run.replace("        say(", "        with suppress(BrokenProcessPool):\n            say(")
    imports = "from contextlib import suppress\nfrom concurrent.futures.process import BrokenProcessPool\n"
    host = sidecar.start(run=imports + run)
    host.wait_for("ready")
    host.stop()


@pytest.mark.parametrize("close_fds", [True, False])
def test_a_program_may_stand_between_the_host_and_the_sidecar(sidecar: Sidecar, close_fds: bool) -> None:
    start = f"subprocess.call([sys.executable, __file__, 'served'], stdin=subprocess.DEVNULL, close_fds={close_fds})"
    run = f"if sys.argv[1:]:\n    say(up=os.getpid())\n    serve(app)\nelse:\n    sys.exit({start})"
    host = sidecar.start(run=run)
    pid = sidecar.heard()["up"]
    assert host.wait_for("ready")["pid"] == pid
    host.process.send_signal(signal.SIGKILL)
    wait_until_gone(pid)
    host.kill()


def test_standard_input_may_be_read_and_closed_before(sidecar: Sidecar) -> None:
    host = sidecar.start(run="say(stdin=sys.stdin.read())\nos.close(0)\nserve(app)")
    assert sidecar.heard() == {"stdin": ""}
    host.wait_for("ready")
    host.stop()


def test_a_process_that_left_the_group_is_refused(sidecar: Sidecar) -> None:
    leave = "subprocess.call([sys.executable, __file__, 'served'], start_new_session=True)"
    host = sidecar.start(run=f"if sys.argv[1:]:\n    serve(app)\nelse:\n    sys.exit({leave})")
    assert "exited with code 64" in host.wait_for("failed")["problem"]["detail"]
    host.stop()


def test_a_startup_that_fails_fails_the_sidecar(sidecar: Sidecar) -> None:
    host = sidecar.start(startup="raise RuntimeError('no database')")
    problem = host.wait_for("failed")["problem"]
    assert "exited with code 3 before it was ready" in problem["detail"]
    host.stop()


def test_an_import_that_fails_fails_the_sidecar(sidecar: Sidecar) -> None:
    host = sidecar.start(run="serve('sidecar:absent')")
    assert "before it was ready" in host.wait_for("failed")["problem"]["detail"]
    host.stop()


BUSY = "import hashlib; say(up=[os.getpid(), subprocess.Popen(['sleep', '1000']).pid]); {busy}"


@pytest.mark.parametrize(
    "busy",
    [
        "pass",
        "import time; time.sleep(1000)",
        # Holds the GIL in C for minutes: the lease's thread must not need it.
        "9 ** 9 ** 9",
        # Stopped, it watches nothing: the kernel has to wake it.
        "import signal; os.kill(os.getpid(), signal.SIGSTOP)",
    ],
)
def test_nothing_outlives_a_killed_host(sidecar: Sidecar, busy: str) -> None:
    host = sidecar.start(startup=BUSY.format(busy=busy))
    pids = sidecar.heard()["up"]
    time.sleep(0.05)  # so that it is busy
    host.process.send_signal(signal.SIGKILL)
    killed_at = time.monotonic()
    for pid in pids:
        wait_until_gone(pid)
    assert time.monotonic() - killed_at < 1
    host.kill()


def test_a_host_killed_while_the_sidecar_imports_takes_it_along(sidecar: Sidecar) -> None:
    host = sidecar.start(run="import time; say(up=os.getpid()); time.sleep(1000); serve(app)")
    pid = sidecar.heard()["up"]
    host.process.send_signal(signal.SIGKILL)
    wait_until_gone(pid)
    host.kill()


def test_requests_in_flight_end_before_a_stop(sidecar: Sidecar) -> None:
    run = """
import asyncio, socket

@app.get("/slow")
async def slow():
    say(begun=True)
    await asyncio.sleep(0.5)
    return "done"

def call_itself():
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(own_socket())
        client.sendall(b"GET /slow HTTP/1.1\\r\\nhost: localhost\\r\\nconnection: close\\r\\n\\r\\n")
        say(answer=b"".join(iter(lambda: client.recv(65536), b"")).endswith(b'"done"'))

threading.Thread(target=call_itself).start()
serve(app)
"""
    host = sidecar.start(run=run)
    host.wait_for("ready")
    assert sidecar.heard() == {"begun": True}
    assert host.process.stdin is not None
    host.process.stdin.close()
    assert sidecar.heard() == {"answer": True}
    host.stop()


def test_a_websocket_that_is_closing_does_not_keep_the_lifespan_from_its_end(sidecar: Sidecar) -> None:
    run = """
import base64, socket
from fastapi import WebSocket

@app.websocket("/ws")
async def echo(websocket: WebSocket):
    await websocket.accept()
    await websocket.receive_text()
    await websocket.close()

def call_itself():
    client = socket.socket(socket.AF_UNIX)
    client.connect(own_socket())
    key = base64.b64encode(b"sixteen bytes ok")
    client.sendall(b"GET /ws HTTP/1.1\\r\\nhost: localhost\\r\\nupgrade: websocket\\r\\nconnection: upgrade\\r\\n"
        b"sec-websocket-version: 13\\r\\nsec-websocket-key: " + key + b"\\r\\n\\r\\n")
    client.recv(65536)
    client.sendall(bytes([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8]))  # a close frame of 1000, under a mask of zeros
    client.recv(65536)
    say(closing=True)
    client.recv(65536)  # held open until the server closes

threading.Thread(target=call_itself, daemon=True).start()
serve(app)
"""
    host = sidecar.start(shutdown="say(down=True)", run=run)
    host.wait_for("ready")
    assert sidecar.heard() == {"closing": True}
    assert host.process.stdin is not None
    host.process.stdin.close()
    assert sidecar.heard() == {"down": True}
    host.stop()
