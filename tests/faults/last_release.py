"""The last release, built from the repository's history: its Python package, and its `test-host`.

Before the first tag `v*` a commit stands for it. What is built stays in `target/last-release`: a commit never changes.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

STAND_IN = "dd74ef3329ffc54cd24c9f62475954af5e9412c6"
"""What stands for the last release while no tag does: the state of the repository that was public last."""

_ROOT = Path(__file__).parents[2]
_PLACE = Path(os.environ.get("CARGO_TARGET_DIR", _ROOT / "target")) / "last-release"

_BUILD_LIMIT_S = 1800
"""A build that takes longer hangs."""


def commit() -> str:
    """Give the commit of the newest tag `v*` before this commit, or else of the stand-in."""
    # Not the tag of this commit: when a release is made, the last one is the one before.
    tagged = _git("describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^")
    name = tagged.stdout.decode().strip() if tagged.returncode == 0 else STAND_IN
    found = _git("rev-parse", "--verify", f"{name}^{{commit}}")
    if found.returncode != 0:
        # Such as a copy of the sources alone, which people test, too.
        pytest.skip(
            f"the last release, `{name}`, is not in the history of {_ROOT} ({found.stderr.decode().strip()}); clone "
            "the repository whole, or run `git fetch --unshallow --tags`"
        )
    return found.stdout.decode().strip()


def package() -> Path:
    """Give the folder from which the last release's Python package is imported."""
    release = commit()
    kept = _PLACE / f"package-{release}"
    if not kept.is_dir():
        with _sources(release) as sources:
            wheels, folder = sources / "wheels", sources / "package"
            maturin = [sys.executable, "-m", "maturin", "build", "--locked", "-m", "python/Cargo.toml"]
            _build(sources, *maturin, "--out", str(wheels))
            (wheel,) = wheels.iterdir()
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder)
            folder.rename(kept)
    return kept


def host() -> str:
    """Give the last release's `test-host`. Its build takes minutes: it compiles Tauri."""
    release = commit()
    kept = _PLACE / f"test-host-{release}"
    if not kept.is_file():
        with _sources(release) as sources:
            _build(sources, "cargo", "build", "--locked", "-p", "test-host")
            (_PLACE / "build/debug/test-host").rename(kept)
    return str(kept)


@contextmanager
def _sources(release: str) -> Iterator[Path]:
    """Unpack the repository as it was, on the disk of what is built: a rename then brings that to its place."""
    _PLACE.mkdir(parents=True, exist_ok=True)
    archive = _git("archive", "--format=zip", release)
    assert archive.returncode == 0, archive.stderr.decode()
    with tempfile.TemporaryDirectory(dir=_PLACE, prefix="sources-") as directory:
        with zipfile.ZipFile(io.BytesIO(archive.stdout)) as files:
            files.extractall(directory)
        yield Path(directory)


def _build(sources: Path, *command: str) -> None:
    environment = {**os.environ, "CARGO_TARGET_DIR": str(_PLACE / "build")}
    done = subprocess.run(
        command, cwd=sources, env=environment, capture_output=True, text=True, timeout=_BUILD_LIMIT_S, check=False
    )
    if done.returncode != 0:
        pytest.fail(f"the last release cannot be built; `{' '.join(command)}` said:\n{done.stderr[-4000:]}")


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, timeout=60, check=False)
