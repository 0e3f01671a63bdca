"""The code of the guides is what it says: pieces of the full-stack example, whose own tests run it, or it runs here."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from running import ask, make_folders, running, until_ready
from sidecar_bridge import get_host
from sidecar_bridge.testing import FakeHost
from snippets import ROOT, Block, blocks_of, stands_in

GUIDES = {guide.stem: blocks_of(guide) for guide in sorted((ROOT / "docs/guides").glob("*.md"))}
FULLSTACK = ROOT / "examples/fullstack"
PIECES = [
    pytest.param(block, id=f"{guide}-{block.file}")
    for guide, blocks in GUIDES.items()
    for block in blocks
    if block.kind == "from"
]
RUN = {"run", "run in a copy of", "run with FakeHost", "run with the test host"}
IN_TEST_BUNDLE = {"run in python/tests/test_bundle.py", "tauri.conf.json", "a missing module"}
NOT_RUN = {"nobody has run it"}
"""What signs on macOS and updates on Windows: the guide says that it was not run."""
SPAWN = {"command": ["python3", "main.py"], "cwd": "$RESOURCE/sidecar"}
OWN = ROOT / ".build/fullstack-venv/bin"
"""The packages of the example's sidecar, and what its tests need, as an app has them."""
SERVE = "\nif __name__ == '__main__':\n    import sidecar_bridge\n\n    sidecar_bridge.serve(app)\n"
LIMIT_S = 120


def texts(guide: str, kind: str, file: str = "") -> list[str]:
    return [block.text for block in GUIDES[guide] if (block.kind, block.file) == (kind, file)]


def run(command: list[str], directory: Path, **env: str) -> None:
    done = subprocess.run(
        command,
        cwd=directory,
        env=os.environ | env,
        check=False,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


def named(guide: str, name: str) -> Any:
    """Give what a block for `FakeHost` defines under that name."""
    (text,) = [text for text in texts(guide, "run with FakeHost") if f"def {name}(" in text]
    names: dict[str, Any] = {}
    exec(compile(text, f"docs/guides/{guide}.md", "exec", dont_inherit=True), names)
    return names[name]


def test_every_code_block_says_where_it_is_run() -> None:
    for guide, blocks in GUIDES.items():
        known = {"from", *RUN} | (IN_TEST_BUNDLE | NOT_RUN if guide == "package" else set())
        assert [block.text for block in blocks if block.kind not in known] == []
        assert blocks


@pytest.mark.parametrize("block", PIECES)
def test_a_snippet_stands_in_the_file_that_it_names(block: Block) -> None:
    assert stands_in(block.text, ROOT / block.file)


def test_the_python_passes_mypy_and_ruff(tmp_path: Path) -> None:
    for guide, blocks in GUIDES.items():
        alone = [
            block.text for block in blocks if block.language == "python" and block.kind in {"run", "run with FakeHost"}
        ]
        together = "\n\n".join(texts(guide, "run with the test host"))
        for number, text in enumerate([*alone, together]):
            (tmp_path / f"{guide.replace('-', '_')}_{number}.py").write_text(text)
    run(["mypy", "--strict", "--config-file", str(ROOT / "python/pyproject.toml"), str(tmp_path)], tmp_path)
    run(["ruff", "format", "--check", "--config", str(ROOT / "ruff.toml"), str(tmp_path)], tmp_path)


def test_links_lead_somewhere() -> None:
    for guide in [*(ROOT / "docs/guides").glob("*.md"), ROOT / "README.md", FULLSTACK / "README.md"]:
        prose = re.sub(r"^```.*?^```$", "", guide.read_text(), flags=re.DOTALL | re.MULTILINE)
        for link in re.findall(r"\]\(([^)]+)\)|(?:src|srcset)=\"([^\"]+)\"", prose):
            path, _, anchor = "".join(link).partition("#")
            if path.startswith("https:"):
                continue
            target = guide.parent / path if path else guide
            assert target.exists(), f"{guide.name}: {path}"
            assert not anchor or anchor in anchors(target), f"{guide.name}: {path}#{anchor}"


def anchors(document: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_configuration_is_valid() -> None:
    schema = Draft202012Validator(json.loads((ROOT / "schemas/config.schema.json").read_text()))
    pieces = [json.loads(f"{{{text}}}") for text in texts("existing-app", "from", f"{tauri('tauri.conf.json')}")[:1]]
    plugins = [json.loads(text)["plugins"] for text in texts("package", "tauri.conf.json", "plugins")]
    plugins += [json.loads(text)["plugins"] for text in texts("package", "tauri.conf.json", "plugins, one file")]
    for plugin in [*pieces, *plugins]:
        schema.validate(plugin["sidecar-bridge"])
    assert len([*pieces, *plugins]) == 3


def tauri(file: str) -> str:
    return f"examples/fullstack/src-tauri/{file}"


def test_permissions_are_tauris() -> None:
    """Each permission that a guide names is one of the example's, where Tauri's build has checked it."""
    named = {
        permission
        for guide in ("existing-app", "call-the-desktop", "stream-to-the-page")
        for permission in re.findall(
            r"`((?:core:\w+|dialog|notification|sidecar-bridge):[a-z-]+|allow-[a-z-]+)`",
            (ROOT / f"docs/guides/{guide}.md").read_text(),
        )
    }
    manifests = json.loads((FULLSTACK / "src-tauri/gen/schemas/acl-manifests.json").read_text())
    known = {
        name if plugin == "__app-acl__" else f"{plugin}:{name}"
        for plugin, manifest in manifests.items()
        for name in [*manifest["permissions"], *(["default"] if manifest["default_permission"] else [])]
    }
    assert named - known == set()
    assert "core:event:allow-listen" in named


def test_the_desktop_is_called(tmp_path: Path) -> None:
    make_folders(tmp_path)
    routes = "\n".join(texts("call-the-desktop", "run with the test host"))
    (tmp_path / "sidecar/main.py").write_text(f"{routes}{SERVE}")
    with running(tmp_path, dict(SPAWN)) as states:
        until_ready(states)
        assert ask(tmp_path, "/rename?title=Orders", "POST") is False
        assert ask(tmp_path, "/ping", "POST") == "asked 1 time"
        assert ask(tmp_path, "/import?rows=3", "POST") == 3


def test_plugins_are_called(fake_host: FakeHost) -> None:
    commands = ["plugin:notification|notify", "plugin:window|set_progress_bar", "plugin:webview|create_webview_window"]
    asyncio.run(with_host(fake_host, named("call-the-desktop", "done")))
    assert [(call.command, call.window) for call in fake_host.calls] == [
        (commands[0], None),
        (commands[1], "main"),
        (commands[2], "main"),
    ]
    fake_host.answers("plugin:webview|create_webview_window")  # though `main` is open here
    asyncio.run(with_host(fake_host, named("call-the-desktop", "open_main")))
    assert fake_host.calls[-1].args == {"options": {"label": "main", "url": "/"}}


def test_an_answer_has_its_type(fake_host: FakeHost, capsys: pytest.CaptureFixture[str]) -> None:
    back_up = named("call-the-desktop", "back_up")
    made = {"id": "00000000-0000-0000-0000-000000000007", "path": "/a", "made": "2024-12-31T00:00:00Z"}
    fake_host.answers("back_up", made)
    since = datetime(2024, 1, 1, tzinfo=UTC)
    backup = asyncio.run(with_host(fake_host, lambda host: back_up(host, since)))
    assert (backup.id, backup.path) == (UUID(int=7), Path("/a"))
    assert fake_host.args_of("back_up") == [{"since": "2024-01-01T00:00:00+00:00"}]
    fake_host.answers("back_up", {**made, "id": 7})
    assert asyncio.run(with_host(fake_host, lambda host: back_up(host, since))) is None
    assert "the answer of command `back_up` is not `Backup`: `$['id']`" in capsys.readouterr().out


def test_a_channel_is_heard(fake_host: FakeHost, capsys: pytest.CaptureFixture[str]) -> None:
    fake_host.answers("download", 7, messages={"onProgress": [50, 100]})
    download = named("call-the-desktop", "download")
    assert asyncio.run(with_host(fake_host, lambda host: download(host, "https://example.com"))) == 7
    assert capsys.readouterr().out == "50 %\n100 %\n"


def test_a_command_reads_a_header(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:fs|write_text_file")
    save = named("call-the-desktop", "save")
    asyncio.run(with_host(fake_host, lambda host: save(host, Path("/a b"), "text")))
    (call,) = fake_host.calls
    assert (call.args, call.headers) == (b"text", {"path": "/a%20b"})


def test_clicks_come_after_the_answer(fake_host: FakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    printed: Queue[object] = Queue()
    monkeypatch.setattr("builtins.print", printed.put)
    fake_host.answers("plugin:tray|new", [7, "tray"])

    async def click_once(host: Any) -> None:
        following = asyncio.create_task(named("call-the-desktop", "follow_clicks")(host))
        await asyncio.to_thread(fake_host.wait_until, lambda: fake_host.calls)
        fake_host.send(fake_host.args_of("plugin:tray|new")[0]["handler"], {"type": "Click"})
        assert await asyncio.to_thread(printed.get, timeout=LIMIT_S) == "Click"
        following.cancel()

    asyncio.run(with_host(fake_host, click_once))


def test_a_thread_listens_until_the_host_is_closed(fake_host: FakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    printed: Queue[object] = Queue()
    monkeypatch.setattr("builtins.print", printed.put)
    thread = Thread(target=named("call-the-desktop", "follow"))
    thread.start()
    fake_host.wait_until(lambda: fake_host.is_listened_to("asked"))
    fake_host.emit("asked", {"count": 1})
    assert printed.get(timeout=LIMIT_S) == {"count": 1}
    get_host().close()
    thread.join(LIMIT_S)
    assert not thread.is_alive()


async def with_host(fake_host: FakeHost, call: Any) -> Any:
    return await call(fake_host.async_host)


def test_a_slow_start_is_reported(fake_host: FakeHost) -> None:
    app = FastAPI(lifespan=named("call-the-desktop", "lifespan"))

    async def start() -> None:
        async with app.router.lifespan_context(app):
            assert fake_host.startups == [("opening the database", None), ("loading the model", 50)]

    asyncio.run(start())


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A folder for tests of a page, with the packages of the full-stack example."""
    (tmp_path / "src").mkdir()
    (tmp_path / "node_modules").symlink_to(FULLSTACK / "node_modules")
    (tmp_path / "package.json").write_text('{ "type": "module" }')
    options = (FULLSTACK / "tsconfig.json").read_text()
    (tmp_path / "tsconfig.json").write_text(options)
    return tmp_path


def check(page: Path) -> None:
    """Check the types and run the tests of a page."""
    run(["node_modules/.bin/tsc", "--noEmit"], page)
    run(["node_modules/.bin/vitest", "run", "--environment", "happy-dom"], page)


class Streamed(NamedTuple):
    """What the routes of a guide's file stream, and what its page makes of it."""

    request: str
    body: str
    call: str
    result: object


STREAMED = {
    "steps": Streamed(
        "GET /api/steps?count=2",
        "".join(f'data: {{"done":{n},"of":2}}\n\n' for n in (1, 2)),
        'last(2, signal.aborted ? "" : "token")',
        2,
    ),
    "rows": Streamed("GET /api/rows?count=4", "".join(f'{{"number":{n}}}\n' for n in range(4)), "sum(4, signal)", 6),
    "chat": Streamed(
        "POST /api/chat?question=why%20so",
        "".join(f'data: {{"text":"{word}"}}\n\n' for word in ("WHY", "SO")),
        'ask("why so", signal)',
        "WHY SO",
    ),
}


@pytest.mark.parametrize("name", STREAMED)
def test_a_stream_goes_from_fastapi_to_the_page(name: str, page: Path) -> None:
    request, streamed, call, result = STREAMED[name]
    make_folders(page)
    (routes,) = texts("stream-to-the-page", "run", f"sidecar/{name}.py")
    (page / "sidecar/main.py").write_text(f"{routes}{SERVE}")
    method, path = request.split()
    with running(page, dict(SPAWN)) as states:
        until_ready(states)
        assert ask(page, path, method, parse=str) == streamed
    (reader,) = texts("stream-to-the-page", "run", f"src/{name}.ts")
    (page / f"src/{name}.ts").write_text(reader)
    (page / f"src/{name}.test.ts").write_text(
        f"""
        import {{ mockSidecar }} from "tauri-plugin-sidecar-bridge-api/testing";
        import {{ expect, test }} from "vitest";
        import {{ {call.partition("(")[0]} }} from "./{name}";

        test("the page reads what FastAPI streams", async () => {{
          const headers = {{ "content-type": "text/event-stream" }};
          const answer = () => new Response({json.dumps(streamed)}, {{ headers }});
          mockSidecar({{ routes: {{ "{request.partition("?")[0]}": answer }} }});
          const signal = AbortSignal.timeout(5_000);
          expect(await {call}).toBe({json.dumps(result)});
        }});
        """
    )
    check(page)


def test_the_tests_of_a_page_pass(page: Path) -> None:
    (tests,) = texts("test-your-app", "run", "src/users.test.ts")
    (page / "src/users.test.ts").write_text(tests)
    check(page)


@pytest.mark.parametrize(
    "name", [block.file for block in GUIDES["test-your-app"] if (block.kind, block.language) == ("run", "python")]
)
def test_the_tests_of_routes_pass(name: str, tmp_path: Path) -> None:
    (tests,) = texts("test-your-app", "run", name)
    (tmp_path / name).write_text(tests)
    command = [str(OWN / "python"), "-m", "pytest", "-q", "-p", "sidecar_bridge.testing", "-p", "no:cacheprovider"]
    run([*command, name], tmp_path)


def test_the_types_of_the_page_are_made_as_it_says(tmp_path: Path) -> None:
    (commands,) = texts("existing-app", "run in a copy of", "examples/fullstack/sidecar")
    app = tmp_path / "app"
    shutil.copytree(FULLSTACK / "sidecar", app / "sidecar", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    (app / "src").mkdir()
    (app / "node_modules").symlink_to(FULLSTACK / "node_modules")
    shutil.copy(FULLSTACK / "package.json", app)
    run(["sh", "-euc", commands], app / "sidecar", PATH=f"{OWN}:{os.environ['PATH']}")
    for file in ("openapi.json", "src/openapi.ts"):
        assert (app / file).read_text() == (FULLSTACK / file).read_text()
