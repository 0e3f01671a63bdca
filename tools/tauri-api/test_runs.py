"""No command is in Python that nobody has run: `tests/desktop` does, and writes `runs.json`."""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).parent
COMMANDS = [
    (plugin["name"], each)
    for plugin in json.loads((HERE / "tauri-api.json").read_text(encoding="utf-8"))["plugins"]
    for each in plugin["commands"]
]
RUNS = json.loads((HERE / "runs.json").read_text(encoding="utf-8"))


def test_every_method_was_run_and_nothing_else() -> None:
    methods = {
        (plugin, method["python"])
        for plugin, each in COMMANDS
        if each["state"] == "typed"
        for method in each["methods"]
    }
    assert {(plugin, name) for plugin, names in RUNS["methods"].items() for name in names} == methods


def test_every_command_was_run_whose_methods_are_written_by_hand() -> None:
    commands = {f"{plugin}|{each['command']}" for plugin, each in COMMANDS if each["state"] == "by hand"}
    assert {each.removeprefix("plugin:") for each in RUNS["commands"]} == commands


def test_nearly_every_method_is_there_on_linux() -> None:
    outcomes = [outcome for names in RUNS["methods"].values() for outcome in names.values()]
    assert outcomes.count("taken") >= 0.95 * len(outcomes)
