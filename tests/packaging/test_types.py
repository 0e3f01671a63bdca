"""Strict code that uses the package: mypy and pyright, at their strictest, find what is wrong and nothing else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
APP, TAURI, TESTS = HERE / "strict_app.py", HERE / "strict_tauri.py", HERE / "strict_tests.py"
FAULTS = HERE / "strict_faults.py.txt"
PYRIGHT = HERE / "consumer/node_modules/.bin/pyright"
TIME_LIMIT_S = 300

Check = Callable[[Path, str], set[int]]


def mypy(folder: Path, name: str) -> set[int]:
    """Give the lines in which mypy finds something."""
    command = [sys.executable, "-m", "mypy", "--strict", "--warn-unreachable", f"--cache-dir={folder / 'cache'}"]
    if name in {APP.name, TAURI.name}:
        command.append("--disallow-any-expr")
    command += ["--no-error-summary", name]
    done = subprocess.run(
        command, cwd=folder, check=False, capture_output=True, text=True, timeout=TIME_LIMIT_S, stdin=subprocess.DEVNULL
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    print(done.stdout)
    return {int(line) for line in re.findall(rf"^{name}:(\d+): error", done.stdout, re.MULTILINE)}


def pyright(folder: Path, name: str) -> set[int]:
    """Give the lines in which pyright finds something."""
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [str(PYRIGHT), "--outputjson", "--pythonpath", sys.executable, name]
    done = subprocess.run(
        command, cwd=folder, check=False, capture_output=True, text=True, timeout=TIME_LIMIT_S, stdin=subprocess.DEVNULL
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    print(done.stdout)
    return {found["range"]["start"]["line"] + 1 for found in json.loads(done.stdout)["generalDiagnostics"]}


CHECKERS = pytest.mark.parametrize("check", [mypy, pyright])


@CHECKERS
@pytest.mark.parametrize("code", [APP, TAURI, TESTS], ids=lambda path: path.stem)
def test_strict_code_has_no_faults(check: Check, code: Path, tmp_path: Path) -> None:
    shutil.copy(code, tmp_path)
    assert check(tmp_path, code.name) == set()


@CHECKERS
def test_what_is_wrong_is_found(check: Check, tmp_path: Path) -> None:
    shutil.copy(FAULTS, tmp_path / FAULTS.stem)
    wrong = {number for number, line in enumerate(FAULTS.read_text().splitlines(), 1) if "# wrong:" in line}
    assert check(tmp_path, FAULTS.stem) == wrong


def test_every_public_type_is_known() -> None:
    command = [str(PYRIGHT), "--pythonpath", sys.executable, "--verifytypes", "sidecar_bridge", "--ignoreexternal"]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=TIME_LIMIT_S, stdin=subprocess.DEVNULL
    )
    assert "Type completeness score: 100%" in done.stdout, done.stdout + done.stderr
