"""`python -m sidecar_bridge`, as a developer calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

APP = """
from fastapi import FastAPI
from sidecar_bridge import serve

app = FastAPI(title="Grüße")


@app.get("/users/{id}")
async def user(id: int) -> str:
    return ""


if __name__ == "__main__":
    serve(app)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text(APP, encoding="utf-8")
    (tmp_path / "app" / "broken.py").write_text("import no_such_module", encoding="utf-8")
    return tmp_path


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sidecar_bridge", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=30, check=False)


def test_it_prints_the_document_without_a_server(project: Path) -> None:
    done = run(project, "openapi", "app.main:app")
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert document["info"]["title"] == "Grüße"
    assert "/users/{id}" in document["paths"]


def test_it_tells_whether_a_file_is_current(project: Path) -> None:
    file = project / "openapi.json"
    missing = run(project, "openapi", "app.main:app", "--check", "openapi.json")
    assert missing.returncode == 64
    assert "openapi.json cannot be read: No such file or directory; write it with" in missing.stderr
    file.write_text(run(project, "openapi", "app.main:app").stdout, encoding="utf-8")
    current = run(project, "openapi", "app.main:app", "--check", "openapi.json")
    assert (current.returncode, current.stdout, current.stderr) == (0, "", "")
    file.write_text(file.read_text(encoding="utf-8").replace("users", "people"), encoding="utf-8")
    stale = run(project, "openapi", "app.main:app", "--check", "openapi.json")
    assert stale.returncode == 1
    assert '-    "/people/{id}"' in stale.stderr
    assert "openapi.json is out of date; run `python -m sidecar_bridge openapi app.main:app" in stale.stderr


@pytest.mark.parametrize(
    ("app", "reason"),
    [
        ("app.main", "`app.main` is no app; say `module:attribute`"),
        ("app.mine:app", "no module `app.mine` here"),
        ("elsewhere.main:app", "no module `elsewhere.main` here"),
        ("app.main:application", "`app.main:application` is no FastAPI app"),
        ("app.main:serve", "`app.main:serve` is no FastAPI app"),
    ],
)
def test_what_is_no_app_is_refused_in_one_line(project: Path, app: str, reason: str) -> None:
    done = run(project, "openapi", app)
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr.startswith(f"python -m sidecar_bridge: {reason}")
    assert len(done.stderr.splitlines()) == 1


def test_an_import_that_fails_inside_the_app_shows_where(project: Path) -> None:
    done = run(project, "openapi", "app.broken:app")
    assert done.returncode == 1
    assert "No module named 'no_such_module'" in done.stderr
    assert "broken.py" in done.stderr
