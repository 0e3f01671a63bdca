"""Who is at the other end of a Unix socket."""

from __future__ import annotations

import os
import struct
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

if sys.platform == "darwin":
    # SOL_LOCAL, LOCAL_PEERCRED and the size of struct xucred: sys/un.h and sys/ucred.h.
    _CREDENTIALS = (0, 1, 76)
else:
    # SOL_SOCKET, SO_PEERCRED and the size of struct ucred: unix(7).
    _CREDENTIALS = (1, 17, 12)

_UID = struct.Struct("@4xI")
"""In both structures the user id follows one field of 32 bits."""


def is_own_user(stream: socket.socket) -> bool:
    """Tell whether a process of this process's user made the connection."""
    (uid,) = _UID.unpack_from(stream.getsockopt(*_CREDENTIALS))
    return bool(uid == os.geteuid())
