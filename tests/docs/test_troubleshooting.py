"""`docs/troubleshooting.md` has an entry for each error that a person can meet, and none that the code does not say."""

from __future__ import annotations

import re
from itertools import chain
from typing import get_args

import pytest
import sidecar_bridge
from sidecar_bridge import jobs
from snippets import ROOT

PAGE = (ROOT / "docs/troubleshooting.md").read_text()
KIND = (ROOT / "src/error/kind.rs").read_text()
CODES = get_args(sidecar_bridge.ErrorCode)
IN_OTHERS_WORDS = {"InvalidRequest", "Forbidden", "Problem", "Failed", "Cancelled", "Io", "File"}
"""Kinds whose whole text comes from elsewhere: their codes have an entry."""
IN_THE_PAGES_WORDS = (
    "a path, and that the scope does not allow it",
    "a request that is malformed: method, path, header, frame or JSON",
)
"""Entries for those: the text differs, so the page says what it is about."""
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
SOURCES = [
    *(ROOT / "src").rglob("*.rs"),
    *(ROOT / "python/sidecar_bridge").rglob("*.py"),
    *(ROOT / "guest-js/src").rglob("*.ts"),
]


def kinds() -> dict[str, str]:
    """Give the text of each kind of error, as `thiserror` has it."""
    beginning = KIND.index("pub(crate) enum Kind")
    declared = KIND[beginning : KIND.index("\nimpl Kind", beginning)]
    found = re.findall(r"#\[error\((.*?)\)\]\n    (\w+)", declared, re.DOTALL)
    texts = {}
    for written, name in found:
        match = QUOTED.search(written)
        assert match, name
        texts[name] = re.sub(r"\\\n\s*", "", match[1])
    return texts


def plain(text: str) -> str:
    """Give a text without its marks, with `…` for each part that differs."""
    return " ".join(re.sub(r"\{[\w.!:?()]*\}", "…", text.replace("`", "").replace('\\"', '"')).split())


def entries(page: str) -> list[str]:
    """Give what stands first in each row of the tables, without their headings."""
    rows = [line.split(" | ")[0].removeprefix("| ") for line in page.splitlines() if line.startswith("| ")]
    return [plain(row.replace(r"\|", "|")) for row in rows if not row.startswith(("it says", "class"))]


def test_all_kinds_are_read() -> None:
    variants = re.findall(
        r"^    (\w+)(?: \{|\(|,)", KIND[KIND.index("enum Kind") : KIND.index("\nimpl Kind")], re.MULTILINE
    )
    assert len(kinds()) > 40
    assert set(variants) == kinds().keys()


@pytest.mark.parametrize("name", sorted(kinds().keys() - IN_OTHERS_WORDS))
def test_a_kind_of_error_has_an_entry_with_its_words(name: str) -> None:
    beginning = re.split(r"[;,]", plain(kinds()[name]))[0]
    beginning = beginning if beginning != "…" else plain(kinds()[name]).split(";")[0]
    assert any(entry.startswith(beginning) or beginning.startswith(entry) for entry in entries(PAGE)), kinds()[name]


@pytest.mark.parametrize("name", sorted(IN_OTHERS_WORDS))
def test_what_has_others_words_is_a_kind(name: str) -> None:
    assert name in kinds()


@pytest.mark.parametrize("code", CODES)
def test_a_code_has_a_part_of_its_own(code: str) -> None:
    assert f"\n## `{code}`\n" in PAGE


@pytest.mark.parametrize(
    "name", sorted(name for name in chain(sidecar_bridge.__all__, jobs.__all__) if name.endswith("Error"))
)
def test_an_exception_of_python_has_an_entry(name: str) -> None:
    assert f"`{name}`" in PAGE


def literals() -> str:
    """Give all texts of the sources, in one piece, without their marks."""
    texts = (source.read_text() for source in SOURCES)
    return " ".join(plain(re.sub(r"\\\n\s*", "", text)) for text in texts)


def test_every_entry_is_what_the_code_says() -> None:
    said = literals()
    # Before and behind that are tables of places, and of what nobody says.
    _, _, page = PAGE.partition("## The sidecar does not start, or ends")
    told = entries(page.partition("## Nothing fails, and still")[0])
    pieces = {entry: [piece.strip(" :") for piece in entry.split("…")] for entry in told}
    unknown = [entry for entry, parts in pieces.items() if not all(part in said for part in parts)]
    assert unknown == [*IN_THE_PAGES_WORDS]
