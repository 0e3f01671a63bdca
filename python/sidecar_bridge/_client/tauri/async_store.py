"""Tauri's plugin store: values in files of the app, for asyncio."""

from __future__ import annotations

from contextlib import asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.async_events import listen
from sidecar_bridge._client.errors import BridgeError, CommandError, ResourceClosedError, UnauthenticatedError
from sidecar_bridge._client.failure import seconds_left
from sidecar_bridge._client.tauri.async_plugin import AsyncPlugin, as_read
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.store import StoreChange

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from datetime import timedelta
    from os import PathLike

    from sidecar_bridge._client.async_events import AsyncEvents

_T = TypeVar("_T")


class AsyncStores(AsyncPlugin):
    """Plugin store: values in files of the app.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:store|"

    async def load(
        self,
        path: str | PathLike[str],
        *,
        defaults: Mapping[str, object] | None = None,
        auto_save: bool | timedelta | None = None,
        create_new: bool | None = None,
        override_defaults: bool | None = None,
        serialize_fn_name: str | None = None,
        deserialize_fn_name: str | None = None,
    ) -> AsyncStore:
        """Load a store from its file, or begin an empty one. A store that is loaded is given as it is.

        All options count the first time only: a store belongs to the app, and whoever loads the same path, a page
        too, has the same store. A file that is no JSON loads as an empty store, without an error.

        Needs `store:allow-load`, which `store:default` has.

        Args:
            path: The file, below the app's data directory unless it is absolute.
            defaults: The values of keys that the file does not have.
            auto_save: How long after the last change the file is written, 100 ms if left out; `False` for never.
            create_new: Whether to begin with the defaults though there is a file.
            override_defaults: Whether a file that is there has all the values, and `defaults` none.
            serialize_fn_name: The name under which the app has registered what writes the file.
            deserialize_fn_name: The name under which the app has registered what reads the file.
        """
        options: dict[str, object] = {}
        if defaults is not None:
            options["defaults"] = arguments.mapping(arguments.anything)(defaults, "defaults")
        if auto_save is not None:
            take = arguments.either(arguments.boolean, arguments.milliseconds)
            options["autoSave"] = take(auto_save, "auto_save")
        if create_new is not None:
            options["createNew"] = arguments.boolean(create_new, "create_new")
        if override_defaults is not None:
            options["overrideDefaults"] = arguments.boolean(override_defaults, "override_defaults")
        if serialize_fn_name is not None:
            options["serializeFnName"] = arguments.text(serialize_fn_name, "serialize_fn_name")
        if deserialize_fn_name is not None:
            options["deserializeFnName"] = arguments.text(deserialize_fn_name, "deserialize_fn_name")
        args: dict[str, object] = {"path": arguments.path(path, "path")}
        if options:
            args["options"] = options
        return AsyncStore(self, await self._call("load", args, results.integer), arguments.path(path, "path"))

    async def get(self, path: str | PathLike[str]) -> AsyncStore | None:
        """Give a store that somebody has loaded; `None` if nobody has.

        Needs `store:allow-get-store`, which `store:default` has.

        Args:
            path: The file, below the app's data directory unless it is absolute.
        """
        name = arguments.path(path, "path")
        rid = await self._call("get_store", {"path": name}, results.maybe(results.integer))
        return None if rid is None else AsyncStore(self, rid, name)


class AsyncStore:
    """A store of the app, made by `host.store.load` and `host.store.get`: JSON values by their keys.

    It belongs to the app, not to this sidecar or to a window: it stays loaded when these end, and changes of a page are
    seen here at once. A call after somebody has closed it is a `ResourceClosedError`; load it anew then.
    """

    def __init__(self, plugin: AsyncPlugin, rid: int, path: str) -> None:
        """Made by `AsyncStores`."""
        self._plugin = plugin
        self._rid = rid
        self._path = path
        self._closed = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._path!r}{' (closed)' if self._closed else ''}>"

    def __bridge_json__(self) -> int:
        """Give what stands for it in the arguments of a command; `ResourceClosedError` once it is closed."""
        return self.rid

    @property
    def rid(self) -> int:
        """The number by which commands know it.

        Raises:
            ResourceClosedError: It is closed.
        """
        if self._closed:
            raise ResourceClosedError(repr(self))
        return self._rid

    @property
    def path(self) -> str:
        """The path that it was loaded by."""
        return self._path

    @property
    def is_closed(self) -> bool:
        """Whether it is known to be closed."""
        return self._closed

    async def get(self, key: str, default: Any = None) -> Any:
        """Give the value of a key; `default` if the key has none. A value may be null, which is `None`.

        Needs `store:allow-get`, which `store:default` has.
        """
        value, exists = await self._call("get", {"key": arguments.text(key, "key")}, _pair(results.boolean))
        return value if exists else default

    async def set(self, key: str, value: object) -> None:
        """Give a key a value: all that arguments of commands may be.

        Needs `store:allow-set`, which `store:default` has.
        """
        await self._call("set", {"key": arguments.text(key, "key"), "value": value}, results.nothing)

    async def has(self, key: str) -> bool:
        """Tell whether a key has a value.

        Needs `store:allow-has`, which `store:default` has.
        """
        return await self._call("has", {"key": arguments.text(key, "key")}, results.boolean)

    async def delete(self, key: str) -> bool:
        """Take a key and its value away, and tell whether it was there.

        Needs `store:allow-delete`, which `store:default` has.
        """
        return await self._call("delete", {"key": arguments.text(key, "key")}, results.boolean)

    async def keys(self) -> list[str]:
        """Give all keys.

        Needs `store:allow-keys`, which `store:default` has.
        """
        return await self._call("keys", {}, results.many(results.text))

    async def values(self) -> list[Any]:
        """Give all values.

        Needs `store:allow-values`, which `store:default` has.
        """
        return await self._call("values", {}, results.many(results.anything))

    async def entries(self) -> dict[str, Any]:
        """Give all values by their keys.

        Needs `store:allow-entries`, which `store:default` has.
        """
        return dict(await self._call("entries", {}, results.many(_entry)))

    async def length(self) -> int:
        """Give how many keys there are.

        Needs `store:allow-length`, which `store:default` has.
        """
        return await self._call("length", {}, results.integer)

    async def clear(self) -> None:
        """Take all keys away, those with defaults too.

        Needs `store:allow-clear`, which `store:default` has.
        """
        await self._call("clear", {}, results.nothing)

    async def reset(self) -> None:
        """Go back to the defaults.

        Needs `store:allow-reset`, which `store:default` has.
        """
        await self._call("reset", {}, results.nothing)

    async def reload(self, *, ignore_defaults: bool | None = None) -> None:
        """Read the file anew: its values take the place of those here, and other keys stay as they are.

        `changes` does not tell of it.

        Needs `store:allow-reload`, which `store:default` has.

        Args:
            ignore_defaults: Whether to have what the file has, and nothing beside it.
        """
        args: dict[str, object] = {}
        if ignore_defaults is not None:
            args["ignoreDefaults"] = arguments.boolean(ignore_defaults, "ignore_defaults")
        await self._call("reload", args, results.nothing)

    async def save(self) -> None:
        """Write the file now.

        Needs `store:allow-save`, which `store:default` has.
        """
        await self._call("save", {}, results.nothing)

    async def close(self) -> None:
        """Take the store out of memory, **for the whole app**: handles of pages and of Rust have no store then either.

        What was not saved yet is saved, unless the store was loaded with `auto_save=False`. A second time does nothing.

        Needs `core:resources:allow-close`.
        """
        if self._closed:
            return
        request = wire.invoke("plugin:resources|close", {"rid": self._rid}, self._plugin._label)
        self._closed = True
        try:
            await self._plugin._link.ask(request, self._plugin._timeout_s)
        except CommandError as error:
            if error.error != self._is_gone:
                self._closed = False
                raise
        except BridgeError:
            self._closed = False
            raise

    @asynccontextmanager
    async def changes(
        self, *, on_lost: Callable[[int | None], object] | None = None
    ) -> AsyncIterator[AsyncStoreChanges]:
        """Hear of each change: `async with store.changes() as changes: async for change in changes: ...`.

        No change after the block is entered is lost, those of pages and of Rust come too. See `AsyncHost.listen`.

        Needs `core:event:allow-listen`.

        Args:
            on_lost: Called with the number of changes that were missed, of all stores, in place of an
                `EventsLostError`.
        """
        plugin, name, rid = self._plugin, "store://change", self.rid

        def read(payload: str) -> StoreChange:
            return as_read(StoreChange._read, wire.parse(payload), f"the payload of event `{name}`")

        subscription = listen(plugin._link, name, plugin._label, plugin._timeout_s, read, on_lost=on_lost)
        async with subscription as events:
            yield AsyncStoreChanges(events, rid)

    @property
    def _is_gone(self) -> str:
        return f"The resource id {self._rid} is invalid."

    async def _call(self, command: str, args: dict[str, object], read: Callable[[Any], _T]) -> _T:
        try:
            return await self._plugin._call(command, {"rid": self.rid, **args}, read)
        except (CommandError, UnauthenticatedError) as error:
            if isinstance(error, CommandError) and error.error != self._is_gone:
                raise
            self._closed = True
            raise ResourceClosedError(repr(self)) from error


class AsyncStoreChanges:
    """The changes of one store, oldest first; iterating waits for the next one. Made by `AsyncStore.changes`.

    One task reads at a time. Cancelling a wait loses nothing.
    """

    def __init__(self, events: AsyncEvents[StoreChange], rid: int) -> None:
        """Made by `AsyncStore.changes`."""
        self._events = events
        self._rid = rid

    def __aiter__(self) -> AsyncIterator[StoreChange]:
        return self

    async def __anext__(self) -> StoreChange:
        async for change in self._events:
            if change.rid == self._rid:
                return change
        raise StopAsyncIteration

    async def receive(self, timeout_s: float | None = None) -> StoreChange:
        """Wait for the next one, for at most `timeout_s` seconds; raises what `AsyncEvents.receive` raises."""
        deadline = None if timeout_s is None else monotonic() + timeout_s
        while True:
            change = await self._events.receive(timeout_s if deadline is None else seconds_left(deadline))
            if change.rid == self._rid:
                return change


def _pair(read: Callable[[Any], _T]) -> Callable[[Any], tuple[Any, _T]]:
    def read_pair(value: Any) -> tuple[Any, _T]:
        results.row(2, value)
        return value[0], read(value[1])

    return read_pair


def _entry(value: Any) -> tuple[str, Any]:
    results.row(2, value)
    return results.text(value[0]), value[1]
