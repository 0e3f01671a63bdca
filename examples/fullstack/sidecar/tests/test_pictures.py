"""The pictures of users."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ledger.settings import Settings

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
GIF = b"GIF89a" + bytes(100)
PATH = "/api/v1/users/1/picture"


def give(client: TestClient, content: bytes, name: str = "ada.png", path: str = PATH) -> Any:
    return client.put(path, files={"file": (name, content)})


def shown(client: TestClient, name: str) -> Any:
    """The answer that an element of a page gets, which has no session."""
    return client.get(f"/api/v1/pictures/{name}", headers={"Authorization": ""})


def test_a_picture_is_given_shown_changed_and_taken_away(client: TestClient) -> None:
    assert client.get("/api/v1/users/1").json()["picture"] is None
    first = give(client, PNG).json()["picture"]
    answer = shown(client, first)
    assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")
    # A webview keeps it, since another picture has another name.
    assert "immutable" in answer.headers["cache-control"]
    second = give(client, GIF).json()["picture"]
    assert shown(client, second).headers["content-type"] == "image/gif"
    assert shown(client, first).status_code == 404
    assert client.delete(PATH).json()["picture"] is None
    assert shown(client, second).status_code == 404
    assert client.delete(PATH).status_code == 200


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"\xff\xd8\xff\xe0", "image/jpeg"), (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"), (GIF, "image/gif")],
)
def test_its_type_is_that_of_its_content(client: TestClient, content: bytes, kind: str) -> None:
    name = give(client, content, "called.png").json()["picture"]
    assert shown(client, name).headers["content-type"] == kind


@pytest.mark.parametrize("content", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"RIFF\x10\x00\x00\x00WAVE"])
def test_what_is_no_picture_is_refused(client: TestClient, content: bytes) -> None:
    refused = give(client, content, "notes.txt")
    expected = "notes.txt is no picture; choose a PNG, JPEG, GIF or WebP file"
    assert (refused.status_code, refused.json()["detail"]) == (422, expected)


def test_a_picture_of_five_megabytes_is_taken_and_a_larger_one_is_not(client: TestClient) -> None:
    most = PNG + bytes(5 * 1024**2 - len(PNG))
    name = give(client, most).json()["picture"]
    refused = give(client, most + b"\0")
    expected = "ada.png has more than 5 MB; choose a smaller picture"
    assert (refused.status_code, refused.json()["detail"]) == (413, expected)
    assert shown(client, name).content == most


def test_only_admins_change_pictures_and_only_of_users(client: TestClient) -> None:
    bob = {"name": "Bob", "email": "bob@example.com", "password": "battery staple"}
    client.post("/api/v1/users/", json=bob)
    assert give(client, PNG, path="/api/v1/users/99/picture").status_code == 404
    login = client.post("/api/v1/auth/login", json={"email": bob["email"], "password": bob["password"]}).json()
    client.headers["Authorization"] = f"Bearer {login['token']}"
    assert give(client, PNG).status_code == 403
    assert client.delete(PATH).status_code == 403


def test_a_picture_goes_with_its_user(client: TestClient, settings: Settings) -> None:
    bob = client.post(
        "/api/v1/users/", json={"name": "Bob", "email": "b@example.com", "password": "battery staple"}
    ).json()
    path = f"/api/v1/users/{bob['id']}"
    name = give(client, PNG, path=f"{path}/picture").json()["picture"]
    assert client.delete(path).status_code == 204
    assert shown(client, name).status_code == 404
    with closing(sqlite3.connect(settings.database_path)) as database:
        assert database.execute("SELECT count(*) FROM pictures").fetchone() == (0,)
