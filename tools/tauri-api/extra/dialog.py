"""Methods of `AsyncDialog` that no command is behind; `emit.py` puts them into the class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.tauri.async_dialog import AsyncDialog as _Made

if TYPE_CHECKING:
    from typing import Literal


class AsyncDialog(_Made):
    """The class that is made, with these."""

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
