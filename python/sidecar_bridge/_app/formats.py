"""Files of every format that an app may have its configuration in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._app.documents import read_text

if TYPE_CHECKING:
    from pathlib import Path

    from sidecar_bridge._app.documents import Document


def open_document(path: Path, text: str | None = None) -> Document:
    """Read a file by the format that its name says; `text` is its content, where that is known already.

    Raises:
        AppError: It cannot be read, or has an error of syntax.
    """
    # Imported late, since what only reads does without the extra `init`.
    content = read_text(path) if text is None else text
    if path.suffix == ".toml":
        from sidecar_bridge._app.toml_document import TomlDocument  # noqa: PLC0415

        return TomlDocument(path, content)
    from sidecar_bridge._app.json_document import JsonDocument  # noqa: PLC0415

    return JsonDocument(path, content)
