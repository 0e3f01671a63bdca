"""Many uploads at once and a long film: how much memory they take, and how soon the film is seen."""

from __future__ import annotations

import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

from bridge_page import ask, bridge_page, run
from desktop import Page
from targets import Row

FILM = Path(__file__).parents[2] / ".build/film.webm"
FRAMES = 2430
"""At 10 frames a second, with 206 kB each: four minutes, 500 MB."""
ROUNDS = 5


MARKS = {"host": None, "page": "WebKitWebProcess", "network": "WebKitNetworkProcess"}


def memory_mib(page: Page) -> dict[str, float]:
    """The memory of each process of the app; what several share counts in parts."""
    found = {}
    for pid, words in page.desktop.processes().items():
        program = words.split(" ")[0]
        for who, mark in MARKS.items():
            if program.endswith(mark or str(page.desktop.app.binary())):
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                (line,) = (line for line in rollup.splitlines() if line.startswith("Pss:"))
                found[who] = int(line.split()[1]) / 1024
    return found


def watched(page: Page, script: str, *arguments: Any) -> tuple[Any, dict[str, float]]:
    """What a script gives that may take minutes, and by how many MiB each process grows at most."""
    before = memory_mib(page)
    peak = dict(before)
    begin = f"""
      window.outcome = null;
      (async () => {{ {script} }})().then(
        (value) => {{ window.outcome = {{ value }}; }}, (error) => {{ window.outcome = {{ error: String(error) }}; }});
    """
    run(page, begin, *arguments)
    while True:
        for who, mib in memory_mib(page).items():
            peak[who] = max(peak.get(who, 0), mib)
        if outcome := run(page, "return window.outcome"):
            if "error" in outcome:
                raise AssertionError(outcome["error"])
            return outcome["value"], {who: peak[who] - before.get(who, 0) for who in peak}
        time.sleep(0.02)


WARM = "return (await bridge.fetch('/length', { method: 'POST', body: new Uint8Array(3_000_000) })).json()"
UPLOADS = """
  const [ours, port] = args;
  const fetch = ours ? bridge.fetch : window.fetch.bind(window);
  const base = ours ? "" : `http://127.0.0.1:${port}`;
  const body = new Uint8Array(3_000_000);
  const one = async () => (await (await fetch(`${base}/length`, { method: "POST", body })).json())[0];
  const lengths = await Promise.all(Array.from({ length: 300 }, one));
  if (lengths.some((length) => length !== 3_000_000)) throw new Error("not all has come");
"""


def uploads() -> Row:
    """300 uploads of 3 MB at once, ours and the browser's, each in an app of its own."""
    grown = {}
    for ours in (True, False):
        with bridge_page() as page:
            port = ask(page, "/port")
            run(page, WARM)
            _, by_process = watched(page, UPLOADS, ours, port)
            grown[ours] = sum(by_process.values())
    ratio = grown[True] / grown[False]
    seen = f"{ratio:.2f} × ({grown[True]:,.0f} and {grown[False]:,.0f} MiB)"
    return Row("peak memory of 300 uploads of 3 MB at once, all processes", "≤ 1.0 ×", seen, ratio <= 1)


def film() -> Path:
    """A film of 500 MB, which is made once: noise, of which no codec saves anything."""
    if not FILM.exists():
        frames = f"videotestsrc pattern=snow num-buffers={FRAMES}"
        form = "video/x-raw,width=640,height=360,framerate=10/1"
        encoded = "vp8enc deadline=1 cpu-used=16 threads=2 target-bitrate=100000000 min-quantizer=0 max-quantizer=0"
        command = f"gst-launch-1.0 -q {frames} ! {form} ! {encoded} keyframe-max-dist=10 ! webmmux"
        part = FILM.with_suffix(".part")
        subprocess.run([*command.split(), "!", "filesink", f"location={part}"], check=True, timeout=600)
        part.rename(FILM)
    return FILM


FIRST_FRAME = """
  const [ours, port, path] = args;
  const video = Object.assign(document.createElement("video"), { muted: true });
  document.body.append(video);
  const start = performance.now();
  const seen = new Promise((resolve, reject) => {
    video.addEventListener("loadeddata", () => resolve(performance.now() - start), { once: true });
    video.addEventListener("error", () => reject(new Error(`no film: ${video.error.code}`)), { once: true });
  });
  if (ours) play(video, path, 'video/webm; codecs="vp8"').catch(() => {});
  else video.src = `http://127.0.0.1:${port}${path}`;
  const took = await seen;
  await video.play();
  await new Promise((resolve) => setTimeout(resolve, 3000));
  video.remove();
  return took;
"""


def first_frame() -> list[Row]:
    """How long the first frame takes, and the memory of the page, against loopback HTTP."""
    path = f"/media/film{film()}"
    took: dict[bool, list[float]] = {True: [], False: []}
    grown: dict[bool, list[float]] = {True: [], False: []}
    for number in range(ROUNDS):
        for ours in (True, False) if number % 2 else (False, True):
            with bridge_page() as page:
                ms, by_process = watched(page, FIRST_FRAME, ours, ask(page, "/port"), path)
                took[ours].append(ms)
                grown[ours].append(by_process["page"])
    mine, others = statistics.median(took[True]), statistics.median(took[False])
    mib, others_mib = statistics.median(grown[True]), statistics.median(grown[False])
    what = "film of 500 MB by Media Source and `fetch`"
    ratio = f"{mine / others:.2f} × ({mine:.0f} and {others:.0f} ms)"
    grew = f"+{mib:.0f} MiB (+{others_mib:.0f} MiB)"
    return [
        Row(f"first frame, {what}, against loopback HTTP", "≤ 1.5 ×", ratio, mine <= 1.5 * others),
        Row(f"memory of the page, its first 3 s, {what}", "≤ +64 MiB", grew, mib <= 64),
    ]
