"""How long Python takes to its first call of the host, and a sidecar until it is ready. Exit code 1 on a missed target.

All processes are fresh. Their bytecode is cached, as that of an installed package is.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import resource
import signal
import socket
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from contest import PLACEMENTS, Contenders, Results, Sample, in_turn, placed
from document import machine
from host_process import endpoint, program
from rust_peer import RustPeer, rust_peer
from targets import Row, conclude, longer_by

INTERVAL_S = 0.1
SPAWNS = 5

FIRST_CALL = """
import sys
from sidecar_bridge import Host
Host(sys.argv[1], sys.argv[2]).invoke("greet", {"name": "Ada"}, timeout_s=5)
"""

# Stamps its own first line and the end of its imports. The server is among them, for every FastAPI app needs one.
APP = """
import time
began = time.monotonic_ns()
import os, sys
sys.modules["uvloop"] = None  # what everybody has
from fastapi import FastAPI
app = FastAPI()
@app.get("/health")
async def health():
    return {"status": "healthy"}
import uvicorn
uvicorn.Config(app, http=sys.argv[2], log_level="warning").load()
imported = time.monotonic_ns()
with open(sys.argv[1], "w") as file:
    file.write(f"{began} {imported}")
"""

SIDECAR = f"""{APP}
asked = 0
async def counted(scope, receive, send):
    global asked
    asked += scope["type"] == "http"
    await app(scope, receive, send)
from sidecar_bridge import serve
serve(counted, log_level="warning")
with open(sys.argv[3], "a") as file:
    file.write(f"{{asked}}\\n")
"""

SERVER = f"""{APP}
uvicorn.run(app, port=int(sys.argv[3]), http=sys.argv[2], loop="asyncio", log_level="warning")
"""

BOOT = """
import time
began = time.monotonic_ns()
import sys
with open(sys.argv[1], "w") as file:
    file.write(f"{began} {began}")
"""


class Python:
    """Fresh interpreters that share their bytecode."""

    def __init__(self, directory: Path) -> None:
        """Keep scripts and bytecode in that directory."""
        self.directory = directory
        self.words = [sys.executable, "-X", f"pycache_prefix={directory / 'bytecode'}"]
        self._env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def script(self, name: str, text: str) -> str:
        """Write a script and give its path."""
        path = self.directory / name
        path.write_text(text)
        return str(path)

    def spawn(self, *words: str) -> int:
        """Start one and give its process."""
        return os.posix_spawn(sys.executable, [*self.words, *words], self._env)

    def runs(self, *words: str) -> Sample:
        """Run some to their ends, one after the other."""
        times = []
        cpu = _cpu_s_of_children()
        for _ in range(SPAWNS):
            begun = time.perf_counter()
            pid = self.spawn(*words)
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            times.append(time.perf_counter() - begun)
            if status:
                msg = f"{words} ended with {status}"
                raise RuntimeError(msg)
        return Sample(times, _cpu_s_of_children() - cpu, sum(times))


def _cpu_s_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def boot(python: Python, script: str, stamps: Path) -> Sample:
    """From the spawn of an interpreter to the first line of its script."""
    times = []
    for _ in range(SPAWNS):
        spawned_ns = time.monotonic_ns()
        os.waitpid(python.spawn(script, str(stamps)), 0)
        times.append(without_imports_s(spawned_ns, stamps, ready_ns=0))
    return Sample(times, 0, sum(times))


def ready(host: RustPeer, stamps: Path) -> Sample:
    """From the spawn to Ready, as the host sees it, each time that it starts its sidecar again; without the imports."""
    times = []
    for _ in range(SPAWNS):
        host.tell('"restart"')
        spawned_ns = at_ns(host, "starting")
        times.append(without_imports_s(spawned_ns, stamps, at_ns(host, "ready")))
    return Sample(times, 0, sum(times))


def without_imports_s(spawned_ns: int, stamps: Path, ready_ns: int) -> float:
    """The time from the spawn to the script's first line, and from the end of its imports until it was ready."""
    began_ns, imported_ns = map(int, stamps.read_text().split())
    return (began_ns - spawned_ns + (ready_ns - imported_ns if ready_ns else 0)) / 1e9


def at_ns(host: RustPeer, phase: str) -> int:
    """When the sidecar next gets into that phase."""
    while True:
        status = json.loads(host.line())
        if status["state"]["phase"] == phase:
            found: int = status["at_ns"]
            return found
        if status["state"]["phase"] == "failed":
            raise RuntimeError(status["state"]["details"])


def healthy(python: Python, script: str, stamps: Path) -> Sample:
    """From the spawn to the first answer to a request that is made every 100 ms, as `ipc-architecture.md` has it."""
    times = []
    for _ in range(SPAWNS):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        spawned_ns = time.monotonic_ns()
        pid = python.spawn(script, str(stamps), "h11", str(port))
        while not answers(port):
            time.sleep(INTERVAL_S)
        times.append(without_imports_s(spawned_ns, stamps, time.monotonic_ns()))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return Sample(times, 0, sum(times))


def answers(port: int) -> bool:
    """Whether the server is healthy."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def line_of(what: str, results: Results) -> str:
    """Lines of the table."""
    return "".join(
        f"| {what}, {name} | {one.median_us / 1000:.1f} | {one.percentile_us(95) / 1000:.1f} |\n"
        for name, one in results.items()
    )


def main() -> int:
    """Measure, print, write, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8, help="how often each is measured")
    rounds = parser.parse_args().rounds
    rows, table = [], "| | p50 ms | p95 ms |\n|---|--:|--:|\n"
    with tempfile.TemporaryDirectory(prefix="bench-") as name, endpoint() as called:
        directory = Path(name)
        python, asked = Python(directory), directory / "asked"
        os.environ["XDG_RUNTIME_DIR"] = name
        # The sidecar inherits it, and would not keep its bytecode.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        sidecar = [python.script("sidecar.py", SIDECAR), str(directory / "sidecar"), "httptools", str(asked)]
        # A generation that a spare has begun would be no start.
        spawn = {"command": [*python.words, *sidecar], "cwd": name, "dev": {"standby": "off"}}
        config = {"sidecars": {"python": {"spawn": spawn}}}
        with rust_peer(program("SIDECAR_BRIDGE_TEST_HOST"), json.dumps(config)) as host:
            at_ns(host, "ready")
            first_call: Contenders = {
                "bare interpreter": partial(python.runs, "-I", "-c", "pass"),
                "first call": partial(python.runs, "-I", "-c", FIRST_CALL, called.path, called.token),
            }
            start: Contenders = {
                "interpreter alone": partial(boot, python, python.script("boot.py", BOOT), directory / "boot"),
                "spawn to Ready": partial(ready, host, directory / "sidecar"),
                "spawn to /health": partial(healthy, python, python.script("server.py", SERVER), directory / "server"),
            }
            for placement in PLACEMENTS:
                with placed(placement, [called.pid, host.pid]):
                    called_first, started = in_turn(first_call, rounds), in_turn(start, rounds)
                bare, called_in = (one.median_us / 1000 for one in called_first.values())
                boot_in, ready_in, healthy_in = (one.median_us / 1000 for one in started.values())
                rows += [
                    longer_by(f"import and first call, {placement}", 15, called_in, bare, "ms"),
                    longer_by(f"spawn to Ready, less its imports, {placement}", 10, ready_in, boot_in, "ms"),
                    longer_by(f"the same, polling /health, {placement}", None, healthy_in, boot_in, "ms"),
                ]
                table += line_of(placement, called_first) + line_of(placement, started)
        counts = [int(line) for line in asked.read_text().split()]
    seen = f"{sum(counts)} in {len(counts)} starts"
    rows.append(Row("requests to the sidecar until Ready", "0", seen, sum(counts) == 0))
    measured = f"{machine('release', 'fastapi')}; {rounds} rounds of {SPAWNS} starts"
    return conclude("startup", measured, rows, [("All figures", table)])


if __name__ == "__main__":
    sys.exit(main())
