"""`python -m sidecar_bridge bundle --optimize`: what it says, what it leaves out, and that the rest works."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hosts import LIMIT_S
from test_bundle import answer, assert_former, bundle, documented, installed, small

from sidecar_bridge._bundle.declared import declared, strangers
from sidecar_bridge._bundle.elf import fits
from sidecar_bridge._serve import collecting

__all__ = ["installed", "small"]

MAIN = """
import sidecar_bridge
sidecar_bridge.serve("routes:app")
"""

# Starlette uses python-multipart where it is installed, which here is so for other tests; the app does not ask for it.
ROUTES = '''
import gc
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from fastapi import FastAPI
from pydantic import BaseModel

class Answer(BaseModel):
    """What the sidecar says of itself."""
    threshold: int
    worker: int
    frozen: bool
    has_forms: bool
    described: str
    encoded: str
    imported: list[str]

def threshold() -> int:
    return gc.get_threshold()[0]

app = FastAPI()

@app.get("/answer")
def answer() -> Answer:
    """Describe the route."""
    imported = [name for name in ("websockets", "pydantic" + ".v1") if name in sys.modules]
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        worker = pool.submit(threshold).result()
    described = app.openapi()["paths"]["/answer"]["get"]["description"]
    return Answer(
        threshold=threshold(), worker=worker, frozen=gc.get_freeze_count() > 10_000,
        has_forms=find_spec("python" + "_multipart") is not None,
        described=described, encoded="é".encode("cp932", "replace").decode("shift_jis"), imported=imported,
    )
'''

PROJECT = '[project]\nname = "app"\ndependencies = ["tauri-sidecar-bridge[fastapi]"]\n'


class Optimized(NamedTuple):
    """What a build said, and the folder that it made."""

    said: str
    folder: Path


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("project")
    (project / "main.py").write_text(MAIN)
    (project / "routes.py").write_text(ROUTES)
    (project / "pyproject.toml").write_text(PROJECT)
    (project / "src-tauri").mkdir()
    return project


def build(project: Path, *arguments: str) -> Optimized:
    done = bundle(project, "main.py", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return Optimized(done.stdout, project / "src-tauri/sidecar/python")


@pytest.fixture(scope="module")
def plain(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Optimized:
    """The same sidecar, not optimized."""
    build(project)
    kept = tmp_path_factory.mktemp("plain") / "python"
    (project / "src-tauri/sidecar/python").rename(kept)
    return Optimized("", kept)


@pytest.fixture(scope="module")
def optimized(plain: Optimized, project: Path) -> Optimized:
    return build(project, "--optimize")


def answer_of(installed: Path, folder: Path) -> Any:
    (place,) = documented("tauri.conf.json: bundle")["bundle"]["resources"].values()
    shutil.copytree(folder, installed / "usr/lib/test-host" / place)
    return answer(installed, documented("tauri.conf.json: plugins"))


def archived(folder: Path) -> dict[str, int]:
    """Each module in the archive, with its length there."""
    readers = import_module("PyInstaller.archive.readers")
    archive = readers.CArchiveReader(str(folder / "python")).open_embedded_archive("PYZ.pyz")
    return {name: length for name, (_, _, length) in archive.toc.items()}


def test_it_serves_and_nothing_is_missed(optimized: Optimized, installed: Path) -> None:
    assert answer_of(installed, optimized.folder) == {
        # The collector works as ever once the app is loaded, in workers too, and no longer looks at what was imported.
        "threshold": 700,
        "worker": 700,
        "frozen": True,
        "has_forms": False,
        # FastAPI takes descriptions from docstrings.
        "described": "Describe the route.",
        "encoded": "?",
        "imported": [],
    }


def test_it_says_what_the_start_costs(optimized: Optimized, project: Path) -> None:
    (head,) = re.findall(
        r"^the start imports (\d+) modules in \d+ ms, one by one in (.*):$", optimized.said, re.MULTILINE
    )
    assert int(head[0]) > 200
    rows = re.findall(r"^ +([\d.]+) ms +([\d.]+) MB  (\S+)$", optimized.said, re.MULTILINE)
    assert {"Python", "fastapi", "pydantic"} <= {name for _, _, name in rows}
    times = [float(ms) for ms, _, _ in rows]
    assert times == sorted(times, reverse=True)
    each = re.findall(r"^ +([\d.]+) ms  (\S+)$", Path(head[1]).read_text(), re.MULTILINE)
    assert {"fastapi.routing", "pydantic_core", "uvicorn.config"} <= {name for _, name in each}


def test_it_says_what_it_leaves_out_and_how_to_keep_it(optimized: Optimized, plain: Optimized) -> None:
    out = re.findall(r"^left out: (.*)$", optimized.said, re.MULTILINE)
    why = (
        r"\d+ modules; nothing that the app requires needs it, and the app does not import it; --hidden-import keeps it"
    )
    assert any(re.fullmatch(rf"python-multipart [\d.]+, {why}", one) for one in out)
    assert any(one.startswith("pydantic.v1, ") for one in out)
    for name in ("python_multipart", "pydantic.v1"):
        assert name in archived(plain.folder)
        assert name not in archived(optimized.folder)


def test_what_the_start_imports_is_stored_and_the_rest_is_packed(optimized: Optimized, plain: Optimized) -> None:
    stored, before = archived(optimized.folder), archived(plain.folder)
    assert stored["fastapi.routing"] > 2 * before["fastapi.routing"]
    assert stored["websockets.frames"] == before["websockets.frames"]


def test_libraries_lose_their_symbols_and_still_load(optimized: Optimized, plain: Optimized) -> None:
    def size(folder: Path) -> int:
        return sum(file.stat().st_size for file in folder.rglob("*.so*"))

    (line,) = re.findall(r"^left out: symbols for debuggers in (\d+) libraries", optimized.said, re.MULTILINE)
    assert int(line) > 0
    assert size(optimized.folder) < size(plain.folder)
    assert all(fits(file) for file in optimized.folder.rglob("*.so*"))


def test_what_is_named_is_kept(project: Path, optimized: Optimized) -> None:
    said = build(project, "--optimize", "--hidden-import", "python_multipart", "pydantic.v1").said
    assert "multipart" not in "".join(re.findall(r"^left out: .*", said, re.MULTILINE))
    assert {"python_multipart", "pydantic.v1"} <= archived(project / "src-tauri/sidecar/python").keys()


def test_without_a_declaration_no_package_is_left_out(small: Path) -> None:
    (small / "main.py").write_text(
        "import sidecar_bridge\nasync def app(scope, receive, send): pass\nsidecar_bridge.serve(app)\n"
    )
    done = bundle(small, "main.py", "--optimize")
    assert (done.returncode, done.stderr) == (0, "")
    remedy = "say in the `dependencies` of a pyproject.toml what the app requires"
    assert f"no package was left out, for it is not known what is needed; {remedy}" in done.stdout


def test_an_app_that_does_not_load_is_refused(small: Path) -> None:
    (small / "main.py").write_text('import sidecar_bridge\nsidecar_bridge.serve("nowhere:app")\n')
    done = bundle(small, "main.py", "--optimize")
    assert done.returncode == 1
    assert "the sidecar does not load its app: " in done.stderr
    assert 'Could not import module "nowhere"' in done.stderr
    assert_former(small)


def test_a_requirement_of_a_requirement_is_no_stranger() -> None:
    unknown = strangers(["fastapi"], [])
    assert not {"fastapi", "starlette", "pydantic_core", "anyio"} & unknown.keys()
    assert {"pytest", "pluggy"} <= unknown.keys()


def test_extras_and_what_the_app_imports_count_as_asked_for() -> None:
    assert "pyinstaller" in {name.lower() for name in strangers(["tauri-sidecar-bridge"], []).values()}
    assert "PyInstaller" not in strangers(["tauri-sidecar-bridge[bundle]"], [])
    assert "pluggy" not in strangers([], ["pytest.main"])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[project]\ndependencies = ["a"]\noptional-dependencies = { b = ["c"] }\n', ["a", "c"]),
        ('[project]\ndependencies = ["a"]\n[dependency-groups]\ndev = ["pytest"]\n', ["a"]),
        ('[project]\ndynamic = ["dependencies"]\n', None),
        ("[tool.ruff]\n", None),
    ],
)
def test_the_nearest_pyproject_says_what_is_required(tmp_path: Path, text: str, told: list[str] | None) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "app").mkdir()
    found = declared(tmp_path / "app/main.py")
    assert (None if found is None else found[1]) == told


def test_a_pyproject_that_is_no_toml_is_named(small: Path) -> None:
    (small / "pyproject.toml").write_text("[project")
    (small / "main.py").write_text("import sidecar_bridge\nsidecar_bridge.serve(print)\n")
    done = bundle(small, "main.py", "--optimize")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert f"{small}/pyproject.toml is not valid TOML: " in done.stderr
    assert_former(small)


def test_one_file_is_optimized_as_well(small: Path) -> None:
    (small / "pyproject.toml").write_text(PROJECT)
    (small / "main.py").write_text(MAIN)
    (small / "routes.py").write_text(ROUTES)
    done = bundle(small, "main.py", "--optimize", "--layout", "external-bin", "--name", "my-app-python")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^ +[\d.]+ ms +[1-9][\d.]* MB  Python$", done.stdout, re.MULTILINE)
    assert "left out: python-multipart " in done.stdout


def test_a_library_whose_segments_were_moved_does_not_fit(tmp_path: Path) -> None:
    library = tmp_path / "library.so"
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    for offset, expected in [(0x2010, True), (0x2000, False)]:
        library.write_bytes(head + struct.pack("<IIQQQQQQ", 1, 5, offset, 0x5010, 0x5010, 16, 16, 0x1000))
        assert fits(library) is expected
    library.write_bytes(b"no library")
    assert not fits(library)


@pytest.fixture
def collector() -> Iterator[Any]:
    gc = import_module("gc")
    before = gc.get_threshold()
    yield gc
    gc.unfreeze()
    gc.set_threshold(*before)


def test_the_collector_is_as_before_after_a_start(collector: Any) -> None:
    before = collector.get_threshold()
    with collecting.held():
        assert collector.get_threshold() == (collecting._YOUNG, *before[1:])
    assert collector.get_threshold() == before
    assert collector.get_freeze_count() > 0


@pytest.mark.parametrize("own", [(0, 10, 10), (1_000_000, 5, 5)])
def test_a_collector_that_the_app_has_set_stays_so(collector: Any, own: tuple[int, int, int]) -> None:
    collector.set_threshold(*own)
    with collecting.held():
        assert collector.get_threshold() == own
    assert collector.get_threshold() == own


def test_an_app_may_set_the_collector_while_it_is_imported(collector: Any) -> None:
    with collecting.held():
        collector.set_threshold(50_000)
    assert collector.get_threshold()[0] == 50_000


def test_no_start_imports_websockets() -> None:
    code = "import sys, sidecar_bridge._serve.server; print(*(name for name in sys.modules if 'websocket' in name))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=LIMIT_S, check=True)
    assert done.stdout.split() == []
