"""The code of `docs/coming-from.md` runs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from sidecar_bridge.testing import FakeHost
from snippets import ROOT, blocks_of

PAGE = ROOT / "docs/coming-from.md"
(BLOCK,) = blocks_of(PAGE)


def test_a_method_is_a_route_and_the_window_is_the_hosts(fake_host: FakeHost, tmp_path: Path) -> None:
    names: dict[str, Any] = {"__name__": "main"}
    exec(compile(BLOCK.text, str(PAGE), "exec", dont_inherit=True), names)
    file = tmp_path / "a.txt"
    file.write_text("of the file")
    fake_host.answers("plugin:dialog|open", str(file))
    assert names["greet"]("Ada") == "Hello Ada"

    async def opened() -> object:
        return await names["open_text"](fake_host.async_host)

    assert asyncio.run(opened()) == "of the file"
