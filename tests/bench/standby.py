"""What a spare gives, and what it costs: crash to the first good call, save to the new answer, and the spare at rest.

The same app runs without a spare and with each kind of one, in turn, and for a save under `uvicorn --reload`, too.
Exit code 1 on a missed target. `--heavy FOLDER` names a folder with pandas and scikit-learn; without it the heavy app
imports much of the standard library, which takes less.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from contest import Results, Sample, in_turn
from document import machine
from host_process import program
from rust_peer import RustPeer, rust_peer
from startup import at_ns
from targets import Row, conclude, times_as_long, times_faster

HEALTHY_S = 10.5
"""After so much service the crashes before no longer count, and the pause before the next start is the shortest."""
PATIENCE_S = 180
LOOK_S = 0.005
LOOKS = 4
"""A spare waits that was seen asleep so many times, and has not run in between."""
REST_S = 10.0

STANDARD = (
    "import asyncio, ctypes, decimal, email, http, multiprocessing, sqlite3, tkinter, unittest, urllib, xml.dom.minidom"
)
HEAVY = "import pandas, sklearn.ensemble, sklearn.linear_model"

APP = """
{imports}
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
import value
app = FastAPI()
@app.get("/value", response_class=PlainTextResponse)
def answer():
    return str(value.VALUE)
if __name__ == "__main__":
    from sidecar_bridge import serve
    serve(app, log_level="warning")
"""


class App:
    """An app of two files in a folder of its own, and which value it answers with."""

    def __init__(self, folder: Path, imports: str) -> None:
        """Write it."""
        folder.mkdir()
        self.folder = folder
        (folder / "main.py").write_text(APP.format(imports=imports))
        self.value = 0
        self.save()

    def save(self) -> str:
        """Write a file as an editor does, and give the next answer.

        Each text is longer than the one before: Python takes bytecode for that of a source of the same second and size.
        """
        self.value += 1
        written = self.folder / ".value.py~"
        written.write_text(f"VALUE = {self.value}{' ' * self.value}\n")
        written.rename(self.folder / "value.py")
        return str(self.value)


class Tauri:
    """The app as a sidecar of the test host."""

    def __init__(self, app: App, host: RustPeer, run: Path) -> None:
        """Take over a host whose sidecar is ready."""
        self._app, self._host, self._run = app, host, run

    @property
    def _sidecars(self) -> list[int]:
        """The processes that the host has started; the one that serves first."""
        found = subprocess.run(["pgrep", "-P", str(self._host.pid)], capture_output=True, text=True, check=False)
        pids = [int(pid) for pid in found.stdout.split()]
        return sorted(pids, key=lambda pid: pid != self.serving)

    _path = ""
    serving = 0
    """The process that serves."""
    _ready_at_s = 0.0

    def spare(self) -> int:
        """Wait until the spare waits, and give its process."""
        end = time.monotonic() + PATIENCE_S
        seen: list[tuple[int, str]] = []
        while time.monotonic() < end:
            found = [pid for pid in self._sidecars if pid != self.serving]
            now = (found[0], _asleep(found[0])) if found else (0, "")
            seen = [*seen, now] if now[1] and seen[-1:] in ([], [now]) else []
            if len(seen) == LOOKS:
                return now[0]
            time.sleep(0.25)
        raise RuntimeError("no spare waits")

    def crashes(self, *, spare: bool) -> Sample:
        """From a kill to the first good call, which the host makes at once."""
        # As when somebody has worked for a while.
        time.sleep(max(self._ready_at_s + HEALTHY_S - time.monotonic(), 0))
        if spare:
            self.spare()
        killed = time.perf_counter()
        os.kill(self.serving, signal.SIGKILL)
        while self.ask() != str(self._app.value):
            time.sleep(LOOK_S)
        took_s = _told("crash", self._run.name, time.perf_counter() - killed)
        self._until_ready()
        return Sample([took_s], 0, took_s)

    def saves(self, *, spare: bool) -> Sample:
        """From a save to the first answer that has it. Each request is answered, with the old value or the new one."""
        if spare:
            self.spare()
        begun = time.perf_counter()
        expected = self._app.save()
        while self.ask() != expected:
            time.sleep(LOOK_S)
        took_s = _told("save", self._run.name, time.perf_counter() - begun)
        self._until_ready()
        return Sample([took_s], 0, took_s)

    def begin(self) -> None:
        """Wait for the first generation."""
        self._until_ready()
        (path,) = self._run.glob("sidecar-bridge-*/sidecar.sock")
        self._path = str(path)

    def _until_ready(self) -> None:
        while True:
            status = json.loads(self._host.line())
            if status["state"]["phase"] == "ready":
                self.serving, self._ready_at_s = status["state"]["pid"], status["at_ns"] / 1e9
                return
            if status["state"]["phase"] == "failed":
                raise RuntimeError(status["state"]["details"])

    def ask(self) -> str:
        """Ask on a connection of its own, which waits in the backlog while nobody serves."""
        return _ask(self._path)


def _told(what: str, whose: str, took_s: float) -> float:
    """Print a time at once: a run that is broken off has said something."""
    print(f"{what}, {whose}: {took_s * 1000:,.0f} ms", flush=True)
    return took_s


def _ask(path: str) -> str:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE_S)
        connection = http.client.HTTPConnection("localhost")
        client.connect(path)
        connection.sock = client
        with suppress(http.client.RemoteDisconnected, ConnectionResetError):
            # The host would send it again: nobody had begun with it.
            connection.request("GET", "/value")
            return connection.getresponse().read().decode()
    return ""


def _asleep(pid: int) -> str:
    """The time that a process has run, in ticks; nothing unless it sleeps: a busy one may wait its turn."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        if fields[0] == "S":
            return f"{fields[11]} {fields[12]}"
    return ""


@contextmanager
def tauri(app: App, run: Path, standby: str, env: dict[str, str]) -> Iterator[Tauri]:
    """Run the host with the app for a block."""
    run.mkdir(mode=0o700)
    dev = {"standby": standby, "reload": [str(app.folder)]}
    spawn = {
        "command": [sys.executable, "main.py"],
        "cwd": str(app.folder),
        "env": env,
        "dev": dev,
        # The first import of large packages compiles them.
        "readyTimeoutMs": 300_000,
    }
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(run)
    with rust_peer(program("SIDECAR_BRIDGE_TEST_HOST"), json.dumps({"sidecars": {"python": {"spawn": spawn}}})) as host:
        os.environ.update({} if before is None else {"XDG_RUNTIME_DIR": before})
        found = Tauri(app, host, run)
        found.begin()
        yield found


class Reloading:
    """The app under `uvicorn --reload`."""

    def __init__(self, app: App, path: Path) -> None:
        """Take over a server that listens there."""
        self._app, self._path = app, path

    def saves(self) -> Sample:
        """From a save to the first answer that has it."""
        begun = time.perf_counter()
        expected = self._app.save()
        while self.answer() != expected:
            time.sleep(LOOK_S)
        took_s = _told("save", "uvicorn --reload", time.perf_counter() - begun)
        return Sample([took_s], 0, took_s)

    def answer(self) -> str:
        """The answer; nothing while nobody answers."""
        with suppress(OSError):
            return _ask(str(self._path))
        return ""


@contextmanager
def reloading(app: App, path: Path, env: dict[str, str]) -> Iterator[Reloading]:
    """Run uvicorn with the app for a block; it ends by itself if this process is killed."""
    words = [
        "timeout",
        "3600",
        sys.executable,
        "-m",
        "uvicorn",
        "main:app",
        "--reload",
        "--uds",
        str(path),
        "--log-level",
        "warning",
    ]
    with subprocess.Popen(words, cwd=app.folder, env={**os.environ, **env}, start_new_session=True) as process:
        found = Reloading(app, path)
        try:
            while found.answer() != str(app.value):
                time.sleep(0.1)
            yield found
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def at_rest(pid: int) -> tuple[float, float]:
    """The processor time of a process, in ms, and its wake-ups, both per second."""

    def seen() -> tuple[int, int]:
        ticks, wakes = 0, 0
        for task in Path(f"/proc/{pid}/task").iterdir():
            ran, _, _ = (task / "schedstat").read_text().split()
            ticks += int(ran)
            status = (task / "status").read_text().partition("voluntary_ctxt_switches:")[2]
            wakes += int(status.split()[0])
        return ticks, wakes

    before = seen()
    time.sleep(REST_S)
    now = seen()
    return (now[0] - before[0]) / 1e6 / REST_S, (now[1] - before[1]) / REST_S


def first_start(run: Path, standby: str) -> Sample:
    """From the start of the host to Ready, of the first generation."""
    app = App(run / f"{standby}-{time.monotonic_ns()}", "")
    here = app.folder / "run"
    here.mkdir(mode=0o700)
    spawn = {"command": [sys.executable, "main.py"], "cwd": str(app.folder), "dev": {"standby": standby}}
    os.environ["XDG_RUNTIME_DIR"] = str(here)
    config = {"sidecars": {"python": {"spawn": spawn}}}
    begun_ns = time.monotonic_ns()
    with rust_peer(program("SIDECAR_BRIDGE_TEST_HOST"), json.dumps(config)) as host:
        took_s = (at_ns(host, "ready") - begun_ns) / 1e9
    return Sample([took_s], 0, took_s)


def table_of(results: Results) -> str:
    """All contenders, in ms."""
    lines = "".join(
        f"| {name} | {one.median_us / 1000:,.0f} | {one.percentile_us(95) / 1000:,.0f} | {len(one.times_s)} |\n"
        for name, one in results.items()
    )
    return f"| | p50 ms | p95 ms | of |\n|---|--:|--:|--:|\n{lines}"


def rows_of(name: str, crashed: Results, saved: Results, least: dict[str, float | None]) -> list[Row]:
    """The targets of one app."""
    ms = {key: one.median_us / 1000 for key, one in {**crashed, **saved}.items()}
    rows = []
    for ahead in ("imports", "app"):
        goal = least["crash"] if ahead == "app" else None
        row = times_faster(
            f"{name} app, crash to good call, {ahead}", goal or 0, ms[f"crash, {ahead}"], ms["crash, off"], "ms"
        )
        rows.append(row if goal else row._replace(target=""))
    for other in ("off", "uvicorn --reload"):
        goal = least["save"]
        row = times_faster(
            f"{name} app, save to new answer, against {other}",
            goal or 0,
            ms["save, imports"],
            ms[f"save, {other}"],
            "ms",
        )
        rows.append(row if goal else row._replace(target=""))
    return rows


def main() -> int:
    """Measure, print, write, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50, help="how often each is measured")
    parser.add_argument("--heavy", help="a folder with pandas and scikit-learn")
    parser.add_argument("--only", choices=["light", "heavy"], help="one app alone, and no first starts; writes nothing")
    given = parser.parse_args()
    heavy = {"PYTHONPATH": str(Path(given.heavy).resolve())} if given.heavy else {}
    kinds: dict[str, tuple[str, dict[str, str], dict[str, float | None]]] = {
        "light": ("", {}, {"crash": 8.0, "save": None}),
        "heavy": (HEAVY if given.heavy else STANDARD, heavy, {"crash": 20.0, "save": 8.0}),
    }
    rows: list[Row] = []
    tables: list[tuple[str, str]] = []
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        root = Path(name)
        for kind, (imports, env, least) in kinds.items():
            if given.only not in (None, kind):
                continue
            crashed, saved, rest = _measure(root / kind, imports, env, given.rounds)
            rows += rows_of(kind, crashed, saved, least)
            tables.append((f"The {kind} app", table_of({**crashed, **saved})))
            cpu_ms, wakes = rest
            print(f"{kind} app, spare at rest: {cpu_ms:.3f} ms/s, {wakes:.2f} wake-ups/s", flush=True)
            rows.append(Row(f"{kind} app, spare at rest: processor", "0", f"{cpu_ms:.3f} ms/s", cpu_ms < 0.05))
            rows.append(Row(f"{kind} app, spare at rest: wake-ups", "< 0.2/s", f"{wakes:.2f}/s", wakes < 0.2))
        if given.only is not None:
            for _, table in tables:
                print(table)
            return 0
        starts = in_turn(
            {ahead: partial(first_start, root, ahead) for ahead in ("off", "imports", "app")}, given.rounds
        )
        off = starts["off"].median_us / 1000
        rows += [
            times_as_long(f"first start, {ahead}", 1.02, starts[ahead].median_us / 1000, off, "ms")
            for ahead in ("imports", "app")
        ]
    heavy_is = "pandas and scikit-learn" if given.heavy else "much of the standard library"
    build = Path(program("SIDECAR_BRIDGE_TEST_HOST")).parent.name
    measured = f"{machine(build, 'fastapi')}; {given.rounds} rounds; the heavy app imports {heavy_is}"
    return conclude("standby", measured, rows, tables)


def _measure(
    root: Path, imports: str, env: dict[str, str], rounds: int
) -> tuple[Results, Results, tuple[float, float]]:
    root.mkdir()
    apps = {name: App(root / name, imports) for name in ("off", "imports", "app", "uvicorn")}
    with (
        tauri(apps["off"], root / "off.run", "off", env) as off,
        tauri(apps["imports"], root / "imports.run", "imports", env) as ahead,
        tauri(apps["app"], root / "app.run", "app", env) as whole,
        reloading(apps["uvicorn"], root / "uvicorn.sock", env) as uvicorn,
    ):
        rest = at_rest(ahead.spare())
        crashed = in_turn(
            {
                "crash, off": partial(off.crashes, spare=False),
                "crash, imports": partial(ahead.crashes, spare=True),
                "crash, app": partial(whole.crashes, spare=True),
            },
            rounds,
        )
        saved = in_turn(
            {
                "save, off": partial(off.saves, spare=False),
                "save, imports": partial(ahead.saves, spare=True),
                "save, uvicorn --reload": uvicorn.saves,
            },
            rounds,
        )
    return crashed, saved, rest


if __name__ == "__main__":
    sys.exit(main())
