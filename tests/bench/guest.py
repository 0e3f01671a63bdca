"""The page's `fetch` through the bridge against the browser's own to uvicorn on 127.0.0.1, in one webview and run.

Both ask the same FastAPI app in the same process. Each round makes every measurement once each way, in turn, so that
both see the same machine. A ratio is that of the medians over all rounds. Exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from bridge_page import ask, bridge_page, run
from desktop import Page
from document import machine
from guest_peers import peers
from page_load import first_frame, uploads
from targets import Row, conclude

ROUNDS = 25

# Each gives the ms of one round; `fetch` and `base` are either way's.
WAYS: dict[str, str] = {
    "small POST JSON, p50": """
      const times = [];
      for (let n = 0; n < 60; n++) {
        const start = performance.now();
        await (await fetch(`${base}/small`, small)).json();
        times.push(performance.now() - start);
      }
      return times.reduce((a, b) => a + b) / times.length;
    """,
    "64 calls at once": """
      const start = performance.now();
      await Promise.all(Array.from({ length: 64 }, async () => (await fetch(`${base}/small`, small)).json()));
      return performance.now() - start;
    """,
    "1000 GETs at once": """
      const start = performance.now();
      await Promise.all(Array.from({ length: 1000 }, async () => (await fetch(`${base}/json`)).json()));
      return performance.now() - start;
    """,
    "10 MB down": """
      const start = performance.now();
      const { byteLength } = await (await fetch(`${base}/bytes/10000000`)).arrayBuffer();
      const took = performance.now() - start;
      if (byteLength !== 10_000_000) throw new Error(`${byteLength} bytes`);
      return took;
    """,
    "10 MB up": """
      const start = performance.now();
      const [length] = await (await fetch(`${base}/length`, { method: "POST", body: window.ten })).json();
      const took = performance.now() - start;
      if (length !== 10_000_000) throw new Error(`${length} bytes`);
      return took;
    """,
    "first byte of a stream": """
      let sum = 0;
      for (let n = 0; n < 10; n++) {
        const start = performance.now();
        const reader = (await fetch(`${base}/ticks/2`)).body.getReader();
        await reader.read();
        sum += performance.now() - start;
        await reader.cancel();
      }
      return sum / 10;
    """,
}
BARE: dict[str, str] = {
    "10 MB down": """
      const start = performance.now();
      const { byteLength } = await invoke("bare_bytes", { count: 10_000_000 });
      const took = performance.now() - start;
      if (byteLength !== 10_000_000) throw new Error(`${byteLength} bytes`);
      return took;
    """,
    "10 MB up": """
      const start = performance.now();
      const length = await invoke("bare_length", window.ten);
      const took = performance.now() - start;
      if (length !== 10_000_000) throw new Error(`${length} bytes`);
      return took;
    """,
}
"""The same bytes by a command that does nothing with them: what Tauri's IPC and the webview take, without a sidecar."""
LONG = {"1000 GETs at once"}
"""What is measured in fewer rounds."""
LONG_ROUNDS = 5

PROLOGUE = """
  const [ours, port] = args;
  const fetch = ours ? bridge.fetch : window.fetch.bind(window);
  const base = ours ? "" : `http://127.0.0.1:${port}`;
  const small = { method: "POST", headers: { "content-type": "application/json" }, body: '{"name":"Ada"}' };
  window.ten ??= new Uint8Array(10_000_000);
"""


class Times(NamedTuple):
    """The ms of every round."""

    ours: list[float]
    browsers: list[float]
    bare: list[float]


def rounds(page: Page, count: int) -> dict[str, Times]:
    """The times of every measurement, after one round that does not count."""
    port = ask(page, "/port")
    times = {what: Times([], [], []) for what in WAYS}
    for number in range(count + 1):
        for what, body in WAYS.items():
            if what in LONG and number > LONG_ROUNDS:
                continue
            order = (True, False) if number % 2 else (False, True)
            for ours in order:
                took = run(page, PROLOGUE + body, ours, port)
                if number:
                    (times[what].ours if ours else times[what].browsers).append(took)
            if what in BARE:
                took = run(page, PROLOGUE + BARE[what], True, port)
                if number:
                    times[what].bare.append(took)
    return times


MOST = {
    "small POST JSON, p50": 1.0,
    "1000 GETs at once": 0.2,
    "10 MB down": 1.5,
    "10 MB up": 1.5,
    "first byte of a stream": 1.2,
}
"""How many times as long as the browser's each may take."""


def compare(what: str, ours: list[float], browsers: list[float]) -> Row:
    """The row of a measurement: how many times as long, or as many calls, as the browser's."""
    mine, theirs = statistics.median(ours), statistics.median(browsers)
    ratio = mine / theirs
    spread = f"{mine:.2f} ms and {theirs:.2f} ms"
    if what in MOST:
        return Row(what, f"≤ {MOST[what]:.1f} ×", f"{ratio:.2f} × ({spread})", ratio <= MOST[what])
    return Row(what, "≥ 1.0 × the rate", f"{1 / ratio:.2f} × ({spread})", ratio <= 1)


def beside_bare(what: str, times: Times) -> Row:
    """The row that says how much of a time is Tauri's own."""
    ours, bare = statistics.median(times.ours), statistics.median(times.bare)
    return Row(f"{what}, against a bare `invoke` of the bytes", "", f"{ours / bare:.2f} × ({bare:.2f} ms)", True)


def rss_mib(pid: int) -> float:
    """The memory of a process."""
    match = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert match is not None
    return int(match[1]) / 1024


def host(page: Page) -> int:
    """The process of the app."""
    program = str(page.desktop.app.binary())
    (pid,) = (pid for pid, words in page.desktop.processes().items() if words.startswith(program))
    return pid


READ_ALL = """
  const reader = (await bridge.fetch(args[0])).body.getReader();
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return length;
    length += value.length;
  }
"""


def memory(page: Page) -> Row:
    """How much the host grows while the page reads 1 GB, sampled all the time."""
    pid = host(page)
    run(page, READ_ALL, "/stream/50000000")
    before, peak, over = rss_mib(pid), 0.0, threading.Event()

    def sample() -> None:
        nonlocal peak
        while not over.wait(0.02):
            peak = max(peak, rss_mib(pid))

    sampler = threading.Thread(target=sample)
    sampler.start()
    started = time.monotonic()
    try:
        page.driver.set_script_timeout(120)
        assert run(page, READ_ALL, "/stream/1000000000") == 1_000_000_000
    finally:
        over.set()
        sampler.join()
    seen = f"{peak - before:+.1f} MiB ({before:.0f} MiB before, {1000 / (time.monotonic() - started):.0f} MB/s)"
    return Row("memory of the host, 1 GB streamed", "≤ +16 MiB", seen, peak - before <= 16)


def web_process(page: Page) -> int:
    """The process of the page."""
    (pid,) = (pid for pid, words in page.desktop.processes().items() if "WebKitWebProcess" in words)
    return pid


def timed(page: Page, script: str, *arguments: Any) -> tuple[float, dict[str, float]]:
    """How many s a script takes that may take minutes, and by how many MiB host and page grow at most."""
    pids = {"host": host(page), "page": web_process(page)}
    before = {who: rss_mib(pid) for who, pid in pids.items()}
    peak = dict(before)
    begin = f"""
      window.outcome = null;
      const start = performance.now();
      (async () => {{ {script} }})().then(
        () => {{ window.outcome = [performance.now() - start]; }}, (error) => {{ window.outcome = String(error); }});
    """
    run(page, begin, *arguments)
    asked = time.monotonic()
    while True:
        for who, pid in pids.items():
            peak[who] = max(peak[who], rss_mib(pid))
        if time.monotonic() - asked > 0.5:
            asked = time.monotonic()
            outcome = run(page, "return window.outcome")
            if isinstance(outcome, str):
                raise AssertionError(outcome)
            if outcome:
                return outcome[0] / 1000, {who: peak[who] - before[who] for who in pids}
        time.sleep(0.02)


SAVE = "await bridge.download(args[0], { to: args[1] });"


def to_disk(page: Page, mib: int) -> list[Row]:
    """A large file that the host saves, against the same read by the page."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "export.csv"
        run(page, "await invoke('open_folder', { folder: args[0] })", folder)
        timed(page, SAVE, "/files/export/64", str(target))
        saved, grown = timed(page, SAVE, f"/files/export/{mib}", str(target))
        assert target.stat().st_size == mib << 20
    read, _ = timed(page, READ_ALL, f"/files/export/{mib}")
    ratio = read / saved
    rates = f"{ratio:.2f} × ({mib / saved:,.0f} and {mib / read:,.0f} MiB/s)"
    both = f"host {grown['host']:+.1f} MiB, page {grown['page']:+.1f} MiB"
    size = f"{mib} MiB to disk by `download`"
    return [
        Row(f"{size}, against `fetch` into the page", "≥ 3 × the rate", rates, ratio >= 3),
        Row(f"memory meanwhile, {size}", "≤ +16 MiB", both, max(grown.values()) <= 16),
    ]


def main_thread(page: Page) -> Row:
    """How long the main thread is busy at a stretch while the page reads 100 MB, and without that."""

    def waits(work: Callable[[], Any]) -> list[float]:
        run(page, "await invoke('watch')")
        work()
        found: list[float] = run(page, "return invoke('stalls')")
        return found

    alone = waits(lambda: time.sleep(2))
    streaming = waits(lambda: run(page, READ_ALL, "/stream/100000000"))
    worst = max(streaming)
    idle = f"idle: longest {max(alone):.2f} ms of {len(alone)}"
    seen = f"longest {worst:.2f} ms of {len(streaming)} looks ({idle})"
    return Row("main thread blocked by a stream", "≤ 2 ms", seen, worst <= 2)


def main() -> int:
    """Gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each is measured")
    parser.add_argument("--file-mib", type=int, default=2048, help="the size of the file that is saved")
    parser.add_argument("--peers", action="store_true", help="the small calls alone, beside a command of pytauri's")
    arguments = parser.parse_args()
    if arguments.peers:
        with bridge_page() as page:
            return conclude("guest --peers", machine("release", "fastapi"), peers(page, arguments.rounds))
    with bridge_page() as page:
        times = rounds(page, arguments.rounds)
        rows = [compare(what, each.ours, each.browsers) for what, each in times.items()]
        rows += [beside_bare(what, times[what]) for what in BARE]
        rows += [memory(page), main_thread(page), *to_disk(page, arguments.file_mib)]
    # Each in an app of its own: what was freed before would hide what is taken.
    rows += [uploads(), *first_frame()]
    return conclude("guest", machine("release", "fastapi"), rows)


if __name__ == "__main__":
    sys.exit(main())
