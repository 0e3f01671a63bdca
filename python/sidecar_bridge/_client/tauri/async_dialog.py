# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's plugin dialog: dialogs of the system, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from sidecar_bridge._client.tauri.async_plugin import AsyncPlugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.dialog import Filter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike
    from pathlib import Path
    from typing import Any


class AsyncDialog(AsyncPlugin):
    """Plugin dialog: dialogs of the system.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:dialog|"

    @overload
    async def open(
        self,
        *,
        multiple: Literal[False] = False,
        title: str | None = None,
        filters: Sequence[Filter] | None = None,
        default_path: str | PathLike[str] | None = None,
        directory: bool | None = None,
        recursive: bool | None = None,
        can_create_directories: bool | None = None,
    ) -> Path | None: ...
    @overload
    async def open(
        self,
        *,
        multiple: Literal[True],
        title: str | None = None,
        filters: Sequence[Filter] | None = None,
        default_path: str | PathLike[str] | None = None,
        directory: bool | None = None,
        recursive: bool | None = None,
        can_create_directories: bool | None = None,
    ) -> list[Path] | None: ...
    async def open(
        self,
        *,
        multiple: bool = False,
        title: str | None = None,
        filters: Sequence[Filter] | None = None,
        default_path: str | PathLike[str] | None = None,
        directory: bool | None = None,
        recursive: bool | None = None,
        can_create_directories: bool | None = None,
    ) -> Path | list[Path] | None:
        """Open a file/directory selection dialog.

        The selected paths are added to the filesystem and asset protocol scopes. When security is more important than
        the easy of use of this API, prefer writing a dedicated command instead.

        Note that the scope change is not persisted, so the values are cleared when the application is restarted. You
        can save it to the filesystem using tauri-plugin-persisted-scope.

        A dialog that is closed gives `None`. A picked path is put into the scope of the plugin fs.

        Needs `dialog:allow-open`, which `dialog:default` has.

        Args:
            title: The title of the dialog window.
            filters: The filters of the dialog.
            default_path: Initial directory or file path. If it's a directory path, the dialog interface will change to
                that folder. If it's not an existing directory, the file name will be set to the dialog's file name
                input and the dialog will be set to the parent folder.
            multiple: Whether the dialog allows multiple selection or not.
            directory: Whether the dialog is a directory selection or not.
            recursive: If `directory` is true, indicates that it will be read recursively later. Defines whether
                subdirectories will be allowed on the scope or not.
            can_create_directories: Whether to allow creating directories in the dialog. Enabled by default. macOS Only
        """
        options: dict[str, object] = {}
        if title is not None:
            options["title"] = arguments.text(title, "title")
        if filters is not None:
            options["filters"] = arguments.many(Filter._taken)(filters, "filters")
        if default_path is not None:
            options["defaultPath"] = arguments.path(default_path, "default_path")
        if arguments.boolean(multiple, "multiple"):
            options["multiple"] = True
        if directory is not None:
            options["directory"] = arguments.boolean(directory, "directory")
        if recursive is not None:
            options["recursive"] = arguments.boolean(recursive, "recursive")
        if can_create_directories is not None:
            options["canCreateDirectories"] = arguments.boolean(can_create_directories, "can_create_directories")
        read: Callable[[Any], Any] = (
            results.maybe(results.many(results.path)) if multiple else results.maybe(results.path)
        )
        found: Path | list[Path] | None = await self._call("open", {"options": options}, read)
        return found

    async def save(
        self,
        *,
        title: str | None = None,
        filters: Sequence[Filter] | None = None,
        default_path: str | PathLike[str] | None = None,
        can_create_directories: bool | None = None,
    ) -> Path | None:
        """Open a file/directory save dialog.

        The selected path is added to the filesystem and asset protocol scopes. When security is more important than the
        easy of use of this API, prefer writing a dedicated command instead.

        Note that the scope change is not persisted, so the values are cleared when the application is restarted. You
        can save it to the filesystem using tauri-plugin-persisted-scope.

        The file is not created. The path is put into the scope of the plugin fs.

        Needs `dialog:allow-save`, which `dialog:default` has.

        Args:
            title: The title of the dialog window.
            filters: The filters of the dialog.
            default_path: Initial directory or file path. If it's a directory path, the dialog interface will change to
                that folder. If it's not an existing directory, the file name will be set to the dialog's file name
                input and the dialog will be set to the parent folder.
            can_create_directories: Whether to allow creating directories in the dialog. Enabled by default. macOS Only
        """
        options: dict[str, object] = {}
        if title is not None:
            options["title"] = arguments.text(title, "title")
        if filters is not None:
            options["filters"] = arguments.many(Filter._taken)(filters, "filters")
        if default_path is not None:
            options["defaultPath"] = arguments.path(default_path, "default_path")
        if can_create_directories is not None:
            options["canCreateDirectories"] = arguments.boolean(can_create_directories, "can_create_directories")
        return await self._call("save", {"options": options}, results.maybe(results.path))

    async def message(
        self,
        message: str,
        *,
        title: str | None = None,
        kind: Literal["info", "warning", "error"] | None = None,
        buttons: Literal["Ok", "OkCancel", "YesNo", "YesNoCancel"] | Sequence[str] | None = None,
    ) -> str:
        """Show a message dialog with an `Ok` button.

        The answer is "Ok", "Cancel", "Yes", "No" or the label. A dialog that is closed is "Cancel", even where there is
        no such button.

        Needs `dialog:allow-message`, which `dialog:default` has.

        Args:
            message: The message to show.
        """
        args: dict[str, object] = {"message": arguments.text(message, "message")}
        if title is not None:
            args["title"] = arguments.text(title, "title")
        if kind is not None:
            args["kind"] = arguments.one_of(("info", "warning", "error"))(kind, "kind")
        if buttons is not None:
            args["buttons"] = arguments.buttons(buttons, "buttons")
        return await self._call("message", args, results.text)

    async def ask(
        self,
        message: str,
        *,
        title: str | None = None,
        kind: Literal["info", "warning", "error"] | None = None,
        yes: str | None = None,
        no: str | None = None,
    ) -> bool:
        """Ask a question, and tell whether the answer is yes.

        Needs `dialog:allow-message`, which `dialog:default` has.

        Args:
            message: The question.
            title: The title of the dialog.
            kind: What kind of a question it is.
            yes: The label of the button that means yes.
            no: The label of the button that means no.
        """
        if yes is None and no is None:
            return await self.message(message, title=title, kind=kind, buttons="YesNo") == "Yes"
        labels = (yes or "Yes", no or "No")
        return await self.message(message, title=title, kind=kind, buttons=labels) == labels[0]

    async def confirm(
        self,
        message: str,
        *,
        title: str | None = None,
        kind: Literal["info", "warning", "error"] | None = None,
        ok: str | None = None,
        cancel: str | None = None,
    ) -> bool:
        """Let the user confirm something, and tell whether they did.

        Needs `dialog:allow-message`, which `dialog:default` has. On Linux the key Return means cancel, unless the
        buttons have labels.

        Args:
            message: What to confirm.
            title: The title of the dialog.
            kind: What kind of a question it is.
            ok: The label of the button that confirms.
            cancel: The label of the button that does not.
        """
        if ok is None and cancel is None:
            return await self.message(message, title=title, kind=kind, buttons="OkCancel") == "Ok"
        labels = (ok or "Ok", cancel or "Cancel")
        return await self.message(message, title=title, kind=kind, buttons=labels) == labels[0]
