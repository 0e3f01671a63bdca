"""What the page's client is made of."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import SQLModel

from ledger.app import create_app

SIDECAR = Path(__file__).parent.parent


def test_the_committed_document_is_current() -> None:
    check = [sys.executable, "-m", "sidecar_bridge", "openapi", "ledger.app:app", "--check", "../openapi.json"]
    done = subprocess.run(check, cwd=SIDECAR, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def kind_of(path: str) -> str:
    return "JobProblem" if path.startswith("/api/v1/jobs") else "Failure"


def test_every_failure_is_a_sentence() -> None:
    for path, methods in create_app().openapi()["paths"].items():
        for method, route in methods.items():
            for status, answer in route["responses"].items():
                if int(status) >= 400:
                    # FastAPI writes the type of the route's own answer here, also for a stream of events.
                    schemas = [content["schema"] for content in answer["content"].values() if "schema" in content]
                    # The routes of jobs answer as the bridge does; a problem has a `detail` as well.
                    said = {"$ref": f"#/components/schemas/{'Failure' if status == '401' else kind_of(path)}"}
                    assert schemas == [said], (method, path, status)


def test_the_migrations_make_the_models(client: TestClient) -> None:
    assert isinstance(client.app, FastAPI)
    with client.app.state.ledger.database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


@pytest.mark.parametrize("command", [["check"], ["current"]])
def test_alembic_s_command_line(tmp_path: Path, command: list[str]) -> None:
    def alembic(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "alembic", *arguments], cwd=SIDECAR, capture_output=True, text=True, timeout=60,
            env={**os.environ, "LEDGER_DATA_DIR": str(tmp_path)}, check=False,
        )  # fmt: skip

    assert alembic("upgrade", "head").returncode == 0
    done = alembic(*command)
    assert done.returncode == 0, done.stderr
