"""Descriptions of TypeScript as docstrings of Python."""

from __future__ import annotations

import re
import textwrap

from trees import snake

_PHONES = r"(?:Android|iOS|iPadOS)(?: (?:\(.*?\)))?"
_WIDTH = 120
_LONGEST = 104
"""How long a first line may be: with quotes and indentation it fits into a line."""

known: dict[str, str] = {}
"""Names of JavaScript that are others in Python; the emitter fills it in."""
_VERBS = {"Gets": "Give", "Returns": "Give", "Resolves": "Resolve", "Sets": "Set"}
"""The usual words of this package for those of TypeScript."""


def docstring(lines: list[str], depth: int) -> list[str]:
    """Give a docstring of paragraphs, the first of which is one line; a paragraph may have lines of its own."""
    indent = " " * depth
    first, *rest = [each for each in lines if each]
    text = [*_wrapped(f'"""{first}', indent)]
    for paragraph in rest:
        text.append("")
        for line in paragraph.splitlines():
            before = len(line) - len(line.lstrip())
            hanging = "  " if line.lstrip().startswith("- ") else "    " if re.match(r"    \w+: ", line) else ""
            text += _wrapped(line.strip(), indent + " " * before, hanging)
    if len(text) == 1:
        text[0] += '"""'
    else:
        text.append(f'{indent}"""')
    if any("\\" in line for line in text):
        text[0] = text[0].replace('"""', 'r"""', 1)
    return text


def split(doc: str) -> tuple[str, list[str]]:
    """Give the first sentence, which ends with a full stop, and the other paragraphs."""
    paragraphs = [each for each in _paragraphs(plain(doc)) if each]
    if not paragraphs:
        return "", []
    first, *rest = paragraphs
    match = re.match(r"(.+?[.!?])(?:\s+|$)(.*)", first.replace("\n", " "), re.DOTALL)
    summary, more = (match[1], match[2]) if match else (first.replace("\n", " ") + ".", "")
    word, _, tail = summary.partition(" ")
    summary = f"{_VERBS.get(word, _bare(word))} {tail}" if tail else summary
    if len(summary) > _LONGEST:
        # A first line has to be one line: the rest of the sentence is said in the next paragraph.
        places = [
            summary.rfind(each, 20, _LONGEST) for each in (" relative to ", " when ", " and ", ", ", " using ", " to ")
        ]
        cut = next((each for each in places if each > 0), summary.rfind(" ", 0, _LONGEST))
        summary, more = summary[:cut].rstrip(",") + ".", f"{summary} {more}"
    return summary, [each for each in (more.strip(), *rest) if each]


def brief(doc: str) -> str:
    """Give the first paragraph alone, for an argument or a member."""
    summary, more = split(doc)
    first = next(iter(_paragraphs(plain(doc))), "").replace("\n", " ")
    tail = more[0].replace("\n", " ") if more and more[0].replace("\n", " ")[1:] in first else ""
    sentences = re.split(r"(?<=[.!?]) ", f"{summary} {tail}".replace("**", "").replace(" (desktop only)", "").strip())
    # What is said of phones alone is of no use here.
    rest = [
        each
        for each in sentences
        if not re.search(r"\b(mobile|Android|iOS|MIME|mime|media picker|document picker)", each)
    ]
    return " ".join(rest or sentences).removeprefix("- ")


def _bare(verb: str) -> str:
    """`Maximizes` is `Maximize` here."""
    for end, bare in ((r"ies", "y"), (r"(?<=[sc]h)es", ""), (r"(?<=[a-z])s", "")):
        if re.fullmatch(rf"[A-Z][a-z]{{2,}}?{end}", verb) and verb not in {
            "Always",
            "This",
            "Access",
            "Whether",
            "Unless",
        }:
            return re.sub(f"{end}$", bare, verb)
    return verb


def plain(doc: str) -> str:
    """Take out what only TypeScript's documentation shows, and what is about phones alone."""
    text = re.sub(r"```.*?```", "", doc, flags=re.DOTALL)
    text = re.sub(r"\{@link(?:code)?\s+\S+?\s*\|\s*(.*?)\}", r"\1", text, flags=re.DOTALL)
    text = re.sub(r"\{@link(?:code)?\s+(.*?)\}", lambda found: f"`{_names(found[1])}`", text, flags=re.DOTALL)
    text = re.sub(r"`(\w+(?:\.\w+)?)`", lambda found: f"`{_known(found[1])}`", text)
    text = re.sub(r"\[(`?[^\]]+`?)\]\([^)]*\)", r"\1", text)
    # Addresses are left out, and so are sentences that are nothing without theirs.
    text = re.sub(r"See https?://\S+(?: for more information\.)?", "", text)
    text = re.sub(r"\((?:[^()]*)https?://\S+\)|https?://\S+", "", text)
    text = text.replace("`None` or `None`", "`None`")
    text = text.replace("@tauri-apps/plugin-", "tauri-plugin-")
    return text.replace("\t", " ").replace("’", "'").replace("–", "-")


def _known(name: str) -> str:
    owner, dot, own = name.rpartition(".")
    return (
        owner
        + dot
        + {"null": "None", "undefined": "None", "true": "True", "false": "False"}.get(own, known.get(own, own))
    )


def _names(name: str) -> str:
    return ".".join(snake(part) if part[:1].islower() else part for part in name.split("."))


def _paragraphs(text: str) -> list[str]:
    found: list[str] = []
    for block in re.split(r"\n\s*\n", text):
        lines = block.strip("\n").splitlines()
        if not lines:
            continue
        if re.match(r"#+ *Platform-specific", lines[0].strip()):
            if not lines[1:]:
                found.append("")
                continue
            lines = lines[1:]
        items = _items(lines)
        if items:
            found.append("\n".join(items))
    return found


def _items(lines: list[str]) -> list[str]:
    """The lines of a paragraph as one, or as one for each item of a list, without those about phones alone."""
    items: list[str] = []
    is_kept = True
    for line in lines:
        bare = line.strip()
        if match := re.match(r"[-*] \*\*(.*?)(:?)\*\*:?\s*(.*)", bare):
            systems = [each for each in re.split(r"\s*/\s*", match[1].rstrip(":")) if not re.fullmatch(_PHONES, each)]
            is_kept = bool(systems)
            if is_kept:
                items.append(f"- {' and '.join(systems)}: {match[3]}".rstrip())
        elif bare.startswith(("- ", "* ")):
            is_kept = is_kept or not items
            if is_kept:
                items.append(("  " if line.startswith("  ") and items else "") + f"- {bare[2:]}")
        elif not is_kept and (line.startswith(" ") or not bare):
            continue
        elif items:
            items[-1] += f" {bare.lstrip('# ')}"
        else:
            items.append(bare.lstrip("# "))
    return items


def _wrapped(line: str, indent: str, hanging: str = "") -> list[str]:
    return textwrap.wrap(
        line, _WIDTH, initial_indent=indent, subsequent_indent=indent + hanging,
        break_long_words=False, break_on_hyphens=False,
    ) or [""]  # fmt: skip
