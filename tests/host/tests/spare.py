"""A spare of the standard library alone: what docs/wire.md asks of one, before it serves as `sidecar.py` does.

`python3 spare.py VERSION WHAT`: WHAT is `fit`, `heavy` (fit, and the system needs a while to end it), `unfit`, `mute`
(it answers no call), `stuck` (it is never done with its imports) or `curious` (it asks for a token).
"""

import json
import os
import runpy
import socket
import sys
from pathlib import Path

from dial import dial

BALLAST = b"1" * (100 << 20) if "heavy" in sys.argv else b""


def stand_by(what: str) -> None:
    line = socket.socket(socket.AF_UNIX)
    line.connect(os.environ["SIDECAR_BRIDGE"].removeprefix("unix:"))
    line.sendall(b'{"protocol":2,"role":"standby"}\n')
    words = line.makefile("rb")
    brief = json.loads(words.readline())
    assert brief["protocol"] == 2
    assert "token" not in brief
    if what == "curious":
        _, refusal, _ = dial("serve")
        assert refusal["code"] == "unavailable", refusal
        _, refusal, _ = dial("calls")
        assert refusal["code"] == "unavailable", refusal
    if what == "unfit":
        line.sendall(b"unfit it opens /var/lib/ledger.db\n")
        sys.exit(69)
    if what == "stuck":
        words.readline()
        words.readline()
    line.sendall(b"waiting\n")
    assert words.readline() in {b"call\n", b""}
    if what == "mute":
        words.readline()
        sys.exit(1)
    line.sendall(b"fit\n")
    if words.readline() != b"go\n":
        sys.exit(1)


if "SIDECAR_BRIDGE_STANDBY" in os.environ:
    stand_by(sys.argv[2])
runpy.run_path(str(Path(__file__).with_name("sidecar.py")), run_name="__main__")
