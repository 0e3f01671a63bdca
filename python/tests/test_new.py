"""`python -m sidecar_bridge new`: the app that it makes works, and keeps up with the examples.

`scripts/try-new` builds one and opens its window.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest

from sidecar_bridge._app.errors import AppError
from sidecar_bridge._app.packages import unpacked

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


def new(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sidecar_bridge", "new", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module", params=["vanilla", "react"])
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An app whose packages are those of the full-stack example, which has all that it needs."""
    folder = tmp_path_factory.mktemp("new")
    done = new(folder, "shop-2", "--from", str(ROOT), *(["--react"] if request.param == "react" else []))
    assert (done.returncode, done.stderr) == (0, "")
    assert "  cd shop-2\n  npm install\n" in done.stdout
    (folder / "shop-2/node_modules").symlink_to(EXAMPLES / "fullstack/node_modules")
    return folder / "shop-2"


def own_files(app: Path) -> list[Path]:
    return [path for path in app.rglob("*") if path.is_file() and "node_modules" not in path.parts]


def test_it_has_its_name_everywhere(app: Path) -> None:
    for path in own_files(app):
        if path.suffix not in (".png", ".ico"):
            assert not re.search(r"my-app|@(CRATE|NPM|PIP)@", path.read_text()), path
    assert (app / ".gitignore").is_file()
    config = json.loads((app / "src-tauri/tauri.conf.json").read_text())
    assert (config["productName"], config["identifier"]) == ("shop-2", "com.example.shop-2")


def test_cargo_reads_it(app: Path) -> None:
    run(app / "src-tauri", "cargo", "metadata", "--no-deps", "--offline", "--format-version", "1")


def test_the_page_has_no_error_of_types(app: Path) -> None:
    run(app, "npx", "--no-install", "tsc")


def test_the_tests_of_the_page_pass(app: Path) -> None:
    run(app, "npx", "--no-install", "vitest", "run")


@pytest.mark.parametrize("words", [(), ("sidecar",)], ids=["all", "folder"])
def test_the_tests_of_the_sidecar_pass(app: Path, words: tuple[str, ...]) -> None:
    run(app, "pytest", "-q", "-p", "no:cacheprovider", *words)


def test_they_pass_in_its_folder_too(app: Path) -> None:
    run(app / "sidecar", "pytest", "-q", "-p", "no:cacheprovider")


def test_what_is_generated_of_the_routes_is_current(app: Path) -> None:
    run(app / "sidecar", sys.executable, "-m", "sidecar_bridge", "openapi", "main:app", "--check", "../openapi.json")
    types = (app / "src/openapi.ts").read_text()
    run(app, "npx", "--no-install", "openapi-typescript", "openapi.json", "-o", "src/openapi.ts")
    assert (app / "src/openapi.ts").read_text() == types


def test_its_packages_come_from_the_checkout(app: Path) -> None:
    manifest = tomllib.loads((app / "src-tauri/Cargo.toml").read_text())
    for table in ("dependencies", "dev-dependencies"):
        path = manifest[table]["tauri-plugin-sidecar-bridge"]["path"]
        assert (app / "src-tauri" / path).resolve() == ROOT
    package = json.loads((app / "package.json").read_text())["dependencies"]["tauri-plugin-sidecar-bridge-api"]
    assert (app / package.removeprefix("file:")).resolve() == ROOT / "guest-js"
    assert f"{ROOT / 'python'}" in (app / "sidecar/requirements.txt").read_text()


def test_without_a_checkout_they_have_the_packages_version(tmp_path: Path) -> None:
    done = new(tmp_path, "shop", "--identifier", "org.example.desk")
    assert done.returncode == 0
    assert "\nnote: cargo, npm and pip have to find `tauri-plugin-sidecar-bridge`, " in done.stdout
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    manifest = tomllib.loads((tmp_path / "shop/src-tauri/Cargo.toml").read_text())
    assert manifest["dependencies"]["tauri-plugin-sidecar-bridge"]["version"] == version
    package = json.loads((tmp_path / "shop/package.json").read_text())
    assert package["dependencies"]["tauri-plugin-sidecar-bridge-api"] == f"^{version}"
    assert f"~={version}\n" in (tmp_path / "shop/sidecar/requirements.txt").read_text()
    config = json.loads((tmp_path / "shop/src-tauri/tauri.conf.json").read_text())
    assert config["identifier"] == "org.example.desk"


def test_a_folder_with_the_packages_will_do(tmp_path: Path) -> None:
    """`scripts/try-new` makes an app of the real ones, and runs it."""
    archives = tmp_path / "archives"
    archives.mkdir()
    for name in ("tauri-plugin-sidecar-bridge-api-1.0.0.tgz", "tauri_sidecar_bridge-1.0.0-cp311-abi3-any.whl"):
        (archives / name).touch()
    with tarfile.open(archives / "tauri-plugin-sidecar-bridge-1.0.0.crate", "w:gz") as crate:
        for path in ("Cargo.toml", "src/lib.rs"):
            crate.add(ROOT / path, f"tauri-plugin-sidecar-bridge-1.0.0/{path}")
    assert new(tmp_path, "shop", "--from", "archives").returncode == 0
    app = tmp_path / "shop"
    manifest = tomllib.loads((app / "src-tauri/Cargo.toml").read_text())
    vendored = app / "src-tauri" / manifest["dependencies"]["tauri-plugin-sidecar-bridge"]["path"]
    assert (vendored / "src/lib.rs").read_bytes() == (ROOT / "src/lib.rs").read_bytes()
    assert "path" in manifest["dev-dependencies"]["tauri-plugin-sidecar-bridge"]
    package = json.loads((app / "package.json").read_text())["dependencies"]["tauri-plugin-sidecar-bridge-api"]
    assert package == "file:../archives/tauri-plugin-sidecar-bridge-api-1.0.0.tgz"
    wheel = (archives / "tauri_sidecar_bridge-1.0.0-cp311-abi3-any.whl").as_uri()
    assert f"tauri-sidecar-bridge[bindings,fastapi] @ {wheel}\n" in (app / "sidecar/requirements.txt").read_text()


def test_what_leads_out_of_a_crate_is_refused(tmp_path: Path) -> None:
    crate = tmp_path / "bad.crate"
    with tarfile.open(crate, "w:gz") as archive:
        archive.add(ROOT / "Cargo.toml", "bad-1.0.0/../../Cargo.toml")
    with pytest.raises(AppError, match=r"leads out of it"):
        unpacked(crate)


def test_its_packages_are_those_of_the_examples(app: Path) -> None:
    ours = json.loads((app / "package.json").read_text())
    example = json.loads((EXAMPLES / "fullstack/package.json").read_text())
    known = example["dependencies"] | example["devDependencies"] | {"@tauri-apps/cli": "^2.12.5"}
    wanted = ours["dependencies"] | ours["devDependencies"]
    del wanted["tauri-plugin-sidecar-bridge-api"]
    assert wanted == {name: known[name] for name in wanted}
    crates = tomllib.loads((app / "src-tauri/Cargo.toml").read_text())
    quickstart = tomllib.loads((EXAMPLES / "quickstart/src-tauri/Cargo.toml").read_text())
    for name, wanted_crate in crates["dependencies"].items():
        if name != "tauri-plugin-sidecar-bridge":
            assert wanted_crate == quickstart["dependencies"][name]
    profile = tomllib.loads((ROOT / "Cargo.toml").read_text())["profile"]["dev"]
    assert crates["profile"]["dev"]["debug"] == profile["debug"]


def test_its_code_is_that_of_the_quickstart_where_both_do_the_same(app: Path) -> None:
    ours = (app / "src-tauri/src/main.rs").read_text()
    quickstart = (EXAMPLES / "quickstart/src-tauri/src/main.rs").read_text()
    for start, end in (("    fn bindings_are_current", "\n}\n"), ("enum GreetError", "\n/// ")):
        piece = (
            quickstart[quickstart.index(start) :].partition(end)[0].replace("scripts/generate", "BLESS=1 cargo test")
        )
        assert piece in ours
    build = (EXAMPLES / "quickstart/src-tauri/build.rs").read_text()
    assert (
        build.partition("fn main")[2].replace('"greet"', '"greet", "python_version"')
        in (app / "src-tauri/build.rs").read_text()
    )
    for icon in (EXAMPLES / "quickstart/src-tauri/icons").iterdir():
        assert (app / "src-tauri/icons" / icon.name).read_bytes() == icon.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["My App"], "`My App` is no name of an app; take small letters, digits and hyphens, such as `my-app`"),
        (["shop", "--identifier", "shop"], "`shop` is no identifier; take letters, digits, hyphens and dots"),
        (["shop", "--from", "."], ". is no checkout of tauri-plugin-sidecar-bridge and has no tauri-plugin-sidecar"),
        (["shop", "--from", "broken"], "broken/tauri-plugin-sidecar-bridge-1.0.0.crate cannot be unpacked"),
        (["shop", "--from", "two"], "; leave the one that fits this system"),
        (["taken"], "taken is there and not empty; name another folder"),
    ],
)
def test_what_cannot_be_made_is_refused_and_leaves_nothing(arguments: list[str], reason: str, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/file").touch()
    for folder, systems in (("broken", ["a"]), ("two", ["a", "b"])):
        (tmp_path / folder).mkdir()
        wheels = [f"tauri_sidecar_bridge-1.0.0-{system}.whl" for system in systems]
        for name in ("tauri-plugin-sidecar-bridge-1.0.0.crate", "tauri-plugin-sidecar-bridge-api-1.0.0.tgz", *wheels):
            (tmp_path / folder / name).write_text("no archive")
    done = new(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (64, "")
    assert reason in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken", "taken", "two"]
