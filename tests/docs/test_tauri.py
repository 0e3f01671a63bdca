"""The code of docs/tauri-in-python.md runs, and its table is that of `tauri-api.json`."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from sidecar_bridge.testing import FakeHost
from snippets import ROOT, blocks_of

PAGE = ROOT / "docs/tauri-in-python.md"
STAT = {"isFile": True, "isDirectory": False, "isSymlink": False, "size": 1, "readonly": False}
MODIFIED = {"type": {"modify": {"kind": "data", "mode": "any"}}, "paths": ["/tmp/s.json"], "attrs": {}}
OUTPUT = [
    {"event": "Stderr", "payload": "frame 1\n"},
    {"event": "Stdout", "payload": "done\n"},
    {"event": "Terminated", "payload": {"code": 0, "signal": None}},
]


def defined_in(file: str) -> dict[str, Any]:
    """What that block of the page defines."""
    (block,) = [block for block in blocks_of(PAGE) if block.file == file]
    names: dict[str, Any] = {"__name__": file}
    exec(compile(block.text, str(PAGE), "exec", dont_inherit=True), names)
    return names


def test_every_code_block_is_run() -> None:
    assert [(block.kind, block.file) for block in blocks_of(PAGE)] == [
        ("run with FakeHost", "routes.py"),
        ("run with FakeHost", "files.py"),
        ("capability", ""),
        ("run with FakeHost", "log.py"),
        ("run with FakeHost", "handlers.py"),
        # In test_other_plugins.py.
        ("run on a package made for it", "printer.py"),
        ("run with FakeHost", "print_orders.py"),
    ]


def test_the_routes_call_what_the_page_says() -> None:
    names = defined_in("routes.py")
    with FakeHost() as fake:
        fake.answers("plugin:dialog|open", "/tmp/orders.csv")
        fake.answers("plugin:window|set_size")
        fake.answers("plugin:fs|read_text_file", b"a,b\n1,2\n")
        entries = [
            {"name": name, "isDirectory": name == "old", "isFile": name != "old", "isSymlink": False}
            for name in ("a", "old")
        ]
        fake.answers("plugin:fs|read_dir", entries)

        async def ask(*routes: str) -> list[Any]:
            return [await names[route](fake.async_host) for route in routes]

        assert asyncio.run(ask("choose", "notes")) == [2, ["a"]]
        assert [call.args for call in fake.calls] == [
            {"options": {"title": "Orders", "filters": [{"name": "CSV", "extensions": ["csv"]}]}},
            {"value": {"Logical": {"width": 800, "height": 600}}},
            {"path": "/tmp/orders.csv"},
            {"path": "notes", "options": {"baseDir": 14}},
        ]
        fake.answers("plugin:dialog|open", None)
        assert asyncio.run(ask("choose")) == [0]


def test_what_stays_open_is_closed() -> None:
    names = defined_in("files.py")
    with FakeHost() as fake:
        kept = {"light": "dark", "dark": "light"}
        values = ["light"]
        for command, answer in {
            "fs|write_text_file": None,
            "fs|open": 7,
            "fs|write": 1,
            "fs|fstat": STAT,
            "fs|watch": 8,
            "fs|read_text_file": b"{}",
            "shell|spawn": 9,
            "store|load": 10,
            "store|set": lambda call: values.append(call.args["value"]),
            "store|get": lambda _call: [values[-1], True],
        }.items():
            fake.answers(f"plugin:{command}", answer)

        async def ask() -> None:
            assert await names["export"](fake.async_host) == 1
            assert [await names["theme"](fake.async_host) for _ in range(2)] == [kept["light"], kept["dark"]]
            converting = asyncio.create_task(names["convert"](fake.async_host))
            await tell("plugin:shell|spawn", OUTPUT)
            assert await converting == "done\n"
            watching = asyncio.create_task(names["reload_settings"](fake.async_host, "/tmp/s.json"))
            await tell("plugin:fs|watch", [MODIFIED])
            await asyncio.to_thread(fake.wait_until, lambda: fake.payloads_of("settings-changed") == ["{}"])
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

        async def tell(command: str, messages: list[Any]) -> None:
            await asyncio.to_thread(fake.wait_until, lambda: fake.args_of(command))
            for message in messages:
                fake.send(fake.args_of(command)[0]["onEvent"], message)

        asyncio.run(ask())
        assert [call.args for call in fake.undone] == [{"rid": 7}, {"rid": 8}]


def test_the_capability_lets_the_program_run_that_the_page_runs() -> None:
    (block,) = [block for block in blocks_of(PAGE) if block.kind == "capability"]
    scope = json.loads(block.text)
    assert scope["identifier"] == "shell:allow-spawn"
    (entry,) = scope["allow"]
    names = defined_in("files.py")

    async def convert() -> None:
        await names["convert"](fake.async_host)

    with FakeHost() as fake:
        fake.answers("plugin:shell|spawn", 9, messages={"onEvent": OUTPUT})
        asyncio.run(convert())
        (run,) = fake.args_of("plugin:shell|spawn")
    assert run["program"] == entry["name"]
    # As tauri-plugin-shell does: the whole of an argument.
    for given, allowed in zip(run["args"], entry["args"], strict=True):
        assert given == allowed or re.fullmatch(allowed["validator"], given)


def test_the_log_of_python_goes_to_the_app() -> None:
    log_to_the_app = defined_in("log.py")["log_to_the_app"]
    root = logging.getLogger()
    before = list(root.handlers)
    with FakeHost() as fake:
        fake.answers("plugin:log|log")
        log_to_the_app()
        (handler,) = [each for each in root.handlers if each not in before]
        root.warning("hello")
        root.removeHandler(handler)
        handler.close()
        assert [args["message"] for args in fake.args_of("plugin:log|log")] == ["hello"]


def test_the_code_passes_mypy_and_ruff(tmp_path: Path) -> None:
    for block in blocks_of(PAGE):
        if block.file in {"routes.py", "files.py", "log.py", "handlers.py"}:
            (tmp_path / f"page_{block.file}").write_text(block.text)
    for command in (
        ["mypy", "--strict", "--config-file", str(ROOT / "python/pyproject.toml"), str(tmp_path)],
        ["ruff", "format", "--check", "--config", str(ROOT / "ruff.toml"), str(tmp_path)],
    ):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_handlers_are_called_as_the_page_says() -> None:
    names = defined_in("handlers.py")

    async def live(fake: FakeHost) -> None:
        async with names["lifespan"](names["app"]):
            (menu,) = fake.args_of("plugin:menu|new")
            (shortcut,) = fake.args_of("plugin:global-shortcut|register")
            more = menu["options"]["items"][2]["items"][0]
            fake.send(menu["handler"], more["id"])
            await asyncio.to_thread(fake.wait_until, lambda: fake.args_of("plugin:app|exit"))
            for state in ("Pressed", "Released"):
                fake.send(shortcut["handler"], {"shortcut": "shift+control+KeyK", "id": 1, "state": state})
            await asyncio.to_thread(fake.wait_until, lambda: fake.window_actions)
            names["unsaved"].add("order 7")
            assert not await asyncio.to_thread(fake.closes)
            await asyncio.to_thread(fake.wait_until, lambda: fake.args_of("plugin:window|destroy"))
            names["unsaved"].clear()
            assert await asyncio.to_thread(fake.closes)
        await fake.async_host.close()

    with FakeHost() as fake:
        fake.answers("plugin:app|default_window_icon", 1)
        fake.answers("plugin:menu|new", [2, "menu"])
        fake.answers("plugin:tray|new", [3, "tray"])
        fake.answers("plugin:dialog|message", "Yes")
        for command in ("app|exit", "window|destroy", "global-shortcut|register", "global-shortcut|unregister"):
            fake.answers(f"plugin:{command}")
        fake.answers("plugin:resources|close")
        asyncio.run(live(fake))
        assert fake.window_actions == [("main", "show")]
        # The image goes when nobody holds it any more.
        assert [call.args.get("rid", "keys") for call in fake.undone if call.args.get("rid") != 1] == ["keys", 3, 2]


def test_the_table_is_current() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools/tauri-api/emit.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
