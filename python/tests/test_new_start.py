"""`new --start`: what it needs and how it ends. `scripts/try-new` starts an app with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sidecar_bridge._new import starting

PRINT = "print({!r}); raise SystemExit({})"


def task(name: str, folder: Path, *programs: str) -> starting._Task:
    return starting._Task(name, folder, [[sys.executable, "-c", program] for program in programs])


def test_what_runs_at_the_same_time_is_named_with_its_time(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wait = "import time, pathlib; pathlib.Path({!r}).touch()\nwhile not pathlib.Path({!r}).exists(): time.sleep(0.01)"
    # Each ends only once the other has begun.
    tasks = [
        task("one", tmp_path, wait.format("a", "b"), PRINT.format("quiet", 0)),
        task("two", tmp_path, wait.format("b", "a")),
    ]
    assert starting._all(tasks) == 0
    said = capfd.readouterr()
    assert sorted(line.split(":")[0] for line in said.out.splitlines()) == ["one", "two"]
    assert said.err == ""


def test_what_fails_says_why_and_ends_the_others(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    tasks = [
        task("slow", tmp_path, "import time; time.sleep(60)", "open('next', 'w')"),
        task("broken", tmp_path, PRINT.format("no such package", 3)),
    ]
    assert starting._all(tasks) == 3
    assert time.monotonic() - began < 30
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "no such package\nbroken: exit code 3\n")
    assert list(tmp_path.iterdir()) == []


def test_what_has_not_begun_does_not_begin_any_more(tmp_path: Path) -> None:
    running = starting._Running()
    running.end()
    assert running.do(task("late", tmp_path, "open('late', 'w')")) != 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("there", "missing"), [([], "`npm` and no `cargo`"), (["npm"], "`cargo`")])
def test_without_the_tools_nothing_is_made(there: list[str], missing: str, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in there:
        path = shutil.which(name)
        assert path is not None
        (tools / Path(path).name).symlink_to(path)
    call = [sys.executable, "-m", "sidecar_bridge", "new", "shop", "--start"]
    done = subprocess.run(
        call,
        cwd=tmp_path,
        env={**os.environ, "PATH": str(tools)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (64, "")
    assert f"no {missing} on PATH; install Node 20 and Rust 1.90, or leave --start out" in done.stderr
    assert list(tmp_path.iterdir()) == [tools]
