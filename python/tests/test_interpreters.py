"""The package in more interpreters than one: a sub-interpreter is refused in words, and harms nobody."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hosts import LIMIT_S

IN_SUB = """
try:
    import sidecar_bridge
except ImportError as error:
    print(error, flush=True)
else:
    print("it works there", flush=True)
"""

IN_MAIN = f"""
import sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

if sys.argv[1] == "main first":
    import sidecar_bridge

sub = interpreters.create()
interpreters.run_string(sub, {IN_SUB!r})
interpreters.destroy(sub)

from sidecar_bridge.testing import FakeHost

with FakeHost() as fake:
    fake.answers("greet", {{"a": [1, None, "b"]}})
    print(fake.host.invoke("greet", {{"name": "Ada"}}))
"""

OURS = (
    "sidecar_bridge works in the main interpreter alone, and this is sub-interpreter 1; import it in the main one, or "
    "in a process of `multiprocessing`"
)
PYTHONS = "module sidecar_bridge._native does not support loading in subinterpreters"
"""Where each interpreter has a GIL of its own, which is the default from 3.12 on."""


@pytest.mark.parametrize("order", ["main first", "sub first"])
def test_a_sub_interpreter_is_refused(order: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_MAIN, order], capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    refusal, answer = done.stdout.splitlines()
    assert refusal in {OURS, PYTHONS}
    assert answer == "{'a': [1, None, 'b']}"
