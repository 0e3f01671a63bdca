"""Hosts that answer with something else than an answer: every call ends, and no call gets what was for another."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest
from hosts import LIMIT_S
from impostor import BROKEN, MAX_BODY_BYTES, Call, Play, Server, Twin, answer, awaited, blocking, nothing

from sidecar_bridge import DeadlineExceededError, TransportError


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Starts the server, and gives its path."""
    servers = []

    def start(play: Play = nothing, after: Play = nothing) -> str:
        path = str(tmp_path / "s")
        servers.append(Server(path, play, after))
        return path

    yield start
    for server in servers:
        server.close()


@pytest.fixture(params=[blocking, awaited], ids=["Host", "AsyncHost"])
def twin(request: pytest.FixtureRequest) -> Twin:
    opener: Twin = request.param
    return opener


JSON = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
CHUNKED = JSON + b"transfer-encoding: chunked\r\n\r\n"
WRONG = answer(b'"wrong"')
PROBLEM = "application/problem+json"

# The connection stays open, so it is these bytes that end the call.
MALFORMED = {
    "SSH": b"SSH-2.0-OpenSSH_9\r\n",
    "TLS": b"\x15\x03\x01\x00\x02\x02\x46" * 4,
    "HTTP/0.9": b'"wrong"\r\n\r\n',
    "HTTP/2": b"HTTP/2 200 OK\r\n\r\n",
    "HTTP/1.2": b"HTTP/1.2 200 OK\r\n\r\n",
    "a request": b"GET / HTTP/1.1\r\nhost: x\r\n\r\n",
    "a status of letters": b"HTTP/1.1 2x0 OK\r\n\r\n",
    "a status of two digits": b"HTTP/1.1 20 OK\r\n\r\n",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "a status below 100": b"HTTP/1.1 099 OK\r\ncontent-length: 0\r\n\r\n",
    "a switch of protocols": b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n" + WRONG,
    "a field without a colon": JSON + b"no colon\r\ncontent-length: 0\r\n\r\n",
    "a field without a name": JSON + b": x\r\ncontent-length: 0\r\n\r\n",
    "a space in front of a colon": JSON + b"content-length : 0\r\n\r\n",
    "a folded field": JSON + b"x: a\r\n b\r\ncontent-length: 0\r\n\r\n",
    "a null in a field": JSON + b"x: \0\r\ncontent-length: 0\r\n\r\n",
    "many fields": JSON + b"x: y\r\n" * 64 + b"content-length: 0\r\n\r\n",
    "a large header": JSON + b"x: " + b"y" * 70_000 + b"\r\ncontent-length: 0\r\n\r\n",
    "a length of letters": JSON + b"content-length: x\r\n\r\n",
    "a length with a sign": JSON + b'content-length: +7\r\n\r\n"wrong"',
    "a negative length": JSON + b"content-length: -1\r\n\r\n",
    "no length": JSON + b'content-length: \r\n\r\n"wrong"',
    "a length beyond 64 bits": JSON + b"content-length: 18446744073709551616\r\n\r\n",
    "a list of lengths": JSON + b'content-length: 7, 7\r\n\r\n"wrong"',
    "a repeated length": JSON + b'content-length: 7\r\ncontent-length: 7\r\n\r\n"wrong"',
    "two lengths": JSON + b'content-length: 7\r\ncontent-length: 8\r\n\r\n"wrong"',
    "a length and chunks": JSON + b'content-length: 7\r\ntransfer-encoding: chunked\r\n\r\n7\r\n"wrong"\r\n0\r\n\r\n',
    "another coding": JSON + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a repeated coding": JSON + b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "an unknown coding": JSON + b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a chunk's size of other letters": CHUNKED + b"g\r\n",
    "a chunk without a size": CHUNKED + b"\r\n\r\n",
    "a chunk's size beyond 64 bits": CHUNKED + b"10000000000000000\r\n",
    "a chunk's size with a prefix": CHUNKED + b'0x7\r\n"wrong"\r\n0\r\n\r\n',
    "a chunk longer than its size": CHUNKED + b'6\r\n"wrong"\r\n0\r\n\r\n',
    "a chunk shorter than its size": CHUNKED + b'8\r\n"wrong"\r\n0\r\n\r\n',
    "a long chunk's line": CHUNKED + b"1;" + b"x" * 600,
    "a trailer without a colon": CHUNKED + b'7\r\n"wrong"\r\n0\r\nno colon\r\n\r\n',
    "a large trailer": CHUNKED + b'7\r\n"wrong"\r\n0\r\nx: ' + b"y" * 70_000,
    "a large body": answer(b'"' + b"x" * MAX_BODY_BYTES + b'"'),
    "a large body in chunks": CHUNKED + (b"1000\r\n" + b"x" * 4096 + b"\r\n") * 17,
    "a large body until the end": JSON + b"\r\n" + b"x" * (MAX_BODY_BYTES + 1),
    "bytes behind the answer": WRONG + b"x",
    "a line end behind the answer": WRONG + b"\r\n",
    "the answer twice": WRONG + WRONG,
    "another answer behind an empty one": b"HTTP/1.1 204 No Content\r\n\r\n" + WRONG,
    "no media type": b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
    "another media type": answer(b"<html>", "text/html"),
    "no JSON": answer(b"wrong"),
    "half of JSON": answer(b'{"value": '),
    "no UTF-8": answer(b'"\xff"'),
    "a redirection": b"HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n",
    "a bare refusal": b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n",
    "a refusal in HTML": answer(b"<html>", "text/html", "502 Bad Gateway"),
    "a problem that is no JSON": answer(b"no", PROBLEM, "403 Forbidden"),
    "a problem without members": answer(b"{}", PROBLEM, "403 Forbidden"),
    "a problem that is a list": answer(b"[1]", PROBLEM, "403 Forbidden"),
    "a problem that is null": answer(b"null", PROBLEM, "500 Internal Server Error"),
    "a problem that is empty": answer(b"", PROBLEM, "500 Internal Server Error"),
}

# The connection ends behind these bytes.
CUT_OFF = {
    "nothing": b"",
    "an empty line": b"\r\n",
    "half a version": b"HTT",
    "half a status line": b"HTTP/1.1 200",
    "half a header": JSON,
    "half a name": JSON + b"content-le",
    "an interim answer": b"HTTP/1.1 100 Continue\r\n\r\n",
    "half an answer behind an interim one": b"HTTP/1.1 103 x\r\n\r\nHTTP/1.1 200",
    "a header without its body": JSON + b"content-length: 7\r\n\r\n",
    "half a body": WRONG[:-1],
    "a header without its chunks": CHUNKED,
    "half a chunk's size": CHUNKED + b"7",
    "half a chunk": CHUNKED + b'7\r\n"wro',
    "a chunk without its end": CHUNKED + b'7\r\n"wrong"\r',
    "chunks without the last": CHUNKED + b'7\r\n"wrong"\r\n',
    "half the last chunk": CHUNKED + b'7\r\n"wrong"\r\n0\r\n',
    "half a trailer": CHUNKED + b'7\r\n"wrong"\r\n0\r\nx: y\r\n',
}


STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
# As answers to a call with the channel `messages`; the connection stays open.
MALFORMED_STREAMS = {
    "no UTF-8": b"data: \xff\n\n",
    "a large event": b"event: channel:messages\ndata: " + b"x" * MAX_BODY_BYTES,
    "no kind": b"data: 1\n\n",
    "an unknown kind": b"event: unknown\ndata: 1\n\n",
    "an unknown channel": b"event: channel:other\ndata: 1\n\n",
    "a message that is no JSON": b"event: channel:messages\ndata: no\n\n",
    "a raw message that is no base64": b"event: raw:messages\ndata: x\n\n",
    "a result that is no JSON": b"event: result\ndata: no\n\n",
    "a raw result that is no base64": b"event: result-raw\ndata: x\n\n",
    "a problem that is no JSON": b"event: problem\ndata: no\n\n",
    "a problem without a status": b"event: problem\ndata: {}\n\n",
    "a problem that is null": b"event: problem\ndata: null\n\n",
    "a problem without members": b'event: problem\ndata: {"status": 403}\n\n',
}

# What never ends, and is over a limit some time.
ENDLESS = {
    "empty lines": (b"", b"\r\n"),
    "a reason": (b"HTTP/1.1 200 ", b"x"),
    "fields": (JSON, b"x: y\r\n"),
    "a field": (JSON + b"x: ", b"y"),
    "a chunk's size": (CHUNKED, b"0"),
    "a chunk's extension": (CHUNKED + b"1;", b"x"),
    "chunks": (CHUNKED, b"1\r\nx\r\n"),
    "a trailer": (CHUNKED + b"0\r\n", b"x: y\r\n"),
    "a body": (JSON + b"\r\n", b"x"),
}


def goes_on(call: Call) -> None:
    """Check that later calls get their own answers."""
    assert [call(number) for number in range(10, 14)] == [10, 11, 12, 13]


def fails(call: Call, value: object = BROKEN, messages: list[object] | None = None) -> None:
    """Check that a call fails, and before its deadline."""
    with pytest.raises(TransportError) as raised:
        call(value, messages)
    assert raised.type is TransportError


def send(data: bytes) -> Play:
    return lambda connection: connection.sendall(data)


def send_and_end(data: bytes) -> Play:
    def play(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_RDWR)

    return play


@pytest.mark.parametrize("reply", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("before", [0, 1], ids=["first", "later"])
def test_a_malformed_answer(twin: Twin, serve: Callable[..., str], reply: bytes, before: int) -> None:
    with twin(serve(send(reply))) as call:
        assert [call(number) for number in range(before)] == list(range(before))
        fails(call)
        goes_on(call)


@pytest.mark.parametrize("reply", CUT_OFF.values(), ids=CUT_OFF)
@pytest.mark.parametrize("before", [0, 1], ids=["first", "later"])
def test_half_an_answer(twin: Twin, serve: Callable[..., str], reply: bytes, before: int) -> None:
    with twin(serve(send_and_end(reply))) as call:
        assert [call(number) for number in range(before)] == list(range(before))
        fails(call)
        goes_on(call)


@pytest.mark.parametrize("reply", MALFORMED_STREAMS.values(), ids=MALFORMED_STREAMS)
def test_a_malformed_stream(twin: Twin, serve: Callable[..., str], reply: bytes) -> None:
    with twin(serve(send(STREAM + reply))) as call:
        fails(call, messages=[])
        goes_on(call)


@pytest.mark.parametrize("reply", [b"", b": note\n\n", b"event: result\ndata: 1\n"])
def test_half_a_stream(twin: Twin, serve: Callable[..., str], reply: bytes) -> None:
    with twin(serve(send_and_end(STREAM + reply))) as call:
        fails(call, messages=[])
        goes_on(call)


@pytest.mark.parametrize(("start", "more"), ENDLESS.values(), ids=ENDLESS)
def test_an_answer_without_end(twin: Twin, serve: Callable[..., str], start: bytes, more: bytes) -> None:
    def play(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(more * 1000)

    with twin(serve(play)) as call:
        fails(call)
        goes_on(call)


@pytest.mark.parametrize("reply", CUT_OFF.values(), ids=CUT_OFF)
def test_an_answer_that_does_not_go_on(twin: Twin, serve: Callable[..., str], reply: bytes) -> None:
    with twin(serve(send(reply))) as call:
        with pytest.raises(DeadlineExceededError):
            call(BROKEN, timeout_s=0.05)
        goes_on(call)


def test_interim_answers_without_end(twin: Twin, serve: Callable[..., str]) -> None:
    start_s = monotonic()

    def play(connection: socket.socket) -> None:
        while monotonic() < start_s + 3:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    with twin(serve(play)) as call:
        with pytest.raises(DeadlineExceededError):
            call(BROKEN, timeout_s=0.2)
        assert monotonic() < start_s + 2
        goes_on(call)


def test_an_answer_that_comes_too_late_is_nobodys(twin: Twin, serve: Callable[..., str]) -> None:
    is_late = Event()

    def play(connection: socket.socket) -> None:
        is_late.wait(LIMIT_S)
        connection.sendall(WRONG)

    with twin(serve(play)) as call:
        with pytest.raises(DeadlineExceededError):
            call(BROKEN, timeout_s=0.05)
        is_late.set()
        goes_on(call)


def test_an_answer_that_nobody_asked_for_is_nobodys(twin: Twin, serve: Callable[..., str]) -> None:
    is_idle, has_come = Event(), Event()

    def after(connection: socket.socket) -> None:
        assert is_idle.wait(LIMIT_S)
        is_idle.clear()
        connection.sendall(WRONG)
        has_come.set()

    with twin(serve(after=after)) as call:
        for number in range(20):
            assert call(number) == number
            is_idle.set()
            assert has_come.wait(LIMIT_S)
            has_come.clear()


def test_a_connection_is_kept(twin: Twin, serve: Callable[..., str]) -> None:
    connections: set[socket.socket] = set()
    with twin(serve(after=connections.add)) as call:
        for number in range(5):
            assert call(number) == number
    assert len(connections) == 1


def test_a_connection_that_is_closed_while_idle(twin: Twin, serve: Callable[..., str]) -> None:
    is_closed = Event()

    def after(connection: socket.socket) -> None:
        connection.shutdown(socket.SHUT_RDWR)
        is_closed.set()

    with twin(serve(after=after)) as call:
        for number in range(20):
            assert call(number) == number
            assert is_closed.wait(LIMIT_S)
            is_closed.clear()


def test_connections_that_close_while_the_next_call_begins(twin: Twin, serve: Callable[..., str]) -> None:
    with twin(serve(after=lambda connection: connection.shutdown(socket.SHUT_RDWR))) as call:
        for number in range(300):
            # The request may have reached the host, so it is not sent again.
            with suppress(TransportError):
                assert call(number) == number


@pytest.mark.parametrize(
    "reply",
    [
        WRONG,
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" + WRONG,
        CHUNKED + b'3;a=b\r\n"wr\r\n04\r\nong"\r\n0\r\nx-sum: 1\r\n\r\n',
    ],
    ids=["with a length", "behind interim ones", "in chunks"],
)
def test_an_answer_byte_by_byte(twin: Twin, serve: Callable[..., str], reply: bytes) -> None:
    def play(connection: socket.socket) -> None:
        for byte in reply:
            connection.sendall(bytes([byte]))
            sleep(0.0005)

    with twin(serve(play)) as call:
        for _ in range(3):
            assert call(BROKEN) == "wrong"
        goes_on(call)


LARGE = bytes(2 * 1024 * 1024)


def test_an_answer_before_the_whole_request(twin: Twin, serve: Callable[..., str]) -> None:
    with twin(serve(send_and_end(WRONG))) as call:
        for _ in range(20):
            assert call(LARGE) == "wrong"
            goes_on(call)


@pytest.mark.parametrize("reply", [b"", WRONG[:-1], b"HTTP/1.1 100 Continue\r\n\r\n", b"SSH-2.0\r\n", WRONG + WRONG])
def test_a_failure_before_the_whole_request(twin: Twin, serve: Callable[..., str], reply: bytes) -> None:
    with twin(serve(send_and_end(reply))) as call:
        for _ in range(5):
            fails(call, LARGE)
            goes_on(call)


def test_a_request_that_nobody_reads(twin: Twin, serve: Callable[..., str]) -> None:
    is_over = Event()
    with twin(serve(lambda _: is_over.wait(LIMIT_S))) as call:
        with pytest.raises(DeadlineExceededError):
            call(LARGE, timeout_s=0.05)
        goes_on(call)
    is_over.set()


@pytest.mark.parametrize("timeout_s", [LIMIT_S, 0.05], ids=["malformed", "too late"])
def test_a_call_that_fails_ends_its_connection(twin: Twin, serve: Callable[..., str], timeout_s: float) -> None:
    has_ended = Event()

    def play(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n" if timeout_s < LIMIT_S else b"SSH-2.0\r\n")
        assert connection.recv(1) == b""
        has_ended.set()

    with twin(serve(play)) as call:
        with pytest.raises(TransportError) as raised:
            call(BROKEN, timeout_s=timeout_s)
        goes_on(call)
        assert has_ended.wait(1), raised
