"""What the start of a sidecar imports, and how long each module takes, see `build`."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sidecar_bridge._bundle.order import BundleError, bare_environment
from sidecar_bridge._serve.loads import LOADS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sidecar_bridge._bundle.order import Order

_LIMIT_S = 120
_LINE = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$")


class Profile(NamedTuple):
    """The imports of a start."""

    modules: frozenset[str]
    """All that is imported when the app is loaded."""
    self_us: Mapping[str, int]
    """How long each of them took, without what it imports itself, as `python -X importtime` says."""


def profile(order: Order) -> Profile:
    """Load the app from its sources, as `serve` does, without a host; `BundleError` when it cannot be loaded."""
    environment = bare_environment()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        told = Path(folder) / "modules"
        # Twice: the first time Python may have to compile.
        for _ in range(2):
            said = _run(order, environment | {LOADS: str(told), "PYTHONPYCACHEPREFIX": folder})
        if not told.is_file():
            with order.log.open("a", encoding="utf-8") as log:
                log.write(said)
            # Python imports, and says so, until its very end.
            own = [line for line in said.splitlines() if line.strip() and not line.startswith("import time:")]
            last = (own or ["it said nothing"])[-1].strip()
            raise BundleError(f"the sidecar does not load its app: {last}; correct that, the log is {order.log}")
        modules = frozenset(told.read_text(encoding="utf-8").split())
    lines = (_LINE.match(line) for line in said.splitlines())
    return Profile(modules, {found[2]: int(found[1]) for found in lines if found})


def _run(order: Order, environment: dict[str, str]) -> str:
    command = [sys.executable, "-X", "importtime", str(order.entry)]
    try:
        done = subprocess.run(  # noqa: S603 - our own Python, and the sidecar
            command,
            cwd=order.entry.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        msg = f"it calls no `serve` within {_LIMIT_S} s; move what takes so long into the lifespan"
        raise BundleError(msg) from late
    return done.stderr.decode(errors="replace")
