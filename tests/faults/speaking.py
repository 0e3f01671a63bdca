"""Makes one side of the lease speak protocol 99: `speaking.py host|sidecar COMMAND...`, as a sidecar's command.

It stands between the host and the process that it starts, and changes that number in what one of the two says. All
else that they say is theirs.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Thread

OTHER = 99
"""No version has it."""


def line(connection: socket.socket) -> bytes:
    """Read to the end of a line or of the connection. The descriptor that comes with it is for nobody here."""
    read = b""
    while not read.endswith(b"\n") and (byte := connection.recv(1)):
        read += byte
    return read


def other(said: bytes) -> bytes:
    changed, count = re.subn(rb'"protocol": ?\d+', b'"protocol":%d' % OTHER, said)
    assert count == 1, said
    return changed


def pass_on(listener: socket.socket, side: str, host: str) -> None:
    while True:
        sidecar, _ = listener.accept()
        with sidecar, socket.socket(socket.AF_UNIX) as dialled:
            dialled.connect(host)
            question = line(sidecar)
            dialled.sendall(other(question) if side == "sidecar" else question)
            answer = line(dialled)
            sidecar.sendall(other(answer) if side == "host" else answer)


def main() -> int:
    side, *command = sys.argv[1:]
    host = os.environ["SIDECAR_BRIDGE"].removeprefix("unix:")
    with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX) as listener:
        path = Path(directory) / "between.sock"
        listener.bind(str(path))
        listener.listen()
        Thread(target=pass_on, args=[listener, side, host], daemon=True).start()
        # In the same process group, as the host wants it.
        environment = {**os.environ, "SIDECAR_BRIDGE": f"unix:{path}"}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
