"""Real hosts to harm: `test-host`, the plugin on Tauri's mock runtime, with sidecars of the Python package."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any, NamedTuple

import pytest

SOAK = os.environ.get("SIDECAR_BRIDGE_SOAK") == "1"
"""Whether this is the long form."""

PORTABLE = os.environ.get("SIDECAR_BRIDGE_PORTABLE") == "1"
"""Whether host and Python core run what macOS runs, see `scripts/test-portable`."""

LIMIT_S = 60.0
"""How long anything may take that should take no time; only a fault waits for it."""

APP = """
import asyncio, json, os, signal, subprocess, sys, time
from sidecar_bridge import get_host, serve
from sidecar_bridge._client.host import link_of

def say(**what):
    with open(os.environ["SAID"], "a") as said:
        said.write(json.dumps(what) + "\\n")

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return await send({"type": "lifespan.shutdown.complete"})
    path = scope["path"]
    if path == "/sleep":
        time.sleep(1000)
    if path == "/nap":
        await asyncio.sleep(float(scope["query_string"]))
    if path == "/crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    reply = None
    if path == "/host":
        link = link_of(get_host())
        reply = {"path": link.path, "token": link.token}
    body = json.dumps(reply).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})

if __name__ == "__main__":
    exec(os.environ.get("FIRST", ""))
    serve(app, log_level="warning")
"""


def many(quick: int, soak: int) -> int:
    """How often a fault is made."""
    return soak if SOAK else quick


def host_binary() -> str:
    """Give the path of `test-host`."""
    binary = os.environ.get("SIDECAR_BRIDGE_TEST_HOST", "")
    if not os.access(binary, os.X_OK):
        pytest.fail(f"SIDECAR_BRIDGE_TEST_HOST={binary!r} is no executable; run `scripts/test`, which builds it")
    return binary


class Endpoint(NamedTuple):
    """Where a host takes the calls of its sidecar, and the token that they need."""

    path: Path
    token: str


class Host:
    """A running host, what it says of its only sidecar, and where its sockets are."""

    def __init__(
        self,
        *,
        first: str = "",
        command: list[str] | None = None,
        launcher: list[str] | None = None,
        directory: Path | None = None,
        limits: list[str] | None = None,
        stderr: int | None = None,
        beside: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        binary: str | None = None,
        **spawn: Any,
    ) -> None:
        binary = binary or host_binary()
        self._own = tempfile.TemporaryDirectory()
        self.directory = directory or Path(self._own.name)
        self.said = Path(self._own.name) / "said"
        app = Path(self._own.name) / "sidecar.py"
        app.write_text(APP)
        spawn["command"] = [*(launcher or []), *(command or [sys.executable, str(app)])]
        spawn.setdefault("cwd", "/tmp")
        # Its own faults alone say what a spare does: after a kill it would serve before a new process can.
        spawn.setdefault("dev", {"standby": "off"})
        spawn["env"] = {"SAID": str(self.said), "FIRST": first, **(env or {})}
        config = {"sidecars": {name: {"spawn": spawn} for name in ("python", *beside)}}
        environment = {**os.environ, "XDG_RUNTIME_DIR": "", "TMPDIR": str(self.directory)}
        self.process = subprocess.Popen(
            [*(limits or []), binary, json.dumps(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env=environment,
        )
        self._lines: Queue[dict[str, Any] | None] = Queue()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(json.loads(line))
        self._lines.put(None)

    def tell(self, word: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(word) + "\n")
        self.process.stdin.flush()

    def next_line(self, limit_s: float = LIMIT_S) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=limit_s)
        except Empty:
            pytest.fail(f"the host said nothing for {limit_s} s")
        if line is None:
            pytest.fail("the host has ended")
        return line

    def wait_for(self, phase: str) -> dict[str, Any]:
        """Give the next status with that phase."""
        while True:
            line = self.next_line()
            if "state" in line and line["state"]["phase"] == phase:
                return line

    def all_ready(self, sidecars: int) -> dict[str, int]:
        """Wait until so many sidecars serve, and give the process of each."""
        pids: dict[str, int] = {}
        while len(pids) < sidecars:
            status = self.wait_for("ready")
            pids[status["sidecar"]] = status["state"]["pid"]
        return pids

    def ready(self) -> int:
        """Wait until the sidecar serves, and give its process."""
        pid: int = self.wait_for("ready")["state"]["pid"]
        return pid

    def load_report(self) -> list[dict[str, Any]]:
        """End the load and give its calls."""
        self.tell("endLoad")
        return self.calls()

    def begin_burst(self, calls: int, path: str, method: str = "POST") -> None:
        """Have the app make so many calls of its sidecar at once."""
        self.tell({"burst": {"calls": calls, "method": method, "path": path}})

    def burst(self, calls: int, path: str, method: str = "POST") -> list[dict[str, Any]]:
        """Have the app make so many calls of its sidecar at once, and give them."""
        self.begin_burst(calls, path, method)
        return self.calls()

    def fetch(self, path: str, method: str = "GET") -> Any:
        """Let the page ask the sidecar, as the guest package does, and give what the sidecar answers."""
        asked: dict[str, object] = {"exchange": "fetch", "sidecar": None, "method": method, "path": path, "headers": []}
        asked |= {"streams": False, "bodyBytes": None, "cookies": False, "waitMs": None}
        head = json.dumps(asked).encode()
        frame = len(head).to_bytes(4) + head
        self.tell({"page": {"command": "plugin:sidecar-bridge|fetch", "body": {"bytes": list(frame)}}})
        while not (line := self.next_line()).keys() & {"page", "pageError"}:
            pass
        assert "page" in line, line
        answer = bytes(line["page"]["bytes"])
        body = 4 + int.from_bytes(answer[:4])
        assert json.loads(answer[4:body])["status"] == 200, answer
        return json.loads(answer[body:])

    def in_use_kib(self) -> int | None:
        """Ask the app how many KiB its allocator has given out; `None` if that does not tell, as glibc's does."""
        self.tell("inUse")
        while "inUse" not in (line := self.next_line()):
            pass
        in_use: int | None = line["inUse"]
        return None if in_use is None else in_use // 1024

    def calls(self) -> list[dict[str, Any]]:
        while True:
            line = self.next_line()
            if "calls" in line:
                calls: list[dict[str, Any]] = line["calls"]
                return calls

    def run_directories(self) -> list[Path]:
        """Where the sockets are, a directory for each sidecar."""
        return [entry for entry in self.directory.glob("sidecar-bridge-*") if entry.is_dir()]

    def run_directory(self) -> Path:
        (found,) = self.run_directories()
        return found

    def endpoint(self) -> Endpoint:
        """Ask the sidecar where its host is and with which token it calls."""
        return endpoint_of(self.run_directory())

    def stop(self) -> None:
        """Let the app end as it does when its window is closed."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(LIMIT_S) == 0
        self._join()

    def close(self) -> None:
        """Make sure that nothing of it is left."""
        self.process.kill()
        self.process.wait(LIMIT_S)
        self._join()
        self._own.cleanup()

    def _join(self) -> None:
        self._reader.join(LIMIT_S)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()


@contextmanager
def host(**options: Any) -> Iterator[Host]:
    """Run a host for a block."""
    running = Host(**options)
    try:
        yield running
    finally:
        running.close()


class Watch:
    """Processes whose ends are awaited; no child of ours has to be among them."""

    def __init__(self, pids: list[int]) -> None:
        self._descriptors = [os.pidfd_open(pid) for pid in pids]

    def ms_until_all_ended(self, since_ns: int) -> float:
        """Wait until the last has ended, and give the time from `since_ns` to then; fail for one that stays."""
        ended_ns = since_ns
        try:
            for descriptor in self._descriptors:
                assert select.select([descriptor], [], [], LIMIT_S)[0], "an orphan"
                ended_ns = max(ended_ns, time.monotonic_ns())
        finally:
            for descriptor in self._descriptors:
                os.close(descriptor)
        return (ended_ns - since_ns) / 1e6


def descendants(pid: int) -> list[int]:
    """Give all living children of a process, and theirs."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def kill(pid: int, number: int = signal.SIGKILL) -> int:
    """Send a signal and give the time at which that was done."""
    now = time.monotonic_ns()
    os.kill(pid, number)
    return now


def endpoint_of(run_directory: Path) -> Endpoint:
    """Ask the sidecar behind a run directory where its host is and with which token it calls."""
    ask = b"GET /host HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    reply = json.loads(request(run_directory / "sidecar.sock", ask).partition(b"\r\n\r\n")[2])
    return Endpoint(Path(reply["path"]), reply["token"])


def request(path: Path, data: bytes, *, limit_s: float = LIMIT_S) -> bytes:
    """Send bytes to a socket and give all that comes back until it is closed."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(limit_s)
        client.connect(str(path))
        client.sendall(data)
        answer = b""
        while chunk := client.recv(65536):
            answer += chunk
        return answer
