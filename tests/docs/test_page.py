"""The snippets of `docs/page.md` are what they say: the page's typecheck together, the capability and commands work."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/page.md").read_text()
BLOCK = re.compile(
    r"(?:<!-- (?P<label>[^>]*) -->\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
BLOCKS = [match.groupdict() for match in BLOCK.finditer(TEXT)]
QUICKSTART = ROOT / "examples/quickstart"
FULLSTACK = ROOT / "examples/fullstack"


def blocks(language: str, label: str | None) -> list[str]:
    return [block["text"] for block in BLOCKS if (block["language"], block["label"]) == (language, label)]


def typecheck(app: Path, suffix: str, snippets: list[str]) -> None:
    """Check the types of snippets as files of an app, with its packages and its options."""
    folder = app / "node_modules/.page"
    folder.mkdir(exist_ok=True)
    for number, snippet in enumerate(snippets):
        (folder / f"snippet{number}.{suffix}").write_text(f"{snippet}\nexport {{}};\n")
    (folder / "tsconfig.json").write_text(f'{{ "extends": "../../tsconfig.json", "include": ["*.{suffix}"] }}')
    tsc = ["npx", "--no-install", "tsc", "--noEmit", "--project", str(folder)]
    subprocess.run(tsc, cwd=app, check=True, timeout=120)


def test_what_the_page_does_typechecks() -> None:
    typecheck(QUICKSTART, "ts", [*blocks("ts", None), *blocks("ts", "vite.config.ts")])


def test_what_components_do_typechecks() -> None:
    typecheck(FULLSTACK, "tsx", blocks("tsx", None))


def test_the_typed_client_is_the_quickstarts() -> None:
    (line,) = blocks("ts", "from: examples/quickstart/src/main.ts")
    assert line.strip() in (QUICKSTART / "src/main.ts").read_text()


def test_the_player_of_films_is_the_webview_tests() -> None:
    (player,) = blocks("js", "from: tests/webview/page/film.js")
    assert player.strip() in (ROOT / "tests/webview/page/film.js").read_text()


def test_the_capability_is_one(tmp_path: Path) -> None:
    (capability,) = (json.loads(text) for text in blocks("json", "capability"))
    scope = capability["permissions"][-1]
    declared = (ROOT / "permissions/default.toml").read_text()
    assert f'identifier = "{scope["identifier"].removeprefix("sidecar-bridge:")}"' in declared
    schema = json.loads((QUICKSTART / "src-tauri/gen/schemas/desktop-schema.json").read_text())
    entry = json.dumps(schema)
    assert all(f'"{key}"' in entry for rule in [*scope["allow"], *scope["deny"]] for key in rule)


def test_the_commands_do_what_they_say(tmp_path: Path) -> None:
    app = tmp_path / "app"
    shutil.copytree(QUICKSTART / "sidecar", app / "sidecar")
    (app / "src").mkdir()
    (app / "node_modules").symlink_to(QUICKSTART / "node_modules")
    (commands,) = blocks("sh", None)
    (check,) = re.findall(r"`(python -m sidecar_bridge openapi .* --check .*)`", TEXT)
    script = f"set -eu\n{commands}{check}\n"
    subprocess.run(["sh", "-c", script], cwd=app / "sidecar", check=True, timeout=120, env=os.environ)
    assert (app / "src/openapi.ts").read_text() == (QUICKSTART / "src/openapi.ts").read_text()
