"""Writes `tauri-api.json` anew: `scripts/tauri-api`. Needs Node, Cargo and the pinned packages; see `README.md`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import crates
from model import Model

HERE = Path(__file__).parent
TARGET = HERE / "tauri-api.json"


def main() -> int:
    """Read everything; with a difference that nobody explained, say each in a line, and write nothing."""
    printed = subprocess.run(["node", "packages.mjs"], cwd=HERE, check=True, capture_output=True, text=True)  # noqa: S607
    model = Model(json.loads(printed.stdout), plugins())
    for difference in model.differences:
        sys.stderr.write(f"{difference}\n")
    if model.differences:
        return 1
    TARGET.write_text(json.dumps(model.document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def plugins() -> list[crates.Plugin]:
    """Read the crates of `Cargo.toml`, in its order."""
    asked = ["cargo", "metadata", "--format-version=1", f"--manifest-path={HERE / 'Cargo.toml'}"]
    printed = subprocess.run(asked, check=True, capture_output=True, text=True)  # noqa: S603
    document = json.loads(printed.stdout)
    wanted = [each["name"] for each in document["packages"] if each["name"] == "tauri-api"]
    root = next(each for each in document["packages"] if each["name"] == wanted[0])
    versions = {each["name"]: each["req"].removeprefix("=") for each in root["dependencies"]}
    found = []
    for package in sorted(document["packages"], key=lambda each: each["name"]):
        if package["version"] != versions.get(package["name"]):
            continue
        folder = Path(package["manifest_path"]).parent
        if package["name"] == "tauri":
            found += crates.core_plugins(folder, package["version"])
        else:
            found.append(crates.plugin_of(folder, package["name"], package["version"]))
    return found


if __name__ == "__main__":
    sys.exit(main())
