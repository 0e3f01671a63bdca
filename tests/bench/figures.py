"""Figures that are kept for the plots, in `.build/bench`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from contest import Results

_DIRECTORY = Path(__file__).parents[2] / ".build" / "bench"


def keep(subject: str, results: dict[str, dict[str, Results]]) -> None:
    """Keep what a subject has measured: placement, contest and contender, each with its figures."""
    found = {
        placement: {
            contest: {
                name: {"medianUs": one.median_us, "p99Us": one.percentile_us(99), "perSecond": one.per_second}
                for name, one in contenders.items()
            }
            for contest, contenders in contests.items()
        }
        for placement, contests in results.items()
    }
    keep_as_is(subject, found)


def keep_as_is(subject: str, found: Any) -> None:
    """Keep figures that are of no contest."""
    _DIRECTORY.mkdir(parents=True, exist_ok=True)
    (_DIRECTORY / f"{subject}.json").write_text(json.dumps(found, indent=1) + "\n")


def kept(subject: str) -> Any:
    """What was kept last."""
    return json.loads((_DIRECTORY / f"{subject}.json").read_text())
