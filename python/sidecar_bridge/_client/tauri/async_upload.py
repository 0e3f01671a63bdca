"""Tauri's plugin upload: files to and from servers, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sidecar_bridge._client.tauri.async_plugin import AsyncPlugin
from sidecar_bridge._client.tauri.async_progress import call_with_progress, taking
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.upload import HTTP_METHOD, HttpMethod, Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from os import PathLike

_T = TypeVar("_T")


class AsyncUpload(AsyncPlugin):
    """Plugin upload: files to and from servers.

    The app itself sends and receives, outside of the scope of the plugin fs. A transfer goes on in the app when its
    caller leaves. Every method needs its permission.
    """

    _prefix = "plugin:upload|"

    async def upload(
        self,
        url: str,
        file_path: str | PathLike[str],
        *,
        method: HttpMethod | None = None,
        headers: Mapping[str, str] | None = None,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> str:
        """Send a file as the body of a request, and give the body of the answer.

        A status of 400 and more is a `CommandError` with that status and the body.

        Needs `upload:allow-upload`, which `upload:default` has, and the app's interceptor for channels.

        Args:
            url: Where to.
            file_path: The file.
            method: POST if left out.
            headers: Headers of the request.
            on_progress: Called after each piece, here and in the order of the pieces; an exception of it ends the call.
        """
        args = _args(url, file_path, headers)
        if method is not None:
            args["method"] = arguments.one_of(HTTP_METHOD)(method, "method")
        return await self._transfer("upload", args, on_progress, results.text)

    async def download(
        self,
        url: str,
        file_path: str | PathLike[str],
        *,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> None:
        """Save the body of an answer as a file; one that is there is overwritten.

        A status of 400 and more is a `CommandError` with that status and the body, and no file is made.

        Needs `upload:allow-download`, which `upload:default` has, and the app's interceptor for channels.

        Args:
            url: Where from.
            file_path: The file.
            headers: Headers of the request.
            body: What to send, by POST; without it the request is a GET.
            on_progress: Called after each piece, here and in the order of the pieces; an exception of it ends the call.
        """
        args = _args(url, file_path, headers)
        if body is not None:
            args["body"] = arguments.text(body, "body")
        await self._transfer("download", args, on_progress, results.nothing)

    async def _transfer(
        self,
        command: str,
        args: dict[str, object],
        on_progress: Callable[[Progress], object] | None,
        read: Callable[[Any], _T],
    ) -> _T:
        request = (self._prefix + command, args, self._label, "onProgress")
        take = taking(on_progress)
        return await call_with_progress(self._link, request, self._timeout_s, Progress._read, take, read)


def _args(url: str, file_path: str | PathLike[str], headers: Mapping[str, str] | None) -> dict[str, object]:
    return {
        "url": arguments.text(url, "url"),
        "filePath": arguments.path(file_path, "file_path"),
        "headers": arguments.mapping(arguments.text)(headers or {}, "headers"),
    }
