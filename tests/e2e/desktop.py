"""A desktop of its own: X server, window manager, and an app on it, by hand or through WebDriver.

Everything is started here and ended by the process id of what was started. `Desktop.processes` finds all that an
app has started: they inherit the `XDG_RUNTIME_DIR` of their desktop, which no other process on the machine has.
"""

import contextlib
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeVar

from selenium.webdriver.common.by import By
from selenium.webdriver.common.options import ArgOptions
from selenium.webdriver.common.proxy import Proxy, ProxyType
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webdriver import WebDriver

T = TypeVar("T")


class App(NamedTuple):
    """An app that was built for this run."""

    title: str
    variable: str
    sidecar: str = " main.py"
    """How the command line of its sidecar ends."""
    folder: Path | None = None
    """Where it is started, as `tauri dev` does: its relative paths under `dev` begin there."""

    def binary(self) -> Path:
        """The program that the environment variable names."""
        path = os.environ.get(self.variable, "")
        if not os.access(path, os.X_OK) or not Path(path).is_file():
            raise DesktopError(f"{self.variable}={path!r} is no program; run scripts/test, which builds it")
        return Path(path).resolve()


QUICKSTART = App(
    "Sidecar Bridge Quickstart",
    "SIDECAR_BRIDGE_QUICKSTART",
    folder=Path(__file__).parents[2] / "examples/quickstart/src-tauri",
)
WEBVIEW_TEST = App("Sidecar Bridge Test", "SIDECAR_BRIDGE_WEBVIEW_TEST")


class DesktopError(Exception):
    """The desktop, or an app on it, did not do what was expected in time."""


def until(what: str, probe: Callable[[], T | None], timeout_s: float = 15) -> T:
    """The first result of `probe` that is true; `DesktopError` when the time is over."""
    deadline = time.monotonic() + timeout_s
    while not (result := probe()):
        if time.monotonic() > deadline:
            raise DesktopError(f"waited {timeout_s:g} s in vain for {what}")
        time.sleep(0.02)
    return result


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    env: Mapping[str, str],
    log: Path,
    pass_fds: Sequence[int] = (),
    cwd: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that writes to `log`. At the end it is asked to stop, and killed if it takes more than 5 s."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=pass_fds,
            cwd=cwd,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


class Geometry(NamedTuple):
    """A window's place and size on the screen, in pixels, without its frame."""

    x: int
    y: int
    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True)
class Desktop:
    """A screen with a window manager; `env` is what a program needs to appear on it, and the app gets `app_env` too."""

    env: Mapping[str, str]
    directory: Path
    app: App
    app_env: Mapping[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """What the programs wrote."""
        return self.directory / "log"

    def run(self, *command: str) -> str:
        """The output of a short X client."""
        done = subprocess.run(command, env=dict(self.env), timeout=20, capture_output=True, text=True, check=False)
        if done.returncode:
            raise DesktopError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def find_window(self, title: str | None = None) -> tuple[str, Geometry] | None:
        """Id and geometry of the window with that title, or of the app's, if it is open."""
        for line in until("a list of windows", self._list_windows).strip().splitlines():
            window, _workspace, *numbers, _machine, found = line.split(maxsplit=7)
            if found == (title or self.app.title):
                return window, Geometry(*map(int, numbers))
        return None

    def _list_windows(self) -> str | None:
        """All windows; None if one closed meanwhile."""
        try:
            return self.run("wmctrl", "-lG") or "\n"
        except DesktopError as error:
            if "BadWindow" in str(error):
                return None
            raise

    def window(self, title: str | None = None) -> tuple[str, Geometry]:
        """Id and geometry of the window with that title, or of the app's; waits until it is open."""
        return until(f"the window `{title or self.app.title}`", lambda: self.find_window(title))

    def geometry(self) -> Geometry:
        """Where the app's window is."""
        return self.window()[1]

    def geometry_other_than(self, before: Geometry) -> Geometry:
        """Waits until the window manager has given the window another size, and gives the geometry."""

        def changed() -> Geometry | None:
            now = self.geometry()
            return now if now[2:] != before[2:] else None

        return until(f"another size than {before}", changed, 5)

    def close_window(self, title: str | None = None) -> None:
        """Closes the window with that title, or the app's, as its user would."""
        self.run("wmctrl", "-i", "-c", self.window(title)[0])

    def screenshot(self, path: Path) -> None:
        """Saves a picture of the app's window, with its frame."""
        self.run("import", "-frame", "-window", self.window()[0], str(path))

    def processes(self) -> dict[int, str]:
        """The command lines of all processes that began on this desktop, by process id."""
        mark = f"XDG_RUNTIME_DIR={self.env['XDG_RUNTIME_DIR']}".encode()
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # it has just ended, or belongs to another user
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    words = (process / "cmdline").read_bytes().replace(b"\0", b" ")
                    found[int(process.name)] = words.decode().strip()
        return found

    def sidecar(self) -> int:
        """The process id of the sidecar; waits until it runs. Its spare, of the same command, began later."""

        def find() -> int | None:
            sidecars = [pid for pid, words in self.processes().items() if words.endswith(self.app.sidecar)]
            return min(sidecars, key=began, default=None)

        return until("the sidecar", find)

    def left(self) -> list[Path]:
        """What hosts have made on this desktop: their private directories and connection files."""
        return list(Path(self.env["XDG_RUNTIME_DIR"]).glob("sidecar-bridge-*"))

    def run_directories(self) -> list[Path]:
        """The private directories among that."""
        return [path for path in self.left() if path.is_dir()]

    def expect_no_process(self) -> None:
        """`DesktopError` with the processes that are still there after 5 s."""
        try:
            until("the end of all processes", lambda: not self.processes(), 5)
        except DesktopError as late:
            raise DesktopError(f"{late}; still there: {self.processes()}") from None

    def expect_nothing_left(self) -> None:
        """`DesktopError` with what an app left behind: processes or run directories."""
        self.expect_no_process()
        if left := self.left():
            raise DesktopError(f"left behind: {', '.join(map(str, left))}")


def began(pid: int) -> int:
    """When that process began, in ticks since the system did, see proc_pid_stat(5); one that has ended began last."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return sys.maxsize
    return int(fields[19])


@contextlib.contextmanager
def desktop(app: App = QUICKSTART, **app_env: str) -> Iterator[Desktop]:
    """Xvfb and openbox, ready for windows of that app, which gets `app_env`, too."""
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="e2e-")))
        runtime = directory / "runtime"
        runtime.mkdir(mode=0o700)
        # Without a bus address GLib would launch a bus that outlives the app.
        env = {**os.environ, "GDK_BACKEND": "x11", "DBUS_SESSION_BUS_ADDRESS": "disabled:"}

        # Xvfb picks its number itself and says it once it takes connections: no race for one.
        reader, writer = os.pipe()
        answer = stack.enter_context(os.fdopen(reader))
        with os.fdopen(writer, "w"):
            # Without -noreset it starts anew whenever its last client leaves, and refuses those that come meanwhile.
            screen = ["-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"]
            command = ["Xvfb", *screen, "-displayfd", str(writer)]
            stack.enter_context(running(command, env, directory / "xvfb.log", pass_fds=[writer]))
        number = answer.readline().strip() if select.select([answer], [], [], 15)[0] else ""
        if not number:
            raise DesktopError(f"no Xvfb: {(directory / 'xvfb.log').read_text().strip()}")
        env["DISPLAY"] = f":{number}"

        stack.enter_context(running(["openbox", "--sm-disable"], env, directory / "openbox.log"))
        # A mark that server and window manager lack: they are none of an app's processes.
        ready = Desktop({**env, "XDG_RUNTIME_DIR": str(runtime)}, directory, app, app_env)
        signs = ["_NET_SUPPORTING_WM_CHECK", "_NET_CLIENT_LIST"]
        until("openbox", lambda: ready.run("xprop", "-root", *signs).count("window id") == len(signs))
        try:
            yield ready
        except BaseException as error:
            error.add_note(f"The app wrote:\n{ready.log.read_text() if ready.log.exists() else ''}")
            raise


@contextlib.contextmanager
def started(on: Desktop, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """The app as its user starts it, with `env` added to the environment; its window is open."""
    with running([on.app.binary()], {**on.env, **on.app_env, **env}, on.log, cwd=on.app.folder) as process:
        on.window()
        yield process


@dataclass(frozen=True)
class Page:
    """The app's page."""

    driver: WebDriver
    desktop: Desktop

    def text(self, element: str) -> str:
        """What the element with that id shows."""
        return self.driver.find_element(By.ID, element).text

    def name(self, name: str) -> None:
        """Fills in the name."""
        field = self.driver.find_element(By.ID, "name")
        field.clear()
        if name:
            field.send_keys(name)

    def click(self, button: str) -> str:
        """Clicks a button and gives the result that then appears."""
        result = f"{button}-result"
        self.empty(result)
        self.settle()
        self.driver.find_element(By.ID, button).click()
        return until(f"#{result}", lambda: self.text(result))

    def settle(self) -> None:
        """Waits until the page has its window's size: WebDriver clicks on a place, which must not move away."""
        size = self.desktop.geometry()[2:]
        inner = "return [innerWidth, innerHeight]"
        until(f"a page of {size}", lambda: tuple(self.driver.execute_script(inner)) == size)

    def empty(self, element: str) -> None:
        """Takes the text away, so that the next one is surely new."""
        self.driver.execute_script("document.getElementById(arguments[0]).textContent = ''", element)


@contextlib.contextmanager
def driven(on: Desktop, *inside: str | Path) -> Iterator[Page]:
    """The app under WebDriver. At the end its window is closed, and it has to end by itself.

    With a command `inside`, that starts WebDriver, and so the app, in a place of its own.
    """
    driver = shutil.which("WebKitWebDriver")
    if driver is None:
        raise DesktopError("no WebKitWebDriver; install the package webkit2gtk-driver")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Tauri opens its webview to WebDriver when it sees the variable, which tauri-driver sets too.
    env = {**on.env, **on.app_env, "TAURI_WEBVIEW_AUTOMATION": "true"}
    command = [*inside, driver, f"--port={port}"]
    with running(command, env, on.directory / "webdriver.log", cwd=on.app.folder) as process:

        def listens() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        until("WebKitWebDriver", listens)
        options = ArgOptions()
        options.set_capability("browserName", "wry")
        options.set_capability("webkitgtk:browserOptions", {"binary": str(on.app.binary()), "args": []})
        address = f"http://127.0.0.1:{port}"
        direct = Proxy({"proxyType": ProxyType.DIRECT})
        client = ClientConfig(address, proxy=direct, timeout=60)
        session = WebDriver(RemoteConnection(client_config=client), options=options)
        try:
            on.window()
            yield Page(session, on)
        finally:
            # Ending the session kills the app, so close the window first.
            if on.find_window():
                on.close_window()
            with contextlib.suppress(DesktopError):
                until("the app's end", lambda: on.processes().keys() <= {process.pid}, 5)
            with contextlib.suppress(Exception):  # nobody is left to end the session with
                session.quit()
