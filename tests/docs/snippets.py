"""The code blocks of a document, each with the comment above it, which says what it is."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]

_BLOCK = re.compile(
    r"(?:^<!-- (?P<label>[^>]*) -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)


class Block(NamedTuple):
    """A code block; `kind` is what its comment says before a colon, and `file` what it says behind."""

    kind: str
    file: str
    language: str
    text: str


def blocks_of(document: Path) -> list[Block]:
    """Give all code blocks of a document, in their order."""
    found = _BLOCK.finditer(document.read_text())
    labels = ((match["label"] or "", match["language"], match["text"]) for match in found)
    return [Block(*_halves(label), language, text) for label, language, text in labels]


def stands_in(text: str, file: Path) -> bool:
    """Tell whether a text is a piece of a file, wherever that has it indented."""
    wanted = _normal(text)
    lines = file.read_text().splitlines()
    height = len(wanted.splitlines())
    return any(wanted == _normal("\n".join(lines[start : start + height])) for start in range(len(lines)))


def _halves(label: str) -> tuple[str, str]:
    kind, _, file = label.partition(": ")
    return kind, file


def _normal(text: str) -> str:
    return textwrap.dedent("\n".join(line.rstrip() for line in text.strip("\n").splitlines()))
