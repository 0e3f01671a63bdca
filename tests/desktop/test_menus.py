"""Menus, icons in the tray, images, shortcuts and buttons of notifications call Python, in a real window."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from threading import Event

import pytest
from sidecar_bridge import CommandError, Host
from sidecar_bridge._client.tauri.menu import CheckItemHandle, IconItemHandle, ItemHandle, SubmenuHandle
from sidecar_bridge.tauri.dpi import LogicalPosition, PhysicalSize
from sidecar_bridge.tauri.events import NotificationAction
from sidecar_bridge.tauri.menu import CheckMenuItem, IconMenuItem, MenuItem, PredefinedMenuItem, Separator, Submenu
from sidecar_bridge.tauri.notification import Action, ActionType, ActiveId
from sidecar_bridge.tauri.rgba import Rgba

from desktop import until
from hosts import LIMIT_S
from outcomes import Outcomes
from place import Place, windows
from twins import Twin

RED = Rgba(bytes([255, 0, 0, 255]) * 16 * 16, 16, 16)


@pytest.fixture
def clicks() -> Iterator[Queue[str]]:
    """What was clicked, by id; none is left over."""
    clicks: Queue[str] = Queue()
    yield clicks
    assert clicks.empty()


def test_entries_are_put_into_a_menu_found_and_taken_out(host: Host) -> None:
    with host.menu.new([MenuItem("One", id="one"), CheckMenuItem("Two", id="two", checked=True)]) as menu:
        menu.append([Separator(), MenuItem("Last", id="last")])
        menu.prepend([MenuItem("First", id="first")])
        menu.insert([IconMenuItem("Red", RED, id="red"), Submenu("More", [MenuItem("In", id="in")], id="more")], 1)
        ids = ["first", "red", "more", "one", "two", "last"]
        assert [each.id for each in menu.items() if each.id in ids] == ids
        assert menu.get("nobody") is None
        one = menu.get("one")
        assert isinstance(one, ItemHandle)
        menu.remove(one)
        assert menu.get("one") is None
        first = menu.remove_at(0)
        assert first is not None
        assert first.id == "first"
        assert menu.remove_at(99) is None


def test_entries_are_changed(host: Host) -> None:
    with host.menu.item(MenuItem("One", accelerator="CmdOrCtrl+O")) as item:
        assert (item.text(), item.is_enabled()) == ("One", True)
        item.set_text("Zwei")
        item.set_enabled(False)
        item.set_accelerator("Ctrl+Shift+Z")
        item.set_accelerator(None)
        assert (item.text(), item.is_enabled()) == ("Zwei", False)
    with host.menu.check_item(CheckMenuItem("Check", checked=False)) as check:
        assert not check.is_checked()
        check.set_checked(True)
        assert check.is_checked()
    with host.menu.icon_item(IconMenuItem("Icon", RED)) as icon:
        icon.set_icon(None)
        icon.set_icon(RED)
    with host.menu.submenu(Submenu("Sub", [PredefinedMenuItem("Copy")])) as submenu:
        submenu.set_text("Other")
        assert submenu.text() == "Other"
    with host.menu.new([Submenu("Sub", [CheckMenuItem("In", id="in")], id="sub")]) as menu:
        found = menu.get("sub")
        assert isinstance(found, SubmenuHandle)
        assert isinstance(found.get("in"), CheckItemHandle)
    assert isinstance(icon, IconItemHandle)


def test_a_window_shows_a_menu_and_a_key_chooses_from_it(at: Place, host: Host, clicks: Queue[str]) -> None:
    before = at.screen.geometry()
    menu = host.menu.new([Submenu("File", [MenuItem("Go", clicks.put, accelerator="F7", id="go")])])
    menu.set_as_window_menu()
    at.screen.run("xdotool", "windowactivate", "--sync", at.screen.window()[0])
    until("a click", lambda: at.screen.run("xdotool", "key", "F7") or not clicks.empty())
    menu.close()
    while not clicks.empty():  # it was pressed until it was heard
        assert clicks.get() == "go"
    with host.menu.new([Submenu("App", [MenuItem("Quit")])]) as of_the_app:
        of_the_app.set_as_app_menu()
    with host.menu.create_default() as default:
        assert default.items()
    assert before.width == at.screen.geometry().width


def test_a_context_menu_opens_in_a_window(at: Place, host: Host, clicks: Queue[str]) -> None:
    with host.menu.new([MenuItem("Here", clicks.put, id="here")]) as menu:
        at.screen.run("xdotool", "windowactivate", "--sync", at.screen.window()[0])
        with ThreadPoolExecutor(1) as pool:
            closed = pool.submit(menu.popup, LogicalPosition(50, 60))
            until("a click", lambda: at.screen.run("xdotool", "key", "Down", "Return") or not clicks.empty())
            closed.result(LIMIT_S)
        assert clicks.get() == "here"


def test_an_icon_in_the_tray_opens_a_menu_that_calls_python(
    at: Place, host: Host, twin: Twin, clicks: Queue[str]
) -> None:
    # An id that was there before would not be shown.
    icons, id_ = len(at.shell.icons), f"mine-{twin.__name__}"
    with host.tray.new(icon=RED, menu=[MenuItem("Hello", clicks.put, id="hello")], tooltip="T", id=id_) as tray:
        until("an icon", lambda: len(at.shell.icons) > icons)
        at.shell.choose("Hello")
        assert clicks.get(timeout=LIMIT_S) == "hello"
        tray.set_icon(None)
        tray.set_icon(RED)
        tray.set_icon_with_as_template(RED, as_template=False)
        tray.set_icon_as_template(False)
        tray.set_tooltip("other")
        tray.set_title("title")
        tray.set_temp_dir_path(at.directory)
        tray.set_show_menu_on_left_click(True)
        tray.set_visible(False)
        tray.set_visible(True)
        with host.menu.new([MenuItem("Other", clicks.put, id="other")]) as menu:
            tray.set_menu(menu)
            until("the other menu", lambda: _chosen(at, "Other"))
            assert clicks.get(timeout=LIMIT_S) == "other"
        found = host.tray.get_by_id(id_)
        assert found is not None
        found.set_title("by id")
    assert host.tray.get_by_id(id_) is None
    host.tray.new(icon=RED, id="gone")
    host.tray.remove_by_id("gone")
    assert host.tray.get_by_id("gone") is None
    with pytest.raises(CommandError, match="Can't find a tray associated with this id: nobody"):
        host.tray.remove_by_id("nobody")


def _chosen(at: Place, label: str) -> bool:
    try:
        at.shell.choose(label)
    except KeyError:
        return False
    return True


def test_images_are_of_pixels_of_bytes_or_of_a_file(at: Place, host: Host) -> None:
    picture = at.directory / "blue.png"
    at.screen.run("convert", "-size", "4x2", "xc:#0000ff", f"png32:{picture}")
    blue = bytes([0, 0, 255, 255]) * 8
    with host.image.new(Rgba(blue, 4, 2)) as made, host.image.from_path(picture) as read:
        assert made.size() == read.size() == PhysicalSize(4, 2)
        assert made.rgba() == read.rgba() == blue
        host.clipboard.write_image(made)
    with host.clipboard.read_image() as copied:
        assert copied.rgba() == blue
    with host.image.from_bytes(picture.read_bytes()) as given:
        assert given.size() == PhysicalSize(4, 2)
    icon = host.app.default_window_icon()
    assert icon is not None
    assert len(icon.rgba()) == 4 * icon.size().width * icon.size().height
    icon.close()


def test_a_shortcut_of_the_whole_desktop_calls_python(at: Place, host: Host) -> None:
    pressed: Queue[str] = Queue()
    with host.global_shortcut.register("CmdOrCtrl+Shift+K", lambda event: pressed.put(event.state)):
        assert host.global_shortcut.is_registered("Shift+Ctrl+K")
        at.screen.run("xdotool", "key", "ctrl+shift+k")
        assert [pressed.get(timeout=LIMIT_S) for _ in range(2)] == ["Pressed", "Released"]
        with pytest.raises(CommandError, match="already registered"):
            host.global_shortcut.register("Ctrl+Shift+K", print)
    assert not host.global_shortcut.is_registered("Ctrl+Shift+K")


def test_a_click_on_a_notification_or_its_button_calls_python(at: Place, host: Host, outcomes: Outcomes) -> None:
    buttons = [Action("open", "Open"), Action("later", "Later")]
    host.notification.register_action_types([ActionType("order", buttons)])
    until("buttons", lambda: has_buttons(at, host))
    host.notification.send("Unheard", action_type_id="order")
    assert at.shell.notified("Unheard").buttons == ()
    clicked: Queue[NotificationAction] = Queue()
    with host.notification.on_action(clicked.put):
        host.notification.send("Heard", id=7, action_type_id="order", extra={"order": 3})
        shown = at.shell.notified("Heard")
        assert (shown.buttons, shown.actions) == (("Open", "Later"), ("open", "later", "default"))
        at.shell.click(shown, "later")
        click = clicked.get(timeout=LIMIT_S)
        assert (click.action, click.notification["id"], click.notification["extra"]) == ("later", 7, {"order": 3})
        at.shell.click(shown)
        assert clicked.get(timeout=LIMIT_S).action == "tap"
        host.notification.remove_active([ActiveId(7)])
        assert at.shell.closed[-1] == shown.number
    host.notification.send("After", action_type_id="order")
    assert at.shell.notified("After").buttons == ()
    outcomes.saw("plugin:notification|remove_listener")


def has_buttons(at: Place, host: Host) -> bool:
    """Whether Tauri keeps who listens: it forgets them when the page begins to load, which may be about to come."""
    with host.notification.on_action(print):
        host.notification.send("Early", action_type_id="order")
        return at.shell.notified("Early").buttons != ()


def test_a_window_stays_open_for_who_says_so(at: Place, host: Host) -> None:
    host.webview("main").create_window("second", title="Second")
    at.screen.window("Second")
    asked: Queue[str] = Queue()

    def stay(event: object) -> None:
        event.prevent_default()  # type: ignore[attr-defined]
        asked.put("asked")

    with host.window("second").on_close_requested(stay):
        at.screen.close_window("Second")
        assert asked.get(timeout=LIMIT_S) == "asked"
        assert ("Second") in [title for _, title in windows(at.screen)]
    at.screen.close_window("Second")
    until("the end of the second window", lambda: at.screen.find_window("Second") is None)


def test_an_old_question_neither_ends_nor_hushes_a_later_window_of_its_label(at: Place, host: Host) -> None:
    asked: Queue[str] = Queue()
    answers = Event()
    answered = Event()

    def late(event: object) -> None:
        asked.put("old")
        answers.wait(LIMIT_S)
        answered.set()

    def stay(event: object) -> None:
        event.prevent_default()  # type: ignore[attr-defined]
        asked.put("new")

    host.webview("main").create_window("second", title="Second")
    at.screen.window("Second")
    with host.window("second").on_close_requested(late, timeout_s=LIMIT_S):
        at.screen.close_window("Second")
        assert asked.get(timeout=LIMIT_S) == "old"
        host.window("second").destroy()
        until("the end of the second window", lambda: at.screen.find_window("Second") is None)
        host.webview("main").create_window("second", title="Third")
        at.screen.window("Third")
        with host.window("second").on_close_requested(stay):
            at.screen.close_window("Third")
            # Though the old one is still open.
            assert asked.get(timeout=LIMIT_S) == "new"
            answers.set()
            assert answered.wait(LIMIT_S)
            at.screen.close_window("Third")
            assert asked.get(timeout=LIMIT_S) == "new"
            assert "Third" in [title for _, title in windows(at.screen)]
    at.screen.close_window("Third")
    until("the end of the third window", lambda: at.screen.find_window("Third") is None)
