"""A fake host answers Tauri's commands as a small desktop would, and takes only the arguments that Tauri takes."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from mirror import DOCUMENT, Method, kind_of, methods
from test_tauri_calls import definition, written

from sidecar_bridge import (
    CommandError,
    InvalidArgumentError,
    PermissionDeniedError,
    ProblemError,
    Resource,
    Size,
    TransportError,
    UnexpectedTypeError,
)
from sidecar_bridge import paths as directories
from sidecar_bridge._client.undo import Undo
from sidecar_bridge._testing.tauri_commands import GIVES, TAKES
from sidecar_bridge.tauri.dpi import LogicalPosition, LogicalSize, PhysicalPosition
from sidecar_bridge.tauri.path import BaseDirectory
from sidecar_bridge.tauri.shell import Terminated
from sidecar_bridge.testing import FakeHost, FakeWindow

NOT_ANSWERED = {"plugin:app|exit", "plugin:process|exit", "plugin:process|restart"}
FAILS_BEFORE = {"plugin:clipboard-manager|read_text", "plugin:clipboard-manager|read_image", "plugin:path|extname",
                "plugin:global-shortcut|unregister", "plugin:global-shortcut|is_registered"}  # fmt: skip
ON_FILES = {"plugin:fs|copy_file", "plugin:fs|rename", "plugin:fs|remove", "plugin:fs|truncate", "plugin:fs|read_dir",
            "plugin:fs|read_file", "plugin:fs|read_text_file", "plugin:fs|stat", "plugin:fs|lstat", "plugin:fs|size",
            "plugin:fs|open"}  # fmt: skip
PLAIN: dict[str, Any] = {
    "string": str, "int": int, "float": float, "boolean": bool, "bytes": bytes, "utf8": str, "path": Path, "uuid": UUID,
    "moment": datetime, "nothing": type(None),
}  # fmt: skip


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def is_of(tree: Any, value: Any, plugin: str) -> bool:  # noqa: PLR0911 - a line for each kind of type
    """Whether a value has the type that a method declares for its result."""
    if isinstance(tree, str):
        return tree == "json" or isinstance(value, PLAIN[tree])
    (kind, inner), *_ = tree.items()
    match kind:
        case "optional":
            return value is None or is_of(inner, value, plugin)
        case "list":
            return isinstance(value, list) and all(is_of(inner, each, plugin) for each in value)
        case "map":
            return isinstance(value, dict) and all(is_of(inner, each, plugin) for each in value.values())
        case "tuple":
            return all(is_of(*each, plugin) for each in zip(inner, value, strict=True))
        case "union":
            return any(is_of(each, value, plugin) for each in inner)
        case "literal":
            return value in inner
        case "alias":
            return bool(value in definition(plugin, inner)["literal"])
        case "dpi":
            return bool(type(value).__name__ == inner)
        case "record":
            members = definition(plugin, inner)["members"]
            return isinstance(value, kind_of(plugin, inner)) and all(
                (each["optional"] and getattr(value, each["python"]) is None)
                or is_of(each["type"], getattr(value, each["python"]), plugin)
                for each in members
            )
        case "enum":
            return isinstance(value, kind_of(plugin, inner))
    return value is not None


@pytest.mark.parametrize("method", methods(), ids=str)
async def test_every_method_has_an_answer_of_its_type_without_one_of_the_test(
    method: Method, fake_host: FakeHost, tmp_path: Path
) -> None:
    path = tmp_path / ("folder" if method.command["command"] == "read_dir" else "file")
    if method.name in ON_FILES:
        path.mkdir() if path.name == "folder" else path.write_text("text")
    places = [each["json"] for each in method.method["arguments"] if each["json"].lower().endswith("path")]
    instead = {snake(each): tmp_path / "other" if "to" in each else path for each in places if method.plugin == "fs"}
    loose, named = written(method, **instead)
    named = {name: value for name, value in named.items() if not name.endswith("base_dir")}
    call = method.of(fake_host.async_host, "main")
    if method.name in NOT_ANSWERED:
        with pytest.raises(TransportError):
            await call(*loose, **named)
    elif method.name in FAILS_BEFORE:
        with pytest.raises(CommandError):
            await call(*loose, **named)
    else:
        answer = await call(*loose, **named)
        expected = method.method["or_result" if named.get("multiple") else "result"]
        assert is_of(expected, answer, method.plugin), answer
    assert not fake_host.unanswered


def test_every_command_of_desktops_is_known() -> None:
    names = {
        f"plugin:{plugin['name']}|{each['command']}"
        for plugin in DOCUMENT["plugins"]
        for each in plugin["commands"]
        if each["state"] not in {"absent", "left out"}
    }
    assert names == TAKES.keys()
    assert GIVES.keys() <= names


@pytest.mark.parametrize(
    ("command", "args", "said"),
    [
        ("dialog|open", {}, "argument `options`: command open missing required key options"),
        ("dialog|open", {"option": {}}, "argument `options`: command open missing required key options"),
        ("window|set_title", {"title": "x"}, "argument `value`: command set_title missing required key value"),
        ("window|set_title", {"value": 1}, "argument `value`: invalid type: integer `1`, expected a string"),
        ("window|set_title", {"value": None}, "argument `value`: invalid type: null, expected a string"),
        ("window|set_fullscreen", {"value": "yes"}, 'argument `value`: invalid type: string "yes", expected a boolean'),
        ("process|exit", {"code": "x"}, 'argument `code`: invalid type: string "x", expected i32'),
        ("process|exit", {"code": 1.5}, "argument `code`: invalid type: floating point `1.5`, expected i32"),
        ("process|exit", {"code": True}, "argument `code`: invalid type: boolean `true`, expected i32"),
        ("resources|close", {"rid": -1}, "argument `rid`: invalid value: integer `-1`, expected u32"),
        ("sql|select", {"db": "d", "query": "q"}, "argument `values`: command select missing required key values"),
        (
            "sql|select",
            {"db": "d", "query": "q", "values": {}},
            "argument `values`: invalid type: map, expected a sequence",
        ),
        ("global-shortcut|unregister", {"shortcuts": [1]}, "invalid type: integer `1`, expected a string"),
        ("window|monitor_from_point", {"x": 1, "y": "1"}, 'argument `y`: invalid type: string "1", expected f64'),
        (
            "path|resolve_directory",
            {"directory": 99},
            "argument `directory`: invalid value: 99, expected one of: 1, 2,",
        ),
        ("clipboard-manager|write_text", b"x", "expected a value for key text but the IPC call used a bytes payload"),
    ],
)
def test_arguments_that_tauri_refuses_are_refused_in_its_words(
    fake_host: FakeHost, command: str, args: Any, said: str
) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        fake_host.host.invoke(f"plugin:{command}", args)
    assert f"command `plugin:{command}`: " in str(raised.value)
    assert said in str(raised.value)


def test_wrong_arguments_are_refused_whatever_the_test_answers(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:dialog|open", "/tmp/orders.csv")
    with pytest.raises(InvalidArgumentError, match="missing required key options"):
        fake_host.host.invoke("plugin:dialog|open", {"multiple": False})


def test_a_channel_of_the_call_is_an_argument(fake_host: FakeHost) -> None:
    download = {"url": "https://example.com", "filePath": "/tmp/a", "headers": {}}
    with pytest.raises(InvalidArgumentError, match="missing required key onProgress"):
        fake_host.host.invoke("plugin:upload|download", download)
    fake_host.answers("plugin:upload|download", None, messages={"onProgress": [{"progress": 1}]})
    heard: list[object] = []
    fake_host.host.invoke("plugin:upload|download", download, channels={"onProgress": heard.append})
    assert heard == [{"progress": 1}]


def test_optional_and_unknown_arguments_are_as_in_tauri(fake_host: FakeHost) -> None:
    fake_host.host.invoke("plugin:window|set_badge_count")
    fake_host.host.invoke("plugin:window|set_badge_count", {"value": None, "alt_text": "is ignored"})
    fake_host.host.invoke("plugin:window|monitor_from_point", {"x": 1, "y": 2})


def test_what_the_test_says_wins(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:window|title", "Told")
    fake_host.fails("plugin:app|version", "no version")
    fake_host.refuses("plugin:app|name")
    assert fake_host.host.window("main").title() == "Told"
    with pytest.raises(CommandError, match="no version"):
        fake_host.host.app.version()
    with pytest.raises(PermissionDeniedError):
        fake_host.host.app.name()


def test_a_command_of_the_app_itself_still_needs_an_answer(fake_host: FakeHost) -> None:
    for command in ("greet", "plugin:own|greet", "plugin:window|no_such"):
        with pytest.raises(ProblemError, match="the test does not say what command"):
            fake_host.host.invoke(command)
    assert fake_host.unanswered == ["greet", "plugin:own|greet", "plugin:window|no_such"]


async def test_a_window_is_what_was_made_of_it(fake_host: FakeHost) -> None:
    fake_host.windows["main"].scale_factor = 1.5
    window = fake_host.async_host.window("main")
    await window.set_size(LogicalSize(400, 300))
    await window.set_position(PhysicalPosition(10, 20))
    await window.set_fullscreen(True)
    await window.set_resizable(False)
    await window.set_always_on_top(True)
    await window.set_theme("dark")
    await window.set_title("Report")
    assert await window.inner_size() == Size(600, 450)
    assert await window.outer_size() == Size(600, 480)
    assert (await window.outer_position(), await window.inner_position()) == ((10, 20), (10, 50))
    assert (await window.is_fullscreen(), await window.is_resizable(), await window.is_always_on_top()) == (
        True,
        False,
        True,
    )
    assert (await window.theme(), await window.title()) == ("dark", "Report")
    await window.center()
    assert await window.outer_position() == ((1920 - 600) // 2, (1080 - 480) // 2)
    monitor = await window.current_monitor()
    assert monitor is not None
    assert monitor.size == Size(1920, 1080)
    assert fake_host.windows["main"].inner_size == (600, 450)
    assert ("main", "set_size") in fake_host.window_actions


def test_windows_come_and_go(fake_host: FakeHost) -> None:
    host = fake_host.host
    host.webview().create_window("report", title="Report", url="report.html", width=300, height=200, visible=False)
    report = fake_host.windows["report"]
    assert (report.title, report.url, report.inner_size, report.visible) == ("Report", "report.html", (300, 200), False)
    assert host.window("main").all_labels() == ["main", "report"]
    assert [each.label for each in host.webview().all_labels()] == ["main", "report"]
    host.window("report").set_focus()
    assert (host.window("report").is_visible(), host.window("main").is_focused()) == (True, False)
    with pytest.raises(CommandError, match="a webview with label `report` already exists"):
        host.webview().create_window("report")
    host.window("report").destroy()
    with pytest.raises(CommandError, match="window not found"):
        host.invoke("plugin:window|title", {"label": "report"})
    with pytest.raises(CommandError, match="webview not found"):
        host.invoke("plugin:webview|webview_size", {"label": "report"})


def test_the_pointer_moves(fake_host: FakeHost) -> None:
    fake_host.host.window("main").set_cursor_position(LogicalPosition(5, 6))
    assert fake_host.host.window("main").cursor_position() == (5, 6)
    assert fake_host.desktop.pointer == (5, 6)


def test_the_clipboard_keeps_a_text(fake_host: FakeHost) -> None:
    clipboard = fake_host.host.clipboard
    with pytest.raises(CommandError, match="the clipboard is empty"):
        clipboard.read_text()
    clipboard.write_text("né")
    assert (clipboard.read_text(), fake_host.desktop.clipboard) == ("né", "né")
    clipboard.write_html("<b>x</b>")
    with pytest.raises(CommandError):
        clipboard.read_text()
    fake_host.desktop.clipboard = "of another program"
    assert clipboard.read_text() == "of another program"
    clipboard.clear()
    assert fake_host.desktop.clipboard is None


def test_whoever_sits_there_closes_every_dialog(fake_host: FakeHost) -> None:
    dialog = fake_host.host.dialog
    assert (dialog.open(), dialog.open(multiple=True), dialog.save()) == (None, None, None)
    assert [dialog.message("?", buttons=each) for each in ("Ok", "YesNo", ["A"], ["A", "B"], ["A", "B", "C"])] == [
        "Cancel", "Cancel", "Cancel", "B", "C",
    ]  # fmt: skip
    assert not dialog.ask("Go on?")
    assert not dialog.confirm("Go on?", ok="Delete")


def test_the_app_says_who_it_is(fake_host: FakeHost) -> None:
    fake_host.desktop.app_name = "Orders"
    app = fake_host.host.app
    assert (app.name(), app.version(), app.identifier()) == ("Orders", "0.1.0", "com.example.fake")
    assert app.tauri_version() == DOCUMENT["crates"]["tauri"]
    app.set_theme("dark")
    assert fake_host.host.window("main").theme() == "dark"


def test_small_states_are_kept(fake_host: FakeHost) -> None:
    host = fake_host.host
    host.autostart.enable()
    host.deep_link.register("orders")
    host.invoke("plugin:global-shortcut|register", {"shortcuts": ["CmdOrCtrl+Shift+K"], "handler": "__CHANNEL__:1"})
    assert (host.autostart.is_enabled(), host.deep_link.is_registered("orders")) == (True, True)
    assert host.global_shortcut.is_registered("Shift+Control+KeyK")
    with pytest.raises(CommandError, match="HotKey already registered"):
        host.invoke("plugin:global-shortcut|register", {"shortcuts": ["Ctrl+Shift+k"], "handler": "__CHANNEL__:1"})
    host.global_shortcut.unregister(["Ctrl+Shift+K"])
    assert fake_host.desktop.shortcuts == []
    assert host.notification.is_permission_granted()
    assert host.notification.request_permission() == "granted"


@pytest.mark.parametrize(
    ("shortcut", "said"),
    [
        ("Hyper+K", 'Couldn\'t recognize "Hyper" as a valid key for hotkey'),
        ("", 'Couldn\'t recognize "" as a valid key for hotkey'),
        ("Ctrl+", "Found empty token while parsing hotkey: Ctrl+"),
        ("K+Ctrl", 'Invalid hotkey format: "K+Ctrl", an hotkey should have the modifiers first'),
        ("Ctrl+Shift", 'Invalid hotkey format: "Ctrl+Shift"'),
    ],
)
def test_what_is_no_shortcut_is_refused_in_tauris_words(fake_host: FakeHost, shortcut: str, said: str) -> None:
    keys = fake_host.host.global_shortcut
    for use in (
        lambda: keys.register(shortcut, print),
        lambda: keys.unregister([shortcut]),
        lambda: keys.is_registered(shortcut),
    ):
        with pytest.raises(CommandError) as refused:
            use()
        assert str(refused.value.error).startswith(said)
    assert fake_host.desktop.shortcuts == []


def test_of_several_shortcuts_none_is_taken_if_one_is_none(fake_host: FakeHost) -> None:
    args = {"shortcuts": ["F9", "Nope"], "handler": "__CHANNEL__:1"}
    with pytest.raises(CommandError, match="as a valid key for hotkey"):
        fake_host.host.invoke("plugin:global-shortcut|register", args)
    assert fake_host.desktop.shortcuts == []


def test_other_spellings_of_a_shortcut_are_the_same(fake_host: FakeHost) -> None:
    keys = fake_host.host.global_shortcut
    for shortcut, same in [
        ("Alt+1", "option + Digit1"),
        ("Cmd+,", "Super+Comma"),
        ("Num5", "numpad5"),
        ("ESC", "Escape"),
    ]:
        keys.register(shortcut, print)
        assert keys.is_registered(same), shortcut


def test_an_answer_of_the_test_that_is_not_tauris_is_laid_to_the_test(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:window|title", 5)
    with pytest.raises(UnexpectedTypeError, match="int in place of str; does the test answer as Tauri does") as refused:
        fake_host.host.window("main").title()
    assert "newer than this package" not in str(refused.value)


def test_an_app_that_ends_does_not_answer(fake_host: FakeHost) -> None:
    with pytest.raises(TransportError):
        fake_host.host.process.exit()
    assert fake_host.args_of("plugin:process|exit") == [{"code": 0}]
    assert fake_host.host.app.version() == "0.1.0"


def test_files_are_below_the_directories_of_the_fake_host(fake_host: FakeHost) -> None:
    fs, folder = fake_host.host.fs, fake_host.host.path.app_data_dir()
    assert folder == directories().data
    with pytest.raises(CommandError, match=r"failed to create directory at path: .*No such file or directory"):
        fs.mkdir("a/b", base_dir=BaseDirectory.APP_DATA)
    fs.mkdir("notes", base_dir=BaseDirectory.APP_DATA, recursive=True)
    (folder / "notes/a.txt").write_text("né")
    assert fs.read_text("notes/a.txt", base_dir=BaseDirectory.APP_DATA) == "né"
    assert fs.read_bytes(folder / "notes/a.txt") == "né".encode()
    assert [entry.name for entry in fs.read_dir("notes", base_dir=BaseDirectory.APP_DATA)] == ["a.txt"]
    fs.copy_file(folder / "notes/a.txt", folder / "notes/b.txt")
    fs.rename(folder / "notes/b.txt", folder / "notes/c.txt")
    fs.truncate(folder / "notes/c.txt", len=1)
    assert (fs.stat(folder / "notes/c.txt").size, fs.size(folder / "notes")) == (1, 4)
    fs.remove(folder / "notes/c.txt")
    assert not fs.exists((folder / "notes/c.txt").as_uri())
    with pytest.raises(CommandError, match=r"failed to remove path: .*Directory not empty"):
        fs.remove(folder / "notes")
    fs.remove(folder / "notes", recursive=True)
    with pytest.raises(CommandError, match=r"failed to open file at path: .*os error 2\)"):
        fs.read_text(folder / "notes/a.txt")


@pytest.mark.skipif(os.name == "nt", reason="names a directory of Unix")
def test_files_elsewhere_are_forbidden_until_a_dialog_gives_them(fake_host: FakeHost) -> None:
    here = Path("/etc/passwd")
    with pytest.raises(
        CommandError, match=f"forbidden path: {here}, maybe it is not allowed on the scope; a fake host"
    ):
        fake_host.host.fs.exists(here)
    with pytest.raises(InvalidArgumentError, match="cannot traverse directory"):
        fake_host.host.fs.exists("/tmp/../etc/passwd")
    fake_host.answers("plugin:dialog|open", here)
    assert fake_host.host.dialog.open() == here
    assert fake_host.host.fs.exists(here)


def test_a_file_is_written_by_headers(fake_host: FakeHost, tmp_path: Path) -> None:
    write = "plugin:fs|write_text_file"
    path = tmp_path / "w é.txt"
    headers = {"path": str(path).replace("é", "%C3%A9").replace(" ", "%20")}
    fake_host.host.invoke(write, b"abc", headers=headers)
    fake_host.host.invoke(write, b"d", headers={**headers, "options": '{"append":true}'})
    assert path.read_text() == "abcd"
    for options in ('{"createNew":true}', '{"create":false}'):
        other = headers if "New" in options else {"path": str(tmp_path / "gone")}
        with pytest.raises(CommandError, match="failed to open file at path"):
            fake_host.host.invoke(write, b"x", headers={**other, "options": options})
    with pytest.raises(CommandError, match="missing file path"):
        fake_host.host.invoke(write, {"data": "hello", "path": str(path)})


def test_an_open_file_is_read_and_written(fake_host: FakeHost, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("hello\r\nyou")

    def run(command: str, **args: Any) -> Any:
        return fake_host.host.invoke(f"plugin:fs|{command}", args)

    rid = run("open", path=str(path), options={"read": True, "write": True})
    assert run("read", rid=rid, len=7) == b"hello\r\n" + (7).to_bytes(8, "big")
    assert run("read", rid=rid, len=5) == b"you\0\0" + (3).to_bytes(8, "big")
    assert run("seek", rid=rid, offset=0, whence=2) == 10
    assert run("write", rid=rid, data=[33]) == 1
    assert run("fstat", rid=rid)["size"] == 11
    run("ftruncate", rid=rid, len=7)
    fake_host.host.invoke("plugin:resources|close", {"rid": rid})
    with pytest.raises(CommandError, match=f"The resource id {rid} is invalid."):
        run("read", rid=rid, len=1)
    lines = run("read_text_file_lines", path=str(path))
    assert [run("read_text_file_lines_next", rid=lines) for _ in range(2)] == [b"hello\0", b"\1"]
    with pytest.raises(CommandError, match="creating or truncating a file requires write or append access"):
        run("open", path=str(tmp_path / "new"), options={"create": True})


@pytest.mark.skipif(os.name == "nt", reason="paths of Unix")
def test_paths_are_joined_as_tauri_joins_them(fake_host: FakeHost) -> None:
    def run(command: str, **args: Any) -> Any:
        return fake_host.host.invoke(f"plugin:path|{command}", args)

    assert run("join", paths=["a", "..", "/b"]) == "b"
    assert (run("join", paths=["/a", "b"]), run("join", paths=[])) == ("/a/b", ".")
    assert run("normalize", path="a/../../b") == "b"
    assert (run("normalize", path="a/./b/"), run("normalize", path=".."), run("normalize", path="")) == (
        "a/b/",
        "..",
        ".",
    )
    assert run("resolve", paths=["/a", "b"]) == "/a/b"
    assert (run("dirname", path="a"), run("dirname", path="/a/b")) == ("", "/a")
    assert (run("basename", path="/a/b.txt", ext=".txt"), run("extname", path="/a/b.txt")) == ("b", "txt")
    assert (run("is_absolute", path="a"), run("is_absolute", path="/a")) == (False, True)
    with pytest.raises(CommandError, match="path does not have an extension"):
        run("extname", path="a")
    assert run("resolve_directory", directory=12) == run("resolve_directory", directory=21).replace("home", "temp")


def test_a_store_stores(fake_host: FakeHost) -> None:
    def run(command: str, **args: Any) -> Any:
        return fake_host.host.invoke(f"plugin:store|{command}", args)

    fake_host.desktop.stores["s.json"] = {"old": 1}
    rid = run("load", path="s.json", options={"defaults": {"d": 0}})
    assert run("load", path="s.json") == run("get_store", path="s.json") == rid
    assert run("get_store", path="other.json") is None
    with fake_host.host.listen("store://change") as changes:
        run("set", rid=rid, key="k", value={"a": [1, None]})
        change = changes.receive(5)
    assert change == {"path": "s.json", "resourceId": rid, "key": "k", "value": {"a": [1, None]}, "exists": True}
    assert (run("get", rid=rid, key="k"), run("get", rid=rid, key="gone")) == ([{"a": [1, None]}, True], [None, False])
    assert (run("keys", rid=rid), run("length", rid=rid), run("has", rid=rid, key="d")) == (["d", "old", "k"], 3, True)
    assert (run("delete", rid=rid, key="k"), run("delete", rid=rid, key="k")) == (True, False)
    assert run("entries", rid=rid) == [["d", 0], ["old", 1]]
    assert fake_host.desktop.stores["s.json"] == {"d": 0, "old": 1}
    run("reset", rid=rid)
    assert run("values", rid=rid) == [0]
    run("clear", rid=rid)
    assert run("length", rid=rid) == 0
    with pytest.raises(CommandError, match="The resource id 99 is invalid"):
        run("get", rid=99, key="k")


def test_menus_have_their_items_and_icons_their_ids(fake_host: FakeHost) -> None:
    def run(command: str, **args: Any) -> Any:
        return fake_host.host.invoke(f"plugin:{command}", args)

    items = [{"id": "one", "text": "One"}, {"checked": True, "text": "Chk"}, {"items": [{"text": "inner"}]}]
    menu, name = run("menu|new", kind="Menu", options={"items": items}, handler="__CHANNEL__:1")
    assert name == "3"
    rows = run("menu|items", rid=menu, kind="Menu")
    assert [row[1:] for row in rows] == [["one", "MenuItem"], ["0", "Check"], ["2", "Submenu"]]
    assert run("menu|text", rid=rows[0][0], kind="MenuItem") == "One"
    run("menu|set_enabled", rid=rows[0][0], kind="MenuItem", enabled=False)
    assert not run("menu|is_enabled", rid=rows[0][0], kind="MenuItem")
    assert run("menu|is_checked", rid=rows[1][0])
    run("menu|remove", rid=menu, kind="Menu", item=[rows[0][0], "MenuItem"])
    assert run("menu|get", rid=menu, kind="Menu", id="one") is None
    assert run("menu|remove_at", rid=menu, kind="Menu", position=0)[1:] == ["0", "Check"]
    tray, _ = run("tray|new", options={"id": "t"}, handler="__CHANNEL__:1")
    run("tray|set_tooltip", rid=tray, tooltip="new")
    assert (run("tray|get_by_id", id="t"), run("tray|get_by_id", id="zz")) == (tray, None)
    run("tray|remove_by_id", id="t")
    with pytest.raises(CommandError, match=f"The resource id {tray} is invalid."):
        run("tray|set_tooltip", rid=tray, tooltip="gone")
    with pytest.raises(CommandError, match="Can't find a tray associated with this id: t"):
        run("tray|remove_by_id", id="t")


def test_an_image_has_its_pixels(fake_host: FakeHost) -> None:
    rid = fake_host.host.invoke("plugin:image|new", {"rgba": [255, 0, 0, 255], "width": 1, "height": 1})
    assert fake_host.host.invoke("plugin:image|rgba", {"rid": rid}) == b"\xff\0\0\xff"
    assert fake_host.host.invoke("plugin:image|size", {"rid": rid}) == {"width": 1, "height": 1}


def test_what_undoes_a_call_undoes_it_here_too(fake_host: FakeHost, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    close = Undo("plugin:resources|close", answer={"rid": ""})
    made = Resource._make(fake_host.host, "plugin:fs|open", {"path": str(tmp_path / "a")}, undo=close)
    made.close()
    with pytest.raises(CommandError, match="is invalid"):
        fake_host.host.invoke("plugin:fs|read", {"rid": fake_host.undone[0].args["rid"], "len": 1})


def test_a_test_may_give_the_number_of_a_resource_itself(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:tray|new", [7, "tray"])
    fake_host.host.invoke("plugin:tray|new", {"options": {}, "handler": "__CHANNEL__:1"})
    fake_host.host.invoke("plugin:tray|set_tooltip", {"rid": 7, "tooltip": "x"})
    fake_host.host.invoke("plugin:resources|close", {"rid": 7})


def test_a_window_that_a_test_makes_is_one_of_all(fake_host: FakeHost) -> None:
    fake_host.windows["second"] = FakeWindow(title="Second", theme="dark")
    assert fake_host.host.window("second").title() == "Second"
    assert fake_host.host.window("second").theme() == "dark"


def test_a_program_that_is_spawned_has_ended_at_once(fake: FakeHost) -> None:
    with fake.host.shell.spawn("tool") as child:
        assert list(child) == [Terminated(code=0, signal=None)]
