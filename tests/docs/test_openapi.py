"""The description of the host's API is valid OpenAPI, and the routes in `docs/wire.md` are those that it describes."""

from __future__ import annotations

import json
import re
from pathlib import Path

from openapi_spec_validator import OpenAPIV31SpecValidator

ROOT = Path(__file__).parents[2]
DOCUMENT = json.loads((ROOT / "schemas/openapi.json").read_text())


def test_it_is_valid_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_it_describes_the_routes_of_the_wire_document() -> None:
    section = (ROOT / "docs/wire.md").read_text().split("## Host API")[1].split("`{command}` is")[0]
    table = re.findall(r"^\| `(GET|POST) (/[^`?]*)", section, re.MULTILINE)
    described = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert set(table) - described == set()
    assert described - set(table) == set()
