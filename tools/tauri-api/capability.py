"""What `tests/desktop` grants to its sidecar: every command, so that Tauri has to know each permission's name."""

from __future__ import annotations

import json
from typing import Any


def text(document: dict[str, Any]) -> str:
    """Give the capability file; Tauri builds no app with a permission in it that no plugin has."""
    capability = {
        "identifier": "mirror",
        "description": "Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.",
        "local": False,
        "remote": {"urls": ["sidecar-bridge://python"]},
        "windows": ["*"],
        "platforms": ["linux"],
        "permissions": [
            each["permission"]
            for plugin in document["plugins"]
            if not plugin["left_out"] or plugin["name"] == "resources"
            for each in plugin["commands"]
        ],
    }
    return json.dumps(capability, indent=2) + "\n"
