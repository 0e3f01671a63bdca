"""Windows, tray and diagnostics: what reaches the host, and what its refusals look like."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from imports import follow, total_orders, write_orders
from sidecar_bridge.testing import FakeHost, FakeWindow

from ledger.app import create_app
from ledger.settings import Settings


def test_toggle(client: TestClient, fake_host: FakeHost) -> None:
    for message in ("Window maximized", "Window restored", "Window maximized"):
        done = client.post("/api/v1/window", json={"action": "toggle"})
        assert done.json() == {"status": "success", "message": message}
    assert fake_host.windows["main"].maximized
    assert fake_host.window_actions == [("main", "maximize"), ("main", "unmaximize"), ("main", "maximize")]


@pytest.mark.parametrize(
    ("action", "message"),
    [("maximize", "Window maximized"), ("restore", "Window restored"), ("minimize", "Window minimized")],
)
def test_actions(client: TestClient, action: str, message: str) -> None:
    assert client.post("/api/v1/window", json={"action": action}).json()["message"] == message


def test_an_unknown_action(client: TestClient) -> None:
    refused = client.post("/api/v1/window", json={"action": "explode"})
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("`action`: input should be 'toggle', 'maximize'")


def test_what_the_acl_refuses_is_a_403(client: TestClient, fake_host: FakeHost) -> None:
    fake_host.refuses("plugin:window|maximize", detail="grant `core:window:allow-maximize`")
    refused = client.post("/api/v1/window", json={"action": "maximize"})
    assert (refused.status_code, refused.json()) == (403, {"detail": "grant `core:window:allow-maximize`"})


def test_the_report_opens_once(client: TestClient, fake_host: FakeHost) -> None:
    def create(_call: object) -> None:
        fake_host.windows["report"] = FakeWindow()

    fake_host.answers("plugin:webview|create_webview_window", create)
    assert client.post("/api/v1/windows/report").json()["message"] == "Report opened"
    assert client.post("/api/v1/windows/report").json()["message"] == "Report focused"
    (args,) = fake_host.args_of("plugin:webview|create_webview_window")
    assert args["options"]["label"] == "report"
    assert args["options"]["url"] == "/report"


def test_a_host_that_is_gone(client: TestClient, fake_host: FakeHost) -> None:
    fake_host.close()
    refused = client.post("/api/v1/window", json={"action": "toggle"})
    detail = "the desktop app does not answer; start it again"
    assert (refused.status_code, refused.json()) == (503, {"detail": detail})


def test_the_round_trip_is_measured(client: TestClient, fake_host: FakeHost) -> None:
    fake_host.answers("ping")
    assert 0 < client.post("/api/v1/diagnostics/host").json()["ms"] < 1000


def test_the_tray_needs_no_session(anonymous: TestClient, fake_host: FakeHost) -> None:
    assert anonymous.post("/tray/toggle").json()["message"] == "Window maximized"
    fake_host.windows["report"] = FakeWindow()
    assert anonymous.post("/tray/report").json()["message"] == "Report focused"
    assert anonymous.post("/tray/other").status_code == 422


def test_the_tray_imports(client: TestClient, fake_host: FakeHost, tmp_path: Path) -> None:
    fake_host.answers("plugin:dialog|open", None)
    assert client.post("/tray/import").json()["message"] == "No file was chosen"
    fake_host.answers("plugin:dialog|open", str(write_orders(tmp_path / "a.csv", 10)))
    assert client.post("/tray/import").json()["message"] == "Importing a.csv"
    follow(client, 1)
    assert total_orders(client) == 10


def test_the_data_directory_is_the_host_s(fake_host: FakeHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEDGER_DATA_DIR", raising=False)
    fake_host.answers("data_dir", str(tmp_path / "from host"))
    with TestClient(create_app()) as client:
        assert client.get("/health").json() == {"status": "healthy", "database": "ok"}
    assert (tmp_path / "from host" / "ledger.db").is_file()
    assert fake_host.startups == [("opening the database", None)]
    monkeypatch.setenv("LEDGER_DATA_DIR", str(tmp_path / "chosen"))
    with TestClient(create_app()) as client:
        assert client.get("/api/v1/health").json()["database"] == "ok"
    assert (tmp_path / "chosen" / "ledger.db").is_file()


def test_without_a_desktop(settings: Settings) -> None:
    app: FastAPI = create_app(settings)
    with TestClient(app) as client:
        refused = client.post("/tray/toggle")
    assert refused.status_code == 503
    assert refused.json()["detail"] == "this needs the desktop app, and the server runs without it; start the app"
