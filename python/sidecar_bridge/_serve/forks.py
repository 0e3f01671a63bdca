"""The child of a fork has a copy of each socket of its parent. None of them ends for the host before the child does."""

from __future__ import annotations

import os
import socket
from contextlib import suppress

_mine: set[object] = set()
"""The addresses of the sidecar's sockets: of those to serve on, of the lease and of the host."""


def hold_alone(*addresses: object) -> None:
    """From now on let no child of a fork hold sockets that have one of these addresses, at either end."""
    if not _mine and hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_let_go)
    # A socket without a name has an empty one.
    _mine.update(address for address in addresses if address)


def end_for_all(descriptor: int) -> None:
    """End a connection, also for processes that hold it and did not learn that they are forks."""
    with suppress(OSError):
        # The sockets that event loops show cannot all do it.
        sock = socket.socket(fileno=descriptor)
        try:
            sock.shutdown(socket.SHUT_RDWR)
        finally:
            sock.detach()


def _let_go() -> None:
    """Put a socket that has ended in the place of each of the parent's.

    Only closed, the number would soon be another file's, and objects of the parent's would close or write to that.
    Nothing is shut down: that would end the parent's connection.
    """
    ended, other = socket.socketpair()
    other.close()
    with ended:
        for descriptor in _descriptors():
            if descriptor != ended.fileno() and _is_mine(descriptor):
                with suppress(OSError):
                    os.dup2(ended.fileno(), descriptor, inheritable=False)


def _descriptors() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/dev/fd")]  # noqa: PTH208 - names
    except (OSError, ValueError):
        return list(range(os.sysconf("SC_OPEN_MAX")))


def _is_mine(descriptor: int) -> bool:
    try:
        sock = socket.socket(fileno=descriptor)
    except OSError:
        return False  # another kind of file
    try:
        return sock.getsockname() in _mine or _peer(sock) in _mine
    except (OSError, TypeError):
        return False
    finally:
        sock.detach()


def _peer(sock: socket.socket) -> object:
    try:
        return sock.getpeername()
    except OSError:
        return None  # it listens, or has ended
