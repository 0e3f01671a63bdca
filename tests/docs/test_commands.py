"""What the documents say of the command line: each option that they name is there."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from snippets import ROOT, blocks_of

COMMANDS = ["init", "new", "doctor"]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_document_has_the_options_of_the_command(command: str) -> None:
    document = ROOT / f"docs/{command}.md"
    call = [sys.executable, "-m", "sidecar_bridge", command, "--help"]
    said = subprocess.run(call, capture_output=True, text=True, check=True, timeout=60).stdout
    table = re.findall(r"^\| `(--[\w-]+)", document.read_text(), re.MULTILINE)
    assert set(table) == set(re.findall(r"^  (--[\w-]+)", said, re.MULTILINE))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_documents_commands_are_tested_where_they_say(command: str) -> None:
    for block in blocks_of(ROOT / f"docs/{command}.md"):
        place = block.kind.removeprefix("run in ")
        words = block.text.split()
        assert words[:4] == ["python", "-m", "sidecar_bridge", command]
        assert f'"{command}"' in (ROOT / place).read_text()
