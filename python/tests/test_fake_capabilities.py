"""`FakeHost(capabilities=...)` grants and refuses as the app's own files say, and as a real host does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hosts import Endpoint

from sidecar_bridge import CommandError, Host, NotFoundError, PermissionDeniedError, ProblemError, UnavailableError
from sidecar_bridge._client import wire
from sidecar_bridge._client.host import link_of
from sidecar_bridge.testing import CapabilityError, FakeHost, FakeWindow

TEST_HOST = Path(__file__).parents[2] / "tests/host/capabilities/sidecar.json"

CAPABILITY: dict[str, Any] = {
    "identifier": "sidecar",
    "local": False,
    "remote": {"urls": ["sidecar-bridge://python"]},
    "windows": ["main"],
    "permissions": ["allow-greet", "dialog:allow-open", "core:window:allow-set-title"],
}

MANIFESTS = {
    "__app-acl__": {
        "default_permission": None,
        "permission_sets": {"all": {"permissions": ["allow-greet", "dialog:default"]}},
        "permissions": {
            "allow-greet": {"commands": {"allow": ["greet", "greet_all"], "deny": []}},
            "deny-greet": {"commands": {"allow": [], "deny": ["greet"]}},
            "allow-else": {"commands": {"allow": ["anything"], "deny": []}, "platforms": ["android"]},
        },
    },
    "core": {
        "default_permission": {"permissions": ["core:window:default"]},
        "permission_sets": {},
        "permissions": {},
    },
    "core:window": {
        "default_permission": {"permissions": ["allow-title", "read"]},
        "permission_sets": {"read": {"permissions": ["allow-is-visible"]}},
        "permissions": {
            "allow-title": {"commands": {"allow": ["title"], "deny": []}},
            "allow-is-visible": {"commands": {"allow": ["is_visible"], "deny": []}},
        },
    },
    "dialog": {
        "default_permission": {"permissions": ["allow-open"]},
        "permission_sets": {},
        "permissions": {
            "allow-open": {"commands": {"allow": ["open"], "deny": []}},
            "scope": {"commands": {"allow": [], "deny": []}},
        },
    },
}

Make = Callable[..., FakeHost]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes a fake host with capabilities, each of them the one above with other members, in a file of its own."""
    made = []
    folder = tmp_path / "src-tauri/capabilities"
    folder.mkdir(parents=True)

    def make(*capabilities: dict[str, Any], manifests: object = None, **options: Any) -> FakeHost:
        for number, members in enumerate(capabilities):
            (folder / f"{number}.json").write_text(json.dumps(CAPABILITY | members))
        if manifests is not None:
            (tmp_path / "src-tauri/gen/schemas").mkdir(parents=True)
            (tmp_path / "src-tauri/gen/schemas/acl-manifests.json").write_text(json.dumps(manifests))
        made.append(FakeHost(capabilities=folder, **options))
        return made[-1]

    yield make
    for fake in made:
        fake.host.close()
        fake.close()


def may(fake: FakeHost, command: str, window: str | None = None) -> bool:
    fake.answers(command, 7)
    try:
        return fake.host.invoke(command, {"options": {}}, window=window) == 7
    except PermissionDeniedError:
        return False


def test_what_is_not_granted_is_refused(make: Make) -> None:
    fake = make({})
    assert may(fake, "greet")
    assert may(fake, "plugin:dialog|open")
    refusal = "permission_denied: command `plugin:dialog|save` is not granted to `sidecar-bridge://python` in window "
    fake.answers("plugin:dialog|save", 7)
    with pytest.raises(PermissionDeniedError) as raised:
        fake.host.invoke("plugin:dialog|save", {"options": {}})
    assert str(raised.value).startswith(
        refusal + "`main`; grant `dialog:allow-save` in a capability with that remote url"
    )
    assert fake.unanswered == []


def test_windows_and_events_are_judged_too(make: Make) -> None:
    fake = make({})
    fake.host.window("main").set_title("Orders")
    for use in (
        lambda: fake.host.window("main").title(),
        lambda: fake.host.emit("asked"),
        lambda: fake.host.emit("asked", target="main"),
        lambda: fake.host.listen("asked").__enter__(),
        lambda: link_of(fake.host).ask(wire.Request("POST", "/window", wire.JSON, b'{"action":"show"}'), 5),
    ):
        with pytest.raises(PermissionDeniedError, match=r"`core:(window|event):allow-"):
            use()
    assert (fake.events, fake.window_actions) == ([], [("main", "set_title")])
    events = ["core:event:allow-emit", "core:event:allow-listen"]
    fake = make({"permissions": events})
    with fake.host.listen("asked") as asked:
        fake.host.emit("asked", 1)
        assert asked.receive(5) == 1
    with pytest.raises(PermissionDeniedError, match="`core:event:allow-emit-to`"):
        fake.host.emit("asked", target="main")


@pytest.mark.parametrize(
    ("members", "is_granted"),
    [
        ({"windows": ["m*"]}, True),
        ({"windows": ["report-?"]}, False),
        ({"windows": [], "webviews": ["main"]}, True),
        ({"windows": []}, False),
        ({"local": True}, True),
        ({"remote": None}, False),
        ({"remote": {"urls": ["sidecar-bridge://worker"]}}, False),
        ({"remote": {"urls": ["https://*", "sidecar-bridge://*"]}}, True),
        ({"remote": {"urls": ["sidecar-bridge://py*/"]}}, True),
        ({"platforms": ["linux", "macOS", "windows"]}, True),
        ({"platforms": ["android", "iOS"]}, False),
        ({"permissions": ["allow-greet", "deny-greet"]}, False),
        ({"permissions": [{"identifier": "allow-greet", "allow": [{"path": "/a"}]}]}, True),
    ],
)
def test_each_member_counts(make: Make, members: dict[str, Any], is_granted: bool) -> None:
    assert may(make(members), "greet") is is_granted


def test_a_denial_of_one_capability_is_for_all(make: Make) -> None:
    assert not may(make({}, {"windows": ["other"], "permissions": ["deny-greet"]}), "greet")


def test_another_sidecar(make: Make) -> None:
    fake = make({"remote": {"urls": ["sidecar-bridge://worker"]}}, sidecar="worker")
    assert may(fake, "greet")
    assert fake.host.health()["sidecar"] == "worker"


def test_a_call_runs_in_main_or_in_the_oldest_window_that_grants_it(make: Make) -> None:
    fake = make({"windows": ["report"]})
    fake.windows.update(about=FakeWindow(), report=FakeWindow())
    assert not may(fake, "greet")
    assert may(fake, "greet", window="report")
    del fake.windows["main"]
    fake.host.window().set_title("Report")
    assert [window.title for window in fake.windows.values()] == ["", "Report"]
    assert not may(fake, "plugin:dialog|save")
    fake.windows.clear()
    with pytest.raises(UnavailableError, match="no window is open") as raised:
        fake.host.invoke("greet")
    assert raised.value.retryable


def test_sets_need_what_a_build_has_written(make: Make) -> None:
    for permission in ("core:default", "fs:scope", "my-set"):
        with pytest.raises(
            CapabilityError, match=rf"0.json: what permission `{permission}` allows is known only to a b"
        ):
            make({"permissions": [permission]})
    # Of pages, which are no concern of the sidecar's.
    assert not may(make({"permissions": ["core:default"], "remote": None}), "greet")


def test_sets_are_resolved_from_what_a_build_has_written(make: Make) -> None:
    fake = make({"permissions": ["core:default", "all", "dialog:scope", "allow-else"]}, manifests=MANIFESTS)
    granted = ["greet", "greet_all", "plugin:window|title", "plugin:window|is_visible", "plugin:dialog|open"]
    assert [command for command in granted if not may(fake, command)] == []
    assert not may(fake, "plugin:window|set_title")
    assert not may(fake, "anything")
    for command, remedy in [
        (
            "missing",
            "does not know it; if the app has it, declare it in `AppManifest`.* and grant `allow-missing` in a",
        ),
        (
            "plugin:dialog|blink",
            "does not know it; add its plugin to the app's `Cargo.toml`.* and grant `dialog:allow-b",
        ),
    ]:
        with pytest.raises(PermissionDeniedError, match=remedy):
            fake.host.invoke(command)


@pytest.mark.parametrize(
    ("permission", "message"),
    [
        ("fs:default", "no plugin `fs` has permission `fs:default`; .* names `core`, `core:window`, `dialog`$"),
        ("dialog:allow-blink", "there is no permission `dialog:allow-blink` in .*acl-manifests.json; build the app"),
        ("dialog:allow-opne", "; did you mean `dialog:allow-open`"),
    ],
)
def test_permissions_that_no_build_knows(make: Make, permission: str, message: str) -> None:
    with pytest.raises(CapabilityError, match=message):
        make({"permissions": [permission]}, manifests=MANIFESTS)


TOML = """
[[capabilities]]
identifier = "sidecar"
remote.urls = ["sidecar-bridge://python"]
windows = ["main"]
permissions = ["allow-greet"]
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.toml", TOML), ("a.json", json.dumps([CAPABILITY])), ("a.json", json.dumps({"capabilities": [CAPABILITY]}))],
)
def test_every_form_of_a_file(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    for capabilities in (tmp_path / name, [str(tmp_path / name)], tmp_path, str(tmp_path)):
        with FakeHost(capabilities=capabilities) as fake:
            assert may(fake, "greet")
            assert not may(fake, "plugin:dialog|save")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", "{", "a.json cannot be read: Expecting"),
        ("a.toml", "[", "a.toml cannot be read"),
        ("a.json", "[1]", "a.json has a capability that Tauri would not read: "),
        ("a.json", '{"identifier": "a"}', "Tauri would not read: KeyError.*permissions"),
        ("a.json5", "{}", "a.json5 is JSON5, which is not read here; make it .json or .toml"),
        ("a.txt", "", "there is no capability in .*; give `src-tauri/capabilities`, or a file"),
        (
            "a.json",
            json.dumps(CAPABILITY | {"remote": {"urls": ["sidecar-bridge://:name"]}}),
            "remote url `sidecar-bridge://:name` has more than `\\*` in it; write `sidecar-bridge://python`",
        ),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(CapabilityError, match=message):
        FakeHost(capabilities=tmp_path)
    with pytest.raises(CapabilityError):
        FakeHost(capabilities=tmp_path / name)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CapabilityError, match=r"there is no capability in .*absent; give `src-tauri/capabilities`"):
        FakeHost(capabilities=tmp_path / "absent")


def outcome(host: Host, command: str, **options: Any) -> str:
    try:
        host.invoke(command, {"name": "Ada", "value": "x"}, timeout_s=10, **options)
    except CommandError:
        return "granted"
    except (PermissionDeniedError, NotFoundError) as error:
        return f"{type(error).__name__} {error.problem.status} {error}"
    except ProblemError as error:
        return "granted" if error.problem.code == "invalid_argument" else str(error)
    return "granted"


@pytest.mark.parametrize(
    "command",
    [
        "greet",
        "echo",
        "secret",
        "plugin:window|set_title",
        "plugin:window|is_maximized",
        "plugin:window|maximize",
        "plugin:webview|create_webview_window",
        "plugin:event|unlisten",
    ],
)
def test_a_real_host_says_the_same(endpoint: Endpoint, host: Host, command: str) -> None:
    with FakeHost(capabilities=TEST_HOST) as fake:
        fake.answers(command)
        assert outcome(fake.host, command) == outcome(host, command)


def test_the_fixture_takes_capabilities(fake_host: FakeHost) -> None:
    assert may(fake_host, "greet")
    assert not may(fake_host, "secret")


@pytest.fixture
def fake_host_capabilities() -> Path:
    return TEST_HOST
