"""Docstrings and comments of a module that is made."""

from __future__ import annotations

import re
import textwrap

WIDTH = 88
"""What formatters keep lines to where nobody says otherwise."""


def docstring(paragraphs: list[str], indent: str) -> list[str]:
    """Give a docstring; the first sentence of the first paragraph stands alone."""
    first, *rest = [each for each in map(_plain, paragraphs) if each]
    if match := re.match(r"(.+?[.!?])\s+(?=[A-Z`])(.*)", first, re.DOTALL):
        first, rest = match[1], [match[2], *rest]
    first = " ".join(first.split())
    first = first if first.endswith((".", "!", "?")) else f"{first}."
    text = first.replace("\\", "\\\\")
    lines = _wrapped(f'"""{text}', indent)
    for paragraph in rest:
        lines.append("")
        for line in paragraph.replace("\\", "\\\\").splitlines():
            inner = indent + " " * (len(line) - len(line.lstrip()))
            lines += _wrapped(line.strip(), inner, "    " if re.match(r"\s+\w+: ", line) else "")
    if len(lines) == 1 and len(lines[0]) + 3 <= WIDTH:
        return [f'{lines[0]}"""']
    return [*lines, f'{indent}"""']


def comment(text: str, indent: str) -> list[str]:
    """Give a comment."""
    return _wrapped(" ".join(text.split()), f"{indent}# ")


def _plain(text: str) -> str:
    """Take out what only TypeScript's documentation shows."""
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    text = re.sub(r"\{@link(?:code)?\s+([^}|]+?)(?:\s*\|[^}]*)?\}", r"`\1`", text).replace('"""', "'''")
    text = "\n".join(line.rstrip() for line in text.replace("\t", " ").splitlines())
    return re.sub(r"\n\s*\n+", "\n", text).strip("\n")


def _wrapped(line: str, indent: str, hanging: str = "") -> list[str]:
    after = indent if indent.strip() else indent + hanging
    return textwrap.wrap(
        line, WIDTH, initial_indent=indent, subsequent_indent=after, break_long_words=False, break_on_hyphens=False
    ) or [indent.rstrip()]
