"""Shortcuts as Tauri reads them: `hotkey.rs` of the crate global-hotkey 0.8."""

from __future__ import annotations

import sys
from string import ascii_uppercase, digits

from sidecar_bridge._testing.call import FailedError

_COMMAND_OR_CONTROL = "SUPER" if sys.platform == "darwin" else "CONTROL"
_MODIFIERS = {
    "ALT": "ALT",
    "OPTION": "ALT",
    "CONTROL": "CONTROL",
    "CTRL": "CONTROL",
    "COMMAND": "SUPER",
    "CMD": "SUPER",
    "SUPER": "SUPER",
    "SHIFT": "SHIFT",
    **dict.fromkeys(("COMMANDORCONTROL", "COMMANDORCTRL", "CMDORCTRL", "CMDORCONTROL"), _COMMAND_OR_CONTROL),
}
_ALONE = """
    BACKSPACE CAPSLOCK DELETE END ENTER HOME INSERT MEDIAPAUSE MEDIAPLAY MEDIAPLAYPAUSE MEDIASTOP MEDIATRACKNEXT NUMLOCK
    PAGEDOWN PAGEUP PRINTSCREEN SCROLLLOCK SPACE TAB
"""
"""Keys with one name."""
_SEVERAL = """
    BACKQUOTE,` BACKSLASH,\\ BRACKETLEFT,[ BRACKETRIGHT,] EQUAL,= MINUS,- PERIOD,. QUOTE,' SEMICOLON,; SLASH,/
    PAUSE,PAUSEBREAK ESCAPE,ESC ARROWDOWN,DOWN ARROWLEFT,LEFT ARROWRIGHT,RIGHT ARROWUP,UP
    AUDIOVOLUMEDOWN,VOLUMEDOWN AUDIOVOLUMEUP,VOLUMEUP AUDIOVOLUMEMUTE,VOLUMEMUTE MEDIATRACKPREVIOUS,MEDIATRACKPREV
    NUMPADADD,NUMADD,NUMPADPLUS,NUMPLUS NUMPADDECIMAL,NUMDECIMAL NUMPADDIVIDE,NUMDIVIDE NUMPADENTER,NUMENTER
    NUMPADEQUAL,NUMEQUAL NUMPADMULTIPLY,NUMMULTIPLY NUMPADSUBTRACT,NUMSUBTRACT
"""
"""Keys with several names, the first of which stands for all."""
_KEYS = {
    **{name: name for name in [*_ALONE.split(), *(f"F{number}" for number in range(1, 25))]},
    **{name: names.split(",")[0] for names in _SEVERAL.split() for name in names.split(",")},
    **dict.fromkeys(("COMMA", ","), "COMMA"),
    **{name: f"KEY{letter}" for letter in ascii_uppercase for name in (letter, f"KEY{letter}")},
    **{name: f"DIGIT{digit}" for digit in digits for name in (digit, f"DIGIT{digit}")},
    **{name: f"NUMPAD{digit}" for digit in digits for name in (f"NUM{digit}", f"NUMPAD{digit}")},
}


def keys(shortcut: str) -> frozenset[str]:
    """Give the keys of a shortcut, by one name each; `FailedError` in Tauri's words for a text that is no shortcut."""
    words = shortcut.split("+")
    if len(words) == 1:
        return frozenset((_key(shortcut),))
    found: set[str] = set()
    is_complete = False
    for word in map(str.strip, words):
        if not word:
            raise FailedError(f"Found empty token while parsing hotkey: {shortcut}")
        if is_complete:
            raise _misshapen(shortcut)
        modifier = _MODIFIERS.get(word.upper())
        is_complete = modifier is None
        found.add(modifier or _key(word))
    if not is_complete:
        raise _misshapen(shortcut)
    return frozenset(found)


def _key(word: str) -> str:
    key = _KEYS.get(word.upper())
    if key is None:
        raise FailedError(
            f'Couldn\'t recognize "{word}" as a valid key for hotkey, if you feel like it should be, please report '
            "this to https://github.com/tauri-apps/muda"
        )
    return key


def _misshapen(shortcut: str) -> FailedError:
    return FailedError(
        f'Invalid hotkey format: "{shortcut}", an hotkey should have the modifiers first and only one main key, for '
        'example: "Shift + Alt + K"'
    )
