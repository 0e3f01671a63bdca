"""Makes an app with `new`, starts it as `--start` does, and says when Python has called its window."""

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import compile_times
from desktop import App, Desktop, DesktopError, desktop, until

ROOT = Path(__file__).parents[2]
APP = App("Hello from Rust, Ada!", "SIDECAR_BRIDGE_NEW_APP")
"""Its title is what Python makes of the window's, once the page has asked it."""
LIMIT_S = 1200
START = """
import sys
from pathlib import Path
from sidecar_bridge._new.starting import Tools, start
folder, cargo = sys.argv[1:]
sys.exit(start(Path(folder), Tools.found()._replace(cargo=cargo)))
"""
"""What `new --start` does once the app is there; in between, this chooses the versions."""


def main() -> int:
    """Gives the exit status: 0 when Python has called the window."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the app is made")
    parser.add_argument("packages", type=Path, help="a folder with the crate, the npm package and the wheel")
    parser.add_argument("--react", action="store_true", help="with React")
    given = parser.parse_args()
    folder, packages = given.folder.resolve(), given.packages.resolve()
    # A step that is stopped must end what it has started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        python = installed(folder.parent / "tool", packages)
        began = time.monotonic()
        new = [python, "-m", "sidecar_bridge", "new", folder.name, "--from", packages]
        run([*new, *(["--react"] if given.react else [])], folder.parent)
        choose_versions(folder)
        said("new", time.monotonic() - began)
        start(python, folder, began)
        expect_packages(folder)
    except (DesktopError, subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        print(f"try-new: {error}", file=sys.stderr)
        return 1
    return 0


def installed(environment: Path, packages: Path) -> Path:
    """A Python that has the wheel, and so `new`, and nothing of these sources."""
    (wheel,) = packages.glob("tauri_sidecar_bridge-*.whl")
    run([sys.executable, "-m", "venv", "--without-pip", environment], ROOT)
    python = environment / "bin/python"
    run([sys.executable, "-m", "pip", "--python", python, "install", wheel], ROOT)
    return python


def choose_versions(folder: Path) -> None:
    """Those that are built and cached here: else the newest would be, and a test would depend on them."""
    shutil.copy(ROOT / "Cargo.lock", folder / "src-tauri")
    # It has all that a new app has; npm drops the rest.
    shutil.copy(ROOT / "examples/fullstack/package-lock.json", folder)


def start(python: Path, folder: Path, began: float) -> None:
    """Installs and builds the app, and waits for the window that `tauri dev` opens; says how long it all took."""
    cargo = folder.parent / "cargo"
    cargo.write_text(f'#!/bin/sh\nexec "{shutil.which("cargo")}" "$@" --timings\n')
    cargo.chmod(0o755)
    log = folder.parent / "start.log"
    with desktop(APP) as screen, starting([str(python), "-c", START, str(folder), str(cargo)], screen.env, log) as dev:
        until(f"the window `{APP.title}`", lambda: seen(screen, dev, log), LIMIT_S)
        total_s = time.monotonic() - began
        for name, took_s in re.findall(r"^([a-z][\w ,.]+): ([\d.]+) s$", log.read_text(errors="replace"), re.MULTILINE):
            said(f"{name} (cargo, npm and pip at the same time)", float(took_s))
        said("from an empty folder to a window that Python has called", total_s)
        said("of which is Tauri's own compile", tauri_s(folder))
        screen.close_window()
        until("the end of `tauri dev`", lambda: dev.poll() is not None, 30)
        screen.expect_nothing_left()


def seen(screen: Desktop, dev: subprocess.Popen[bytes], log: Path) -> bool:
    """Whether the window is there; `DesktopError` when what opens it has ended."""
    if dev.poll() is not None:
        raise DesktopError(f"exit code {dev.returncode} before a window:\n{log.read_text(errors='replace')[-4000:]}")
    return screen.find_window() is not None


def tauri_s(folder: Path) -> float:
    """How long cargo compiled what any Tauri app compiles; nothing of it when it was there."""
    report = Path(os.environ["CARGO_TARGET_DIR"]) / "cargo-timings/cargo-timing.html"
    tauris = compile_times.needed_by_tauri(folder / "src-tauri/Cargo.toml")
    return compile_times.share_s(compile_times.read(report), lambda unit: unit.crate in tauris)


@contextlib.contextmanager
def starting(command: list[str], env: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program with a session of its own, of which nothing stays."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=dict(env), stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def expect_packages(folder: Path) -> None:
    """`DesktopError` when one of the three is not what was unpacked of its archive."""
    guest = folder / "node_modules/tauri-plugin-sidecar-bridge-api"
    (package,) = folder.glob(".venv/lib/python3*/site-packages/sidecar_bridge")
    crate = folder / "src-tauri/vendor/tauri-plugin-sidecar-bridge"
    for place in (guest, package, crate):
        if not place.is_dir() or not place.resolve().is_relative_to(folder):
            raise DesktopError(f"{place} is {place.resolve()}, and not of its package")


def run(command: list[str | Path], folder: Path) -> None:
    """Runs a command that should succeed; what it prints goes to standard error."""
    subprocess.run(command, cwd=folder, check=True, timeout=LIMIT_S, stdin=subprocess.DEVNULL, stdout=sys.stderr)


def said(name: str, took_s: float) -> None:
    """Says how long something took."""
    print(f"{took_s:6.1f} s  {name}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
