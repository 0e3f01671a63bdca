# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Types of Tauri's plugin cli: what the app was started with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sidecar_bridge.tauri import _results as results

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True, slots=True)
class ArgMatch:
    """The resolution of a single CLI argument match.

    Attributes:
        value: string if takes value boolean if flag string[] or null if takes multiple values.
        occurrences: Number of occurrences.
    """

    value: str | bool | list[str] | None
    occurrences: int

    @classmethod
    def _read(cls, value: Any) -> Self:
        results.members(value)
        return cls(
            value=results.maybe(
                results.either(results.text, results.either(results.boolean, results.many(results.text)))
            )(value.get("value")),
            occurrences=results.integer(value["occurrences"]),
        )


@dataclass(frozen=True, slots=True)
class CliMatches:
    """The resolved matches of the CLI arguments and, if any, its matched subcommand.

    Attributes:
        args: The matched arguments, keyed by argument name.
        subcommand: The matched subcommand, or `None` if no subcommand was invoked.
    """

    args: dict[str, ArgMatch]
    subcommand: SubcommandMatch | None

    @classmethod
    def _read(cls, value: Any) -> Self:
        results.members(value)
        return cls(
            args=results.mapping(ArgMatch._read)(value["args"]),
            subcommand=results.maybe(SubcommandMatch._read)(value.get("subcommand")),
        )


@dataclass(frozen=True, slots=True)
class SubcommandMatch:
    """The result of matching a subcommand of the CLI definition.

    Attributes:
        name: The name of the matched subcommand.
        matches: The argument matches of the subcommand, resolved the same way as the parent command's matches.
    """

    name: str
    matches: CliMatches

    @classmethod
    def _read(cls, value: Any) -> Self:
        results.members(value)
        return cls(
            name=results.text(value["name"]),
            matches=CliMatches._read(value["matches"]),
        )
