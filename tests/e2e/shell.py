"""What a desktop has besides windows: a session bus, the notifications that programs show on it, and their tray icons.

It speaks D-Bus itself, and knows what the two specifications ask of a desktop:
https://specifications.freedesktop.org/notification-spec and
https://specifications.freedesktop.org/status-notifier-item.
"""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any, NamedTuple

from jeepney import (  # type: ignore[import-untyped]
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    Properties,
    new_error,
    new_method_call,
    new_method_return,
    new_signal,
)
from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]
from jeepney.io.blocking import DBusConnection, open_dbus_connection  # type: ignore[import-untyped]

from desktop import DesktopError, running, until

NOTIFICATIONS = DBusAddress("/org/freedesktop/Notifications", interface="org.freedesktop.Notifications")
NAMES = ("org.freedesktop.Notifications", "org.freedesktop.FileManager1", "org.kde.StatusNotifierWatcher")
CLOSED_BY_THE_PROGRAM = 3
MENU = "com.canonical.dbusmenu"
TIMEOUT_S = 10

# By method: the signature of the answer, and its values.
ANSWERS: dict[str, tuple[Any, ...]] = {
    "CloseNotification": ("",),
    "GetServerInformation": ("ssss", "test", "test", "1", "1.2"),
    "GetCapabilities": ("as", ["body", "actions"]),
    "RegisterStatusNotifierItem": ("",),
    "ShowItems": ("",),
    "GetAll": ("a{sv}", {"IsStatusNotifierHostRegistered": ("b", True)}),
    "Get": ("v", ("b", True)),
}
# No service can be started by asking for it, so nothing outlives the bus.
CONFIG = """
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class Notification(NamedTuple):
    """What a program has told the person at the desktop."""

    title: str
    body: str
    number: int = 0
    """What the desktop calls it."""
    buttons: tuple[str, ...] = ()
    """The texts of its buttons."""
    actions: tuple[str, ...] = ()
    """What the program calls them, and a click on the notification itself: `default`, which is no button."""


class TrayIcon(NamedTuple):
    """An icon that a program has put into the tray."""

    sender: str
    path: str

    def item(self) -> DBusAddress:
        """Where it answers."""
        return DBusAddress(self.path, bus_name=self.sender, interface="org.kde.StatusNotifierItem")


class Shell:
    """The desktop's side of the bus. What it has seen grows while a thread answers."""

    def __init__(self, address: str) -> None:
        """Answer on the bus with that address."""
        self.address = address
        self.notifications: list[Notification] = []
        self.icons: list[TrayIcon] = []
        self.revealed: list[str] = []
        """The URLs of files that were to be shown in the file manager."""
        self.closed: list[int] = []
        """The notifications that were to be closed."""
        self._numbers = count(1)
        self._signals: SimpleQueue[Message] = SimpleQueue()
        self._bus = connect(address)
        for name in NAMES:
            self._bus.send_and_get_reply(message_bus.RequestName(name), timeout=TIMEOUT_S)
        self._over = Event()
        self._thread = Thread(target=self._answer, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Leave the bus."""
        self._over.set()
        self._thread.join()
        self._bus.close()

    def notified(self, title: str) -> Notification:
        """Wait for a notification with that title, and take it away."""

        def find() -> Notification | None:
            return next((one for one in self.notifications if one.title == title), None)

        found = until(f"the notification `{title}` (there are {self.notifications})", find)
        self.notifications.remove(found)
        return found

    def click(self, notification: Notification, action: str = "default") -> None:
        """Click on a button of a notification, or on the notification itself."""
        self._signals.put(new_signal(NOTIFICATIONS, "ActionInvoked", "us", (notification.number, action)))

    def shown(self) -> list[TrayIcon]:
        """The icons that are in the tray now: programs take them away without a word to the desktop."""
        bus = connect(self.address)
        try:
            return [icon for icon in self.icons if is_shown(bus, icon)]
        finally:
            bus.close()

    def choose(self, label: str) -> None:
        """Choose an item of the menu of the one icon in the tray, as its user would."""
        icon = until("an icon in the tray", self.shown)[-1]
        bus = connect(self.address)
        try:
            menu_path = ask(bus, Properties(icon.item()).get("Menu"))[0][1]
            menu = DBusAddress(menu_path, bus_name=icon.sender, interface=MENU)
            _revision, root = ask(bus, new_method_call(menu, "GetLayout", "iias", (0, -1, ["label"])))
            number = items_of(root)[label]
            ask(bus, new_method_call(menu, "Event", "isvu", (number, "clicked", ("i", 0), 0)))
        finally:
            bus.close()

    def _answer(self) -> None:
        while not self._over.is_set():
            with suppress(Empty):
                self._bus.send(self._signals.get_nowait())
            with suppress(TimeoutError):
                message = self._bus.receive(timeout=0.1)
                if message.header.message_type is MessageType.method_call:
                    self._bus.send(self._reply(message))

    def _reply(self, message: Message) -> Message:
        fields = message.header.fields
        sender = fields[HeaderFields.sender]
        member = fields[HeaderFields.member]
        if member == "Notify":
            number = next(self._numbers)
            title, body, actions = message.body[3:6]
            names = tuple(actions[::2])
            buttons = tuple(text for name, text in zip(names, actions[1::2], strict=True) if name != "default")
            self.notifications.append(Notification(title, body, number, buttons, names))
            return new_method_return(message, "u", (number,))
        if member == "CloseNotification":
            self.closed += message.body
            number = message.body[0]
            self._signals.put(new_signal(NOTIFICATIONS, "NotificationClosed", "uu", (number, CLOSED_BY_THE_PROGRAM)))
        if member == "RegisterStatusNotifierItem":
            self.icons.append(TrayIcon(sender, message.body[0]))
        if member == "ShowItems":
            self.revealed += message.body[0]
        if member not in ANSWERS:
            return new_error(message, "org.freedesktop.DBus.Error.UnknownMethod")
        signature, *values = ANSWERS[member]
        return new_method_return(message, signature or None, tuple(values))


def connect(address: str) -> DBusConnection:
    """Join the bus."""
    return open_dbus_connection(address)


def ask(bus: DBusConnection, call: Message) -> Any:
    """What is answered to a call."""
    reply = bus.send_and_get_reply(call, timeout=TIMEOUT_S)
    if reply.header.message_type is MessageType.error:
        raise DesktopError(f"{call.header.fields[HeaderFields.member]}: {reply.body}")
    return reply.body


def is_shown(bus: DBusConnection, icon: TrayIcon) -> bool:
    """Whether an icon answers, and wants to be seen."""
    try:
        return bool(ask(bus, Properties(icon.item()).get("Status"))[0][1] == "Active")
    except DesktopError:
        return False


def items_of(layout: Any) -> dict[str, int]:
    """The numbers of a menu's items by their labels."""
    number, properties, children = layout
    found = {properties["label"][1].replace("_", ""): number} if "label" in properties else {}
    for _signature, child in children:
        found |= items_of(child)
    return found


@contextmanager
def shell(directory: Path) -> Iterator[Shell]:
    """A bus of its own, whose files are in that directory, and a desktop on it."""
    with session_bus(directory) as address:
        on = Shell(address)
        try:
            yield on
        finally:
            on.close()


@contextmanager
def session_bus(directory: Path) -> Iterator[str]:
    """The address of a bus that takes connections."""
    config, log = directory / "bus.conf", directory / "bus.log"
    config.write_text(CONFIG.format(path=directory / "bus"))
    reader, writer = os.pipe()
    with os.fdopen(reader) as answer, ExitStack() as stack:
        with os.fdopen(writer, "w"):
            command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", f"--print-address={writer}"]
            stack.enter_context(running(command, os.environ, log, pass_fds=[writer]))
        address = answer.readline().strip() if select.select([answer], [], [], 15)[0] else ""
        if not address:
            raise DesktopError(f"no session bus: {log.read_text().strip()}")
        yield address
