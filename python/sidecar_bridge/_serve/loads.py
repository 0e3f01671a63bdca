"""Loading an app without a host, for `python -m sidecar_bridge bundle --optimize`, which asks what a start imports."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOADS = "SIDECAR_BRIDGE_LOADS"
"""The variable with which the command lets a program load its app: a file for the names of what was imported."""


def load_if_asked(app: Callable[..., Any] | str, options: Mapping[str, Any]) -> None:
    """Load all that a start loads, write down what that was, and exit; do nothing where nobody has asked."""
    if file := os.environ.get(LOADS):
        _load(app, options, Path(file))


def _load(app: Callable[..., Any] | str, options: Mapping[str, Any], file: Path) -> NoReturn:
    import sidecar_bridge._serve.server  # noqa: F401, PLC0415 - only loaded
    from sidecar_bridge._serve.config import Config  # noqa: PLC0415 - most processes load it for a host

    Config(app, options).load()
    file.write_text("\n".join(sorted(sys.modules)), encoding="utf-8")
    sys.exit()
