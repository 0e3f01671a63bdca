# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Types of Tauri's webviews."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sidecar_bridge.tauri import _results as results

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True, slots=True)
class WebviewRef:
    """A webview, and the window that it is in."""

    label: str
    window_label: str

    @classmethod
    def _read(cls, value: Any) -> Self:
        results.members(value)
        return cls(
            label=results.text(value["label"]),
            window_label=results.text(value["window_label"]),
        )
