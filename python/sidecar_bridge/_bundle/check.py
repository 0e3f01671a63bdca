"""Whether a built sidecar starts, see `build`."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar_bridge._bundle.order import EX_USAGE, BundleError, bare_environment
from sidecar_bridge._serve.loads import LOADS
from sidecar_bridge._serve.workers import DOES_NOT_BEGIN, TRIES

if TYPE_CHECKING:
    from sidecar_bridge._bundle.order import Order

_NO_HOST = "this is the sidecar of a Tauri app, and there is no host"
"""What `serve` says without a host, before it exits with 64."""

_LIMIT_S = 120


def check(order: Order, program: Path, scratch: Path) -> float:
    """Start the sidecar without a host, and give the seconds until it says that a host is missing.

    By then all that the program's file imports is imported. Started once more, the sidecar first starts workers of
    its own. With `--optimize` it also loads its app, for something may have been left out, and the
    seconds are those of that. Variables that it would find a Python or a running app by are not set.
    """
    environment = bare_environment()
    environment |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
    took_s = _start(order, program, environment, scratch)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        _start(order, program, environment | {TRIES: folder}, scratch)
        if order.optimize:
            told = Path(folder) / "modules"
            took_s = _start(order, program, environment | {LOADS: str(told)}, scratch, told)
    return took_s


def _start(order: Order, program: Path, environment: dict[str, str], scratch: Path, told: Path | None = None) -> float:
    began = time.monotonic()
    with (scratch / "said").open("wb+") as said:
        status = _status(program, environment, scratch, said.fileno())
        took_s = time.monotonic() - began
        said.seek(0)
        text = said.read().decode(errors="replace")
    if (status == EX_USAGE and _NO_HOST in text) if told is None else told.is_file():
        return took_s
    with order.log.open("a", encoding="utf-8") as log:
        log.write(f"{program.name} without a host, exit code {status}:\n{text}")
    reason = _diagnosis(order.entry.parent, status, text)
    raise BundleError(f"what was built does not start: {reason}, the log is {order.log}")


def _status(program: Path, environment: dict[str, str], cwd: Path, output: int) -> int | None:
    """Run the program and give the exit code; end the program and give `None` when it takes too long."""
    with subprocess.Popen(  # noqa: S603 - what was just built
        [program],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            return process.wait(_LIMIT_S)
        except subprocess.TimeoutExpired:
            _kill(process)
            return None
        except BaseException:
            _kill(process)
            raise


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the program, and the child in which a program of one file runs."""
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)


def _diagnosis(sources: Path, status: int | None, text: str) -> str:
    """Give the reason and the remedy, for code that lies in that directory."""
    if status is None:
        return f"it calls no `serve` within {_LIMIT_S} s; move what takes so long into the lifespan"
    if workers := re.search(rf"^{DOES_NOT_BEGIN}.*", text, re.MULTILINE):
        return f"{workers[0]}; call `multiprocessing.freeze_support()` first in the file that is built"
    if missing := re.search(r"^ModuleNotFoundError: (No module named '([\w.]+)')", text, re.MULTILINE):
        is_here = PathFinder.find_spec(missing[2].partition(".")[0], [str(sources), *sys.path]) is not None
        return f"{missing[1]}; {f'add --hidden-import {missing[2]}' if is_here else 'install it'}"
    if missing := re.search(r"^FileNotFoundError: .*", text, re.MULTILINE):
        return f"{missing[0]}; add it with --include, and look for it beside `__file__`"
    if errors := re.findall(r"^\w[\w.]*(?:Error|Exception|Exit)\b.*", text, re.MULTILINE):
        return f"{errors[-1]}; correct that"
    return f"it ended with exit code {status} before it called `serve`; call it in the file that is built"
