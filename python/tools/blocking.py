"""Writes the blocking twins of the code for asyncio: `python tools/blocking.py`, or with `--check` compares them.

Written twice are only the links, `_client/link.py` and `_client/async_link.py`, what takes the messages of a command,
`_client/callback.py` and `_client/async_channel.py`, and what calls handlers, `_client/handlers.py` and
`_client/async_handlers.py`. The text is rewritten, not the syntax tree, since a tree
has no comments; the tree of the result then tells whether anything of asyncio was left.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from difflib import unified_diff
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "sidecar_bridge"

TWINS = {
    "_client/async_calls.py": "_client/calls.py",
    "_client/async_events.py": "_client/events.py",
    "_client/async_host.py": "_client/host.py",
    "_client/async_desktop.py": "_client/desktop.py",
    "_client/async_handled.py": "_client/handled.py",
    "_client/async_messages.py": "_client/messages.py",
    "_client/async_resource.py": "_client/resource.py",
    "_client/async_subscription.py": "_client/subscription.py",
    "bindings/_async_bound.py": "bindings/_bound.py",
}
TWINS |= {
    f"_client/tauri/{path.name}": f"_client/tauri/{path.name.removeprefix('async_')}"
    for path in sorted((PACKAGE / "_client" / "tauri").glob("async_*.py"))
}

PASSAGES = {
    # The host, where the twins differ in what they promise.
    "for asyncio. One instance belongs to one event loop.": "for blocking code; safe to use from many threads.",
    """\
    Cancelling a call closes the connection of that call only. The host does not begin a command whose caller has left;
    a command that the host has begun goes on.
""": """\
    The host knows `timeout_s` as well, and does not begin a command after that time. After a fork the child has
    connections of its own.
""",
    """\
            channels: For each argument that is a `Channel`, where the messages come, JSON values or bytes, until the
                command answers; `AsyncChannel(Progress)` has values of a type. A message after the answer is dropped.
                What a command sends after its answer takes a channel of `AsyncHost.channel`, among `args`.
""": """\
            channels: For each argument that is a `Channel`, the function to call with each message, a JSON value or
                bytes, in this thread and in the order in which the command sends, until the command answers. A
                `Channel(show, Progress)` calls it with values of a type. An exception of the function ends the call. A
                message after the answer is dropped; what a command sends then takes a channel of `Host.channel`, among
                `args`.
""",
    "from sidecar_bridge._client.async_channel import AsyncChannel": (
        "from collections.abc import Callable\n    from typing import Never"
    ),
    # Every function of one argument is one of those, whatever it takes.
    "AsyncChannel[object]": "Callable[[Never], object]",
    # Handles; a blocking one belongs to no loop.
    """\
 A forked child ends nothing of its parent's.

        Raises:
            BridgeError: It belongs to another event loop, in which it is to be closed.
        \"""
""": ' A forked child ends nothing of its parent\'s."""\n',
    "            BridgeError: It belongs to another event loop, in which it is to be closed.\n": "",
    # Events.
    "One task reads at a time; `close` may be called from another. Cancelling a wait loses no event.": (
        "One thread reads at a time; `close` may be called from another."
    ),
    "One task reads at a time; `close` may be called from another. Cancelling a wait loses no message.": (
        "One thread reads at a time; `close` may be called from another."
    ),
    "One task reads at a time; `close` may be called from another. Cancelling a wait loses nothing.": (
        "One thread reads at a time; `close` may be called from another."
    ),
    "One task reads at a time. Cancelling a wait loses nothing.": "One thread reads at a time.",
    "a task that waits": "a thread that waits",
}
"""Passages that have another wording for blocking code."""

WORDS = [
    (r"\bfor asyncio\b", "for blocking code"),
    (r"\basync (def|for|with)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\basync_channel\b", "callback"),
    (r"\b(_?)async_(\w+)", r"\1\2"),
    (r"\basynccontextmanager\b", "contextmanager"),
    (r"\bAbstractAsyncContextManager\b", "AbstractContextManager"),
    (r"\bStopAsyncIteration\b", "StopIteration"),
    (r"\b__a(enter|exit|iter|next)__", r"__\1__"),
    (r"\bAsync([A-Z]\w+)", r"\1"),
]
"""Patterns for all other code and prose, the first ones first."""


class StaleRuleError(Exception):
    """A rule above matches nothing any more, or leaves something of asyncio; the message says which."""


def main(arguments: list[str]) -> int:
    """Write the twins, or compare them; give the exit status."""
    sources = {source: (PACKAGE / source).read_text(encoding="utf-8") for source in TWINS}
    for passage in PASSAGES:
        if not any(passage in text for text in sources.values()):
            raise StaleRuleError(f"no source has the passage {passage!r} any more; change it in {__file__}")
    status = 0
    for source, target in TWINS.items():
        text = blocking(source, sources[source], target)
        path = PACKAGE / target
        committed = path.read_text(encoding="utf-8") if path.exists() else ""
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
        elif text != committed:
            lines = unified_diff(committed.splitlines(), text.splitlines(), target, source, lineterm="", n=1)
            sys.stderr.write("\n".join(lines))
            sys.stderr.write(f"\n{target} is not what {source} says; run `python python/tools/blocking.py`\n")
            status = 1
    return status


def blocking(source: str, text: str, target: str) -> str:
    """Give the blocking twin of a source, as ruff has it."""
    for passage, other in PASSAGES.items():
        text = text.replace(passage, other)
    for pattern, other in WORDS:
        text = re.sub(pattern, other, text)
    for node in ast.walk(ast.parse(text)):
        is_left = isinstance(node, ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith | ast.Await)
        names = (getattr(node, member, None) or "" for member in ("id", "attr", "arg", "name", "asname", "module"))
        if is_left or any(isinstance(name, str) and "async" in name.lower() for name in names):
            raise StaleRuleError(f"{target} would have `{ast.unparse(node)}`; add a rule for it to {__file__}")
    text = f"# Generated from `{source}` by `python/tools/blocking.py`: do not edit.\n\n{text}"
    for words in (["check", "--fix", "--quiet", "--select=I"], ["format", "--quiet"]):
        text = _ruff(words, text, target)
    return text


def _ruff(words: list[str], text: str, target: str) -> str:
    command = [sys.executable, "-m", "ruff", *words, f"--stdin-filename={PACKAGE / target}", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=PACKAGE.parent).stdout  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
