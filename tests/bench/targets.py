"""Targets beside their figures: printed, written to docs/benchmarks.md, and told in the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from contest import Results
from document import write


class Row(NamedTuple):
    """One target and what was measured; without a target it is there for comparison."""

    what: str
    target: str
    seen: str
    holds: bool


def times_faster(what: str, least: float, ours: float, theirs: float, unit: str = "µs") -> Row:
    """The row of a time that has to be so many times shorter than the other."""
    ratio = theirs / ours
    return Row(what, f"≥ {least:g} ×", f"{ratio:.2f} × ({ours:,.1f} and {theirs:,.1f} {unit})", ratio >= least)


def times_the_rate(what: str, least: float, ours: float, theirs: float) -> Row:
    """The row of a rate that has to be so many times higher than the other."""
    ratio = ours / theirs
    return Row(what, f"≥ {least:g} ×", f"{ratio:.2f} × ({ours:,.0f} and {theirs:,.0f} per s)", ratio >= least)


def times_as_long(what: str, most: float, ours: float, theirs: float, unit: str = "µs") -> Row:
    """The row of a time that may be at most so many times the other."""
    ratio = ours / theirs
    return Row(what, f"≤ {most:g} ×", f"{ratio:.2f} × ({ours:,.1f} and {theirs:,.1f} {unit})", ratio <= most)


def longer_by(what: str, most: float | None, ours: float, theirs: float, unit: str) -> Row:
    """The row of a time that may be so much longer than the other, if there is a limit."""
    more = ours - theirs
    target = "" if most is None else f"≤ +{most:g} {unit}"
    return Row(what, target, f"{more:+.1f} {unit} ({ours:.1f} and {theirs:.1f} {unit})", most is None or more <= most)


def table_of(results: Results, reference: str) -> str:
    """All contenders; the ratio is that of a contender's median to the reference's."""
    lines = ["| | p50 µs | p95 µs | p99 µs | CPU µs | calls/s | ratio |\n", "|---|--:|--:|--:|--:|--:|--:|\n"]
    for name, result in results.items():
        p95, p99 = result.percentile_us(95), result.percentile_us(99)
        ratio = result.median_us / results[reference].median_us
        lines.append(
            f"| {name} | {result.median_us:,.1f} | {p95:,.1f} | {p99:,.1f} | {result.cpu_us:,.1f} "
            f"| {result.per_second:,.0f} | {ratio:.2f} |\n"
        )
    return "".join(lines)


def conclude(subject: str, measured: str, rows: Sequence[Row], tables: Sequence[tuple[str, str]] = ()) -> int:
    """Print and write everything, and give the exit code: 1 when a target is missed.

    Args:
        subject: What `scripts/bench` calls it.
        measured: What the figures were measured on, see `document.machine`.
        rows: The targets.
        tables: More figures, each with what it says.
    """
    for row in rows:
        verdict = ("ok" if row.holds else "MISSED") if row.target else ""
        print(f"{verdict:<6}  {row.what:<55} {row.target:<17} {row.seen}")
    lines = [f"| {row.what} | {row.target} | {'' if row.holds else '**missed:** '}{row.seen} |\n" for row in rows]
    text = f"Measured: {measured}.\n\n| what | target | seen |\n|---|---|---|\n{''.join(lines)}"
    for title, table in tables:
        text += f"\n{title}\n\n{table}"
    write("benchmarks.md", f"scripts/bench {subject}", text)
    return 0 if all(row.holds for row in rows) else 1
