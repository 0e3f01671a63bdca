"""Draws what a subject has measured last, as SVG in `docs/plots`: the same figures give the same files.

Text and lines are of a grey that can be read on white and on black; the ground is the page's.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from contest import PLACEMENTS
from document import DOCS
from figures import kept

matplotlib: Any = import_module("matplotlib")
matplotlib.use("svg")
pyplot: Any = import_module("matplotlib.pyplot")

GREY = "#747c85"
COLOURS = {
    "sidecar_bridge": "#2f81f7",
    "sidecar_bridge, async": "#2f81f7",
    "raw socket": GREY,
    "Rust": GREY,
    "connect per call": "#c9762b",
    "aiohttp": "#2ea043",
    "httpx": "#a371f7",
}

STEPS = ["#747c85", "#a371f7", "#2f81f7", "#79c0ff", "#9aa4ae", "#2ea043", "#d0d7de", "#c9762b"]
"""The colours of the steps of a start: the sidecar's four, then the page's."""

STYLE = {
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": GREY,
    "font.family": "sans-serif",
    "legend.frameon": False,
    "legend.labelcolor": GREY,
    "svg.fonttype": "none",
    "svg.hashsalt": "sidecar-bridge",
    "text.color": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
}

Bars = Sequence[tuple[str, str, float]]
"""Each with its label, its contender and its length."""


def latency(found: Mapping[str, Any]) -> None:
    """How long one call takes."""
    figure, panes = pyplot.subplots(1, 2, figsize=(9, 2.8), layout="constrained")
    for axes, placement in zip(panes, PLACEMENTS, strict=True):
        sync, single = found[placement]["sync"], found[placement]["async"]
        bars = [(name, name, sync[name]["medianUs"]) for name in ("raw socket", "sidecar_bridge", "connect per call")]
        bars += [
            (f"{name}, asyncio", name, single[name]["medianUs"]) for name in ("sidecar_bridge", "aiohttp", "httpx")
        ]
        draw_bars(axes, bars, f"one call, p50 in µs, {placement}", "{:.0f}")
    save(figure, "latency")


def throughput(found: Mapping[str, Any]) -> None:
    """How many calls tasks make together."""
    figure, panes = pyplot.subplots(1, 2, figsize=(9, 2.4), layout="constrained")
    for axes, placement in zip(panes, PLACEMENTS, strict=True):
        bars = [
            (f"{name}, {tasks}", name, found[placement][tasks][name]["perSecond"] / 1000)
            for tasks in ("8 tasks", "64 tasks")
            for name in ("sidecar_bridge", "aiohttp", "httpx")
            if name in found[placement][tasks]
        ]
        draw_bars(axes, bars, f"thousand calls per second, {placement}", "{:.1f}")
    save(figure, "throughput")


def bodies(found: Mapping[str, Any]) -> None:
    """How fast bodies travel."""
    figure, panes = pyplot.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
    for axes, placement in zip(panes, PLACEMENTS, strict=True):
        bars = [
            (f"{what}: {name}", name, float(what.split()[0]) * one["perSecond"])
            for what, ways in found[placement].items()
            for name, one in ways.items()
        ]
        draw_bars(axes, bars, f"MB per second, {placement}", "{:.0f}")
    save(figure, "bodies")


def start(found: Mapping[str, Any]) -> None:
    """What the start of the full-stack example is made of, each lane with its steps after each other."""
    lanes = [
        (f"{lane}, {side}", steps) for lane in ("sidecar", "page") for side in found for steps in [found[side][lane]]
    ]
    figure, axes = pyplot.subplots(figsize=(9, 0.5 * len(lanes) + 1.2), layout="constrained")
    names = list(dict.fromkeys(name for _, steps in lanes for name in steps))
    for name in names:
        rows = [
            (row, sum(list(steps.values())[: list(steps).index(name)]), steps[name])
            for row, (_, steps) in enumerate(lanes)
            if name in steps
        ]
        places, begins, widths = zip(*rows, strict=True)
        axes.barh(places, widths, left=begins, color=STEPS[names.index(name)], label=name)
    for row, (_, steps) in enumerate(lanes):
        axes.text(sum(steps.values()), row, f" {sum(steps.values()):.0f}", va="center", fontsize=8)
    axes.set_yticks(range(len(lanes)), [lane for lane, _ in lanes], fontsize=8)
    axes.invert_yaxis()
    axes.set_title("start of the full-stack example, ms since its process began", fontsize=9, loc="left")
    axes.tick_params(axis="x", labelsize=8)
    axes.legend(ncols=4, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.18))
    save(figure, "start")


def draw_bars(axes: Any, bars: Bars, title: str, form: str) -> None:
    """Draw bars from the top, each with its number."""
    places = range(len(bars))
    drawn = axes.barh(places, [length for *_, length in bars], color=[COLOURS[name] for _, name, _ in bars])
    axes.bar_label(drawn, [form.format(length) for *_, length in bars], padding=3, fontsize=8)
    axes.set_yticks(places, [label for label, *_ in bars], fontsize=8)
    axes.invert_yaxis()
    axes.set_title(title, fontsize=9, loc="left")
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.margins(x=0.2)


def save(figure: Any, name: str) -> None:
    """Write the plot, without a date."""
    directory = DOCS / "plots"
    directory.mkdir(exist_ok=True)
    figure.savefig(directory / f"{name}.svg", transparent=True, metadata={"Date": None, "Creator": None})
    print(f"docs/plots/{name}.svg")


PLOTS: dict[str, list[Callable[[Mapping[str, Any]], None]]] = {
    "client": [latency, throughput],
    "bodies": [bodies],
    "fullstack": [start],
}


def main() -> int:
    """Give the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subject", choices=PLOTS)
    subject = parser.parse_args().subject
    with matplotlib.rc_context(STYLE):
        for plot in PLOTS[subject]:
            plot(kept(subject))
    return 0


if __name__ == "__main__":
    sys.exit(main())
