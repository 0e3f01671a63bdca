"""The site's navigation leads to every document."""

from __future__ import annotations

import importlib.util
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from snippets import ROOT

SITE = ROOT / "tools/site"
NAV = tomllib.loads((SITE / "zensical.toml").read_text())["project"]["nav"]


def gather() -> Any:
    """Give `tools/site/gather.py`, which is no package."""
    spec = importlib.util.spec_from_file_location("gather", SITE / "gather.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GATHER = gather()


def pages_of(entries: list[Any]) -> Iterator[str]:
    for entry in entries:
        for inside in entry.values():
            yield from [inside] if isinstance(inside, str) else pages_of(inside)


def test_every_document_is_in_the_navigation() -> None:
    pages = {str(source.page) for source in GATHER.documents()}
    assert pages <= set(pages_of(NAV)), "add it to tools/site/zensical.toml"


def test_the_question_of_a_newcomer_is_two_clicks_away() -> None:
    (start,) = [entry["Start"] for entry in NAV if "Start" in entry]
    assert {"Questions of newcomers": "questions.md"} in start


@pytest.mark.parametrize(
    ("link", "becomes"),
    [
        ("serve.md#how-it-ends", "serve.md#how-it-ends"),
        ("../README.md", "index.md"),
        ("images/quickstart.png", "images/quickstart.png"),
        ("../src/launch.rs", f"{GATHER.REPOSITORY}/blob/main/src/launch.rs"),
        ("../tests/frameworks/apps", f"{GATHER.REPOSITORY}/tree/main/tests/frameworks/apps"),
        ("https://tauri.app", "https://tauri.app"),
        ("#here", "#here"),
    ],
)
def test_a_link_leads_to_where_it_led(link: str, becomes: str) -> None:
    source = GATHER.Source(Path("docs/page.md"), Path("page.md"))
    pages = {source.file: source.page for source in GATHER.documents()}
    assert GATHER.target(link, source, pages) == becomes


def test_a_link_to_nothing_is_refused() -> None:
    source = GATHER.Source(Path("docs/page.md"), Path("page.md"))
    with pytest.raises(GATHER.BrokenLinkError, match="which is not there"):
        GATHER.target("no-such.md", source, {})
