"""What users get: one version everywhere, and in each package exactly what belongs there."""

import json
import os
import re
import shutil
import subprocess
import tarfile
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CRATE = "tauri-plugin-sidecar-bridge"
GUEST = "tauri-plugin-sidecar-bridge-api"
WHEEL = "tauri-sidecar-bridge"
CONSUMER = Path(__file__).parent / "consumer"
NATIVE = "tauri-sidecar-bridge-native"
LICENCES = {"LICENSE-APACHE", "LICENSE-MIT"}
NOTICE = "NOTICE"
"""Of what the wheel has of Tauri's documentation."""
READERS = {f"sidecar_bridge/_tauri_api/{name}.mjs" for name in ("calls", "compiler", "read", "types")}
"""What Node runs of the Python package."""
TEMPLATES = {
    path.relative_to(ROOT / "python").as_posix()
    for part in ("_init", "_new")
    for path in (ROOT / "python/sidecar_bridge" / part).rglob("*")
    if path.is_file() and path.suffix in (".txt", ".png", ".ico")
}
"""What the Python package writes into apps."""
MAX_FILE_BYTES = 200_000


def ask(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    # Words to be read, with no colours in them, wherever the tests run: publint colours them where `CI` is set.
    plain = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(
        command, cwd=cwd, check=False, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL, env=plain
    )


def run(*command: str, cwd: Path = ROOT) -> None:
    done = ask(*command, cwd=cwd)
    assert done.returncode == 0, f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"


def only(directory: Path, pattern: str) -> Path:
    (found,) = directory.glob(pattern)
    return found


def tar_files(archive: Path) -> dict[str, int]:
    """The files of a tar archive and their sizes, without the directory that holds them all."""
    with tarfile.open(archive) as tar:
        return {member.name.partition("/")[2]: member.size for member in tar if member.isfile()}


def on_disk(directory: str, pattern: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / directory).rglob(pattern)}


def strangers(files: dict[str, int], *allowed: str) -> list[str]:
    """The files that match no allowed pattern, or are too large."""
    return sorted(
        name
        for name, size in files.items()
        if size > MAX_FILE_BYTES or not any(re.fullmatch(pattern, name) for pattern in allowed)
    )


@pytest.fixture(scope="module")
def version() -> str:
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]
    return str(workspace["package"]["version"])


@pytest.fixture(scope="module")
def crate(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    target = tmp_path_factory.mktemp("crate")
    run("cargo", "package", "-p", CRATE, "--no-verify", "--allow-dirty", "--offline", "--target-dir", str(target))
    return tar_files(only(target / "package", "*.crate"))


@pytest.fixture(scope="module")
def guest_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("guest")
    run("npm", "pack", "--ignore-scripts", "--pack-destination", str(target), cwd=ROOT / "guest-js")
    return only(target, "*.tgz")


@pytest.fixture(scope="module")
def guest(guest_archive: Path) -> dict[str, int]:
    return tar_files(guest_archive)


@pytest.fixture(scope="module")
def consumer(guest_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app in `consumer`: the packed guest package, beside the packages that `scripts/setup` has installed."""
    app = tmp_path_factory.mktemp("consumer")
    shutil.copytree(CONSUMER, app, ignore=shutil.ignore_patterns("node_modules"), dirs_exist_ok=True)
    installed = app / "node_modules"
    installed.mkdir()
    for package in (CONSUMER / "node_modules").iterdir():
        (installed / package.name).symlink_to(package)
    # Not by `tarfile`: that of Debian 12's Python knows no filter, and later ones want one.
    run("tar", "-xzf", str(guest_archive), "-C", str(app))
    (app / "package").rename(installed / GUEST)
    return app


@pytest.fixture(scope="module")
def python_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the sdist and the wheel that was built from it."""
    target = tmp_path_factory.mktemp("python")
    run("maturin", "build", "--release", "--offline", "--sdist", "--out", str(target), cwd=ROOT / "python")
    return target


def test_versions_are_equal(version: str) -> None:
    crates = tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    locked = {package["name"]: package["version"] for package in crates}
    versions = {
        "Cargo.lock, plugin": locked[CRATE],
        "Cargo.lock, Python core": locked[NATIVE],
        "package.json": json.loads((ROOT / "guest-js/package.json").read_text())["version"],
        "package-lock.json": json.loads((ROOT / "guest-js/package-lock.json").read_text())["version"],
        "Python package": metadata.version(WHEEL),
    }
    assert versions == dict.fromkeys(versions, version)


def test_the_changelog_has_a_section_for_the_version(version: str) -> None:
    assert re.search(rf"^## \[{re.escape(version)}\] - ", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_the_floors_are_the_same_everywhere() -> None:
    rust = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["rust-version"]
    python = tomllib.loads((ROOT / "python/pyproject.toml").read_text())["project"]["requires-python"]
    node = json.loads((ROOT / "guest-js/package.json").read_text())["engines"]["node"]
    assert (python, node) == (">=3.11", ">=20")
    assert f"Rust {rust}, Python 3.11 and Node 20" in (ROOT / "CONTRIBUTING.md").read_text()
    compilers = json.loads((CONSUMER / "package.json").read_text())["devDependencies"]
    oldest = compilers["typescript-oldest"].removeprefix("npm:typescript@").rpartition(".")[0]
    for document in ("guest-js/README.md", "docs/page.md"):
        assert f"TypeScript {oldest} or newer" in (ROOT / document).read_text(), document


def test_every_package_carries_the_same_licences() -> None:
    for package in ("guest-js", "python"):
        for licence in LICENCES:
            assert (ROOT / package / licence).read_text() == (ROOT / licence).read_text(), f"{package}/{licence}"


def test_the_crate_holds_what_belongs_there(crate: dict[str, int]) -> None:
    needed = LICENCES | {"README.md", "CHANGELOG.md", "build.rs", "permissions/default.toml", "schemas/openapi.json"}
    assert (needed | on_disk("src", "*.rs") | on_disk("permissions/autogenerated", "*.toml")) - crate.keys() == set()
    assert not strangers(
        crate,
        r"Cargo\.(lock|toml|toml\.orig)|\.cargo_vcs_info\.json|build\.rs|README\.md|CHANGELOG\.md|LICENSE-\w+",
        r"src/[\w/]+\.rs",
        "|".join(map(re.escape, TEMPLATES)),
        r"permissions/[\w/-]+\.(toml|json|md)",
        r"schemas/[\w.-]+\.json",
        r"docs/[\w/-]+\.md",
    )


def test_the_npm_package_holds_what_belongs_there(guest: dict[str, int]) -> None:
    sources = {name.removeprefix("guest-js/") for name in on_disk("guest-js/src", "*.ts")}
    modules = {name.removeprefix("src/").removesuffix(".ts") for name in sources}
    built = {f"dist-js/{module}{end}" for module in modules for end in (".js", ".d.ts")} | {"dist-js/global.js"}
    assert (LICENCES | {"README.md", "package.json"} | sources | built) - guest.keys() == set()
    assert not strangers(guest, r"package\.json|README\.md|LICENSE-\w+", r"(src|dist-js)/[\w/]+\.(ts|js|d\.ts)(\.map)?")
    assert {name.removesuffix(".map") for name in guest if name.startswith("dist-js/")} == built


def test_publint_finds_nothing_in_the_npm_package(guest_archive: Path) -> None:
    said = ask("node", str(CONSUMER / "node_modules/publint/src/cli.js"), "run", "--strict", str(guest_archive))
    # A classic script for pages without a bundler, in a function whose parameter is named `exports`.
    found = re.findall(r"^\d+\. (.*)", said.stdout, re.MULTILINE)
    assert len(found) == 1, said.stdout + said.stderr
    assert found[0].startswith('pkg.exports["./global.js"] is ./dist-js/global.js and is written in CJS'), said.stdout


def test_every_resolver_of_types_finds_those_of_the_npm_package(guest_archive: Path) -> None:
    tool = str(CONSUMER / "node_modules/@arethetypeswrong/cli/dist/index.js")
    # A package of ES modules; `global.js` has no types.
    run("node", tool, str(guest_archive), "--profile", "esm-only", "--exclude-entrypoints", "global.js")


@pytest.mark.parametrize("project", ["tsconfig.json", "tsconfig.node.json"])
@pytest.mark.parametrize(("module", "resolution"), [("ESNext", "bundler"), ("NodeNext", "nodenext")])
@pytest.mark.parametrize("compiler", ["typescript-oldest", "typescript-newest"])
def test_the_npm_package_compiles_in_an_app_that_checks_its_libraries(
    consumer: Path, compiler: str, module: str, resolution: str, project: str
) -> None:
    tsc = f"node_modules/{compiler}/bin/tsc"
    run("node", tsc, "-p", project, "--module", module, "--moduleResolution", resolution, cwd=consumer)


def test_the_wheel_holds_what_belongs_there(python_packages: Path, version: str) -> None:
    wheel = only(python_packages, "*.whl")
    assert "-cp311-abi3-" in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (info,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        described = archive.read(info).decode().splitlines()
    modules = {name.removeprefix("python/") for name in on_disk("python/sidecar_bridge", "*.py")}
    needed = {"sidecar_bridge/py.typed", "sidecar_bridge/_native.pyi"} | READERS | TEMPLATES
    assert (modules | needed) - set(names) == set()
    assert {Path(name).name for name in names if "/licenses/" in name} == {*LICENCES, NOTICE}
    for line in (f"Version: {version}", "License-Expression: MIT OR Apache-2.0", "Requires-Python: >=3.11"):
        assert line in described
    assert not strangers(
        dict.fromkeys(names, 0),
        rf"sidecar_bridge/[\w/]+\.(py|pyi|abi3\.so)|sidecar_bridge/py\.typed|{'|'.join(READERS)}",
        "|".join(map(re.escape, TEMPLATES)),
        r"tauri_sidecar_bridge-[\w.]+\.dist-info/.+",
    )


def test_the_sdist_holds_what_belongs_there(python_packages: Path) -> None:
    names = {name.removeprefix("python/") for name in tar_files(only(python_packages, "*.tar.gz"))}
    code = on_disk("python/src", "*.rs") | on_disk("python/sidecar_bridge", "*.py")
    needed = {"PKG-INFO", "pyproject.toml", "Cargo.lock", "Cargo.toml", "README.md", "build.rs", NOTICE}
    needed |= LICENCES | READERS | TEMPLATES
    assert (needed | {name.removeprefix("python/") for name in code}) - names == set()
    assert not strangers(
        dict.fromkeys(names, 0),
        r"PKG-INFO|pyproject\.toml|Cargo\.(lock|toml)|build\.rs|README\.md|LICENSE-\w+|NOTICE",
        r"src/[\w/]+\.rs",
        "|".join(map(re.escape, TEMPLATES)),
        rf"sidecar_bridge/[\w/]+\.pyi?|sidecar_bridge/py\.typed|{'|'.join(READERS)}",
    )


def test_the_index_and_pip_take_the_wheel_and_the_sdist(python_packages: Path) -> None:
    run("twine", "check", "--strict", *map(str, python_packages.iterdir()))
    run("check-wheel-contents", "--no-config", str(only(python_packages, "*.whl")))


def test_lockfiles_name_no_download_addresses() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*lock*", "*constraints*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.split()
    assert {"Cargo.lock", "guest-js/package-lock.json", "examples/quickstart/package-lock.json"} <= set(listed)
    index = "registry+https://github.com/rust-lang/crates.io-index"  # Cargo's own name for it
    address = re.compile(rf'"resolved": "https?:|^source = "(?!{re.escape(index)}")', re.MULTILINE)
    assert not [name for name in listed if address.search((ROOT / name).read_text())]


def test_the_release_builds_wheels_for_the_glibc_that_is_named() -> None:
    glibc = tomllib.loads((ROOT / "python/pyproject.toml").read_text())["tool"]["sidecar-bridge"]["oldest-glibc"]
    named = re.findall(r"manylinux_(\d+_\d+)", (ROOT / ".github/workflows/release.yml").read_text())
    assert set(named) == {glibc.replace(".", "_")}
    assert f"glibc {glibc}" in (ROOT / "docs/platforms.md").read_text()


def test_scripts_can_be_run() -> None:
    names = ("check", "demo", "fix", "generate", "packages", "release-candidate", "site", "test", "try-new")
    for script in (".ci/run", *(f"scripts/{name}" for name in names)):
        assert os.access(ROOT / script, os.X_OK), script
