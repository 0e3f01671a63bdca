"""What only the blocking host has to stand: threads, signals, a host that goes away."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Semaphore, Thread

import pytest
from hosts import LIMIT_S, Endpoint

from sidecar_bridge import BridgeError, DeadlineExceededError, Host, TransportError


def test_many_threads_share_a_host(host: Host) -> None:
    def echo(number: int) -> bool:
        value = {"number": number, "padding": "x" * (number % 7 * 1000)}
        return bool(host.invoke("echo", {"value": value}, timeout_s=LIMIT_S) == value)

    with ThreadPoolExecutor(32) as threads:
        assert all(threads.map(echo, range(1000)))


def test_the_gil_is_free_while_a_call_waits(tmp_path: Path) -> None:
    with silent_server(tmp_path) as (path, _), Host(path, "token") as host:
        with ThreadPoolExecutor(1) as thread:
            waiting = thread.submit(host.health, timeout_s=0.2)
            turns = 0
            while not waiting.done():
                turns += 1
        assert isinstance(waiting.exception(), DeadlineExceededError)
        assert turns > 1000


def test_an_idle_connection_that_the_host_closed_is_replaced(tmp_path: Path) -> None:
    with silent_server(tmp_path) as (path, listener), Host(path, "token") as host:
        closed = Semaphore(0)

        def answer_once_each() -> None:
            for _ in range(3):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
                closed.release()

        server = Thread(daemon=True, target=answer_once_each)
        server.start()
        for _ in range(3):
            host.emit("e", timeout_s=LIMIT_S)
            assert closed.acquire(timeout=LIMIT_S)
        server.join(LIMIT_S)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab", b"SSH-2.0\r\n"])
def test_a_broken_answer_is_a_transport_error_and_sent_once(tmp_path: Path, answer: bytes) -> None:
    with silent_server(tmp_path) as (path, listener), Host(path, "token") as host:
        requests: list[bytes] = []

        def answer_once() -> None:
            connection, _ = listener.accept()
            with connection:
                requests.append(connection.recv(65536))
                connection.sendall(answer)

        server = Thread(daemon=True, target=answer_once)
        server.start()
        with pytest.raises(TransportError, match=r"no answer from the host at .*; it may have exited"):
            host.invoke("greet", {"name": "Ada"}, timeout_s=LIMIT_S)
        server.join()
        assert len(requests) == 1


def test_a_host_that_was_never_there_is_a_transport_error(tmp_path: Path) -> None:
    with Host(tmp_path / "absent", "token") as host, pytest.raises(TransportError, match="absent"):
        host.health()


def test_a_host_that_goes_away_is_a_transport_error(start_endpoint: Callable[[], Endpoint]) -> None:
    endpoint = start_endpoint()
    with Host(endpoint.hello.host_path, endpoint.hello.token) as host:
        assert host.health()["status"] == "ok"
        endpoint.host.kill()
        with pytest.raises(TransportError):
            host.health(timeout_s=LIMIT_S)


def test_control_c_ends_a_call(tmp_path: Path) -> None:
    with silent_server(tmp_path) as (path, listener):
        code = "import sys; from sidecar_bridge import Host; Host(sys.argv[1], 'token').health()"
        caller = subprocess.Popen([sys.executable, "-c", code, path], stderr=subprocess.PIPE, text=True)
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            os.kill(caller.pid, signal.SIGINT)
            _, said = caller.communicate(timeout=LIMIT_S)
        assert "KeyboardInterrupt" in said


def test_events_are_heard(host: Host) -> None:
    with host.listen("progress", timeout_s=LIMIT_S) as events:
        payloads = [{"step": 1}, None, "ü\n\r", [1.5, True]]
        for payload in payloads:
            host.emit("progress", payload)
        host.emit("other", "not for this listener")
        host.emit("progress", "last", target="main")
        assert [events.receive(LIMIT_S) for _ in range(5)] == [*payloads, "last"]
        with pytest.raises(DeadlineExceededError):
            events.receive(timeout_s=0.01)
        host.emit("progress", "after the deadline")
        assert next(iter(events)) == "after the deadline"
    with pytest.raises(BridgeError, match="closed"):
        events.receive()


def test_closing_from_another_thread_ends_the_iteration(host: Host) -> None:
    with host.listen("silence") as events:
        reader = ThreadPoolExecutor(1)
        heard = reader.submit(list[object], events)
        events.close()
        assert heard.result(LIMIT_S) == []
        reader.shutdown()


def test_an_event_name_that_tauri_refuses(host: Host) -> None:
    with pytest.raises(BridgeError, match="invalid_argument"), host.listen("no spaces"):
        pass


class silent_server:  # noqa: N801 - used as a function
    """A socket that accepts and never answers."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "s"

    def __enter__(self) -> tuple[str, socket.socket]:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._path))
        self._listener.listen()
        return str(self._path), self._listener

    def __exit__(self, *_: object) -> None:
        self._listener.close()
