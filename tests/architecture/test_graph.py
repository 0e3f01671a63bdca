"""Imports run one way, and the checker would notice if they did not."""

from pathlib import Path

import graph
import pytest

ROOT = Path(__file__).parents[2]

RUST = {
    "src/lib.rs": "mod below;\nmod top;\npub use below::Below;\n",
    "src/below.rs": "pub struct Below;\n",
    "src/top/mod.rs": "mod one;\nmod two;\npub(crate) use self::two::Two;\n",
    "src/top/one.rs": "use super::Two;\nuse crate::below::Below;\n",
    "src/top/two.rs": "use std::{fmt, io};\npub(crate) struct Two;\n",
}
PYTHON = {
    "python/sidecar_bridge/__init__.py": "from ._room.high import High\n",
    "python/sidecar_bridge/_native.pyi": "class Codec: ...\n",
    "python/sidecar_bridge/_room/__init__.py": '"""A room."""\n',
    "python/sidecar_bridge/_room/high.py": "from . import low\nfrom .._native import Codec\n",
    "python/sidecar_bridge/_room/low.py": "import json\n",
}
GRAPH = """
    src                    below
                           ◄ top ◄ lib
    python/sidecar_bridge  _native ◄ _room ◄ __init__
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in (RUST | PYTHON).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def mistakes(root: Path, text: str = GRAPH) -> list[str]:
    return graph.mistakes(root, graph.levels(text))


def add(root: Path, name: str, text: str) -> None:
    path = root / name
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_the_sources_are_as_the_document_says() -> None:
    graphs = graph.levels((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    assert graphs.keys() >= {"src", "python/sidecar_bridge"}
    assert graph.mistakes(ROOT, graphs) == []


def test_what_runs_one_way_is_right(root: Path) -> None:
    assert mistakes(root) == []


@pytest.mark.parametrize(
    ("name", "planted", "circle"),
    [
        ("src/below.rs", "use crate::top::Two;\n", "src: a circle: below -> top -> below"),
        ("src/below.rs", "fn f() -> crate::top::Two;\n", "src: a circle: below -> top -> below"),
        ("src/top/two.rs", "use super::one;\n", "src/top: a circle: one -> two -> one"),
        (
            "src/top/two.rs",
            "use crate::{\n    below,\n    top::{one::{A, B}},\n};\n",
            "src/top: a circle: one -> two -> one",
        ),
        (
            "python/sidecar_bridge/_room/low.py",
            "def late() -> None:\n    from .high import High\n",
            "python/sidecar_bridge/_room: a circle: high -> low -> high",
        ),
        (
            "python/sidecar_bridge/_room/low.py",
            "import sidecar_bridge._room.high\n",
            "python/sidecar_bridge/_room: a circle: high -> low -> high",
        ),
    ],
)
def test_a_planted_circle_is_found(root: Path, name: str, planted: str, circle: str) -> None:
    add(root, name, planted)
    assert circle in mistakes(root)


@pytest.mark.parametrize(
    ("name", "planted", "wrong"),
    [
        ("src/top/one.rs", "use crate::Below;\n", "src: `top` imports `lib`, which is not left of it"),
        ("src/below.rs", "use crate::top::{self, Two};\n", "src: `below` imports `top`, which is not left of it"),
        (
            "python/sidecar_bridge/_room/low.py",
            "from sidecar_bridge import High\n",
            "python/sidecar_bridge: `_room` imports `__init__`, which is not left of it",
        ),
    ],
)
def test_a_planted_wrong_edge_is_found(root: Path, name: str, planted: str, wrong: str) -> None:
    add(root, name, planted)
    assert [mistake for mistake in mistakes(root) if mistake.startswith(wrong)]


def test_what_follows_a_test_counts(root: Path) -> None:
    add(
        root,
        "src/below.rs",
        "#[cfg(test)]\nuse std::{fmt};\n\nuse crate::top::Two;\n\n#[derive(Debug)]\nstruct One {\n}\n",
    )
    assert "src: a circle: below -> top -> below" in mistakes(root)


def test_siblings_do_not_import_each_other(root: Path) -> None:
    beside = GRAPH.replace("below\n                           ◄ top", "below top")
    assert mistakes(root, beside) == ["src: `top` imports `below`, which is not left of it in ARCHITECTURE.md"]


def test_every_module_has_a_place_and_every_place_a_module(root: Path) -> None:
    assert mistakes(root, GRAPH.replace("top", "roof")) == [
        "src: `top` is not in the graph; give it a place in ARCHITECTURE.md",
        "src: `roof` is in the graph and does not exist; take it out of ARCHITECTURE.md",
    ]


@pytest.mark.parametrize(
    "planted",
    [
        "#[cfg(test)]\nmod tests {\n    use crate::top::Two;\n}\n",
        "#[cfg(all(test, unix))]\nmod tests {\n    use crate::top::Two;\n}\n",
        "#[cfg(test)]\nuse crate::top::{Two};\n",
        "#[cfg(test)]\nmod tests;\n",
        "// use crate::top::Two;\n",
        "/// See [`Two`](crate::top::Two).\nstruct Documented;\n",
    ],
)
def test_tests_and_comments_do_not_count(root: Path, planted: str) -> None:
    add(root, "src/below.rs", planted)
    (root / "src/below").mkdir()
    (root / "src/below/tests.rs").write_text("use crate::top::Two;\n", encoding="utf-8")
    assert mistakes(root) == []
