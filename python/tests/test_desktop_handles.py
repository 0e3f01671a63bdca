"""Menus, icons in the tray, images, shortcuts and windows that ask before they close, for both twins at a fake host."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from heard import Heard, done, eventually
from hosts import LIMIT_S

from sidecar_bridge import BridgeError, CommandError, Host, PermissionDeniedError
from sidecar_bridge.tauri import events
from sidecar_bridge.tauri.dpi import LogicalPosition, PhysicalPosition, PhysicalSize
from sidecar_bridge.tauri.menu import (
    MOST_LEVELS,
    About,
    CheckMenuItem,
    IconMenuItem,
    MenuItem,
    PredefinedMenuItem,
    Separator,
    Submenu,
)
from sidecar_bridge.tauri.rgba import Rgba
from sidecar_bridge.testing import Call, FakeHost

RED = Rgba(b"\xff\0\0\xff", 1, 1)
RECT = {"position": {"Physical": {"x": 1, "y": 2}}, "size": {"Physical": {"width": 3, "height": 4}}}


@pytest.fixture(params=["Host", "AsyncHost"])
async def twin(request: pytest.FixtureRequest, fake: FakeHost) -> AsyncIterator[Any]:
    """Each twin as the app gets it, at a host that makes what is asked for."""
    fake.answers("plugin:menu|new", lambda call: [len(fake.calls), call.args["options"]["id"]])
    fake.answers("plugin:tray|new", lambda call: [len(fake.calls), call.args["options"]["id"]])
    fake.answers("plugin:resources|close")
    yield fake.host if request.param == "Host" else fake.async_host
    if request.param == "AsyncHost":
        await fake.async_host.close()


async def test_a_menu_is_made_of_what_is_described(twin: Any, fake: FakeHost) -> None:
    opened, saved, checked = Heard(), Heard(), Heard()
    items = [
        MenuItem("&Open", on_click=opened, id="open", accelerator="CmdOrCtrl+O"),
        MenuItem("Off", enabled=False),
        Separator(),
        CheckMenuItem("Bold", on_click=checked, checked=True, id="bold"),
        IconMenuItem("Red", RED, id="red"),
        PredefinedMenuItem("Copy", text="Kopie"),
        About(name="App", authors=["Ada"], icon=RED),
        Submenu("File", [MenuItem("Save", on_click=saved, id="save")], id="file"),
    ]
    menu = await done(twin.menu.new(items))
    (args,) = fake.args_of("plugin:menu|new")
    channel = args["handler"]
    pixel = {"rgba": [255, 0, 0, 255], "width": 1, "height": 1}
    off = args["options"]["items"][1]
    assert off == {"id": off["id"], "text": "Off", "enabled": False}
    assert args == {
        "kind": "Menu",
        "handler": channel,
        "options": {
            "id": menu.id,
            "items": [
                {"id": "open", "text": "&Open", "enabled": True, "accelerator": "CmdOrCtrl+O", "handler": channel},
                off,
                {"item": "Separator"},
                {"id": "bold", "text": "Bold", "enabled": True, "checked": True, "handler": channel},
                {"id": "red", "text": "Red", "enabled": True, "icon": pixel},
                {"item": "Copy", "text": "Kopie"},
                {"item": {"About": {"name": "App", "authors": ["Ada"], "icon": pixel}}},
                {
                    "id": "file",
                    "text": "File",
                    "enabled": True,
                    "items": [{"id": "save", "text": "Save", "enabled": True, "handler": channel}],
                },
            ],
        },
    }
    for item in ("open", "save", "bold", "elsewhere"):
        fake.send(channel, item)
    assert (await opened.until(1), await saved.until(1), await checked.until(1)) == (["open"], ["save"], ["bold"])
    await done(menu.close())
    assert [(call.command, call.args["rid"]) for call in fake.undone] == [("plugin:resources|close", 1)]


async def test_entries_come_and_go(twin: Any, fake: FakeHost) -> None:
    for command in ("append", "prepend", "insert", "remove", "popup", "set_enabled", "set_checked", "set_icon"):
        fake.answers(f"plugin:menu|{command}")
    fake.answers("plugin:menu|items", [[50, "one", "MenuItem"], [51, "late", "MenuItem"]])
    fake.answers("plugin:resources|close")
    late = Heard()
    async_menu = await done(twin.menu.new())
    item = await done(twin.menu.item(MenuItem("One", id="one")))
    await done(async_menu.append([item, MenuItem("Late", on_click=late, id="late")]))
    await done(async_menu.insert([Separator()], 1))
    await done(async_menu.prepend([Separator()]))
    await done(async_menu.remove(item))
    await done(async_menu.popup(LogicalPosition(1, 2)))
    await done(item.set_enabled(False))
    (appended,) = fake.args_of("plugin:menu|append")
    assert appended["items"][0] == [2, "MenuItem"]
    assert fake.args_of("plugin:menu|insert")[0]["position"] == 1
    assert fake.args_of("plugin:menu|remove") == [{"rid": 1, "kind": "Menu", "item": [2, "MenuItem"]}]
    place = {"Logical": {"x": 1, "y": 2}}
    assert fake.args_of("plugin:menu|popup") == [{"rid": 1, "kind": "Menu", "at": place, "window": None}]
    fake.send(appended["items"][1]["handler"], "late")
    assert await late.until(1) == ["late"]
    check = await done(twin.menu.check_item(CheckMenuItem("Bold")))
    await done(check.set_checked(True))
    icon = await done(twin.menu.icon_item(IconMenuItem("Red", RED)))
    await done(icon.set_icon(None))
    sub = await done(twin.menu.submenu(Submenu("File", [check])))
    assert fake.args_of("plugin:menu|new")[-1]["options"]["items"] == [[check.rid, "Check"]]
    for each in (async_menu, item, check, icon, sub):
        await done(each.close())


async def test_what_no_desktop_can_take_is_refused_before_it_leaves(twin: Any, fake: FakeHost) -> None:
    fake.answers("plugin:menu|items", [[50, "one", "MenuItem"]])
    for command in ("menu|insert", "resources|close"):
        fake.answers(f"plugin:{command}")
    menu = await done(twin.menu.new([MenuItem("One")]))
    for position in (2, -1):
        with pytest.raises(ValueError, match=rf"`position` must be from 0 to 1, the number of entries, not {position}"):
            await done(menu.insert([Separator()], position))
    await done(menu.insert([Separator()], 1))
    with pytest.raises(ValueError, match=r"`items\[0\]\.text` has the character NUL at 1; take it out"):
        await done(twin.menu.new([MenuItem("a\0b")]))
    with pytest.raises(ValueError, match=r"`title` has the character NUL at 0; take it out"):
        await done(twin.tray.new(title="\0"))
    assert len(fake.args_of("plugin:menu|insert")) == 1
    for name in ("", ".", "..", "../tray", "a/b", "a\\b", "a\0b"):
        with pytest.raises(
            ValueError, match=r"`id` (becomes a part of a file's name, and '.*' cannot be|has the char)"
        ):
            await done(twin.tray.new(id=name))
    assert not fake.args_of("plugin:tray|new")


async def test_menus_stand_in_each_other_up_to_a_limit_that_is_told(twin: Any, fake: FakeHost) -> None:
    def menu(levels: int) -> list[Any]:
        items: list[Any] = [MenuItem("Open")]
        for _ in range(levels - 1):
            items = [Submenu("More", items)]
        return items

    await done(twin.menu.new(menu(MOST_LEVELS)))
    taken = len(fake.args_of("plugin:menu|new"))
    for levels in (MOST_LEVELS + 1, 5000):
        with pytest.raises(ValueError, match=r"the menu has more than 32 menus in each other, at `items\[0\]\.items"):
            await done(twin.menu.new(menu(levels)))
        with pytest.raises(ValueError, match="the menu has more than 32 menus in each other"):
            await done(twin.tray.new(menu=menu(levels)))
    assert len(fake.args_of("plugin:menu|new")) == taken
    assert not fake.args_of("plugin:tray|new")


async def test_entries_of_a_menu_are_found(twin: Any, fake: FakeHost) -> None:
    fake.answers("plugin:menu|get", lambda call: [40, "bold", "Check"] if call.args["id"] == "bold" else None)
    fake.answers("plugin:menu|items", [[50, "bold", "Check"], [51, "gone", "MenuItem"]])
    fake.answers("plugin:menu|remove_at", None)
    fake.answers("plugin:menu|is_checked", True)
    fake.answers("plugin:menu|text", "Bold")
    fake.answers("plugin:menu|create_default", [60, "0"])
    menu = await done(twin.menu.new())
    bold = await done(menu.get("bold"))
    assert (bold.id, await done(bold.is_checked()), await done(bold.text())) == ("bold", True, "Bold")
    assert await done(menu.get("none")) is None
    assert await done(menu.remove_at(7)) is None
    assert [each.id for each in await done(menu.items())] == ["bold"]
    assert {"rid": 50} in fake.args_of("plugin:resources|close")
    assert {"rid": 51} in fake.args_of("plugin:resources|close")
    default = await done(twin.menu.create_default())
    with pytest.raises(ValueError, match="was not made here, so nobody would hear clicks"):
        await done(default.append([MenuItem("Open", on_click=print)]))


@pytest.mark.parametrize("before", [[70, "old"], None])
async def test_a_menu_that_is_shown_gives_way_to_the_one_before_when_it_ends(
    twin: Any, fake: FakeHost, before: list[Any] | None
) -> None:
    shown = [before, [71, "blank"]]
    fake.answers("plugin:menu|set_as_window_menu", lambda _call: shown.pop(0) if shown else None)
    menu = await done(twin.menu.new([MenuItem("Open", on_click=print)], id="own"))
    await done(menu.set_as_window_menu())
    await done(menu.close())
    assert fake.args_of("plugin:menu|set_as_window_menu")[:2] == [
        {"rid": 2, "window": "main"},
        {"rid": 1, "window": "main"},
    ]
    undone = [Call("plugin:menu|set_as_window_menu", {"window": "main", "rid": 2}, "main")]
    if before:
        undone.append(Call("plugin:menu|set_as_window_menu", {"window": "main", "rid": 70}, "main"))
    assert fake.undone == [*undone, Call("plugin:resources|close", {"rid": 1}, "main")]


@pytest.mark.parametrize(
    ("items", "why"),
    [
        ("ab", "`items` must be a list, not str"),
        ([7], r"`items\[0\]` must be a MenuItem, .*, not int"),
        ([MenuItem(7)], r"`items\[0\].text` must be a str, not int"),  # type: ignore[arg-type]
        ([Submenu("x", [MenuItem("y", id=7)])], r"`items\[0\].items\[0\].id` must be a str, not int"),  # type: ignore[arg-type]
        ([CheckMenuItem("x", checked="yes")], r"`items\[0\].checked` must be a bool, not str"),  # type: ignore[arg-type]
        ([IconMenuItem("x", 7)], r"`items\[0\].icon` must be an Rgba, a path or bytes, not int"),
        ([About(authors="Ada")], r"`items\[0\].authors` must be a list, not str"),
    ],
)
async def test_what_is_no_entry_is_refused_by_its_name(twin: Any, fake: FakeHost, items: Any, why: str) -> None:
    with pytest.raises(TypeError, match=why):
        await done(twin.menu.new(items))
    with pytest.raises(ValueError, match=r"`items\[0\].item` must be one of 'Separator', .*, not 'Jump'"):
        await done(twin.menu.new([PredefinedMenuItem("Jump")]))  # type: ignore[arg-type]
    assert not fake.calls


async def test_what_is_no_menu_is_refused_by_the_name_of_its_argument(twin: Any, fake: FakeHost) -> None:
    with pytest.raises(TypeError, match=r"`menu\[0\]` must be a MenuItem, .*, not str"):
        await done(twin.tray.new(menu=["Quit"]))
    assert not fake.calls
    tray, menu = await done(twin.tray.new()), await done(twin.menu.new())
    with pytest.raises(TypeError, match=r"`menu` must be a menu that `host\.menu\.new` gives, or None, not list"):
        await done(tray.set_menu([MenuItem("Quit")]))
    with pytest.raises(TypeError, match="`item` must be an entry that `get` or `items` gives, not str"):
        await done(menu.remove("quit"))


def tray_event(kind: str, tray: str, **more: object) -> dict[str, object]:
    return {"type": kind, "id": tray, "position": {"x": 1.5, "y": 2}, "rect": RECT, **more}


async def test_a_fake_host_gives_entries_that_can_be_changed_and_closed(fake_host: FakeHost) -> None:
    for host in (fake_host.host, fake_host.async_host):
        menu = await done(host.menu.new([MenuItem("One", id="one"), CheckMenuItem("Two", id="two")]))
        one, _ = await done(menu.items())
        await done(menu.insert([MenuItem("Zero", id="zero")], 0))
        await done(one.set_text("1"))
        again = await done(menu.get("one"))
        await done(one.close())
        assert await done(again.text()) == "1"
        await done(menu.remove(again))
        assert [each.id for each in await done(menu.items())] == ["zero", "two"]


async def test_a_fake_host_shows_menus_by_itself(fake_host: FakeHost) -> None:
    for host in (fake_host.host, fake_host.async_host):
        menu = await done(host.menu.new([MenuItem("Open", on_click=print)]))
        await done(menu.set_as_app_menu())
        await done(menu.set_as_window_menu())
        with pytest.raises(BridgeError, match="is not shown: there is no window `report`; open it first"):
            await done(menu.set_as_window_menu("report"))
        fake_host.undone.clear()
        await done(menu.close())
        ends = [call.command.rpartition("|")[2] for call in fake_host.undone]
        assert [*dict.fromkeys(ends)] == ["set_as_window_menu", "set_as_app_menu", "close"]


async def test_an_icon_in_the_tray_tells_of_clicks(twin: Any, fake: FakeHost) -> None:
    clicked, later, all_of_it = Heard(), Heard(), Heard()
    menu = [MenuItem("Quit", on_click=print)]
    tray = await done(twin.tray.new(icon=RED, menu=menu, tooltip="App", on_click=clicked, on_event=all_of_it))
    other = await done(twin.tray.new(id="other"))
    args, others = fake.args_of("plugin:tray|new")
    assert args["handler"] == others["handler"]
    pixel = {"rgba": [255, 0, 0, 255], "width": 1, "height": 1}
    assert args["options"] == {"id": tray.id, "icon": pixel, "tooltip": "App", "menu": [1, "Menu"]}
    tray.on_double_click(later)
    for state in ("Down", "Up"):
        fake.send(args["handler"], tray_event("Click", tray.id, button="Left", buttonState=state))
        fake.send(args["handler"], tray_event("Click", "other", button="Left", buttonState=state))
    fake.send(args["handler"], tray_event("DoubleClick", tray.id, button="Left"))
    (click,) = await clicked.until(1)
    assert click == events.TrayIconEvent(
        tray.id, "Click", PhysicalPosition(1.5, 2), PhysicalPosition(1, 2), PhysicalSize(3, 4), "Left", "Up"
    )
    assert [each.type for each in await later.until(1)] == ["DoubleClick"]
    assert [each.type for each in await all_of_it.until(3)] == ["Click", "Click", "DoubleClick"]
    assert len(clicked.events) == 1
    await done(tray.close())
    # The icon first, then the menu that was made for it.
    assert [call.args["rid"] for call in fake.undone] == [2, 1]
    await done(other.close())


async def test_an_icon_stays_though_nobody_holds_it_and_keeps_its_menu(twin: Any, fake: FakeHost) -> None:
    quits = Heard()
    await done(twin.tray.new(menu=await done(twin.menu.new([MenuItem("Quit", on_click=quits, id="quit")]))))
    __import__("gc").collect()
    fake.send(fake.args_of("plugin:menu|new")[0]["handler"], "quit")
    assert await quits.until(1) == ["quit"]
    assert not fake.undone


async def test_an_icon_is_changed(twin: Any, fake: FakeHost) -> None:
    for command in ("icon", "menu", "tooltip", "title", "visible", "icon_as_template", "show_menu_on_left_click"):
        fake.answers(f"plugin:tray|set_{command}")
    fake.answers("plugin:tray|get_by_id", lambda call: 9 if call.args["id"] == "app" else None)
    fake.fails("plugin:tray|remove_by_id", "Can't find a tray associated with this id: x")
    tray = await done(twin.tray.new())
    await done(tray.set_icon(RED))
    await done(tray.set_menu(None))
    await done(tray.set_tooltip("x"))
    await done(tray.set_visible(False))
    assert fake.args_of("plugin:tray|set_tooltip") == [{"rid": 1, "tooltip": "x"}]
    app = await done(twin.tray.get_by_id("app"))
    await done(app.set_title("7"))
    assert fake.args_of("plugin:tray|set_title") == [{"rid": 9, "title": "7"}]
    assert await done(twin.tray.get_by_id("none")) is None
    with pytest.raises(CommandError, match="Can't find a tray"):
        await done(twin.tray.remove_by_id("x"))
    with pytest.raises(TypeError, match="`visible` must be a bool, not int"):
        await done(tray.set_visible(1))
    await done(tray.close())


async def test_an_icon_that_is_refused_leaves_nothing(twin: Any, fake: FakeHost) -> None:
    fake.refuses("plugin:tray|new", detail="grant `core:tray:allow-new`")
    with pytest.raises(PermissionDeniedError, match="core:tray:allow-new"):
        await done(twin.tray.new(menu=[MenuItem("Quit", on_click=print)], on_click=print))
    assert [call.command for call in fake.undone] == ["plugin:resources|close"]
    await asyncio.to_thread(fake.wait_until, lambda: not len(fake._channels))


async def test_a_shortcut_calls_its_handler_until_it_is_closed(twin: Any, fake: FakeHost) -> None:
    fake.answers("plugin:global-shortcut|register")
    fake.answers("plugin:global-shortcut|unregister")
    pressed, other = Heard(), Heard()
    shortcut = await done(twin.global_shortcut.register("CmdOrCtrl+Shift+K", pressed))
    second = await done(twin.global_shortcut.register("F9", other))
    first_args, second_args = fake.args_of("plugin:global-shortcut|register")
    assert first_args["shortcuts"] == ["CmdOrCtrl+Shift+K"]
    for state in ("Pressed", "Released"):
        fake.send(first_args["handler"], {"shortcut": "shift+control+KeyK", "id": 1, "state": state})
    fake.send(second_args["handler"], {"shortcut": "F9", "id": 2, "state": "Pressed"})
    assert await pressed.until(2) == [
        events.ShortcutEvent("shift+control+KeyK", "Pressed"),
        events.ShortcutEvent("shift+control+KeyK", "Released"),
    ]
    assert await other.until(1) == [events.ShortcutEvent("F9", "Pressed")]
    await done(shortcut.close())
    assert [call.args for call in fake.undone] == [{"shortcuts": ["CmdOrCtrl+Shift+K"]}]
    await done(second.close())


async def test_a_shortcut_that_is_taken_leaves_no_channel(twin: Any, fake: FakeHost) -> None:
    fake.fails("plugin:global-shortcut|register", "HotKey already registered")
    with pytest.raises(CommandError, match="HotKey already registered"):
        await done(twin.global_shortcut.register("F9", print))
    with pytest.raises(TypeError, match="`shortcut` must be a str, not list"):
        await done(twin.global_shortcut.register(["F9"], print))
    await asyncio.to_thread(fake.wait_until, lambda: not len(fake._channels))


async def test_clicks_on_notifications(twin: Any, fake: FakeHost) -> None:
    fake.answers("plugin:notification|register_listener")
    fake.answers("plugin:notification|remove_listener")
    clicked = Heard()
    listener = await done(twin.notification.on_action(clicked))
    (args,) = fake.args_of("plugin:notification|register_listener")
    fake.send(args["handler"], {"actionId": "tap", "inputValue": None, "notification": {"id": 5}})
    assert await clicked.until(1) == [events.NotificationAction("tap", {"id": 5})]
    await done(listener.close())
    number = int(args["handler"].removeprefix("__CHANNEL__:"))
    assert fake.undone[0].args == {"event": "actionPerformed", "channelId": number}


async def test_images(twin: Any, fake: FakeHost) -> None:
    fake.answers("plugin:image|new", 7)
    fake.answers("plugin:image|from_bytes", 8)
    fake.fails("plugin:image|from_path", "from_path is only supported if ...")
    fake.answers("plugin:image|size", {"width": 1, "height": 1})
    fake.answers("plugin:image|rgba", RED.data)
    fake.answers("plugin:app|default_window_icon", None)
    fake.answers("plugin:clipboard-manager|read_image", 9)
    fake.answers("plugin:window|set_icon")
    image = await done(twin.image.new(RED))
    assert (await done(image.size()), await done(image.rgba())) == (PhysicalSize(1, 1), RED.data)
    await done(twin.window("main").set_icon(image))
    assert fake.args_of("plugin:window|set_icon") == [{"value": 7}]
    read = await done(twin.clipboard.read_image())
    assert (read.rid, (await done(twin.image.from_bytes(b"\x89PNG"))).rid) == (9, 8)
    assert await done(twin.app.default_window_icon()) is None
    with pytest.raises(CommandError, match="only supported"):
        await done(twin.image.from_path(Path("/x.png")))
    with pytest.raises(TypeError, match="`image` must be an Rgba, not bytes"):
        await done(twin.image.new(RED.data))
    await done(image.close())
    await done(read.close())


async def test_events_of_a_window_come_to_its_handlers_as_values(twin: Any, fake: FakeHost) -> None:
    window = twin.window("main")
    heard = {name: Heard() for name in ("resized", "moved", "focus_changed", "theme_changed", "scale_changed")}
    handlings = [await done(getattr(window, f"on_{name}")(each)) for name, each in heard.items()]
    links = Heard()
    handlings.append(await done(twin.deep_link.on_open_url(links)))
    assert {each.window for each in handlings} == {"main"}
    fake.emit("tauri://resize", {"width": 1, "height": 2}, window="settings")
    fake.emit("tauri://resize", {"width": 3, "height": 4}, window="main")
    fake.emit("tauri://move", {"x": 3, "y": 4}, window="main")
    fake.emit("tauri://blur", window="main")
    fake.emit("tauri://focus", window="main")
    fake.emit("tauri://theme-changed", "dark", window="main")
    fake.emit("tauri://scale-change", {"scaleFactor": 2, "size": {"width": 3, "height": 4}}, window="main")
    fake.emit("deep-link://new-url", ["app://x"])
    assert await heard["resized"].until(1) == [PhysicalSize(3, 4)]
    assert await heard["moved"].until(1) == [PhysicalPosition(3, 4)]
    assert await heard["focus_changed"].until(2) == [False, True]
    assert await heard["theme_changed"].until(1) == ["dark"]
    assert await heard["scale_changed"].until(1) == [events.ScaleFactorChanged(2.0, PhysicalSize(3, 4))]
    assert await links.until(1) == [["app://x"]]
    for each in handlings:
        await done(each.close())
    await asyncio.to_thread(fake.wait_until, lambda: not len(fake._channels))


async def closing(twin: Any, handler: Any, **options: Any) -> Any:
    if not isinstance(twin, Host) and isinstance(handler, Heard):
        handler = handler.asynchronous()
    return await done(twin.window("main").on_close_requested(handler, **options))


async def test_a_window_closes_when_its_handler_has_returned(twin: Any, fake: FakeHost) -> None:
    heard = Heard()
    await closing(twin, heard)
    assert await asyncio.to_thread(fake.closes)
    assert [each.window for each in heard.events] == ["main"]
    assert "main" not in fake.windows


async def test_a_handler_prevents_that(twin: Any, fake: FakeHost) -> None:
    others = Heard()
    prevents = await closing(twin, Heard(lambda request: request.prevent_default()))
    await closing(twin, others)
    assert not await asyncio.to_thread(fake.closes)
    assert len(others.events) == 1
    await done(prevents.close())
    await asyncio.to_thread(fake.wait_until, lambda: len(fake._channels) == 1)
    assert await asyncio.to_thread(fake.closes)


async def test_a_handler_that_prevents_at_once_may_take_its_time(twin: Any, fake: FakeHost) -> None:
    goes_on = threading.Event()

    def take_long(request: events.CloseRequested) -> None:
        request.prevent_default()
        assert request.is_prevented
        goes_on.wait(20)

    await done(twin.window("main").on_close_requested(take_long))
    assert not await asyncio.to_thread(fake.closes)
    goes_on.set()


async def test_a_handler_that_raises_lets_the_window_close(
    twin: Any, fake: FakeHost, caplog: pytest.LogCaptureFixture
) -> None:
    await closing(twin, Heard(lambda _: 1 // 0))
    assert await asyncio.to_thread(fake.closes)
    await eventually(lambda: "ZeroDivisionError" in caplog.text)


@pytest.mark.parametrize(("of_the_handler", "of_the_test"), [(0.05, 3600), (3600, 0.05)])
async def test_a_handler_that_says_it_too_late_is_logged(
    twin: Any, fake: FakeHost, caplog: pytest.LogCaptureFixture, of_the_handler: float, of_the_test: float
) -> None:
    goes_on = threading.Event()

    def late(request: events.CloseRequested) -> None:
        goes_on.wait(20)
        request.prevent_default()

    await done(twin.window("main").on_close_requested(late, timeout_s=of_the_handler))
    assert await asyncio.to_thread(fake.closes, timeout_s=of_the_test)
    goes_on.set()
    await eventually(lambda: "said too late" in caplog.text)


@pytest.mark.parametrize(("limit", "error"), [(0, ValueError), (4000, ValueError), ("5", TypeError), (None, TypeError)])
async def test_limits_that_are_none(twin: Any, fake: FakeHost, limit: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="`timeout_s` must be"):
        await closing(twin, Heard(), timeout_s=limit)
    assert not len(fake._channels)


async def test_listening_needs_its_permission(fake: FakeHost, tmp_path: Path) -> None:
    capability = (
        '{"identifier": "sidecar", "local": false, "remote": {"urls": ["sidecar-bridge://python"]},'
        ' "windows": ["main"], "permissions": ["core:window:allow-set-title"]}'
    )
    (tmp_path / "sidecar.json").write_text(capability)
    with FakeHost(capabilities=tmp_path) as host:
        for take in (host.host.window("main").on_close_requested, host.host.window("main").on_resized):
            with pytest.raises(PermissionDeniedError, match="core:event:allow-listen"):
                take(print)


async def test_a_handle_whose_app_ends_closes_without_an_error(twin: Any, fake: FakeHost) -> None:
    menu = await done(twin.menu.new([MenuItem("One")]))
    fake.refuses("plugin:resources|close", "unavailable", "no window is open")
    await done(menu.close())
    assert menu.is_closed


async def test_a_window_asks_again_while_the_one_that_has_prevented_it_goes_on(twin: Any, fake: FakeHost) -> None:
    goes_on = threading.Event()
    asked: list[str] = []

    def on_close(request: events.CloseRequested) -> None:
        asked.append(request.window)
        request.prevent_default()
        goes_on.wait(LIMIT_S)

    handling = await done(twin.window("main").on_close_requested(on_close))
    assert [await asyncio.to_thread(fake.closes) for _ in range(2)] == [False, False]
    goes_on.set()
    assert asked == ["main", "main"]
    await done(handling.close())
