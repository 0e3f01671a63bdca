"""What a fake host keeps for an app under a number: images, menus, icons in the tray, stores, open files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sidecar_bridge._testing.call import FailedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar_bridge._testing.call import Call
    from sidecar_bridge._testing.desktop import FakeDesktop

_FIRST = 1_000_001


class Handles:
    """The resources of Tauri."""

    def __init__(self) -> None:
        """Begin with none."""
        self._open: dict[int, Any] = {}
        self._newest = _FIRST - 1

    def add(self, what: object) -> int:
        """Keep something, and give its number."""
        self._newest += 1
        self._open[self._newest] = what
        return self._newest

    def of(self, rid: int) -> Any:
        """Give what has that number."""
        if rid not in self._open:
            msg = f"The resource id {rid} is invalid."
            raise FailedError(msg)
        return self._open[rid]

    def check(self, rid: int) -> None:
        """Refuse the number of what was closed. A number that is not of here was given by the test, and is good."""
        if _FIRST <= rid <= self._newest:
            self.of(rid)

    def close(self, rid: int) -> None:
        """Forget something, and close it if it is a file."""
        self.check(rid)
        what = self._open.pop(rid, None)
        if hasattr(what, "close"):
            what.close()

    def close_all(self) -> None:
        """Forget everything."""
        for rid in list(self._open):
            self.close(rid)

    def find(self, kind: type, holds: Callable[[Any], bool]) -> int | None:
        """Give the number of the first one of a class of which something holds."""
        return next((rid for rid, each in self._open.items() if isinstance(each, kind) and holds(each)), None)


class FakeResources:
    """The commands of `plugin:resources`."""

    def __init__(self, handles: Handles) -> None:
        """Close those."""
        self._handles = handles

    def close(self, call: Call, _label: str) -> None:
        """Close a resource."""
        self._handles.close(call.args["rid"])


class FakeImage:
    """The commands of `plugin:image`."""

    def __init__(self, handles: Handles) -> None:
        """Keep images there."""
        self._handles = handles

    def new(self, call: Call, _label: str) -> int:
        """Keep an image."""
        return self._handles.add(dict(call.args))

    def rgba(self, call: Call, _label: str) -> bytes:
        """Give the pixels of an image; one of a file has one that is black."""
        return bytes(self._handles.of(call.args["rid"]).get("rgba", (0, 0, 0, 255)))

    def size(self, call: Call, _label: str) -> dict[str, int]:
        """Give the size of an image."""
        image = self._handles.of(call.args["rid"])
        return {name: image.get(name, 1) for name in ("width", "height")}

    from_bytes = from_path = new


class Store(dict[str, Any]):
    """An open store."""

    path = ""
    defaults: dict[str, Any] = {}  # noqa: RUF012 - set for each


class FakeStore:
    """The commands of `plugin:store`."""

    def __init__(self, handles: Handles, desktop: FakeDesktop, emit: Callable[[str, object], object]) -> None:
        """Keep what stores have in `desktop.stores`; `emit` tells of changes."""
        self._handles = handles
        self._desktop = desktop
        self._emit = emit

    def load(self, call: Call, _label: str) -> int:
        """Open a store, or give the one that is open."""
        path, options = call.args["path"], call.args.get("options") or {}
        if (rid := self._handles.find(Store, lambda each: each.path == path)) is not None:
            return rid
        defaults = options.get("defaults") or {}
        kept = {} if options.get("createNew") else self._desktop.stores.get(path, {})
        store = Store({**defaults, **kept})
        store.path, store.defaults = path, defaults
        # What the test reads and sets is what the store has.
        self._desktop.stores[path] = store
        return self._handles.add(store)

    def get_store(self, call: Call, _label: str) -> int | None:
        """Give the store of a path, if it is open."""
        return self._handles.find(Store, lambda each: each.path == call.args["path"])

    def set(self, call: Call, _label: str) -> None:
        """Set a value."""
        store = self._of(call)
        store[call.args["key"]] = call.args["value"]
        self._tell(call, call.args["key"])

    def get(self, call: Call, _label: str) -> list[object]:
        """Give a value, and whether there is one."""
        store, key = self._of(call), call.args["key"]
        return [store.get(key), key in store]

    def has(self, call: Call, _label: str) -> bool:
        """Tell whether there is a value."""
        return call.args["key"] in self._of(call)

    def delete(self, call: Call, _label: str) -> bool:
        """Take a value away, and tell whether there was one."""
        store, key = self._of(call), call.args["key"]
        if key not in store:
            return False
        del store[key]
        self._tell(call, key)
        return True

    def clear(self, call: Call, _label: str) -> None:
        """Take all values away."""
        store = self._of(call)
        keys = list(store)
        store.clear()
        for key in keys:
            self._tell(call, key)

    def reset(self, call: Call, _label: str) -> None:
        """Go back to the defaults."""
        store = self._of(call)
        changed = [key for key in {**store, **store.defaults} if store.get(key, store) != store.defaults.get(key)]
        store.clear()
        store.update(store.defaults)
        for key in changed:
            self._tell(call, key)

    def keys(self, call: Call, _label: str) -> list[str]:
        """Give all keys."""
        return list(self._of(call))

    def values(self, call: Call, _label: str) -> list[object]:
        """Give all values."""
        return list(self._of(call).values())

    def entries(self, call: Call, _label: str) -> list[list[object]]:
        """Give all keys with their values."""
        return [[key, value] for key, value in self._of(call).items()]

    def length(self, call: Call, _label: str) -> int:
        """Give how many values there are."""
        return len(self._of(call))

    def _of(self, call: Call) -> Store:
        store: Store = self._handles.of(call.args["rid"])
        return store

    def _tell(self, call: Call, key: str) -> None:
        store = self._of(call)
        change = {"path": store.path, "resourceId": call.args["rid"], "key": key}
        self._emit("store://change", {**change, "value": store.get(key), "exists": key in store})
