"""When each step of the full-stack example's start is done, as the kernel, the host's log and the page tell it."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ledger import FIND
from selenium.webdriver.remote.webdriver import WebDriver

# What the page looks for each time that it changes, and not each time that somebody asks: to ask costs processor time.
_WHEN_USABLE = f"""
const done = arguments[0], find = function () {{ {FIND} }};
const seen = () => find("button", "Log in") && done(performance.timeOrigin + performance.now());
if (!seen()) new MutationObserver(seen).observe(document, {{ subtree: true, childList: true, attributes: true }});
"""
_TOLD = """
const done = arguments[0];
const [paint] = performance.getEntriesByName("first-contentful-paint");
window.__TAURI_INTERNALS__.invoke("journal").then(
  (lines) => done({ lines, origin: performance.timeOrigin, paintedMs: paint?.startTime ?? NaN }),
);
"""


class Steps(NamedTuple):
    """When each step was done, in ms since the host's process began."""

    spawned: float
    """The host has begun the sidecar's process."""
    leased: float
    """The sidecar has its lease, and begins to import the app."""
    imported: float
    """The app is imported, and its lifespan has begun."""
    ready: float
    """The lifespan has started."""
    navigated: float
    """The webview is there and begins to load the page."""
    painted: float
    """The page has shown something."""
    usable: float
    """The form is there, which needs the sidecar's first answer."""


LANES = {
    "sidecar": ["spawned", "leased", "imported", "ready"],
    "page": ["navigated", "painted", "ready", "usable"],
}
"""Which steps follow each other; the page waits for the sidecar, if it is there first."""

NAMES = {
    ("sidecar", "spawned"): "host, until it spawns the sidecar",
    ("sidecar", "leased"): "spawn: interpreter and lease",
    ("sidecar", "imported"): "imports",
    ("sidecar", "ready"): "lifespan",
    ("page", "navigated"): "host and webview",
    ("page", "painted"): "first paint",
    ("page", "ready"): "wait for the sidecar",
    ("page", "usable"): "first data, the form",
}


def usable_at_ms(driver: WebDriver) -> float:
    """Wait for the form, and give when it was there, in ms since 1970."""
    driver.set_script_timeout(30)
    return float(driver.execute_async_script(_WHEN_USABLE))


def steps(driver: WebDriver, usable_ms: float, host: int, sidecar: int) -> Steps:
    """Give the steps of a start that is done; the kernel counts the beginnings of processes in 10 ms."""
    told = driver.execute_async_script(_TOLD)
    began_ms = _began_ms(host)
    said = {str(line["text"]): float(line["atMs"]) - began_ms for line in reversed(told["lines"])}

    def at(*words: str) -> float:
        return next(when for text, when in said.items() if all(word in text for word in words))

    return Steps(
        spawned=_began_ms(sidecar) - began_ms,
        leased=at("Starting", '"importing"'),
        imported=at("Starting", '"opening the database"'),
        ready=at("`python`: Ready"),
        navigated=told["origin"] - began_ms,
        painted=told["origin"] + told["paintedMs"] - began_ms,
        usable=usable_ms - began_ms,
    )


def _began_ms(pid: int) -> float:
    """When a process began, in ms since 1970."""
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    age_s = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return (time.time() - age_s) * 1000


def lengths(found: Sequence[Steps]) -> dict[str, dict[str, float]]:
    """Give how long each step of each lane takes, in the middle of these starts, in ms."""
    return {
        lane: {NAMES[lane, name]: statistics.median(_length(one, names, name) for one in found) for name in names}
        for lane, names in LANES.items()
    }


def _length(one: Steps, names: Sequence[str], name: str) -> float:
    at = names.index(name)
    before = max((float(getattr(one, earlier)) for earlier in names[:at]), default=0.0)
    return max(float(getattr(one, name)) - before, 0.0)
