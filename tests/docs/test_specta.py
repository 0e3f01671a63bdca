"""The versions of specta in `docs/bindings.md` fit together, and are those that the plugin is built and tested with."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from snippets import ROOT, blocks_of

DOCUMENT = ROOT / "docs/bindings.md"
LIMIT_S = 60


def locked() -> dict[str, str]:
    """Give the version of each package in the lock file that has one only."""
    packages = tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    names = [package["name"] for package in packages]
    return {package["name"]: package["version"] for package in packages if names.count(package["name"]) == 1}


def commands() -> list[str]:
    """Give the commands that add the crates to an app."""
    (block,) = (block for block in blocks_of(DOCUMENT) if block.language == "sh")
    return block.text.splitlines()


def test_the_versions_are_those_of_the_lock_file() -> None:
    text = DOCUMENT.read_text()
    added = dict(re.findall(r"^cargo add ([\w-]+)@=?(\S+)", text, re.MULTILINE))
    told = dict(re.findall(r"^\| `([\w-]+)` \| =?(\S+) \|", text, re.MULTILINE))
    versions = locked()
    assert added == {name: versions[name] for name in ("specta", "tauri-specta", "specta-typescript")}
    assert told == added | {"tauri": ".".join(versions["tauri"].split(".")[:2])}


def test_the_commands_add_one_of_each(tmp_path: Path) -> None:
    app = tmp_path / "app/src-tauri"
    (app / "src").mkdir(parents=True)
    (app / "src/main.rs").write_text("fn main() {}\n")
    (app / "Cargo.toml").write_text('[package]\nname = "app"\nversion = "0.1.0"\nedition = "2024"\n')
    (tmp_path / "tauri-plugin-sidecar-bridge").symlink_to(ROOT)
    # With the versions that are here already, so that nothing is asked for.
    shutil.copy(ROOT / "Cargo.lock", app)
    for command in ["cargo add tauri@2.12", *commands()]:
        run(app, *shlex.split(command), "--offline")
    tree = run(app, "cargo", "tree", "--offline", "--prefix", "none", "--format", "{p}")
    lines = {line.removesuffix(" (*)") for line in tree.splitlines()}
    for name, version in locked().items():
        if "specta" in name:
            assert [line.split()[1] for line in lines if line.split()[:1] == [name]] == [f"v{version}"]


def run(directory: Path, *command: str) -> str:
    """Run a command, and give what it printed."""
    done = subprocess.run(
        command,
        cwd=directory,
        check=False,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        pytest.fail(f"{shlex.join(command)}\n{done.stdout}\n{done.stderr}")
    return done.stdout
