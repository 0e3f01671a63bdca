"""The app as the tests use it: the real one, over a fresh data directory and a fake host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sidecar_bridge.testing import FakeHost

from ledger.app import create_app
from ledger.settings import Settings

ACCOUNT = {"name": "Ada", "email": "ada@example.com", "password": "correct horse"}


@pytest.fixture
def fake_host_capabilities() -> Path:
    """The app's own, so that a test fails where the app would refuse."""
    return Path(__file__).parents[2] / "src-tauri/capabilities"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", busy_timeout_ms=200)


@pytest.fixture
def app(settings: Settings, fake_host: FakeHost) -> FastAPI:
    return create_app(settings)


@pytest.fixture
def anonymous(app: FastAPI) -> Iterator[TestClient]:
    """Nobody is logged in, and there are no accounts."""
    with TestClient(app) as client:
        yield client


@pytest.fixture
def client(anonymous: TestClient) -> TestClient:
    """The first account, an admin, is logged in."""
    login = anonymous.post("/api/v1/auth/setup", json=ACCOUNT)
    assert login.status_code == 200, login.text
    anonymous.headers["Authorization"] = f"Bearer {login.json()['token']}"
    return anonymous
