"""The configuration of `docs/standby.md` starts a sidecar with a spare."""

from __future__ import annotations

import json
from pathlib import Path

from running import make_folders, running, until_ready
from snippets import ROOT, blocks_of

SIDECAR = """
from fastapi import FastAPI
from sidecar_bridge import serve
if __name__ == "__main__":
    serve(FastAPI())
"""


def test_the_configuration_starts_a_sidecar(tmp_path: Path) -> None:
    (block,) = blocks_of(ROOT / "docs" / "standby.md")
    make_folders(tmp_path)
    (tmp_path / "sidecar" / "main.py").write_text(SIDECAR)
    with running(tmp_path, json.loads(block.text)) as states:
        assert until_ready(states)[-1]["phase"] == "ready"
