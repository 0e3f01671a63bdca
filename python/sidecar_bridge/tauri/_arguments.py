"""Arguments of Tauri's commands: each function gives the JSON value of one, or says by its name what is wrong."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sidecar_bridge.tauri.dpi import LogicalPosition, LogicalSize, PhysicalPosition, PhysicalSize
from sidecar_bridge.tauri.rgba import Rgba

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import Enum
    from typing import Never, TypeAlias, TypeGuard

    Taker: TypeAlias = Callable[[Any, str], object]

_BYTE = 255


def wrong(name: str, wanted: str, value: object) -> Never:
    """Refuse an argument."""
    msg = f"`{name}` must be {wanted}, not {type(value).__name__}"
    raise TypeError(msg)


def text(value: Any, name: str) -> str:
    """Take a string without NUL, which the C strings of desktops cannot have."""
    if not isinstance(value, str):
        wrong(name, "a str", value)
    if "\0" in value:
        msg = f"`{name}` has the character NUL at {value.index(chr(0))}; take it out"
        raise ValueError(msg)
    return value


def file_name(value: Any, name: str) -> str:
    """Take what a desktop makes a part of a file's name: on Linux an icon in the tray has its file."""
    if (found := text(value, name)) in {"", ".", ".."} or "/" in found or "\\" in found:
        msg = f"`{name}` becomes a part of a file's name, and {value!r} cannot be one; give letters, such as `main`"
        raise ValueError(msg)
    return found


def extension(value: Any, name: str) -> str:
    """Take an extension of files: dialogs put `*.` before it, so that one with a dot matches no file."""
    found = text(value, name)
    bare = found.removeprefix("*.").removeprefix(".")
    if not bare or bare != found:
        msg = f"`{name}` must be an extension without its dot, such as `{bare or 'csv'}`, not {found!r}"
        raise ValueError(msg)
    return found


def boolean(value: Any, name: str) -> bool:
    """Take a bool."""
    return value if isinstance(value, bool) else wrong(name, "a bool", value)


def integer(value: Any, name: str) -> int:
    """Take a whole number. Tauri refuses 1.0 where it wants one."""
    return value if isinstance(value, int) and not isinstance(value, bool) else wrong(name, "an int", value)


def not_negative(value: Any, name: str) -> int:
    """Take a whole number from 0."""
    if integer(value, name) < 0:
        msg = f"`{name}` must be 0 or more, not {value}"
        raise ValueError(msg)
    found: int = value
    return found


def number(value: Any, name: str) -> float:
    """Take any number."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else wrong(name, "a float", value)


def path(value: Any, name: str) -> str:
    """Take a path, or a string that is one."""
    found = os.fspath(value) if isinstance(value, str | os.PathLike) else None
    return found if isinstance(found, str) else wrong(name, "a path or a str", value)


def is_path(value: object) -> TypeGuard[str | os.PathLike[str]]:
    """Tell whether it is one path, where several may be given."""
    return isinstance(value, str | os.PathLike)


def milliseconds(value: Any, name: str) -> int:
    """Take a duration, which Tauri has in whole milliseconds."""
    from datetime import timedelta  # noqa: PLC0415 - few calls need it

    if not isinstance(value, timedelta):
        wrong(name, "a timedelta", value)
    found = round(value / timedelta(milliseconds=1))
    return not_negative(found, f"{name} in milliseconds")


def buffer(value: Any, name: str) -> memoryview:
    """Take bytes that go as they are."""
    if not isinstance(value, bytes | bytearray | memoryview):
        wrong(name, "bytes", value)
    view = memoryview(value)
    return view.cast("B") if view.c_contiguous else memoryview(bytes(view))


def data(value: Any, name: str) -> list[int]:
    """Take bytes, which JSON has as a list."""
    return list(value) if isinstance(value, bytes | bytearray | memoryview) else wrong(name, "bytes", value)


def anything(value: Any, name: str) -> object:
    """Take any JSON value; what is none is refused when the request is made."""
    del name
    return value


def uuid(value: Any, name: str) -> list[int]:
    """Take a UUID, which Tauri has as sixteen numbers."""
    from uuid import UUID  # noqa: PLC0415 - few calls need it

    return list(value.bytes) if isinstance(value, UUID) else wrong(name, "a UUID", value)


def size(value: Any, name: str) -> object:
    """Take a size, logical or physical."""
    if isinstance(value, LogicalSize):
        return {"Logical": _numbers(value._asdict(), name)}
    return {"Physical": physical_size(value, name, "a LogicalSize or a PhysicalSize")}


def position(value: Any, name: str) -> object:
    """Take a position, logical or physical."""
    if isinstance(value, LogicalPosition):
        return {"Logical": _numbers(value._asdict(), name)}
    return {"Physical": physical_position(value, name, "a LogicalPosition or a PhysicalPosition")}


def physical_size(value: Any, name: str, wanted: str = "a PhysicalSize") -> object:
    """Take a physical size."""
    if not isinstance(value, PhysicalSize):
        wrong(name, wanted, value)
    return {each: integer(part, f"{name}.{each}") for each, part in value._asdict().items()}


def physical_position(value: Any, name: str, wanted: str = "a PhysicalPosition") -> object:
    """Take a physical position, whose parts are whole."""
    if not isinstance(value, PhysicalPosition):
        wrong(name, wanted, value)
    found = {}
    for each, part in value._asdict().items():
        if number(part, f"{name}.{each}") != int(part):
            msg = f"`{name}.{each}` must be whole, not {part}; a LogicalPosition need not be"
            raise ValueError(msg)
        found[each] = int(part)
    return found


def logical_position(value: Any, name: str) -> object:
    """Take a logical position."""
    return (
        _numbers(value._asdict(), name)
        if isinstance(value, LogicalPosition)
        else wrong(name, "a LogicalPosition", value)
    )


def length(value: Any, name: str) -> object:
    """Take a length in logical pixels."""
    return {"Logical": number(value, name)}


def color(value: Any, name: str) -> object:
    """Take a colour."""
    if isinstance(value, str):
        return value
    if not (isinstance(value, tuple | list) and len(value) in {3, 4}):
        wrong(name, "a str such as `#ff0000`, or three or four numbers", value)
    for part in value:
        if not 0 <= integer(part, name) <= _BYTE:
            msg = f"each part of `{name}` must be from 0 to {_BYTE}, not {part}"
            raise ValueError(msg)
    return list(value)


def image(value: Any, name: str) -> object:
    """Take an image: its pixels or a handle; or a file or its bytes, for which the app needs a feature of Tauri."""
    if isinstance(value, Rgba):
        return rgba(value, name)
    if hasattr(value, "rgba") and hasattr(value, "__bridge_json__"):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return list(value)
    return path(value, name) if isinstance(value, str | os.PathLike) else wrong(name, "an Rgba, a path or bytes", value)


def rgba(value: Any, name: str) -> dict[str, object]:
    """Take the pixels of an image."""
    if not isinstance(value, Rgba):
        wrong(name, "an Rgba", value)
    return {"rgba": list(value.data), "width": value.width, "height": value.height}


def buttons(value: Any, name: str) -> object:
    """Take the buttons of a message: a word of Tauri's, or one, two or three labels."""
    words = ("Ok", "OkCancel", "YesNo", "YesNoCancel")
    if isinstance(value, str):
        return one_of(words)(value, name)
    labels = many(text)(value, name)
    match labels:
        case [label]:
            return {"OkCustom": label}
        case [_, _]:
            return {"OkCancelCustom": labels}
        case [_, _, _]:
            return {"YesNoCancelCustom": labels}
    msg = f"`{name}` must be one of {', '.join(words)}, or one, two or three labels, not {len(labels)}"
    raise ValueError(msg)


def one_of(words: tuple[object, ...]) -> Taker:
    """Take one of some words."""

    def take(value: Any, name: str) -> object:
        if value in words:
            return value
        msg = f"`{name}` must be one of {', '.join(map(repr, words))}, not {value!r}"
        raise ValueError(msg)

    return take


def member(kind: type[Enum]) -> Taker:
    """Take a member of an enum."""

    def take(value: Any, name: str) -> object:
        return value.value if isinstance(value, kind) else wrong(name, f"a {kind.__name__}", value)

    return take


def tagged(kind: type[Enum]) -> Taker:
    """Take a member of an enum that Tauri has as an object of `type`."""
    take = member(kind)
    return lambda value, name: {"type": take(value, name)}


def maybe(take: Taker) -> Taker:
    """Take `None` too."""
    return lambda value, name: None if value is None else take(value, name)


def many(take: Taker) -> Callable[[Any, str], list[Any]]:
    """Take a sequence; a string is none, though Python takes it for one of its letters."""

    def take_all(value: Any, name: str) -> list[Any]:
        if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
            wrong(name, "a list", value)
        return [take(part, f"{name}[{number}]") for number, part in enumerate(value)]

    return take_all


def mapping(take: Taker) -> Callable[[Any, str], dict[str, object]]:
    """Take a mapping with strings for keys."""

    def take_all(value: Any, name: str) -> dict[str, object]:
        if not hasattr(value, "items"):
            wrong(name, "a dict", value)
        return {text(key, f"a key of {name}"): take(part, f"{name}[{key!r}]") for key, part in value.items()}

    return take_all


def either(*takers: Taker) -> Taker:
    """Take what one of several takes."""

    def take(value: Any, name: str) -> object:
        refused: list[str] = []
        for each in takers:
            try:
                return each(value, name)
            except TypeError as error:
                refused.append(str(error).removeprefix(f"`{name}` must be ").split(", not ")[0])
        return wrong(name, " or ".join(refused), value)

    return take


def _numbers(parts: dict[str, Any], name: str) -> dict[str, object]:
    return {each: number(part, f"{name}.{each}") for each, part in parts.items()}
