"""Login: setup, sessions, wrong passwords, too many of them."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest
from conftest import ACCOUNT
from fastapi.testclient import TestClient
from sidecar_bridge.testing import FakeHost

from ledger import passwords
from ledger.app import create_app
from ledger.attempts import Attempts
from ledger.passwords import hash_password, is_password
from ledger.settings import Settings

LOGIN = {"email": ACCOUNT["email"], "password": ACCOUNT["password"]}


def test_setup_once(anonymous: TestClient) -> None:
    assert anonymous.get("/api/v1/auth/state").json() == {"needs_setup": True}
    made = anonymous.post("/api/v1/auth/setup", json=ACCOUNT).json()
    assert made["user"]["role"] == "admin"
    assert anonymous.get("/api/v1/auth/state").json() == {"needs_setup": False}
    again = anonymous.post("/api/v1/auth/setup", json=ACCOUNT)
    assert (again.status_code, again.json()) == (409, {"detail": "this app is set up already; log in instead"})


def test_login_me_logout(client: TestClient) -> None:
    login = client.post("/api/v1/auth/login", json={**LOGIN, "email": " ADA@example.com"}).json()
    headers = {"Authorization": f"Bearer {login['token']}"}
    assert client.get("/api/v1/auth/me", headers=headers).json()["email"] == "ada@example.com"
    assert client.post("/api/v1/auth/logout", headers=headers).status_code == 204
    refused = client.get("/api/v1/auth/me", headers=headers)
    assert (refused.status_code, refused.json()) == (401, {"detail": "the session has expired; log in again"})
    assert client.get("/api/v1/auth/me").status_code == 200  # the other session


@pytest.mark.parametrize("wrong", [{"password": "wrong horse"}, {"email": "nobody@example.com"}])
def test_wrong_credentials_are_not_told_apart(client: TestClient, wrong: dict[str, str]) -> None:
    refused = client.post("/api/v1/auth/login", json=LOGIN | wrong)
    assert (refused.status_code, refused.json()) == (401, {"detail": "wrong email or password"})


def test_an_unknown_account_costs_a_hash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting:
        hashed = 0

        def hash(self, password: str) -> str:
            Counting.hashed += 1
            return password

    monkeypatch.setattr(passwords, "_hasher", Counting())
    assert not is_password(None, "x")
    assert Counting.hashed == 1


def test_a_damaged_hash_is_no_password() -> None:
    assert not is_password("not a hash", "x")
    assert is_password(hash_password("x"), "x")


def test_too_many_failures_wait(client: TestClient) -> None:
    for _ in range(5):
        assert client.post("/api/v1/auth/login", json={**LOGIN, "password": "wrong"}).status_code == 401
    limited = client.post("/api/v1/auth/login", json=LOGIN)
    assert limited.status_code == 429
    assert 1 <= int(limited.headers["retry-after"]) <= 60
    assert "try again in" in limited.json()["detail"]
    other = client.post("/api/v1/auth/login", json={**LOGIN, "email": "other@example.com"})
    assert other.status_code == 401


def test_attempts_expire_and_success_forgets() -> None:
    time = 0.0
    attempts = Attempts(most=2, window_s=60, clock=lambda: time)
    assert [attempts.begin("a") for _ in range(3)] == [None, None, 60]
    time = 59.5
    assert attempts.begin("a") == 1
    time = 60.0
    assert attempts.begin("a") is None
    attempts.succeed("a")
    assert [attempts.begin("a") for _ in range(2)] == [None, None]


def test_sessions_expire(settings: Settings, fake_host: FakeHost) -> None:
    with TestClient(create_app(replace(settings, session_life=timedelta(0)))) as client:
        token = client.post("/api/v1/auth/setup", json=ACCOUNT).json()["token"]
        assert client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert not fake_host.args_of("data_dir")


def test_only_hashes_are_stored(client: TestClient, settings: Settings) -> None:
    token = client.headers["Authorization"].removeprefix("Bearer ")
    with sqlite3.connect(settings.database_path) as connection:
        (stored,) = connection.execute("SELECT token_hash FROM sessions").fetchone()
        (password,) = connection.execute("SELECT password_hash FROM users").fetchone()
    connection.close()
    assert stored == hashlib.sha256(token.encode()).hexdigest()
    assert password.startswith("$argon2id$")
    for path in settings.data_dir.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"password": "short"}, "`password`: string should have at least 8 characters"),
        ({"email": "nobody"}, "`email`: string should match pattern"),
        ({"name": " "}, "`name`: string should have at least 1 character"),
    ],
)
def test_bad_input_is_one_sentence(anonymous: TestClient, change: dict[str, str], detail: str) -> None:
    refused = anonymous.post("/api/v1/auth/setup", json=ACCOUNT | change)
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith(detail)
    assert "short" not in refused.json()["detail"].replace("shorter", "")


@pytest.mark.parametrize(
    "route",
    ["GET auth/me", "GET users/", "POST window", "POST imports/choose", "GET jobs", "GET jobs/events", "GET jobs/1",
     "GET jobs/1/events", "DELETE jobs/1", "GET orders/summary", "GET orders/export.csv",
     "POST diagnostics/host", "POST diagnostics/crash", "POST windows/report", "DELETE users/1"],
)  # fmt: skip
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer guess"}, {"Authorization": "Basic YTpi"}])
def test_everything_else_wants_a_session(anonymous: TestClient, route: str, header: dict[str, str]) -> None:
    method, path = route.split()
    body = {"action": "toggle"} if path == "window" else None
    refused = anonymous.request(method, f"/api/v1/{path}", json=body, headers=header)
    assert (refused.status_code, refused.json()) == (401, {"detail": "the session has expired; log in again"})
    assert refused.headers["www-authenticate"] == "Bearer"
