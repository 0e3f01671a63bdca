# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Types of Tauri's plugin shell: other programs, as far as its scope goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri._output import Error as Error  # noqa: PLC0414
from sidecar_bridge.tauri._output import Event as Event  # noqa: PLC0414
from sidecar_bridge.tauri._output import Stderr as Stderr  # noqa: PLC0414
from sidecar_bridge.tauri._output import Stdout as Stdout  # noqa: PLC0414
from sidecar_bridge.tauri._output import Terminated as Terminated  # noqa: PLC0414

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True, slots=True)
class ChildProcess:
    """The output collected from a child process that ran to completion.

    Attributes:
        code: Exit code of the process. `None` if the process was terminated by a signal on Unix.
        signal: If the process was terminated by a signal, represents that signal.
        stdout: The data that the process wrote to `stdout`.
        stderr: The data that the process wrote to `stderr`.
    """

    code: int | None
    signal: int | None
    stdout: str | bytes
    stderr: str | bytes

    @classmethod
    def _read(cls, value: Any) -> Self:
        results.members(value)
        return cls(
            code=results.maybe(results.integer)(value.get("code")),
            signal=results.maybe(results.integer)(value.get("signal")),
            stdout=results.either(results.text, results.data)(value["stdout"]),
            stderr=results.either(results.text, results.data)(value["stderr"]),
        )
