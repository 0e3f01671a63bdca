"""Every line of `docs/threat-model.md` names tests, and every test that the page names exists and runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/threat-model.md").read_text()
LINES = re.findall(r"^- .*(?:\n  .*)*", TEXT, re.MULTILINE)
NAMED = re.compile(r"`([^`\s]+\.(?:rs|py|ts))::([^`\n]+)`")
TESTS = sorted({(path, name) for path, name in NAMED.findall(TEXT)})
COLLECTED = ("src", "tests", "python/tests", "guest-js/tests")
"""The folders in which the suites look for tests."""


def declaration(path: str, name: str) -> re.Pattern[str]:
    """Give how a test of that name begins in its language; one that is only named in a comment does not count."""
    escaped = re.escape(name)
    patterns = {
        ".rs": rf"^ *#\[(?:tokio::)?test(?:\(.*\))?\]\n(?: *#\[.*\]\n)* *(?:async )?fn {escaped}\(",
        ".py": rf"^(?:async )?def {escaped}\(",
        ".ts": rf'^ *test(?:\.each\([\s\S]*?\))?\("{escaped}"',
    }
    return re.compile(patterns[Path(path).suffix], re.MULTILINE)


def test_every_line_has_a_test() -> None:
    assert len(LINES) > 30
    for line in LINES:
        assert "**Can**" in line or "**Cannot**" in line, line
        assert NAMED.search(line), f"no test shows: {line}"


def test_every_code_that_looks_like_a_test_is_read_as_one() -> None:
    assert TEXT.count("::") == len(NAMED.findall(TEXT))


@pytest.mark.parametrize(("path", "name"), TESTS)
def test_a_test_that_is_named_exists(path: str, name: str) -> None:
    assert path.startswith(COLLECTED)
    file = ROOT / path
    assert file.is_file(), f"no file {path}"
    assert declaration(path, name).search(file.read_text()), f"no test {name} in {path}"
