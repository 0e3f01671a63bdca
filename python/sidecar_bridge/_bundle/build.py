"""`python -m sidecar_bridge bundle`: a sidecar with its own Python, built by PyInstaller for the bundles of Tauri."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar_bridge._bundle.check import check
from sidecar_bridge._bundle.order import EXE, BundleError, Order, add_arguments, read_order
from sidecar_bridge._bundle.profile import Profile, profile
from sidecar_bridge._bundle.report import report
from sidecar_bridge._bundle.spec import write_spec

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

__all__ = ["add_arguments", "run"]


def run(given: argparse.Namespace) -> int:
    """Build, check and place the sidecar; give the exit status. After a failure the former sidecar stays."""
    with suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    status = 1
    try:
        order = read_order(given)
        with _locked(order.work):
            _build(order)
    except BundleError as failure:
        message, status = str(failure), failure.status
    except OSError as error:
        message = f"{error.filename or given.to}: {error.strerror}; free it, make room or name another place with --to"
    except KeyboardInterrupt:
        message = "interrupted; start it again"
    else:
        return 0
    sys.stderr.write(f"python -m sidecar_bridge: {message}\n")
    return status


@contextmanager
def _locked(work: Path) -> Iterator[None]:
    """Keep other builds out of the folder; the system opens the folder again when this process ends or is killed."""
    # Neither git nor the watcher of `tauri dev` is to look at the folder.
    (work.parent / ".gitignore").write_text("*\n", encoding="utf-8")
    with (work / "lock").open("w") as lock:
        try:
            if sys.platform == "win32":
                import msvcrt  # noqa: PLC0415 - only there

                msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl  # noqa: PLC0415 - not there

                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            msg = f"another build is at work in {work}; wait for its end, or give this one its own with --work"
            raise BundleError(msg) from error
        yield


def _build(order: Order) -> None:
    began = time.monotonic()
    measured = profile(order) if order.optimize else None
    # A build that was killed could not tidy up. A name has no dot, so these are no other sidecar's.
    for left in order.to.glob(f".{order.name}.*"):
        shutil.rmtree(left, ignore_errors=True)
    # On the file system of the destination, so that the result gets there by being renamed.
    with tempfile.TemporaryDirectory(prefix=f".{order.name}.", dir=order.to, ignore_cleanup_errors=True) as folder:
        staging = Path(folder)
        built = staging / (order.name if order.is_folder else f"{order.name}{EXE}")
        try:
            _pyinstaller(order, staging, measured)
            start_s = check(order, built / f"{order.name}{EXE}" if order.is_folder else built, staging)
        except BaseException:
            # The next build might not repeat the step that went wrong.
            shutil.rmtree(order.cache, ignore_errors=True)
            raise
        _swap(built, order.destination, staging / "former")
    _report(order, time.monotonic() - began, start_s)
    if measured is not None:
        report(order, measured)


def _pyinstaller(order: Order, staging: Path, measured: Profile | None) -> None:
    try:
        spec = write_spec(order, measured)
    except (SyntaxError, ValueError) as error:
        raise BundleError(f"{order.entry} is no Python: {error}; correct it") from error
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", f"--distpath={staging}", f"--workpath={order.cache}"]
    # Sets in a fixed order make equal builds equal.
    environment = os.environ | {"PYTHONHASHSEED": "0", "PYINSTALLER_CONFIG_DIR": str(order.cache)}
    sys.stdout.write(f"building {order.name} with PyInstaller {metadata.version('pyinstaller')}, log: {order.log}\n")
    sys.stdout.flush()
    lines = _output([*command, str(spec)], environment, order)
    for name in order.hidden:
        if any(f"Hidden import {name!r} not found" in line for line in lines):
            raise BundleError(f"no module `{name}`; install it, or correct --hidden-import")
    if order.is_folder:
        _without_links(staging)


def _output(command: list[str], environment: dict[str, str], order: Order) -> list[str]:
    """Run a command, log and give the lines that it writes; `BundleError` when it fails."""
    lines: list[str] = [""]
    live = sys.stdout.isatty()
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    with (
        order.log.open("w", encoding="utf-8") as log,
        subprocess.Popen(  # noqa: S603 - our own Python
            command, cwd=order.work, env=environment, stdin=nothing, stdout=pipe, stderr=subprocess.STDOUT
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            for raw in process.stdout:
                line = raw.decode(errors="replace").rstrip()
                log.write(f"{line}\n")
                if line:
                    lines.append(re.sub(r"^\d+ \w+: ", "", line))
                if live:
                    sys.stdout.write(f"\r\033[K{lines[-1][: shutil.get_terminal_size().columns - 1]}")
                    sys.stdout.flush()
        except BaseException:
            process.kill()
            raise
        finally:
            sys.stdout.write("\r\033[K" if live else "")
    if process.returncode:
        raise BundleError(f"PyInstaller failed: {lines[-1]}; correct that, the log is {order.log}")
    return lines


def _without_links(folder: Path) -> None:
    """Put files in the place of PyInstaller's links, as Tauri will: what is checked is what is shipped.

    Tauri's bundler follows links to files, and leaves out links to directories (`ResourcePaths` of tauri-utils).
    """
    links = [path for path in folder.rglob("*") if path.is_symlink()]
    for link in links:
        target = link.resolve(strict=True)
        if target.is_file():
            copy = link.with_name(f"{link.name}.copy")
            shutil.copy2(target, copy)
            copy.replace(link)
    for link in links:
        if link.is_symlink():
            link.unlink()


def _swap(built: Path, destination: Path, aside: Path) -> None:
    """Put the new sidecar in place and the former one aside; after a failure the former one is back."""
    try:
        if built.is_file():
            built.replace(destination)
            return
        # No system that Python knows of exchanges two folders in one step.
        if destination.is_symlink() or destination.exists():
            destination.rename(aside)
        try:
            built.rename(destination)
        except BaseException:
            aside.rename(destination)
            raise
    except OSError as error:
        # Windows does not rename what runs.
        msg = f"{destination} cannot be replaced: {error.strerror}; end the app that runs it"
        raise BundleError(msg) from error


def _report(order: Order, took_s: float, start_s: float) -> None:
    files = [order.destination] if order.destination.is_file() else list(order.destination.rglob("*"))
    size = sum(file.stat().st_size for file in files if file.is_file()) / 1e6
    sys.stdout.write(f"{order.destination}: {size:.1f} MB, built in {took_s:.0f} s, starts in {start_s:.2f} s\n")
    config, bundle, command = _configuration(order)
    sidecars = {order.name if order.is_folder else "python": {"spawn": {"command": [command]}}}
    sys.stdout.write(f"add to {config}:\n{json.dumps({'bundle': bundle})}\n")
    sys.stdout.write(json.dumps({"plugins": {"sidecar-bridge": {"sidecars": sidecars}}}) + "\n")


def _configuration(order: Order) -> tuple[Path, dict[str, object], str]:
    """Give Tauri's configuration file, what it says of the bundle, and the sidecar's program."""
    names = ("tauri.conf.json", "tauri.conf.json5", "Tauri.toml")
    found = (parent / name for parent in order.to.parents for name in names if (parent / name).is_file())
    config = next(found, order.to.parent / names[0])
    source = Path(os.path.relpath(order.to, config.parent)).as_posix() + f"/{order.name}"
    if not order.is_folder:
        return config, {"externalBin": [source]}, order.name
    place = f"sidecar/{order.name}/"
    return config, {"resources": {f"{source}/": place}}, f"$RESOURCE/{place}{order.name}"
