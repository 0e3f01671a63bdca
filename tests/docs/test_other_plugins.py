"""What docs/tauri-in-python.md says of other plugins: the command makes a module, and the code calls it."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sidecar_bridge.testing import FakeHost
from snippets import ROOT, blocks_of

PAGE = ROOT / "docs/tauri-in-python.md"
TYPESCRIPT = ROOT / "tests/packaging/consumer/node_modules/typescript-oldest"
PRINTER = {
    "node_modules/tauri-plugin-printer-api/package.json": '{"name": "tauri-plugin-printer-api", "version": "1.0.0"}',
    "node_modules/tauri-plugin-printer-api/index.js": """
export async function printFile(path, options) { return await invoke('plugin:printer|print', { path, options }); }
""",
    "node_modules/tauri-plugin-printer-api/index.d.ts": """
export declare function printFile(path: string, options?: { copies?: number }): Promise<Job>;
export interface Job { id: number; state: "waiting" | "printing" }
""",
    "../tauri-plugin-printer/permissions/print.toml": """
[[permission]]
identifier = "allow-print"
commands.allow = ["print"]
""",
}


def named(file: str) -> str:
    """The text of the block that its comment calls so."""
    (text,) = [each.text for each in blocks_of(PAGE) if each.file == file]
    return text


def test_the_class_of_another_plugin_is_made_and_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = tmp_path / "app"
    for name, text in PRINTER.items():
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text(text)
    (app / "node_modules/typescript").symlink_to(TYPESCRIPT, target_is_directory=True)
    subprocess.run(["sh", "-c", named("printer.py")], cwd=app, check=True, timeout=120)
    assert "Needs `printer:allow-print`." in (app / "printer.py").read_text()
    monkeypatch.syspath_prepend(app)
    names: dict[str, Any] = {}
    exec(compile(named("print_orders.py"), str(PAGE), "exec", dont_inherit=True), names)
    with FakeHost() as fake:
        fake.answers("plugin:printer|print", {"id": 1, "state": "waiting"})

        async def ask() -> Any:
            return await names["print_orders"](fake.async_host)

        assert asyncio.run(ask()) == "waiting"
        assert fake.args_of("plugin:printer|print") == [{"path": "orders.pdf", "options": {"copies": 2}}]
