"""The users table."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ledger.settings import Settings

NEW = {"name": "Bob", "email": "bob@example.com", "password": "battery staple"}


def create(client: TestClient, **change: object) -> Any:
    made = client.post("/api/v1/users/", json=NEW | change)
    assert made.status_code == 201, made.text
    return made.json()


def as_user(client: TestClient, email: str = NEW["email"], password: str = NEW["password"]) -> dict[str, str]:
    login = client.post("/api/v1/auth/login", json={"email": email, "password": password})
    return {"Authorization": f"Bearer {login.json()['token']}"} if login.is_success else {}


def names(client: TestClient, **query: object) -> list[str]:
    page = client.get("/api/v1/users/", params=query)  # type: ignore[arg-type]
    assert page.status_code == 200, page.text
    return [user["name"] for user in page.json()["items"]]


def test_create_read_change_delete(client: TestClient) -> None:
    bob = create(client)
    assert bob | {"id": 0, "created_at": ""} == {
        "id": 0, "created_at": "", "name": "Bob", "email": "bob@example.com", "role": "member", "active": True,
        "picture": None,
    }  # fmt: skip
    assert bob["created_at"].endswith("Z")
    path = f"/api/v1/users/{bob['id']}"
    assert client.get(path).json() == bob
    assert client.patch(path, json={"name": "Robert"}).json() == bob | {"name": "Robert"}
    assert client.delete(path).status_code == 204
    gone = client.get(path)
    assert (gone.status_code, gone.json()["detail"]) == (
        404, f"there is no user {bob['id']}; somebody may have deleted it",
    )  # fmt: skip


def test_pages_sorted_and_searched(client: TestClient) -> None:
    for name in ("bob", "Eve", "100%_sure"):
        create(client, name=name, email=f"{len(name)}{name[0]}@Example.com")
    assert names(client) == ["100%_sure", "Ada", "bob", "Eve"]
    assert names(client, order="desc", size=2) == ["Eve", "bob"]
    assert names(client, page=2, size=3) == ["Eve"]
    assert names(client, page=9) == []
    assert names(client, search="%_") == ["100%_sure"]
    assert names(client, search="EXAMPLE.com", sort="created_at") == ["Ada", "bob", "Eve", "100%_sure"]
    assert client.get("/api/v1/users/?search=e").json()["total"] == 4


@pytest.mark.parametrize("query", ["page=0", "size=101", "sort=password_hash", "order=up", "page=99999999999999999999"])
def test_bad_queries(client: TestClient, query: str) -> None:
    refused = client.get(f"/api/v1/users/?{query}")
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith(f"`{query.split('=', maxsplit=1)[0]}`: ")


def test_emails_are_unique(client: TestClient) -> None:
    bob = create(client)
    again = client.post("/api/v1/users/", json=NEW | {"email": "BOB@example.com"})
    expected = "bob@example.com has an account already; choose another email"
    assert (again.status_code, again.json()["detail"]) == (409, expected)
    assert client.patch(f"/api/v1/users/{bob['id']}", json={"email": "ada@example.com"}).status_code == 409
    assert client.patch(f"/api/v1/users/{bob['id']}", json={"email": "bob@example.com"}).status_code == 200


def test_the_last_admin_stays(client: TestClient) -> None:
    bob = create(client, role="admin", active=False)
    for refused in (
        client.delete("/api/v1/users/1"),
        client.patch("/api/v1/users/1", json={"role": "member"}),
        client.patch("/api/v1/users/1", json={"active": False}),
    ):
        expected = "ada@example.com is the last active admin; make another user an admin first"
        assert (refused.status_code, refused.json()["detail"]) == (409, expected)
    client.patch(f"/api/v1/users/{bob['id']}", json={"active": True})
    assert client.patch("/api/v1/users/1", json={"role": "member"}).status_code == 200


def test_members_read_only(client: TestClient) -> None:
    bob = create(client)
    headers = as_user(client)
    assert client.get("/api/v1/users/", headers=headers).status_code == 200
    refused = client.patch(f"/api/v1/users/{bob['id']}", json={"role": "admin"}, headers=headers)
    assert refused.status_code == 403
    assert "only admins change users" in refused.json()["detail"]


@pytest.mark.parametrize("change", [{"active": False}, {"password": "another one"}])
def test_sessions_end_with_the_account_s_state(client: TestClient, change: dict[str, object]) -> None:
    bob = create(client)
    headers = as_user(client)
    client.patch(f"/api/v1/users/{bob['id']}", json=change)
    assert client.get("/api/v1/auth/me", headers=headers).status_code == 401
    assert not as_user(client)


def test_a_deleted_user_is_logged_out(client: TestClient) -> None:
    bob = create(client)
    headers = as_user(client)
    client.delete(f"/api/v1/users/{bob['id']}")
    assert client.get("/api/v1/auth/me", headers=headers).status_code == 401


@pytest.mark.parametrize("user_id", [0, -1, 99, 2**63, 10**30])
def test_no_such_user(client: TestClient, user_id: int) -> None:
    assert client.get(f"/api/v1/users/{user_id}").status_code in {404, 422}
    assert client.delete(f"/api/v1/users/{user_id}").status_code in {404, 422}


REST = b'"email": "b@example.com", "password": "battery staple"}'


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"{", "the body is not JSON: "),
        (b"[1]", "`body`: "),
        (b"", "`body`: "),
        (b'{"name": "Bob"}', "`email`: field required"),
        (b'{"name": "\\ud800", ' + REST, "`name`: "),
        (b'{"name": 7, ' + REST, "`name`: input should be a valid string"),
        (b'{"name": "Bob", "role": "god", ' + REST, "`role`: input should"),
    ],
)
def test_bad_bodies(client: TestClient, body: bytes, detail: str) -> None:
    refused = client.post("/api/v1/users/", content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith(detail)
    assert "battery" not in refused.json()["detail"]


def test_no_such_route(client: TestClient) -> None:
    for method, path, status in [("GET", "/api/v1/absent", 404), ("PUT", "/api/v1/users/", 405)]:
        refused = client.request(method, path)
        assert refused.status_code == status
        assert refused.json() == {"detail": f"this app does not answer {method} {path}; see /openapi.json"}


def test_a_mistake_of_the_app(app: FastAPI, settings: Settings) -> None:
    @app.get("/mistake")
    def mistake() -> None:
        raise RuntimeError(settings.data_dir)

    with TestClient(app, raise_server_exceptions=False) as client:
        failed = client.get("/mistake")
    assert (failed.status_code, failed.json()) == (500, {"detail": "an error of the app; see its log"})
