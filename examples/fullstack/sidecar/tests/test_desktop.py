"""Windows, tray and diagnostics: what reaches the host, and what its refusals look like."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ACCOUNT
from fastapi.testclient import TestClient
from imports import JOBS, end_of, total_orders, write_orders
from sidecar_bridge.testing import FakeHost

from ledger.app import create_app
from ledger.settings import Settings


def test_toggle(client: TestClient, fake_host: FakeHost) -> None:
    for message in ("Window maximized", "Window restored", "Window maximized"):
        done = client.post("/api/v1/window", json={"action": "toggle"})
        assert done.json() == {"status": "success", "message": message}
    assert fake_host.windows["main"].maximized
    # The taskbar of jobs is another thread's.
    actions = [each for each in fake_host.window_actions if each != ("main", "set_progress_bar")]
    assert actions == [("main", "maximize"), ("main", "unmaximize"), ("main", "maximize")]


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
    assert client.post("/api/v1/windows/report").json()["message"] == "Report opened"
    assert client.post("/api/v1/windows/report").json()["message"] == "Report focused"
    assert (fake_host.windows["report"].title, fake_host.windows["report"].url) == ("Report", "/report")


def test_a_host_that_is_gone(client: TestClient, fake_host: FakeHost) -> None:
    fake_host.close()
    refused = client.post("/api/v1/window", json={"action": "toggle"})
    detail = "the desktop app does not answer; start it again"
    assert (refused.status_code, refused.json()) == (503, {"detail": detail})


def test_the_round_trip_is_measured(client: TestClient, fake_host: FakeHost) -> None:
    fake_host.answers("ping")
    assert 0 < client.post("/api/v1/diagnostics/host").json()["ms"] < 1000


def choose(fake_host: FakeHost, text: str) -> None:
    """Choose an item of the tray's menu, which is there soon after the start."""
    fake_host.wait_until(lambda: fake_host.args_of("plugin:tray|new"))
    (menu,) = fake_host.args_of("plugin:menu|new")
    (item,) = (each for each in menu["options"]["items"] if each.get("text") == text)
    fake_host.send(item["handler"], item["id"])


@pytest.mark.usefixtures("anonymous")
def test_the_tray_needs_no_session(fake_host: FakeHost) -> None:
    main = fake_host.windows["main"]
    main.minimized = True
    choose(fake_host, "Show Ledger")
    fake_host.wait_until(lambda: main.focused and not main.minimized)
    choose(fake_host, "Maximize or restore")
    fake_host.wait_until(lambda: main.maximized)
    choose(fake_host, "Open report")
    fake_host.wait_until(lambda: "report" in fake_host.windows)
    choose(fake_host, "Quit")
    fake_host.wait_until(lambda: fake_host.args_of("plugin:app|exit"))


def test_the_tray_imports(client: TestClient, fake_host: FakeHost, tmp_path: Path) -> None:
    fake_host.answers("plugin:dialog|open", str(write_orders(tmp_path / "a.csv", 10)))
    choose(fake_host, "Import orders …")
    fake_host.wait_until(lambda: client.get(JOBS).json())
    assert end_of(client, client.get(JOBS).json()[0]["id"])["state"] == "done"
    assert total_orders(client) == 10


@pytest.mark.usefixtures("anonymous")
def test_the_tray_says_what_it_does_not_import(fake_host: FakeHost, tmp_path: Path) -> None:
    fake_host.answers("plugin:dialog|open", str(tmp_path / "gone.csv"))
    choose(fake_host, "Import orders …")
    fake_host.wait_until(lambda: fake_host.args_of("plugin:notification|notify"))
    told = fake_host.args_of("plugin:notification|notify")[0]["options"]
    assert told["title"] == "Import refused"
    assert told["body"].startswith("gone.csv cannot be opened")


def test_a_desktop_without_a_tray(settings: Settings, fake_host: FakeHost, caplog: pytest.LogCaptureFixture) -> None:
    fake_host.refuses("plugin:tray|new", detail="grant `core:tray:allow-new`")
    with TestClient(create_app(settings)) as client:
        fake_host.wait_until(lambda: "grant `core:tray:allow-new`" in caplog.text)
        assert client.get("/health").json() == {"status": "healthy", "database": "ok"}


def test_a_window_that_comes_late_holds_up_nobody(settings: Settings, fake_host: FakeHost) -> None:
    hold = fake_host.holds("plugin:app|default_window_icon", None)
    with TestClient(create_app(settings)) as client:
        assert client.get("/health").status_code == 200
        assert not fake_host.args_of("plugin:tray|new")
        hold.set()
        fake_host.wait_until(lambda: fake_host.args_of("plugin:tray|new"))


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
    with TestClient(create_app(settings)) as client:
        token = client.post("/api/v1/auth/setup", json=ACCOUNT).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        refused = client.post("/api/v1/window", json={"action": "toggle"})
    assert refused.status_code == 503
    assert refused.json()["detail"] == "this needs the desktop app, and the server runs without it; start the app"
