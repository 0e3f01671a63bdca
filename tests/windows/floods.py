"""Somebody of the same user floods the host's pipe, and others call meanwhile: `floods.py FLOOD PIPE TOKEN`."""

# ruff: noqa: E402 - mypy skips what follows the assertion, on other systems than Windows
from __future__ import annotations

import ctypes
import sys
import time
from threading import Event, Thread

assert sys.platform == "win32"

import _winapi

from sidecar_bridge import Host

ERROR_PIPE_BUSY = 231
PROCESS_QUERY_LIMITED_INFORMATION = 0x1000
LIMIT_S = 30.0
MOST_GROWTH = 128 * 2**20

flood, path, token = sys.argv[1:]


class Others(Thread):
    """A sidecar at work: one call after another on a connection that it has, and on a new one each time."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.calls = 0
        self.failure: BaseException | None = None
        self._over = Event()

    def run(self) -> None:
        try:
            with Host(path, token) as steady:
                while not self._over.wait(0.005):
                    steady.health(timeout_s=LIMIT_S)
                    with Host(path, token) as fresh:
                        fresh.health(timeout_s=LIMIT_S)
                    self.calls += 2
        except BaseException as failure:
            self.failure = failure

    def make(self, calls: int) -> None:
        """Wait until they have made as many more."""
        until = self.calls + calls
        while self.is_alive() and self.calls < until:
            time.sleep(0.01)

    def end(self) -> None:
        self._over.set()
        self.join()
        if self.failure is not None:
            raise self.failure


def connect() -> int:
    while True:
        try:
            access = _winapi.GENERIC_READ | _winapi.GENERIC_WRITE
            return _winapi.CreateFile(path, access, 0, 0, _winapi.OPEN_EXISTING, 0, 0)
        except OSError as error:
            if error.winerror != ERROR_PIPE_BUSY:
                raise
            _winapi.WaitNamedPipe(path, int(LIMIT_S * 1000))


def silent() -> list[int]:
    """Say nothing on many connections."""
    return [connect() for _ in range(10_000)]


def slow() -> list[int]:
    """Send headers, a byte at a time, that never end."""
    pipes = [connect() for _ in range(200)]
    until = time.monotonic() + 3
    while time.monotonic() < until:
        for number, pipe in enumerate(pipes):
            try:
                _winapi.WriteFile(pipe, b"a")
            except OSError:  # turned away, so it comes again
                _winapi.CloseHandle(pipe)
                pipes[number] = connect()
        time.sleep(0.1)
    return pipes


def half() -> list[int]:
    """Send a request up to each of its bytes, and then nothing, or the end."""
    body = b'{"step": 1}'
    head = f"POST /v1/events/touched HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    whole = f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    pipes = []
    with Host(path, token) as host, host.listen("touched") as events:
        for ends in (False, True):
            for cut in range(len(whole)):
                pipe = connect()
                _winapi.WriteFile(pipe, whole[:cut])
                if ends:
                    _winapi.CloseHandle(pipe)
                else:
                    pipes.append(pipe)
        host.emit("touched", "whole")
        assert events.receive(timeout_s=LIMIT_S) == "whole", "half a request was carried out"
    return pipes


def host_bytes() -> int:
    """Give the memory of the host that no other process shares."""
    counters, pid = (ctypes.c_size_t * 10)(), ctypes.c_uint32()
    pipe = connect()
    server_of = ctypes.WinDLL("kernel32").GetNamedPipeServerProcessId
    server_of.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    assert server_of(pipe, ctypes.byref(pid)), "the host's number is not told"
    _winapi.CloseHandle(pipe)
    process = _winapi.OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, False, pid.value)
    query = ctypes.WinDLL("kernel32").K32GetProcessMemoryInfo
    query.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32]
    assert query(process, counters, ctypes.sizeof(counters)), "the memory of the host is not told"
    _winapi.CloseHandle(process)
    page_file_usage = 8
    return counters[page_file_usage]


others = Others()
before = host_bytes()
others.start()
others.make(20)
pipes = {"silent": silent, "slow": slow, "half": half}[flood]()
others.make(100)
grown = host_bytes() - before
for pipe in pipes:
    _winapi.CloseHandle(pipe)
others.end()
assert grown <= MOST_GROWTH, grown
print("all of it;", others.calls, "calls of others, the host grew by", grown // 1024, "KiB")
