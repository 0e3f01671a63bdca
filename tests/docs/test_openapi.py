"""The description of the host's API is valid, and that of the quickstart's sidecar and its page's types are current."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from openapi_spec_validator import OpenAPIV31SpecValidator

ROOT = Path(__file__).parents[2]
DOCUMENT = json.loads((ROOT / "schemas/openapi.json").read_text())


def test_it_is_valid_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_it_describes_the_routes_of_the_wire_document() -> None:
    section = (ROOT / "docs/wire.md").read_text().split("## Host API")[1].split("`{command}` is")[0]
    table = re.findall(r"^\| `(GET|POST|DELETE) (/[^`?]*)", section, re.MULTILINE)
    described = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert set(table) - described == set()
    assert described - set(table) == set()


def test_the_quickstarts_document_and_types_are_current() -> None:
    quickstart = ROOT / "examples/quickstart"
    document = [sys.executable, "-m", "sidecar_bridge", "openapi", "main:app", "--check", "../openapi.json"]
    subprocess.run(document, cwd=quickstart / "sidecar", check=True, timeout=60)
    subprocess.run(["npm", "run", "openapi", "--", "--check"], cwd=quickstart, check=True, timeout=60)
