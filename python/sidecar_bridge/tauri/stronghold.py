"""Types of Tauri's plugin stronghold: secrets in a file of the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

DerivedFrom: TypeAlias = Literal["Seed", "Key"]
"""What a SLIP10 key is derived from: a seed, or another key."""
DERIVED_FROM: tuple[DerivedFrom, ...] = ("Seed", "Key")


@dataclass(frozen=True, slots=True)
class RecordLocation:
    """A secret of a vault, by its name.

    Attributes:
        vault: The vault.
        record: The secret.
    """

    vault: str | bytes
    record: str | bytes


@dataclass(frozen=True, slots=True)
class CounterLocation:
    """A secret of a vault, by its number.

    Attributes:
        vault: The vault.
        counter: The number.
    """

    vault: str | bytes
    counter: int


Location: TypeAlias = RecordLocation | CounterLocation
"""Where a secret is."""
