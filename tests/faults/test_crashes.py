"""The sidecar is killed, hangs, never comes up: callers lose nothing that can be kept, and nobody waits for ever."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from figures import note, p99, spread
from world import APP, SOAK, Watch, host, kill, many

Call = dict[str, Any]
CALLERS = 8


def import_ms(tmp_path: Path) -> float:
    """Give the time that the sidecar's interpreter and imports take by themselves."""
    script = tmp_path / "imports.py"
    script.write_text(APP.replace("serve(app", "import sidecar_bridge._serve.server\n    0 and serve(app"))
    times = []
    for _ in range(7):
        began = time.monotonic()
        subprocess.run([sys.executable, str(script)], check=True, env={**os.environ, "SAID": "/dev/null"})
        times.append((time.monotonic() - began) * 1000)
    return median(times)


class Death(NamedTuple):
    """When a sidecar was killed, was gone, was missed by its host, and had a successor that served, in ns."""

    killed: int
    gone: int
    noticed: int
    replaced: int

    def met(self, call: Call) -> bool:
        """Tell whether the call was under way when the sidecar died."""
        return bool(call["begun_ns"] <= self.gone and call["ended_ns"] >= self.killed)


def kill_under_load(chance: random.Random) -> tuple[Death, list[Call]]:
    """Kill the sidecar of a new host at some moment, and give what became of all calls around it."""
    with host() as running:
        pid = running.ready()
        running.tell({"load": {"callers": CALLERS, "method": "POST"}})
        time.sleep(chance.uniform(0.02, 0.15))
        watch = Watch([pid])
        killed = kill(pid)
        gone = killed + int(watch.ms_until_all_ended(killed) * 1e6)
        noticed = running.wait_for("restarting")["at_ns"]
        replaced = running.wait_for("ready")["at_ns"]
        time.sleep(0.1)
        return Death(killed, gone, noticed, replaced), running.load_report()


def test_a_sidecar_is_killed_under_load(tmp_path: Path) -> None:
    noticed, recovered = [], []
    calls = interrupted = new_failures = 0
    chance = random.Random(1)
    for _ in range(many(4, 200)):
        death, report = kill_under_load(chance)
        served = [call["ended_ns"] for call in report if "failure" not in call]
        noticed.append((death.noticed - death.killed) / 1e6)
        recovered.append((min(ended for ended in served if ended > death.replaced) - death.killed) / 1e6)
        calls += len(report)
        for call in report:
            if "failure" not in call:
                continue
            code, detail = call["failure"]
            assert code == "unavailable", call
            assert "may have carried" in detail, call
            if death.met(call):
                interrupted += 1
            else:
                new_failures += 1
    assert calls > 100
    alone = import_ms(tmp_path)
    what = f"sidecar SIGKILLed under load of {CALLERS} callers, POST"
    note(f"{what}: noticed", "< 20 ms", spread(noticed), holds=p99(noticed) < 20)
    must = f"≤ its import time ({alone:.0f} ms) + 150 ms"
    note(f"{what}: first good call after", must, spread(recovered), holds=p99(recovered) <= alone + 150)
    seen = f"{new_failures} of {calls} calls; {interrupted} under way at {len(noticed)} kills got a typed error"
    note(f"{what}: new requests that failed", "0", seen, holds=new_failures == 0)
    assert new_failures == 0


def test_restarts_that_were_asked_for_cost_no_call() -> None:
    restarts = many(3, 50)
    with host() as running:
        running.ready()
        running.tell({"load": {"callers": 8, "method": "POST"}})
        for _ in range(restarts):
            running.tell("restart")
            running.ready()
        report = running.load_report()
    failures = [call for call in report if "failure" in call]
    note(
        "restart that was asked for, under load of 8 callers, POST", "0 calls fail", f"{len(failures)} of {len(report)}"
    )
    assert failures == []


def test_a_sidecar_that_ends_at_once_is_given_up_with_a_diagnosis() -> None:
    with host(first="import no_such_module") as running:
        starts = 0
        while True:
            line = running.next_line()
            starts += line["state"]["phase"] == "starting"
            if line["state"]["phase"] == "failed":
                break
    detail = line["state"]["details"]
    note("sidecar exits at once, for ever", "5 starts, then failed with a diagnosis", f"{starts} starts; {detail}")
    assert starts == 5
    assert "install 'no_such_module'" in detail
    assert line["state"]["exit"]["code"] == 1


def test_a_sidecar_that_is_never_ready_times_out() -> None:
    with host(first="time.sleep(1000)", readyTimeoutMs=500) as running:
        began = running.wait_for("starting")["at_ns"]
        failed = running.wait_for("failed")
    took = (failed["at_ns"] - began) / 1e6
    note("sidecar never ready, readyTimeoutMs 500", "timed out", f"failed after {took:.0f} ms, its end included")
    assert failed["state"]["problem"]["code"] == "deadline_exceeded"


def test_a_hanging_event_loop_is_noticed() -> None:
    times = []
    for _ in range(many(1, 20)):
        with host() as running:
            running.ready()
            began = time.monotonic_ns()
            # Ask for what blocks, as any caller could.
            socket = running.run_directory() / "sidecar.sock"
            blocked = subprocess.Popen(
                ["curl", "-s", "--max-time", "30", "--unix-socket", str(socket), "http://x/sleep"]
            )
            unresponsive = running.wait_for("unresponsive")["at_ns"]
            blocked.kill()
            blocked.wait()
            times.append((unresponsive - began) / 1e9)
    note("sidecar hangs in its event loop", "unresponsive ≤ 4 s", spread(times, "s"), holds=max(times) <= 4)


def test_a_stopped_sidecar_is_restarted() -> None:
    times = []
    for _ in range(many(1, 20)):
        with host() as running:
            pid = running.ready()
            time.sleep(random.uniform(0, 2.3) if SOAK else 0)
            stopped = kill(pid, signal.SIGSTOP)
            running.wait_for("restarting")
            running.wait_for("ready")
            times.append((time.monotonic_ns() - stopped) / 1e9)
    note("sidecar SIGSTOPped", "restarted and ready ≤ 5 s", spread(times, "s"), holds=max(times) <= 5)


def test_an_idle_app_sleeps_and_kills_nobody() -> None:
    seconds = many(5, 600)
    with host() as running:
        pid = running.ready()
        time.sleep(6)  # idle connections of the start are closed by then
        threads = {"host": running.process.pid, "sidecar": pid}
        before = {name: wake_ups(pid) for name, pid in threads.items()}
        time.sleep(seconds)
        rates = {name: (wake_ups(pid) - before[name]) / seconds for name, pid in threads.items()}
        churned = many(200, 200_000)
        running.tell({"churn": churned})
        running.tell({"load": {"callers": 1, "method": "GET"}})
        calls = running.load_report()
        assert not any("failure" in call for call in calls)
        assert Path(f"/proc/{pid}").exists(), "a false kill"
    seen = ", ".join(f"{name} {rate:.2f}/s" for name, rate in rates.items())
    note(f"idle for {seconds} s: wake-ups of all threads", "< 1/s each", seen, holds=max(rates.values()) < 1)
    note(f"{churned} threads of the host came and went", "0 false kills", "0")


def wake_ups(pid: int) -> int:
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        lines = (task / "status").read_text().splitlines()
        total += sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))
    return total
