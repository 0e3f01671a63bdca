"""What docs/wire.md asks of a sidecar to get its lease, and nothing else; the tests' own sidecars begin with it.

`python3 dial.py FIFO` writes the process's number and its hello to the FIFO, a line each, and ends at the host's `stop`.
"""

import json
import os
import socket
import sys
from typing import Any


def dial(role: str = "serve") -> tuple[socket.socket, dict[str, Any], int | None]:
    """Give the lease, the hello, and the descriptor of the socket to serve on, if one came."""
    scheme, _, path = os.environ["SIDECAR_BRIDGE"].partition(":")
    assert scheme == "unix"
    lease = socket.socket(socket.AF_UNIX)
    lease.connect(path)
    lease.sendall(json.dumps({"protocol": 2, "role": role}).encode() + b"\n")
    line, descriptors, _, _ = socket.recv_fds(lease, 1, 1)
    while not line.endswith(b"\n"):
        line += lease.recv(1)
    return lease, json.loads(line), next(iter(descriptors), None)


if __name__ == "__main__":
    held, hello, _ = dial()
    with open(sys.argv[1], "w") as fifo:  # noqa: PTH123 - no other imports: it starts many times
        fifo.write(f"{os.getpid()}\n{json.dumps(hello)}\n")
    while b"stop" not in held.recv(1024):
        pass
