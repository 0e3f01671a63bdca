"""What single commands of Tauri look like to a caller."""

from __future__ import annotations

import pydoc
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import assert_type

import pytest
from mirror import methods, module

import sidecar_bridge
from sidecar_bridge import AsyncHost, Size, desktop
from sidecar_bridge.tauri.cli import ArgMatch
from sidecar_bridge.tauri.dialog import Filter
from sidecar_bridge.tauri.dpi import LogicalSize, PhysicalPosition, PhysicalSize
from sidecar_bridge.tauri.path import BaseDirectory
from sidecar_bridge.tauri.rgba import Rgba
from sidecar_bridge.tauri.sql import QueryResult
from sidecar_bridge.tauri.window import (
    ProgressBarState,
    ProgressBarStatus,
    Theme,
    UserAttentionType,
    WindowSizeConstraints,
)
from sidecar_bridge.tauri.window_state import StateFlags
from sidecar_bridge.testing import FakeHost

STAT = {
    "atime": 1795954957665, "birthtime": None, "blksize": 4096, "blocks": 8, "dev": 65024, "fileAttribues": 32,
    "gid": 0, "ino": 12337843, "isDirectory": False, "isFile": True, "isSymlink": False, "mode": 33188,
    "mtime": 1795954954525, "nlink": 1, "rdev": 0, "readonly": False, "size": 18, "uid": 0,
}  # fmt: skip


async def test_a_dialog_gives_one_path_or_several_or_none(fake_host: FakeHost) -> None:
    host = fake_host.async_host
    fake_host.answers("plugin:dialog|open", "/dir/pick/one é.txt")
    one = await host.dialog.open(filters=[Filter("Text", ["txt"])])
    assert_type(one, Path | None)
    assert one == Path("/dir/pick/one é.txt")
    fake_host.answers("plugin:dialog|open", ["/dir/a", "/dir/b"])
    several = await host.dialog.open(multiple=True, default_path=Path("/dir"))
    assert_type(several, list[Path] | None)
    assert several == [Path("/dir/a"), Path("/dir/b")]
    fake_host.answers("plugin:dialog|open", None)
    assert await host.dialog.open(multiple=True) is None
    assert fake_host.args_of("plugin:dialog|open") == [
        {"options": {"filters": [{"name": "Text", "extensions": ["txt"]}]}},
        {"options": {"defaultPath": "/dir", "multiple": True}},
        {"options": {"multiple": True}},
    ]


@pytest.mark.parametrize(
    ("extension", "meant"), [(".csv", "csv"), ("*.csv", "csv"), (".tar.gz", "tar.gz"), ("", "csv"), (".", "csv")]
)
def test_an_extension_with_its_dot_would_match_no_file_and_is_refused(
    fake_host: FakeHost, extension: str, meant: str
) -> None:
    for choose in (fake_host.host.dialog.open, fake_host.host.dialog.save):
        said = f"`filters[0].extensions[1]` must be an extension without its dot, such as `{meant}`, not {extension!r}"
        with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
            choose(filters=[Filter("Tables", ["xlsx", extension])])
    assert not fake_host.calls


@pytest.mark.parametrize("extension", ["csv", "tar.gz", "*", "C"])
def test_an_extension_goes_to_tauri_as_it_is(fake_host: FakeHost, extension: str) -> None:
    fake_host.host.dialog.open(filters=[Filter("Tables", [extension])])
    (args,) = fake_host.args_of("plugin:dialog|open")
    assert args["options"]["filters"] == [{"name": "Tables", "extensions": [extension]}]


def test_a_question_is_a_message_with_two_buttons(fake_host: FakeHost) -> None:
    dialog = fake_host.host.dialog
    fake_host.answers("plugin:dialog|message", "Yes")
    assert dialog.ask("Go on?")
    assert not dialog.confirm("Go on?")
    fake_host.answers("plugin:dialog|message", "Delete")
    assert dialog.confirm("Really?", ok="Delete", kind="warning")
    assert fake_host.args_of("plugin:dialog|message") == [
        {"message": "Go on?", "buttons": "YesNo"},
        {"message": "Go on?", "buttons": "OkCancel"},
        {"message": "Really?", "kind": "warning", "buttons": {"OkCancelCustom": ["Delete", "Cancel"]}},
    ]


@pytest.mark.parametrize("labels", [[], ["a", "b", "c", "d"]])
def test_a_message_has_one_to_three_buttons(labels: list[str], fake_host: FakeHost) -> None:
    with pytest.raises(ValueError, match="`buttons` must be one of Ok, OkCancel, YesNo, YesNoCancel, or one, two"):
        fake_host.host.dialog.message("?", buttons=labels)


def test_a_string_is_no_list_of_its_letters(fake_host: FakeHost) -> None:
    with pytest.raises(TypeError, match=r"`filters\[0\]\.extensions` must be a list, not str"):
        fake_host.host.dialog.save(filters=[Filter("Text", "txt")])


async def test_times_of_a_file_are_moments_and_its_attributes_are_read_under_their_misspelt_name(
    fake_host: FakeHost,
) -> None:
    fake_host.answers("plugin:fs|stat", STAT)
    info = await fake_host.async_host.fs.stat("a.txt", base_dir=BaseDirectory.APP_DATA)
    assert info.mtime == datetime(2026, 11, 29, 12, 22, 34, 525000, UTC)
    assert (info.birthtime, info.file_attributes, info.size) == (None, 32, 18)
    assert fake_host.args_of("plugin:fs|stat") == [{"path": "a.txt", "options": {"baseDir": 14}}]


async def test_a_file_is_read_as_text_or_as_bytes(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:fs|read_text_file", "héllo\n".encode())
    fake_host.answers("plugin:fs|read_file", b"\xff\xfe")
    assert await fake_host.async_host.fs.read_text(Path("/dir/a.txt")) == "héllo\n"
    assert await fake_host.async_host.fs.read_bytes("/dir/a.bin") == b"\xff\xfe"


async def test_sizes_say_which_pixels_they_are_of(fake_host: FakeHost) -> None:
    window = fake_host.async_host.window("main")
    for command in ("set_size", "set_min_size", "set_position", "set_size_constraints"):
        fake_host.answers(f"plugin:window|{command}")
    await window.set_size(LogicalSize(800, 600.5))
    await window.set_size(PhysicalSize(800, 600))
    await window.set_min_size(None)
    await window.set_position(PhysicalPosition(10, 20))
    await window.set_size_constraints(WindowSizeConstraints(min_width=100))
    assert [call.args for call in fake_host.calls] == [
        {"value": {"Logical": {"width": 800, "height": 600.5}}},
        {"value": {"Physical": {"width": 800, "height": 600}}},
        {"value": None},
        {"value": {"Physical": {"x": 10, "y": 20}}},
        {"value": {"minWidth": {"Logical": 100}}},
    ]
    with pytest.raises(TypeError, match="`size` must be a LogicalSize or a PhysicalSize, not tuple"):
        await window.set_size((800, 600))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"`position\.x` must be whole, not 0\.5; a LogicalPosition need not be"):
        await window.set_position(PhysicalPosition(0.5, 0))


async def test_a_window_is_asked_about_itself_and_its_monitor(fake_host: FakeHost) -> None:
    window = fake_host.async_host.window("main")
    fake_host.answers("plugin:window|theme", "dark")
    theme = await window.theme()
    assert_type(theme, Theme)
    assert theme == "dark"
    area = {"position": {"x": 0, "y": 0}, "size": {"height": 900, "width": 1280}}
    fake_host.answers("plugin:window|current_monitor", {"name": "screen", "scaleFactor": 1, "workArea": area, **area})
    monitor = await window.current_monitor()
    assert monitor is not None
    assert (monitor.size, monitor.scale_factor, monitor.work_area.position) == (
        Size(1280, 900),
        1.0,
        PhysicalPosition(0, 0),
    )
    fake_host.answers("plugin:window|primary_monitor", None)
    assert await window.primary_monitor() is None


async def test_enums_go_out_in_the_form_that_each_command_wants(fake_host: FakeHost) -> None:
    host = fake_host.async_host
    for command in ("window|request_user_attention", "window|set_progress_bar", "window-state|save_window_state"):
        fake_host.answers(f"plugin:{command}")
    await host.window().request_user_attention(UserAttentionType.CRITICAL)
    await host.window().request_user_attention()
    await host.window().set_progress_bar(ProgressBarState(status=ProgressBarStatus.NORMAL, progress=50))
    await host.window_state.save(StateFlags.SIZE | StateFlags.POSITION)
    assert [call.args for call in fake_host.calls] == [
        {"value": {"type": "Critical"}},
        {},
        {"value": {"status": "normal", "progress": 50}},
        {"flags": 3},
    ]


def test_an_image_has_as_many_bytes_as_its_pixels_need(fake_host: FakeHost) -> None:
    with pytest.raises(ValueError, match="2 x 2 pixels are 16 bytes, not 4"):
        Rgba(bytes(4), 2, 2)
    fake_host.answers("plugin:window|set_icon")
    fake_host.host.window("main").set_icon(Rgba(bytes([255, 0, 0, 255]), 1, 1))
    assert fake_host.args_of("plugin:window|set_icon") == [
        {"value": {"rgba": [255, 0, 0, 255], "width": 1, "height": 1}}
    ]


def test_pairs_and_trees_come_as_records(fake_host: FakeHost) -> None:
    host = fake_host.host
    fake_host.answers("plugin:sql|execute", [1, 4])
    assert host.sql.execute("sqlite:a.db", "INSERT INTO t VALUES ($1)", ["x"]) == QueryResult(1, last_insert_id=4)
    fake_host.answers(
        "plugin:cli|cli_matches", {"args": {"many": {"occurrences": 2, "value": ["a", "b"]}}, "subcommand": None}
    )
    matches = host.cli.matches()
    assert (matches.args, matches.subcommand) == ({"many": ArgMatch(["a", "b"], 2)}, None)


def test_paths_are_joined_by_tauri_or_named_by_it(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:path|join", "a/b")
    fake_host.answers("plugin:path|resolve_directory", "/home/me/.local/share/app")
    assert fake_host.host.path.join("a", Path("b")) == Path("a/b")
    assert fake_host.host.path.app_data_dir() == Path("/home/me/.local/share/app")
    assert [call.args for call in fake_host.calls] == [{"paths": ["a", "b"]}, {"directory": 14}]


def loaded_by(code: str) -> set[str]:
    """The package's modules for Tauri that a process has loaded after some code."""
    code = f"import sys, sidecar_bridge\n{code}\nprint(*(name for name in sys.modules if 'tauri' in name))"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_no_plugin_is_loaded_before_it_is_used() -> None:
    assert loaded_by("sidecar_bridge.Host('/nowhere', 'token')") == set()
    assert sidecar_bridge.Size is PhysicalSize


SHARED = {"sidecar_bridge.tauri", "sidecar_bridge._client.tauri"} | {
    f"sidecar_bridge.tauri.{name}" for name in ("_arguments", "_results", "dpi", "rgba")
}


@pytest.mark.parametrize("twin", ["", "Async"])
def test_a_plugin_costs_its_own_module_only(twin: str) -> None:
    prefix = "async_" if twin else ""
    own = {f"sidecar_bridge._client.tauri.{prefix}{name}" for name in ("dialog", "plugin")}
    loaded = loaded_by(f"sidecar_bridge.{twin}Host('/nowhere', 'token').dialog")
    assert loaded == SHARED | own | {"sidecar_bridge.tauri.dialog"}


@pytest.mark.parametrize("name", sorted({module(each.plugin) for each in methods()}))
def test_a_plugin_s_classes_have_a_public_name_for_annotations(name: str, fake_host: FakeHost) -> None:
    for host, twin in ((fake_host.host, ""), (AsyncHost("/nowhere", "token"), "Async")):
        reached = getattr(host, name)
        kind = type(reached() if callable(reached) else reached)
        assert kind.__name__.startswith(twin)
        assert getattr(desktop, kind.__name__) is kind
        assert kind.__name__ in dir(desktop)


def test_public_names_load_what_is_asked_for() -> None:
    assert loaded_by("import sidecar_bridge.desktop") == set()
    assert "sidecar_bridge._client.tauri.dialog" in loaded_by("from sidecar_bridge.desktop import Dialog")
    with pytest.raises(AttributeError, match="has no attribute 'Absent'"):
        desktop.Absent  # type: ignore[attr-defined] # noqa: B018


def test_help_shows_arguments_the_permission_and_what_each_argument_is() -> None:
    shown = pydoc.plain(pydoc.render_doc(sidecar_bridge.Host("/nowhere", "token").dialog.open))
    assert "open(*, multiple: 'bool' = False, title: 'str | None' = None, filters:" in shown
    assert "-> 'Path | list[Path] | None'" in shown
    assert "Needs `dialog:allow-open`, which `dialog:default` has." in shown
    assert "Args:\n        title: The title of the dialog window." in shown
