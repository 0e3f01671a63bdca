"""What the methods of windows do is seen from outside: by the X server, the window manager and the pointer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest
from sidecar_bridge import Host
from sidecar_bridge._client.tauri.window import Window
from sidecar_bridge.tauri.dpi import LogicalSize, PhysicalPosition, PhysicalSize
from sidecar_bridge.tauri.events import DragDrop
from sidecar_bridge.tauri.positioner import Position
from sidecar_bridge.tauri.rgba import Rgba
from sidecar_bridge.tauri.window import ProgressBarState, ProgressBarStatus, WindowSizeConstraints
from sidecar_bridge.tauri.window_state import StateFlags

from desktop import Geometry, running, until
from hosts import LIMIT_S
from place import APP, TITLE, Place

SCREEN = (1280, 800)


@pytest.fixture
def window(at: Place, host: Host) -> Iterator[Window]:
    """The main window, where and as large as at first afterwards."""
    window = host.window("main")
    yield window
    window.set_size(LogicalSize(700, 500))
    until("its size at first", lambda: at.screen.geometry()[2:] == (700, 500))


def properties(at: Place, *names: str) -> str:
    return at.screen.run("xprop", "-id", at.screen.window()[0], *names)


def corner(at: Place) -> tuple[int, int]:
    """Where the window manager has put the frame."""
    said = at.screen.run("xwininfo", "-id", at.screen.window()[0])
    x, y, x_inside, y_inside = (
        int(said.split(f"{which} upper-left {each}:")[1].split()[0])
        for which in ("Absolute", "Relative")
        for each in "XY"
    )
    return x - x_inside, y - y_inside


def test_a_title_is_that_of_the_frame(at: Place, window: Window) -> None:
    window.set_title("Né en été")
    at.screen.window("Né en été")
    assert window.title() == "Né en été"
    window.set_title(TITLE)
    at.screen.window()


@pytest.mark.parametrize("size", [LogicalSize(640, 480), PhysicalSize(500, 400)])
def test_a_size_is_that_of_the_window_and_an_event_tells_it(
    size: LogicalSize | PhysicalSize, at: Place, host: Host, window: Window
) -> None:
    with host.listen("tauri://resize", timeout_s=10) as events:
        window.set_size(size)
        next(each for each in events if each == {"width": size.width, "height": size.height})
    assert at.screen.geometry()[2:] == (size.width, size.height)
    assert window.inner_size() == PhysicalSize(int(size.width), int(size.height))
    outer = window.outer_size()
    assert outer.height > size.height  # with the title bar


def test_sizes_have_limits(at: Place, window: Window) -> None:
    window.set_min_size(LogicalSize(300, 200))
    window.set_max_size(PhysicalSize(900, 700))
    until(
        "both limits",
        lambda: (
            "minimum size: 300 by 200" in (said := properties(at, "WM_NORMAL_HINTS"))
            and "maximum size: 900 by 700" in said
        ),
    )
    window.set_size_constraints(WindowSizeConstraints(min_width=400, min_height=250))
    until("the new limit", lambda: "minimum size: 400 by 250" in properties(at, "WM_NORMAL_HINTS"))
    window.set_min_size(None)
    window.set_max_size(None)
    until("no limit", lambda: "maximum size" not in properties(at, "WM_NORMAL_HINTS"))


def test_a_position_is_that_of_the_frame(at: Place, window: Window) -> None:
    window.set_position(PhysicalPosition(101, 67))
    until("the position", lambda: corner(at) == (101, 67))
    until("the same from Tauri", lambda: window.outer_position() == PhysicalPosition(101, 67))
    inner = window.inner_position()
    assert inner.y > 67


def test_well_known_places(at: Place, host: Host, window: Window) -> None:
    host.positioner.move_window(Position.TOP_LEFT)
    until("the corner", lambda: corner(at) == (0, 0))
    host.positioner.move_window(Position.BOTTOM_RIGHT)
    outer = window.outer_size()
    until("the other corner", lambda: corner(at) == (SCREEN[0] - outer.width, SCREEN[1] - outer.height))
    window.center()
    until("the middle", lambda: abs(corner(at)[0] - (SCREEN[0] - outer.width) // 2) <= 1)
    # As of a tray at the top right; the window's middle goes below the icon's.
    host.positioner.set_tray_icon_state(PhysicalPosition(800, 0), PhysicalSize(20, 20))
    host.positioner.move_window(Position.TRAY_CENTER)
    until("the place by the tray", lambda: abs(corner(at)[0] + outer.width // 2 - 810) <= outer.width // 2)


def test_a_window_is_as_large_as_the_screen_and_small_again(at: Place, window: Window) -> None:
    before = at.screen.geometry()
    window.maximize()
    assert at.screen.geometry_other_than(before).width == SCREEN[0]
    until("maximized", window.is_maximized)
    window.toggle_maximize()
    until("as before", lambda: at.screen.geometry()[2:] == before[2:] and not window.is_maximized())
    window.set_fullscreen(True)
    until("the whole screen", lambda: at.screen.geometry()[2:] == SCREEN and window.is_fullscreen())
    window.set_fullscreen(False)
    until("as before", lambda: at.screen.geometry()[2:] == before[2:] and not window.is_fullscreen())


def test_a_window_is_minimized_and_hidden_and_comes_back(at: Place, window: Window) -> None:
    window.minimize()
    until("minimized", lambda: "_NET_WM_STATE_HIDDEN" in properties(at, "_NET_WM_STATE") and window.is_minimized())
    window.unminimize()
    until("back", lambda: "_NET_WM_STATE_HIDDEN" not in properties(at, "_NET_WM_STATE"))
    window.hide()
    until("hidden", lambda: at.screen.find_window() is None)
    assert not window.is_visible()
    window.show()
    at.screen.window()
    window.set_focus()
    until("focused", window.is_focused)


@pytest.mark.parametrize(
    ("method", "state"),
    [("set_always_on_top", "_ABOVE"), ("set_always_on_bottom", "_BELOW"), ("set_skip_taskbar", "_SKIP_TASKBAR")],
)
def test_the_window_manager_is_told(method: str, state: str, at: Place, window: Window) -> None:
    getattr(window, method)(True)
    until(state, lambda: f"_NET_WM_STATE{state}" in properties(at, "_NET_WM_STATE"))
    getattr(window, method)(False)
    until(f"no {state}", lambda: f"_NET_WM_STATE{state}" not in properties(at, "_NET_WM_STATE"))


def test_a_window_is_on_all_workspaces(at: Place, window: Window) -> None:
    window.set_visible_on_all_workspaces(True)
    until("all workspaces", lambda: "4294967295" in properties(at, "_NET_WM_DESKTOP"))
    window.set_visible_on_all_workspaces(False)
    until("one workspace", lambda: "4294967295" not in properties(at, "_NET_WM_DESKTOP"))


def test_the_frame_goes_and_comes(at: Place, window: Window) -> None:
    window.set_decorations(False)
    until("no title bar", lambda: "= 0, 0, 0, 0" in properties(at, "_NET_FRAME_EXTENTS") and not window.is_decorated())
    window.set_decorations(True)
    until("a title bar", lambda: "= 0, 0, 0, 0" not in properties(at, "_NET_FRAME_EXTENTS") and window.is_decorated())


def icon(at: Place) -> list[int]:
    """The first numbers of the window's icon: width, height, pixels in ARGB."""
    said = at.screen.run(
        "xprop", "-id", at.screen.window()[0], "-notype", "-f", "_NET_WM_ICON", "32c", " $0+\\n", "_NET_WM_ICON"
    )
    return [int(each) for each in said.split(maxsplit=1)[1].split(",")[:3]]


def test_an_icon_is_of_pixels_or_of_a_file(at: Place, window: Window) -> None:
    window.set_icon(Rgba(bytes([255, 0, 0, 255]) * 16 * 16, 16, 16))
    until("a red icon", lambda: icon(at) == [16, 16, 0xFFFF0000])
    picture = at.directory / "blue.png"
    at.screen.run("convert", "-size", "24x24", "xc:#0000ff", f"png32:{picture}")
    window.set_icon(picture)
    until("a blue icon", lambda: icon(at) == [24, 24, 0xFF0000FF])
    window.set_icon(picture.read_bytes())


def test_a_pointer_is_moved_and_found(at: Place, window: Window) -> None:
    window.set_cursor_position(PhysicalPosition(20, 30))
    inner = window.inner_position()
    until(
        "the pointer",
        lambda: f"x:{inner.x + 20:.0f} y:{inner.y + 30:.0f} " in at.screen.run("xdotool", "getmouselocation"),
    )
    assert window.cursor_position() == PhysicalPosition(inner.x + 20, inner.y + 30)


def test_the_screen_is_described(window: Window) -> None:
    for monitor in (window.current_monitor(), window.primary_monitor(), *window.available_monitors()):
        assert monitor is not None
        assert (monitor.size, monitor.position) == (PhysicalSize(*SCREEN), PhysicalPosition(0, 0))
    assert window.scale_factor() == 1


def test_progress_and_a_badge_are_taken(window: Window) -> None:
    for status in ProgressBarStatus:
        window.set_progress_bar(ProgressBarState(status=status, progress=50))
    window.set_badge_count(3)
    window.set_badge_count()


def test_a_theme_is_the_window_s(window: Window) -> None:
    window.set_theme("dark")
    until("dark", lambda: window.theme() == "dark")
    window.set_theme("light")
    until("light", lambda: window.theme() == "light")


def test_a_second_window_shows_a_page(at: Place, host: Host) -> None:
    main = host.webview("main")
    main.create_window("second", title="Second", width=320, height=240, x=40, y=50, url="index.html", resizable=False)
    _, geometry = at.screen.window("Second")
    second = host.window("second")
    until("its size", lambda: second.inner_size() == PhysicalSize(320, 240))
    assert geometry[2:] == (320, 240)
    assert not second.is_resizable()
    assert {each.label for each in main.all_labels()} == {"main", "second"}
    assert host.webview("second").size() == PhysicalSize(320, 240)
    at.screen.close_window("Second")
    until("its end", lambda: host.window("main").all_labels() == ["main"])


@pytest.fixture
def dragging(at: Place) -> Iterator[tuple[Path, Geometry]]:
    """A file that the pointer has begun to drag out of another program's window, and where the app's window is."""
    path = at.other / "né 1.txt"
    path.write_text("dropped")
    source = APP.binary().with_name("drag-source")
    with running([source, path.as_uri()], {**at.screen.env, **at.screen.app_env}, at.screen.log):
        window, place = at.screen.window("Drag Source")
        at.screen.run("wmctrl", "-i", "-r", window, "-e", "0,1000,600,-1,-1")
        until("the place of the source", lambda: at.screen.window("Drag Source")[1].x >= 1000)
        place = at.screen.window("Drag Source")[1]
        at.screen.run("xdotool", "windowactivate", "--sync", window)
        moved(at, place.x + 100, place.y + 50)
        at.screen.run("xdotool", "mousedown", "1")
        for step in range(1, 6):
            moved(at, place.x + 100 - 10 * step, place.y + 50)
        try:
            yield path, at.screen.geometry()
        finally:
            at.screen.run("xdotool", "mouseup", "1")


def moved(at: Place, x: int, y: int) -> None:
    at.screen.run("xdotool", "mousemove", "--sync", str(x), str(y))


def test_a_file_that_is_dropped_on_a_window_is_given_to_python(
    at: Place, host: Host, window: Window, dragging: tuple[Path, Geometry]
) -> None:
    path, place = dragging
    told: Queue[DragDrop] = Queue()
    # The window manager's idea of the place has the frame in it, or not.
    page = window.inner_position()
    with window.on_drag_drop(told.put):
        moved(at, place.x + 200, place.y + 150)
        enter = told.get(timeout=LIMIT_S)
        assert (enter.type, enter.paths) == ("enter", [path])
        moved(at, int(page.x) + 220, int(page.y) + 160)
        over = until("the pointer over the window", lambda: last(told, PhysicalPosition(220, 160)))
        assert (over.type, over.paths) == ("over", [])
        at.screen.run("xdotool", "mouseup", "1")
        drop = next(each for each in iter(lambda: told.get(timeout=LIMIT_S), None) if each.type != "over")
        assert drop == DragDrop("drop", [path], PhysicalPosition(220, 160))
    assert host.fs.read_text(path) == "dropped"


def last(told: Queue[DragDrop], position: PhysicalPosition) -> DragDrop | None:
    each = told.get(timeout=LIMIT_S)
    return each if each.position == position else None


def test_a_file_that_is_dragged_away_again_is_not_dropped(
    at: Place, window: Window, dragging: tuple[Path, Geometry]
) -> None:
    path, place = dragging
    told: Queue[DragDrop] = Queue()
    with window.on_drag_drop(told.put):
        moved(at, place.x + 200, place.y + 150)
        assert told.get(timeout=LIMIT_S).paths == [path]
        moved(at, place.x + place.width + 50, place.y + 150)
        leave = next(each for each in iter(lambda: told.get(timeout=LIMIT_S), None) if each.type != "over")
        assert leave == DragDrop("leave", [], None)


def test_where_a_window_was_is_kept_in_a_file(at: Place, host: Host, window: Window) -> None:
    window.set_position(PhysicalPosition(70, 80))
    until("the position", lambda: corner(at) == (70, 80))
    host.window_state.save(StateFlags.ALL)
    kept = json.loads((at.config / host.window_state.filename()).read_text())
    assert (kept["main"]["x"], kept["main"]["y"]) == (70, 80)
    host.window_state.restore("main", StateFlags.POSITION)
    assert window.outer_position() == PhysicalPosition(70, 80)
