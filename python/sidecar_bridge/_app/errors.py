"""What is wrong with an app's files."""

from __future__ import annotations


class AppError(Exception):
    """An app cannot be read or changed; the message says which file, and what to do."""
