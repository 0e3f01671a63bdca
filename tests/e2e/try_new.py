"""Makes an app with `new`, starts it as its developer would, and says when Python has called its window."""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from desktop import App, DesktopError, desktop, until

ROOT = Path(__file__).parents[2]
TITLE = "Hello from Rust, Ada!"
"""What Python makes the window's title, once the page has asked it."""
LIMIT_S = 1200


def main() -> int:
    """Gives the exit status: 0 when Python has called the window."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the app is made; what is there is removed")
    parser.add_argument("--react", action="store_true", help="with React")
    given = parser.parse_args()
    folder = given.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    try:
        took_s = [*make(folder, react=given.react), *start(folder)]
    except (DesktopError, subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        print(f"try-new: {error}", file=sys.stderr)
        return 1
    print(f"{sum(took_s):6.1f} s  from an empty folder to a window that Python has called")
    return 0


def make(folder: Path, *, react: bool) -> Iterator[float]:
    """Makes the app and installs the page's packages; the sidecar's are those of this environment."""
    new = [sys.executable, "-m", "sidecar_bridge", "new", str(folder), "--from", str(ROOT)]
    yield step("new", [*new, *(["--react"] if react else [])], ROOT)
    # The versions that are built and cached here.
    shutil.copy(ROOT / "Cargo.lock", folder / "src-tauri/Cargo.lock")
    yield step("npm install", ["npm", "install", "--prefer-offline", "--no-audit", "--no-fund"], folder)
    yield step("cargo build", ["cargo", "build", "--offline"], folder / "src-tauri")


def start(folder: Path) -> Iterator[float]:
    """Starts `tauri dev`, and waits for the window."""
    with desktop(App(TITLE, "")) as screen:
        began = time.monotonic()
        with dev(folder, screen.env, folder / "dev.log"):
            until(f"the window `{TITLE}`; {folder / 'dev.log'} says more", screen.find_window, LIMIT_S)
            yield said("tauri dev", began)
            screen.screenshot(folder / "window.png")
            screen.close_window()
            screen.expect_no_process()


@contextlib.contextmanager
def dev(folder: Path, env: Mapping[str, str], log: Path) -> Iterator[None]:
    """Runs `tauri dev`, which ends with its window, or at last here."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["npm", "run", "tauri", "dev"],
            cwd=folder,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield
        process.wait(30)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def step(name: str, command: list[str], folder: Path) -> float:
    """Runs a command, and gives how long it took."""
    began = time.monotonic()
    subprocess.run(
        command, cwd=folder, check=True, timeout=LIMIT_S, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    return said(name, began)


def said(name: str, began: float) -> float:
    """Says how long a step took."""
    took_s = time.monotonic() - began
    print(f"{took_s:6.1f} s  {name}", flush=True)
    return took_s


if __name__ == "__main__":
    sys.exit(main())
