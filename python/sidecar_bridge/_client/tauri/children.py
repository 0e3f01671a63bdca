# Generated from `_client/tauri/async_children.py` by `python/tools/blocking.py`: do not edit.

"""What the plugin shell does with channels, for blocking code: `host.shell` has this method."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, overload

from sidecar_bridge._client.tauri.child import KILL, Child
from sidecar_bridge._client.tauri.handle import channel_of
from sidecar_bridge._client.tauri.plugin import Plugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri._output import _read_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from os import PathLike


class Children(Plugin):
    """Programs that run while this sidecar goes on."""

    @overload
    def spawn(
        self,
        program: str,
        args: Sequence[str] = (),
        *,
        raw: Literal[False] = False,
        cwd: str | PathLike[str] | None = None,
        env: Mapping[str, str] | None = None,
        encoding: str | None = None,
        sidecar: bool | None = None,
        process_group: bool | None = None,
        on_lost: Callable[[int | None], object] | None = None,
    ) -> AbstractContextManager[Child[str]]: ...
    @overload
    def spawn(
        self,
        program: str,
        args: Sequence[str] = (),
        *,
        raw: Literal[True],
        cwd: str | PathLike[str] | None = None,
        env: Mapping[str, str] | None = None,
        sidecar: bool | None = None,
        process_group: bool | None = None,
        on_lost: Callable[[int | None], object] | None = None,
    ) -> AbstractContextManager[Child[bytes]]: ...
    def spawn(
        self,
        program: str,
        args: Sequence[str] = (),
        *,
        raw: bool = False,
        cwd: str | PathLike[str] | None = None,
        env: Mapping[str, str] | None = None,
        encoding: str | None = None,
        sidecar: bool | None = None,
        process_group: bool | None = None,
        on_lost: Callable[[int | None], object] | None = None,
    ) -> AbstractContextManager[Child[Any]]:
        """Run a program in the app: `with host.shell.spawn("tool") as child: for event in child: ...`.

        Events are `Stdout`, `Stderr`, `Error` and at last `Terminated`, of `sidecar_bridge.tauri.shell`. A child that
        still runs when the block is left is killed; so it is when this sidecar's generation ends. Output that nobody
        reads is kept up to some megabytes, then the oldest is lost, see `Host.channel`.

        Needs `shell:allow-spawn` with the program in its scope, and `shell:allow-kill`.

        Args:
            program: The `name` of an entry of the scope, not of a file.
            args: The program's arguments, which the entry's validators may refuse.
            raw: Whether output comes as bytes, as it was written. Else it comes in lines.
            cwd: The directory that it runs in.
            env: Variables of the environment, beside those of the app.
            encoding: What text is in, by its WHATWG name such as `windows-1252`; UTF-8 if left out. A line that is not
                UTF-8 then is an `Error`.
            sidecar: Whether the program is one of `bundle.externalBin`.
            process_group: Whether what the program starts is killed with it.
            on_lost: Called with the number of events that were missed, in place of an `EventsLostError`.
        """
        options: dict[str, object] = {}
        if cwd is not None:
            options["cwd"] = arguments.path(cwd, "cwd")
        if env is not None:
            options["env"] = arguments.mapping(arguments.text)(env, "env")
        if encoding is not None:
            options["encoding"] = arguments.text(encoding, "encoding")
        if sidecar is not None:
            options["sidecar"] = arguments.boolean(sidecar, "sidecar")
        if process_group is not None:
            options["processGroup"] = arguments.boolean(process_group, "process_group")
        if arguments.boolean(raw, "raw") or encoding == "raw":
            if not raw or encoding is not None:
                msg = "`encoding` is that of text; for bytes give `raw=True` alone"
                raise ValueError(msg)
            options["encoding"] = "raw"
        call: dict[str, object] = {
            "program": arguments.text(program, "program"),
            "args": arguments.many(arguments.text)(args, "args"),
            "options": options,
        }
        return self._spawned(call, results.data if raw else results.text, on_lost)

    @contextmanager
    def _spawned(
        self, args: dict[str, object], data: Callable[[Any], Any], on_lost: Callable[[int | None], object] | None
    ) -> Iterator[Child[Any]]:
        with channel_of(self, "spawn", lambda value: _read_event(value, data), on_lost) as messages:
            within = self.using(window=messages.window)
            with Child[Any]._made_by(within, "spawn", {**args, "onEvent": messages}, KILL) as child:
                child._messages = messages
                yield child
