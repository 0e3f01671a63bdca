"""The module graph: which way imports run in Rust and in Python, as ARCHITECTURE.md has it and as the sources have it.

In ARCHITECTURE.md a graph is an indented line: a folder, then the names in it, in levels with `◄` between. A module may
import what stands further left. In a folder without such a line, only a circle is wrong. There, a folder's own file
(`mod.rs`, `__init__.py`) and its parts may know each other: together they are one module.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

Name = tuple[str, ...]
"""A module by its path below the root; the root itself is empty, and so is what a folder calls its own file."""
Levels = list[list[str]]


@dataclass(frozen=True)
class Import:
    """What a module imports: the path of a module, or of something in one."""

    target: Name
    passed_on: bool = False
    """Whether others may import it from the importing module, as with `pub use`."""


@dataclass
class Tree:
    """The modules below one folder, each with what it imports."""

    folder: str
    root: str
    """What the file of the root is called: `lib` in Rust, `__init__` in Python."""
    own: str
    """What a folder's own file is called: `__init__` in Python, `mod` in Rust, also if it stands beside the folder."""
    imports: dict[Name, list[Import]] = field(default_factory=dict)

    def found(self, target: Name) -> Name:
        """The module that a path leads to, through what folders pass on; the root passes nothing on."""
        module = target
        while module not in self.imports:
            module = module[:-1]
        rest = target[len(module) :]
        if not rest or not module:
            return module
        for other in self.imports[module]:
            if other.passed_on and other.target[-1] == rest[0] and other.target != target:
                return self.found(other.target)
        return module

    def edges(self, place: Name) -> dict[str, set[str]]:
        """Who imports whom among the files and folders of one folder."""
        edges: dict[str, set[str]] = {child: set() for child in self.children(place)}
        for module, imports in self.imports.items():
            if module[: len(place)] != place:
                continue
            for other in imports:
                target = self.found(other.target)
                if target[: len(place)] == place:
                    edges[self.child(place, module)].add(self.child(place, target))
        return {name: others - {name} for name, others in edges.items()}

    def children(self, place: Name) -> set[str]:
        return {self.child(place, module) for module in self.imports if module[: len(place)] == place}

    def child(self, place: Name, module: Name) -> str:
        if len(module) > len(place):
            return module[len(place)]
        return self.own if place else self.root

    def folders(self) -> set[Name]:
        return {module[:-1] for module in self.imports if module}


def levels(text: str) -> dict[str, Levels]:
    """The graphs in a text, by folder."""
    graphs: dict[str, Levels] = {}
    for line in re.sub(r"\n +◄", " ◄", text).splitlines():
        if match := re.fullmatch(r" {4}([\w/-]+) +(\S.* ◄ .*)", line):
            graphs[match[1]] = [level.split() for level in match[2].split("◄")]
    return graphs


def mistakes(root: Path, graphs: dict[str, Levels]) -> list[str]:
    """What is wrong with the imports below `root`, a line each."""
    return [
        mistake
        for tree in (rust(root, "src"), python(root, "python/sidecar_bridge"))
        for place in sorted(tree.folders())
        for mistake in _mistakes(tree, place, graphs)
    ]


def _mistakes(tree: Tree, place: Name, graphs: dict[str, Levels]) -> Iterator[str]:
    folder = "/".join((tree.folder, *place))
    edges = tree.edges(place)
    # The root's own file is no exception: it stands above all modules.
    own = {tree.own} if place else set()
    for circle in _circles({name: others - own for name, others in edges.items() if name not in own}):
        yield f"{folder}: a circle: {' -> '.join(circle)}"
    if folder not in graphs:
        return
    heights = {name: height for height, names in enumerate(graphs[folder]) for name in names}
    for name in sorted(edges.keys() - heights.keys()):
        yield f"{folder}: `{name}` is not in the graph; give it a place in ARCHITECTURE.md"
    for name in sorted(heights.keys() - edges.keys()):
        yield f"{folder}: `{name}` is in the graph and does not exist; take it out of ARCHITECTURE.md"
    for name in sorted(edges.keys() & heights.keys()):
        for other in sorted(edges[name] & heights.keys()):
            if heights[other] >= heights[name]:
                yield f"{folder}: `{name}` imports `{other}`, which is not left of it in ARCHITECTURE.md"


def _circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """One circle through each module that is in any, without those that are the same."""
    circles: dict[frozenset[str], list[str]] = {}
    for start in sorted(edges):
        ways = [[start]]
        seen: set[str] = set()
        while ways:
            way = ways.pop(0)
            if start in edges[way[-1]]:
                circles.setdefault(frozenset(way), [*way, start])
                break
            ahead = edges[way[-1]] - seen
            seen |= ahead
            ways.extend([*way, other] for other in sorted(ahead))
    return list(circles.values())


def rust(root: Path, folder: str) -> Tree:
    """The modules of a crate. What is only compiled for tests does not count."""
    tree = Tree(folder, "lib", "mod")
    for path in sorted((root / folder).rglob("*.rs")):
        name = path.relative_to(root / folder).with_suffix("").parts
        if name[-1] == "tests" or "tests" in name:
            continue
        module = name[:-1] if name[-1] in {"lib", "mod"} else name
        tree.imports[module] = list(_rust_imports(path.read_text(encoding="utf-8"), module))
    return tree


def _rust_imports(text: str, module: Name) -> Iterator[Import]:
    code = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
    code = re.sub(
        r"^( *)#\[cfg\((?:all\()?test\b[^\n]*\n(?: *use [^;]*;|[^{};]*;|.*?^\1\}$)",
        "",
        code,
        flags=re.MULTILINE | re.DOTALL,
    )
    starts: dict[str, Name] = {"crate": (), "self": module, "super": module[:-1]}
    starts |= {
        child: (*module, child) for child in re.findall(r"^\s*(?:pub(?:\(.*\))? )?mod (\w+);", code, re.MULTILINE)
    }
    use = r"^\s*(pub(?:\([\w ]+\))? )?use ([^;]+);"
    rest = re.sub(use, "", code, flags=re.MULTILINE)
    paths = [(path, bool(match[1])) for match in re.finditer(use, code, re.MULTILINE) for path in _use_tree(match[2])]
    paths += [(path, False) for path in re.findall(r"(?<![\w:.])\w+(?:::\w+)+", rest)]
    for path, is_public in paths:
        first, *names = path.split("::")
        if first in starts:
            start = starts[first]
            while names[:1] == ["super"]:
                start, names = start[:-1], names[1:]
            yield Import((*start, *names), is_public)


def _use_tree(tree: str) -> Iterator[str]:
    """Every path in what stands between `use` and its semicolon: `a::{b, c::d}` has two."""
    tree = re.sub(r"\s+as\s+\w+|\s+", "", tree)
    before, brace, inside = tree.partition("{")
    if not brace:
        yield tree.removesuffix("::self")
        return
    depth, part = 0, ""
    for letter in inside[:-1] + ",":
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            if part:
                yield from _use_tree(before + part)
            part = ""
        else:
            part += letter


def python(root: Path, folder: str) -> Tree:
    """The modules of a package, with imports for type checkers and those within functions."""
    tree = Tree(folder, "__init__", "__init__")
    files = [path for path in sorted((root / folder).rglob("*.py*")) if path.suffix in {".py", ".pyi"}]
    for path in files:
        module = _python_name(path.relative_to(root / folder))
        is_folder = path.stem == "__init__"
        code = ast.parse(path.read_text(encoding="utf-8"))
        tree.imports[module] = list(_python_imports(code, module, Path(folder).name, is_folder=is_folder))
    return tree


def _python_name(path: Path) -> Name:
    name = path.with_suffix("").parts
    return name[:-1] if name[-1] == "__init__" else name


def _python_imports(code: ast.Module, module: Name, package: str, *, is_folder: bool) -> Iterator[Import]:
    for node in ast.walk(code):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first, *rest = alias.name.split(".")
                if first == package:
                    yield Import(tuple(rest))
        elif isinstance(node, ast.ImportFrom):
            names = tuple((node.module or "").split(".")) if node.module else ()
            if node.level:
                here = module if is_folder else module[:-1]
                start = (*here[: len(here) - node.level + 1], *names)
            elif names[:1] == (package,):
                start = names[1:]
            else:
                continue
            yield from (Import((*start, alias.name), is_folder) for alias in node.names)
