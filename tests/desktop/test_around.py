"""What the methods do to the desktop around the app: files, programs, dialogs, the clipboard, notifications."""

from __future__ import annotations

import sqlite3
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue

import pytest
from sidecar_bridge import CommandError, Host
from sidecar_bridge.tauri.cli import ArgMatch
from sidecar_bridge.tauri.dialog import Filter
from sidecar_bridge.tauri.log import LogLevel
from sidecar_bridge.tauri.path import BaseDirectory
from sidecar_bridge.tauri.rgba import Rgba

from desktop import until
from dialogs import activated, cancel, open_file, save_as
from hosts import LIMIT_S
from place import APP, ARGUMENTS, IDENTIFIER, Place, windows


@pytest.fixture(autouse=True)
def files(at: Place) -> None:
    """Files are as they were at first, whatever the test before has done."""
    at.files()


def test_no_link_has_started_the_app(one_host: Host) -> None:
    assert one_host.deep_link.current() is None


def test_text_goes_to_the_clipboard_and_back(host: Host) -> None:
    host.clipboard.write_text("né")
    assert host.clipboard.read_text() == "né"
    host.clipboard.write_html("<b>x</b>", "x")
    assert host.clipboard.read_text() == "x"
    host.clipboard.write_image(Rgba(bytes(4), 1, 1))
    with pytest.raises(CommandError, match="not available in the requested format"):
        host.clipboard.read_text()
    host.clipboard.write_secret("pw")
    assert host.clipboard.read_text() == "pw"
    host.clipboard.clear()
    with pytest.raises(CommandError, match="clipboard is empty"):
        host.clipboard.read_text()


def test_a_notification_is_shown(at: Place, host: Host) -> None:
    assert host.notification.request_permission() == "granted"
    host.notification.send("Imported", body="12 orders")
    assert at.shell.notified("Imported").body == "12 orders"


DIALOGS = {
    "Ok": ("Ok", "Cancel"),
    "OkCancel": ("Cancel", "Cancel"),
    "YesNo": ("No", "Cancel"),
    "YesNoCancel": ("Yes", "Cancel"),
    ("A",): ("A", "Cancel"),
    ("A", "B"): ("A", "B"),
    ("A", "B", "C"): ("A", "C"),
}
"""What a dialog answers to Return and to Escape, by its buttons. What Return chooses is GTK's to say."""


@pytest.mark.parametrize("key", ["Return", "Escape"])
@pytest.mark.parametrize("buttons", DIALOGS, ids=str)
def test_a_message_is_answered_with_a_key(buttons: str | tuple[str, ...], key: str, at: Place, host: Host) -> None:
    before = windows(at.screen)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(host.dialog.message, "Go on?", title="Question", buttons=buttons)
        at.screen.window("Question")
        activated(at.screen, "Question")
        until("the end of the dialog", lambda: at.screen.run("xdotool", "key", key) or windows(at.screen) == before)
        assert answer.result(LIMIT_S) == DIALOGS[buttons][key == "Escape"]


def test_files_are_chosen_with_the_keyboard(at: Place, host: Host) -> None:
    one, new = at.directory / "pick/one.txt", at.directory / "pick/new.txt"
    with ThreadPoolExecutor(1) as pool:
        chosen = pool.submit(host.dialog.open, title="Pick", filters=[Filter("Text", ["txt"])])
        open_file(at.screen, "Pick", one)
        assert chosen.result(LIMIT_S) == one
        several = pool.submit(host.dialog.open, title="Pick", multiple=True)
        open_file(at.screen, "Pick", one)
        assert several.result(LIMIT_S) == [one]
        nothing = pool.submit(host.dialog.open, title="Pick", directory=True)
        cancel(at.screen, "Pick")
        assert nothing.result(LIMIT_S) is None
        saved = pool.submit(host.dialog.save, default_path=new)
        save_as(at.screen, None)
        assert saved.result(LIMIT_S) == new
    assert not new.exists()


def test_files_are_made_read_and_removed(at: Place, host: Host) -> None:
    folder = at.directory / "made/deep"
    with pytest.raises(CommandError, match="No such file or directory"):
        host.fs.mkdir(folder)
    host.fs.mkdir(folder, recursive=True)
    assert folder.is_dir()
    host.fs.copy_file(at.directory / "a.txt", folder / "copy.txt")
    assert host.fs.read_text(folder / "copy.txt") == "héllo\nline2\r\nlast"
    assert host.fs.read_bytes(at.directory / "b.bin") == b"\xff\xfebin"
    host.fs.rename(folder / "copy.txt", folder / "moved.txt")
    host.fs.truncate(folder / "moved.txt", 6)
    assert (folder / "moved.txt").read_text() == "héllo"
    info = host.fs.stat(folder / "moved.txt")
    assert (info.is_file, info.size) == (True, 6)
    assert info.mtime is not None
    assert abs(datetime.now(UTC) - info.mtime) < timedelta(hours=1)
    assert host.fs.lstat(at.directory / "link").is_symlink
    assert [each.name for each in host.fs.read_dir(folder)] == ["moved.txt"]
    with pytest.raises(CommandError, match="Directory not empty"):
        host.fs.remove(folder)
    host.fs.remove(folder, recursive=True)
    assert not host.fs.exists(folder)
    assert not folder.exists()


def test_files_outside_of_the_scope_are_out_of_reach(at: Place, host: Host) -> None:
    (at.other / "secret.txt").write_text("secret")
    with pytest.raises(CommandError, match=r"forbidden path: .*secret\.txt"):
        host.fs.read_text(at.other / "secret.txt")


def test_directories_are_the_desktop_s(at: Place, host: Host) -> None:
    assert host.path.app_data_dir() == at.home / "share" / IDENTIFIER
    assert host.path.app_config_dir() == at.config
    assert host.path.document_dir() == at.home / "Documents"
    assert host.path.temp_dir() == at.directory
    assert host.path.home_dir() == at.home
    (at.directory / "base.txt").write_text("here")
    assert host.fs.read_text("base.txt", base_dir=BaseDirectory.TEMP) == "here"


def test_a_program_gives_its_output(host: Host) -> None:
    done = host.shell.execute("sh", ["-c", "printf 'a\\nb'; echo err >&2; exit 3"])
    assert (done.code, done.stdout, done.stderr, done.signal) == (3, "a\nb", "err\n", None)
    raw = host.shell.execute("sh", ["-c", "printf '\\377a'"], encoding="raw")
    assert raw.stdout == b"\xffa"
    given = host.shell.execute("sh", ["-c", 'printf "$WORD in $PWD"'], env={"WORD": "here"}, cwd="/")
    assert given.stdout == "here in /"
    killed = host.shell.execute("sh", ["-c", "kill -9 $$"])
    assert (killed.code, killed.signal) == (None, 9)
    with pytest.raises(CommandError, match="program not allowed on the configured shell scope: other"):
        host.shell.execute("other")


def test_rows_are_in_a_database_of_the_app(at: Place, host: Host) -> None:
    name = host.sql.load("sqlite:rows.db")
    host.sql.execute(name, "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT, done INTEGER)")
    made = host.sql.execute(name, "INSERT INTO notes (text, done) VALUES ($1, $2), ('b', 0)", ["é", 1])
    assert (made.rows_affected, made.last_insert_id) == (2, 2)
    assert host.sql.select(name, "SELECT * FROM notes WHERE done = $1", [1]) == [{"id": 1, "text": "é", "done": 1}]
    host.sql.close(name)
    with closing(sqlite3.connect(at.config / "rows.db")) as rows:
        assert rows.execute("SELECT text FROM notes ORDER BY id").fetchall() == [("é",), ("b",)]
    (at.config / "rows.db").unlink()


def test_files_and_links_are_opened_in_other_programs(at: Place, host: Host) -> None:
    (at.home / "opened").unlink(missing_ok=True)
    host.opener.open_url("https://example.com/a")
    host.opener.open_path(at.directory / "a.txt")
    host.shell.open("https://example.com/b")
    opened = ["https://example.com/a", str(at.directory / "a.txt"), "https://example.com/b"]
    until("three programs", lambda: sorted(at.opened()) == sorted(opened))
    host.opener.reveal([at.directory / "a.txt"])
    assert (at.directory / "a.txt").as_uri() in at.shell.revealed
    with pytest.raises(CommandError, match="Not allowed to open url ftp://x/"):
        host.opener.open_url("ftp://x/")


def test_the_app_starts_with_the_desktop(at: Place, host: Host) -> None:
    # The plugin does not look at XDG_CONFIG_HOME.
    entry = at.home / ".config/autostart/desktop-test.desktop"
    assert not host.autostart.is_enabled()
    host.autostart.enable()
    assert host.autostart.is_enabled()
    assert str(APP.binary()) in entry.read_text()
    host.autostart.disable()
    assert not entry.exists()


def again(at: Place, *command: str | Path) -> None:
    """Run something that starts the app a second time."""
    done = subprocess.run(
        command, env={**at.screen.env, **at.screen.app_env}, cwd=at.home,
        timeout=LIMIT_S, check=False, capture_output=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_link_opens_the_app(at: Place, host: Host) -> None:
    assert not host.deep_link.is_registered("desktop-test")
    host.deep_link.register("desktop-test")
    entries = list((at.home / "share/applications").glob("*.desktop"))
    (entry,) = (each for each in entries if "x-scheme-handler/desktop-test" in each.read_text())
    # The program is in quotes there, for which xdg-mime 1.1 finds none.
    entry.write_text(entry.read_text().replace('"', ""))
    assert host.deep_link.is_registered("desktop-test")
    opened: Queue[list[str]] = Queue()
    with host.deep_link.on_open_url(opened.put):
        url = "desktop-test://orders/7?a=%C3%A9"
        # What the desktop opens links with: it finds the entry, and starts the app a second time.
        again(at, "gio", "open", url)
        assert opened.get(timeout=LIMIT_S) == [url]
        assert host.deep_link.current() == [url]
        again(at, APP.binary(), "desktop-test://orders/8", "with another argument")
        again(at, APP.binary(), "desktop-test://last")
        assert opened.get(timeout=LIMIT_S) == ["desktop-test://last"]
    host.deep_link.unregister("desktop-test")
    assert not host.deep_link.is_registered("desktop-test")


def test_a_line_is_in_the_app_s_log(at: Place, host: Host) -> None:
    text = f"a {type(host).__name__} was here"
    host.log.log(LogLevel.WARN, text, location="test.py:1")
    until("the line", lambda: text in at.screen.log.read_text())
    (line,) = (each for each in at.screen.log.read_text().splitlines() if text in each)
    assert "WARN" in line
    assert "test.py:1" in line


def test_the_app_tells_what_it_is_and_what_it_was_started_with(host: Host) -> None:
    assert (host.app.name(), host.app.version(), host.app.identifier()) == ("desktop-test", "0.3.0", IDENTIFIER)
    assert host.app.bundle_type() is None
    matches = host.cli.matches().args
    assert matches["many"] == ArgMatch(["a", "b"], 2)
    assert (matches["file"].value, matches["verbose"].value, matches["pos"].value) == ("x.txt", True, "posarg")


def test_a_second_start_is_told_to_the_first(at: Place, host: Host) -> None:
    with host.listen("second-instance", timeout_s=LIMIT_S) as events:
        again(at, APP.binary(), "again", *ARGUMENTS)
        told = next(iter(events))
    assert isinstance(told, dict)
    assert told["argv"][1:] == ["again", *ARGUMENTS]
    assert told["cwd"] == str(at.home)
