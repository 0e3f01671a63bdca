# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Types of Tauri's plugin dialog: dialogs of the system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sidecar_bridge.tauri import _arguments as arguments

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Filter:
    """Extension filters for the file dialog.

    Attributes:
        name: The name of the filter, shown to the user in the dialog's filter selector.
        extensions: Extension to filter, without a `.` prefix.
    """

    name: str
    extensions: Sequence[str]

    @staticmethod
    def _taken(value: Any, name: str) -> dict[str, object]:
        if not isinstance(value, Filter):
            arguments.wrong(name, "a Filter", value)
        found: dict[str, object] = {
            "name": arguments.text(value.name, f"{name}.name"),
            "extensions": arguments.many(arguments.extension)(value.extensions, f"{name}.extensions"),
        }
        return found
