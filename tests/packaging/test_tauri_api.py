"""`python -m sidecar_bridge tauri-api` makes typed Python of a plugin's npm package: strict, formatted, and it runs."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sidecar_bridge import UnexpectedTypeError
from sidecar_bridge.testing import FakeHost

TYPESCRIPT = Path(__file__).parent / "consumer/node_modules/typescript-oldest"
TIME_LIMIT_S = 120

DECLARATIONS = """
import { Channel } from "@tauri-apps/api/core";
/** How a sheet is printed. */
export interface PrintOptions {
  /** How many copies. */
  copies?: number;
  duplex: boolean;
  "paper-size"?: "A4" | "letter";
}
export interface Job { id: number; state: State; pages?: number[]; parent?: Job; owner: string | null; made: Date }
export type State = "waiting" | "printing" | "done";
export declare enum Tray { Upper = 1, Lower = 2 }
export interface Event { kind: "page" | "end"; page?: number }
/**
 * Print a file. It is put into the queue.
 *
 * @param path The file to print.
 * @param options How to print it.
 */
export declare function print(path: string, options?: PrintOptions): Promise<Job>;
export declare const jobs: (states?: State[]) => Promise<Job[]>;
export declare function cancel(id: number): Promise<void>;
export declare function setTray(tray: Tray, label?: string | null): Promise<void>;
export declare function watch(onEvent: (event: Event) => void): Promise<void>;
export declare function follow(channel: Channel<Event>): Promise<number>;
export declare function count(): Promise<number>;
export declare function upload(data: Uint8Array, name: string): Promise<void>;
export declare function image(): Promise<Uint8Array>;
export declare function names(): Promise<Map<string, string>>;
export declare function list(...ids: number[]): Promise<Record<string, Job>>;
export declare function find(query: { text: string; limit?: number }): Promise<Job | null>;
export declare function raw(options: PrintOptions): Promise<string>;
export declare function classOf(from: string, global?: boolean): Promise<string>;
export declare function several(a: string): Promise<string>;
export declare function several(a: number): Promise<number>;
export declare function local(): number;
export declare class Printer {
  constructor(name: string);
  name: string;
  close(): Promise<void>;
  static all(): Promise<string[]>;
}
"""
CODE = """
import { invoke, Channel } from '@tauri-apps/api/core';
const command = (name) => `plugin:printer|${name}`;
const COMMANDS = { JOBS: 'plugin:printer|jobs' };
async function print(path, options) {
  return await invoke('plugin:printer|print', { path, options: { ...options, source: 'page' } });
}
const jobs = (states) => invoke(COMMANDS.JOBS, { states: states ?? [] });
async function cancel(id) { await invoke(command('cancel_job'), { id }); }
async function setTray(tray, label) { await invoke('plugin:printer|set_tray', { tray, label }); }
async function watch(onEvent) {
  const channel = new Channel();
  channel.onmessage = onEvent;
  await invoke('plugin:printer|watch', { channel });
}
async function follow(channel) { return await invoke('plugin:printer|follow', { channel }); }
async function count() { return (await invoke('plugin:printer|count')).value; }
async function upload(data, name) { await invoke('plugin:printer|upload', { data, name: name.trim() }); }
async function image() { return await invoke('plugin:printer|image'); }
async function names() { return invoke('plugin:printer|names'); }
async function list(...ids) { return await invoke('plugin:printer|list', { ids }); }
async function find({ text, limit }) { return invoke('plugin:printer|find', { text, max: limit }); }
async function raw(options) { return await invoke('plugin:printer|raw', options, { headers: { a: 'b' } }); }
async function classOf(from, global = false) { return invoke('plugin:printer|class', { from, global }); }
async function several(a) { return invoke('plugin:printer|several', { a }); }
function local() { return 1; }
async function computed(name) { return invoke(`plugin:printer|${name}`); }
class Printer {
  constructor(name) { this.name = name; }
  async close() { await invoke('plugin:printer|close', { name: this.name, force: true }); }
  static async all() { return await invoke('plugin:printer|all'); }
}
export { print, jobs, cancel, setTray, watch, follow, count, upload, image, names, list, find, raw, classOf };
export { several, local, Printer };
"""
PERMISSIONS = """
[default]
permissions = ["allow-print", "reading"]
[[set]]
identifier = "reading"
description = ""
permissions = ["allow-jobs"]
[[permission]]
identifier = "allow-print"
commands.allow = ["print"]
[[permission]]
identifier = "allow-jobs"
commands.allow = ["jobs"]
[[permission]]
identifier = "allow-cancel-job"
commands.allow = ["cancel_job"]
[[permission]]
identifier = "allow-eject"
commands.allow = ["eject"]
"""


def run(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sidecar_bridge", "tauri-api", *arguments]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, **env}, check=False, capture_output=True, text=True,
        timeout=TIME_LIMIT_S, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An app with the package of one plugin in `node_modules`, and the permissions of its crate."""
    app = tmp_path_factory.mktemp("app")
    package = app / "node_modules/tauri-plugin-printer-api"
    (package / "dist-js").mkdir(parents=True)
    (package / "package.json").write_text('{"name": "tauri-plugin-printer-api", "version": "1.2.3"}')
    (package / "dist-js/index.d.ts").write_text(DECLARATIONS)
    (package / "dist-js/index.js").write_text(CODE)
    core = app / "node_modules/@tauri-apps/api"
    core.mkdir(parents=True)
    (core / "core.d.ts").write_text("export declare class Channel<T = unknown> { id: number }")
    (core / "package.json").write_text('{"name": "@tauri-apps/api", "version": "2.0.0"}')
    (app / "node_modules/typescript").symlink_to(TYPESCRIPT, target_is_directory=True)
    (app / "permissions").mkdir()
    (app / "permissions/default.toml").write_text(PERMISSIONS)
    done = run(app, "node_modules/tauri-plugin-printer-api", "--permissions", "permissions")
    assert done.returncode == 0, done.stderr
    (app / "printer.py").write_text(done.stdout)
    return app


@pytest.fixture(scope="module")
def printer(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("printer", folder / "printer.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["printer"] = module
    spec.loader.exec_module(module)
    return module


def test_the_module_is_strict_and_formatted(folder: Path) -> None:
    for command in (
        ["mypy", "--strict", "--warn-unreachable", f"--cache-dir={folder / 'cache'}", "printer.py"],
        ["ruff", "format", "--isolated", "--check", "printer.py"],
        [
            "ruff",
            "check",
            "--isolated",
            "--select=E4,E7,E9,F,I,D,UP,W",
            "--ignore=D203,D213,D401,D406,D407,D413",
            "printer.py",
        ],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=folder,
            check=False,
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT_S,
        )
        assert done.returncode == 0, done.stdout + done.stderr


Call = tuple[str, str, list[Any], dict[str, Any], Any]
CALLS: list[Call] = [
    ("print_", "print", ["/a.pdf"], {}, {"path": "/a.pdf", "options": {"source": "page"}}),
    (
        "print_", "print", ["/a.pdf", {"duplex": True, "paper-size": "A4"}], {},
        {"path": "/a.pdf", "options": {"duplex": True, "paper-size": "A4", "source": "page"}},
    ),
    ("jobs", "jobs", [], {}, {"states": []}),
    ("jobs", "jobs", [["done"]], {}, {"states": ["done"]}),
    ("cancel", "cancel_job", [7], {}, {"id": 7}),
    ("set_tray", "set_tray", [1], {}, {"tray": 1}),
    ("set_tray", "set_tray", [2, "A4"], {}, {"tray": 2, "label": "A4"}),
    ("upload", "upload", [], {"data": b"\0\1", "name": "a"}, {"data": [0, 1], "name": "a"}),
    ("list_", "list", [1, 2], {}, {"ids": [1, 2]}),
    ("find", "find", [{"text": "a"}], {}, {"text": "a"}),
    ("find", "find", [{"text": "a", "limit": 3}], {}, {"text": "a", "max": 3}),
    ("raw", "raw", [{"duplex": False}], {"headers": {"a": "b"}}, {"duplex": False}),
    ("class_of", "class", ["a"], {}, {"from": "a", "global": False}),
    ("class_of", "class", [], {"from_": "a", "global_": True}, {"from": "a", "global": True}),
    ("close", "close", ["office"], {}, {"name": "office", "force": True}),
]  # fmt: skip
ANSWERS: dict[str, Any] = {
    "print": {"id": 1, "state": "waiting", "owner": None, "made": "2026"}, "jobs": [], "raw": "x", "class": "x",
    "list": {}, "find": None,
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_call_sends_what_the_package_would(printer: ModuleType, fake_host: FakeHost, call: Call) -> None:
    method, command, args, named, sent = call
    name = f"plugin:printer|{command}"
    fake_host.answers(name, ANSWERS.get(command))
    blocking = getattr(printer.Printer(fake_host.host), method)(*args, **named)

    async def main() -> object:
        return await getattr(printer.AsyncPrinter(fake_host.async_host), method)(*args, **named)

    assert asyncio.run(main()) == blocking == ANSWERS.get(command)
    assert fake_host.args_of(name) == [sent, sent]


def test_a_call_runs_in_the_window_of_its_plugin(printer: ModuleType, fake_host: FakeHost) -> None:
    fake_host.answers("plugin:printer|all", ["office"])
    assert printer.Printer(fake_host.host, window="main", timeout_s=5).all_() == ["office"]
    assert fake_host.calls[0].window == "main"


def test_an_answer_of_another_type_is_an_error(printer: ModuleType, fake_host: FakeHost) -> None:
    fake_host.answers("plugin:printer|print", {"id": "one", "state": "waiting", "owner": None, "made": 1})
    with pytest.raises(UnexpectedTypeError):
        printer.Printer(fake_host.host).print_("/a.pdf")


def test_messages_come_over_a_channel_of_the_host(printer: ModuleType, fake_host: FakeHost) -> None:
    fake_host.answers("plugin:printer|watch")
    with fake_host.host.channel() as events:
        printer.Printer(fake_host.host).watch(events)
        fake_host.send(fake_host.args_of("plugin:printer|watch")[0]["channel"], {"kind": "end"})
        assert events.receive(5) == {"kind": "end"}


def test_docstrings_name_the_permission(printer: ModuleType) -> None:
    kind = printer.AsyncPrinter
    assert "Needs `printer:allow-print`, which `printer:default` has." in kind.print_.__doc__
    assert "Needs `printer:allow-jobs`, which `printer:default` has." in kind.jobs.__doc__
    assert "Needs `printer:allow-cancel-job`.\n" in kind.cancel.__doc__
    assert "No permission of the crate allows it." in kind.set_tray.__doc__
    assert "path: The file to print." in kind.print_.__doc__
    assert kind.print_.__doc__.startswith("Print a file.\n")


def test_without_permissions_docstrings_say_which_command(folder: Path) -> None:
    done = run(folder, "node_modules/tauri-plugin-printer-api", "--name", "Office")
    assert "class AsyncOffice:" in done.stdout
    assert "It needs a permission such as `printer:allow-cancel-job`." in done.stdout


@pytest.mark.parametrize(
    "line",
    [
        "# TypeScript changes the answer; this is the command's own.",
        "# `name` is made of `name.trim()` in TypeScript; here it is what the command",
        "# `name` is what the class keeps in TypeScript.",
        "# TypeScript says of the answer: bytes, which come as raw bytes or as a list of",
        "# TypeScript says of the answer: it has several signatures.",
        "# What TypeScript makes of its arguments goes into `headers`.",
        "# Not here: `computed`, whose command is made of ``plugin:printer|${name}``.",
        "# Not here, for they call no command themselves: `local`.",
        "# Commands of the crate that the package does not call: eject.",
        "`made` is Date in TypeScript.",
    ],
)
def test_what_has_no_type_says_why(folder: Path, line: str) -> None:
    assert line in (folder / "printer.py").read_text()


def test_a_file_that_is_out_of_date_is_found(folder: Path, tmp_path: Path) -> None:
    arguments = ["node_modules/tauri-plugin-printer-api", "--permissions", "permissions", "--check"]
    assert run(folder, *arguments, "printer.py").returncode == 0
    (tmp_path / "old.py").write_text("x")
    done = run(folder, *arguments, str(tmp_path / "old.py"))
    assert done.returncode == 1
    assert "is out of date" in done.stderr


def test_what_is_missing_is_named_with_its_remedy(folder: Path, tmp_path: Path) -> None:
    package = "node_modules/tauri-plugin-printer-api"
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "package.json").write_text('{"name": "alone"}')
    for arguments, env, said in (
        (["nowhere"], {}, "nowhere is no npm package: it has no `package.json`"),
        ([package], {"PATH": ""}, "`node` is not there"),
        ([package, "--permissions", "node_modules"], {}, "node_modules has no permissions"),
        ([package, "--name", "no-name"], {}, "`no-name` is no name of a class"),
        ([str(alone)], {}, "calls no command with `invoke`"),
    ):
        done = run(folder, *arguments, **env)
        assert (done.returncode, done.stdout) == (64, "")
        assert said in done.stderr
    done = run(tmp_path, str(alone))
    assert "run `npm install --save-dev typescript@5`" in done.stderr
