"""The Python of `docs/bindings.md` does what it says, against the running gallery."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from typing import Any

import pytest
from sidecar_bridge import AsyncHost, Host
from sidecar_bridge._serve.hello import Hello

from conftest import REPOSITORY

TEXT = (REPOSITORY / "docs/bindings.md").read_text()
SNIPPETS = re.findall(r"^<!-- run -->\n```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def test_every_snippet_is_run() -> None:
    assert len(SNIPPETS) == TEXT.count("```python") > 3


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_snippet(hello: Hello, snippet: str) -> None:
    code = compile(snippet, "docs/bindings.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    async def run() -> None:
        with Host(hello.host_path, hello.token) as host:
            async with AsyncHost(hello.host_path, hello.token) as async_host:
                names: dict[str, Any] = {"host": host, "async_host": async_host}
                ran = eval(code, names)
                if inspect.isawaitable(ran):
                    await ran

    asyncio.run(run())
