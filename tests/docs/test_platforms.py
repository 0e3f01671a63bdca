"""`docs/platforms.md` has every fault of `docs/reliability.md`, with a word for each system, and the example's file."""

from __future__ import annotations

import json

from snippets import ROOT, blocks_of

DOCS = ROOT / "docs"

WORDS = {"run", "run under Wine", "run behind the cfg", "by reading only", "not there"}


def rows(page: str) -> list[list[str]]:
    """Give the cells of the first table of a page whose first column is called `fault`."""
    table = (DOCS / page).read_text().partition("| fault |")[2].partition("\n\n")[0]
    lines = [line for line in table.splitlines()[2:] if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_fault_is_there() -> None:
    known = [row[0] for row in rows("platforms.md")]
    faults = [row[0] for row in rows("reliability.md")]
    assert len(faults) > 30
    assert not [fault for fault in faults if not any(fault.startswith(each) for each in known)]


def test_each_system_has_one_of_the_five_words() -> None:
    for fault, *systems in rows("platforms.md"):
        assert len(systems) == 3, fault
        assert set(systems) <= WORDS, fault


def test_the_command_of_the_windows_developer_is_the_full_stack_examples() -> None:
    (block,) = [block for block in blocks_of(DOCS / "platforms.md") if block.kind == "from"]
    assert json.loads(block.text) == json.loads((ROOT / block.file).read_text())
