"""An editor's view of a few lines of Python, drawn by ImageMagick: it goes below the window in a recording."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

FONT = ["-font", "DejaVu-Sans-Mono", "-pointsize", "15"]
ADVANCE = 9
"""How wide a character is in this font and size."""
LINE = 22
TITLE = 32
LEFT = 20
BACKGROUND, BAR, TEXT, FAINT, GOOD = "#0f172a", "#1e293b", "#e2e8f0", "#64748b", "#5eead4"
COLOURS = {"comment": FAINT, "string": "#86efac", "decorator": "#fcd34d", "keyword": "#93c5fd"}
TOKEN = re.compile(
    r"""(?P<comment>\#.*)|(?P<string>f?"[^"]*"?)|(?P<decorator>@[\w.]+)"""
    r"""|(?P<keyword>\b(?:async|await|def|return|from|import|class)\b)"""
)


@dataclass(frozen=True)
class View:
    """What an editor shows of a file."""

    name: str
    first: int
    """The number of the first line."""
    lines: tuple[str, ...]
    caret: tuple[int, int] | None = None
    """The line, of these, and the character before which it stands."""
    saved: bool = True
    says: str = ""

    @property
    def height(self) -> int:
        """Of its picture, in pixels."""
        return TITLE + LINE * len(self.lines) + LINE

    def draw(self, width: int, to: Path) -> Path:
        """Save the picture."""
        code = [word for number, line in enumerate(self.lines) for word in self._line(number, line)]
        gutter = [
            at(LEFT, TITLE + LINE * (number + 1), FAINT, f"{self.first + number:>3}")
            for number, _line in enumerate(self.lines)
        ]
        right = width - LEFT - ADVANCE * len(self.says)
        words = [
            at(LEFT, TITLE - 10, TEXT, self.name if self.saved else f"{self.name} ●"),
            at(right, TITLE - 10, GOOD, self.says),
            *gutter,
            *code,
        ]
        canvas = ["-size", f"{width}x{self.height}", f"xc:{BACKGROUND}"]
        draw(*canvas, *bar(width), *FONT, *chain.from_iterable(words), *self._caret(), to)
        return to

    def _line(self, number: int, line: str) -> Iterator[list[str]]:
        end = 0
        for token in TOKEN.finditer(line):
            yield self._word(number, end, line[end : token.start()], TEXT)
            yield self._word(number, token.start(), token[0], COLOURS[str(token.lastgroup)])
            end = token.end()
        yield self._word(number, end, line[end:], TEXT)

    def _word(self, number: int, column: int, text: str, colour: str) -> list[str]:
        # ImageMagick leaves out the blanks at the beginning.
        column += len(text) - len(text.lstrip())
        return at(self._x(column), TITLE + LINE * (number + 1), colour, text.strip())

    def _caret(self) -> list[str]:
        if self.caret is None:
            return []
        line, column = self.caret
        x, y = self._x(column), TITLE + LINE * (line + 1)
        return ["-fill", TEXT, "-draw", f"rectangle {x},{y - 14} {x + 1},{y + 4}"]

    @staticmethod
    def _x(column: int) -> int:
        return LEFT + ADVANCE * (5 + column)


def typed(view: View, before: str, after: str) -> Iterator[View]:
    """What is seen while somebody makes `after` of `before`, which stands in one of the lines, key by key."""
    number = next(number for number, line in enumerate(view.lines) if before in line)
    line = view.lines[number]
    start = line.index(before)
    steps = [before[:end] for end in range(len(before), 0, -1)] + [after[:end] for end in range(len(after) + 1)]
    for step in steps:
        changed = line[:start] + step + line[start + len(before) :]
        lines = (*view.lines[:number], changed, *view.lines[number + 1 :])
        yield replace(view, lines=lines, caret=(number, start + len(step)), saved=step == before)


def at(x: int, y: int, colour: str, text: str) -> list[str]:
    """Words for `draw`: a text whose base line begins there, with what ImageMagick would read as its own escaped."""
    if not text:
        return []
    return ["-fill", colour, "-annotate", f"+{x}+{y}", re.sub(r"^@|\\", r"\\\g<0>", text).replace("%", "%%")]


def bar(width: int) -> list[str]:
    """Words for `draw`: where the name is."""
    return ["-fill", BAR, "-draw", f"rectangle 0,0 {width},{TITLE}"]


def draw(*words: str | Path) -> str:
    """What ImageMagick says when it draws."""
    command = ["convert", *map(str, words)]
    done = subprocess.run(command, timeout=60, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)[:500]}: {done.stderr}"
    return done.stdout
