"""How many instructions the codec takes for one call: wall time is noise in CI, this is the same on every machine.

valgrind counts them. A change that costs more or less than the tolerance has to be meant: then the numbers in
`instructions.json` are written anew with `BLESS=1 pytest tests/bench`, and committed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXPECTED = Path(__file__).with_name("instructions.json")
TOLERANCE = 0.05
VALGRIND = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]


def output(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def program() -> str:
    """The program that does the work, built for release."""
    built = output("cargo", "build", "--release", "--locked", "--message-format=json", "-p", "codec-bench")
    messages = map(json.loads, built.stdout.splitlines())
    (found,) = (message["executable"] for message in messages if message.get("executable"))
    return str(found)


def instructions(program: str, form: str) -> int:
    """How many instructions it takes once: the start of the process is in both runs, so it does not count."""
    few, many = (counted(program, form, count) for count in (200, 1200))
    return round((many - few) / 1000)


def counted(program: str, form: str, count: int) -> int:
    """How many instructions the process takes for so many."""
    found = re.search(r"I\s+refs:\s+([\d,]+)", output(*VALGRIND, program, form, str(count)).stderr)
    assert found is not None
    return int(found[1].replace(",", ""))


def test_the_codec_takes_as_many_instructions_as_before(program: str) -> None:
    seen = {form: instructions(program, form) for form in output(program).stdout.splitlines()}
    if os.environ.get("BLESS") == "1":
        EXPECTED.write_text(json.dumps(seen, indent=2) + "\n")
    expected = json.loads(EXPECTED.read_text())
    assert seen.keys() == expected.keys(), "other forms than before; if that is meant: BLESS=1 pytest tests/bench"
    changed = [
        f"{form}: {count} instead of {expected[form]} ({count / expected[form] - 1:+.1%})"
        for form, count in seen.items()
        if abs(count / expected[form] - 1) > TOLERANCE
    ]
    assert not changed, (
        f"over {TOLERANCE:.0%} from tests/bench/instructions.json: {'; '.join(changed)}; "
        "if that is meant, or to keep a gain: BLESS=1 pytest tests/bench"
    )
