"""Reads and writes JSON with the module `bindings` of a directory, and the library that they are made for.

Each line on standard input names a type. `{"type": "Task", "texts": ["…"]}` is answered by what became of each text:
`{"written": "…"}` or `{"refused": "why"}`. With `pairs` of texts instead, it is answered by whether both are one value.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

directory, library = sys.argv[1:]
sys.path.insert(0, directory)
import bindings  # noqa: E402 - found there

if TYPE_CHECKING:
    from collections.abc import Callable

codec = import_module(f"sidecar_bridge.bindings.{library}").Command.codec


def outcome(decode: Callable[[str], Any], encode: Callable[[Any], bytes], text: str) -> dict[str, str]:
    try:
        value = decode(text)
    except ValueError as error:
        return {"refused": str(error)}
    return {"written": encode(value).decode()}


for line in sys.stdin:
    request = json.loads(line)
    shape = eval(request["type"], vars(bindings))
    decode, encode = codec.decoder(shape), codec.encoder(shape)
    if "pairs" in request:
        answer: list[Any] = [decode(one) == decode(other) for one, other in request["pairs"]]
    else:
        answer = [outcome(decode, encode, text) for text in request["texts"]]
    print(json.dumps(answer), flush=True)
