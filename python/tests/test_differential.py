"""The response decoder against h11 on random bytes; `differential/` does the same against hyper, faster.

`SIDECAR_BRIDGE_FUZZ_SEED` repeats a run, `SIDECAR_BRIDGE_FUZZ_INPUTS` says how long it is.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import NamedTuple

import h11
import pytest

from sidecar_bridge._native import ProtocolError, ResponseDecoder

MAX_BODY_BYTES = 64

SHORT_FORM_INPUTS = 15_000


class Answer(NamedTuple):
    """What a client makes of a connection, as far as one of the bridge cares."""

    status: int
    body: bytes
    reusable: bool
    """Whether the connection can carry another request."""


# Why we may refuse what h11 takes: what our error says, and what must then be in the input.
WE_REFUSE = {
    # Nobody knows whose they are. h11 keeps them apart, and the connection cannot be used again.
    "bytes follow the whole response": rb"",
    # RFC 9112 section 6.3 lets a client take the coding, and another reader may take the length.
    "both `transfer-encoding` and `content-length`": rb"(?is)transfer-encoding.*-length|-length.*transfer-encoding",
    # The same section lets a client take equal ones.
    "more than one `content-length`": rb"(?is)content-length.*content-length",
    # h11 takes a list of equal numbers.
    "`content-length` is not a number": rb"(?i)content-length:\s*\d+\s*,",
    # h11 takes any number as the version, and lines that are folded: RFC 9112 section 5.2 leaves both to us.
    "the status line or a header field": rb"HTTP/(?!1\.[01])\d\.\d|\n[ \t]|[\x00-\x08\x0b-\x1f\x7f]",
    # The same of a trailer, and line feeds alone, which h11 takes for the end of a line.
    "the trailer": rb"(?<!\r)\n|\n[ \t]|[\x00-\x08\x0b-\x1f\x7f]",
    # Section 6.1 calls the framing faulty.
    "HTTP/1.0": rb"HTTP/1\.0",
    # httparse reads 16 digits of a size, h11 takes 20, and a carriage return in an extension.
    "a chunk's size": rb"[0-9a-fA-F]{17}|;[^\n]*\r[^\n]",
    # The limits. h11 has none for bodies and for the number of fields.
    "over the limit": rb"(?s).{65}",
    "a chunk's size or trailer has no end": rb"[^\n]{250}",
}

# Why h11 may refuse what we take: what its error says, and what must then be in the input.
H11_REFUSES = {
    # RFC 9112 section 2.2 wants a robust client to skip empty lines in front.
    "no response line received": rb"^\r?\n|\n\r?\n\r?\n",
    # Section 7.1.1 has a client take spaces in front of an extension.
    "illegal chunk header": rb"[0-9a-fA-F][ \t]+;",
    # It judges framing fields in a trailer, too. We throw trailers away, see section 7.1.2.
    "bad Content-Length": rb"(?is)\n0+[;\r\n].*content-length",
    "conflicting Content-Length headers": rb"(?is)\n0+[;\r\n].*content-length",
    "Only Transfer-Encoding: chunked is supported": rb"(?is)\n0+[;\r\n].*transfer-encoding",
}

STATUS_LINES = [
    *[b"HTTP/1.1 200 OK"] * 12,
    b"HTTP/1.1 204 No Content",
    b"HTTP/1.1 304 x",
    b"HTTP/1.1 404 Not Found",
    b"HTTP/1.1 500",
    b"HTTP/1.0 200 OK",
    b"HTTP/1.1 200 t\xe9l\xe9",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK",
    b"HTTP/1.1 103 x\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK",
    b"HTTP/1.1 101 x",
    b"HTTP/1.1 099 x",
    b"HTTP/1.1 999 x",
    b"HTTP/2.0 200 OK",
    b"\r\nHTTP/1.1 200 OK",
]
FIELDS = [
    b"content-type: application/json",
    b"x-empty:",
    b"x-obs: \xe9",
    b"connection: close",
    b"Connection: keep-alive",
    b"connection: x, CLOSE ",
    b"folded: a\r\n b",
    b"no colon",
    b"content-length: 3",
    b"content-length: 3, 3",
    b"content-length: +3",
    b"transfer-encoding: chunked",
    b"transfer-encoding: gzip, chunked",
]
FRAMED_BODIES = [
    (b"content-length: 3", b"abc"),
    (b"Content-Length:\t3 ", b"\r\n0"),
    (b"content-length: 0", b""),
    (b"content-length: 4", b"abc"),
    (b"transfer-encoding: chunked", b"3\r\nabc\r\n0\r\n\r\n"),
    (b"Transfer-Encoding: Chunked", b"3;a=b\r\nabc\r\n0A\r\n0123456789\r\n0\r\n\r\n"),
    (b"transfer-encoding: chunked", b"1\r\na\r\n0\r\nx-sum: 1\r\ny: 2\r\n\r\n"),
    (b"transfer-encoding: chunked", b"00000000000000001\r\na\r\n0\r\n\r\n"),
    (b"transfer-encoding: chunked", b"1;" + b"x" * 254 + b"\r\na\r\n0\r\n\r\n"),
    (b"x: y", b"until close"),
    (b"x: y", b"z" * 64),
]
LOUD = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\n\n",
    b" ",
    b"\t",
    b":",
    b",",
    b";",
    b"0",
    b"1",
    b"f",
    b"\0",
    b"\x7f",
    b"\xff",
    b"0\r\n\r\n",
]


def response(rng: Random) -> bytes:
    framing, body = rng.choice(FRAMED_BODIES)
    fields = [framing, *rng.choices(FIELDS[:6], k=rng.randrange(3))]
    if rng.random() < 0.1:
        fields.append(rng.choice(FIELDS))
    rng.shuffle(fields)
    return b"\r\n".join([rng.choice(STATUS_LINES), *fields, b"", body])


def mutate(rng: Random, data: bytes) -> bytes:
    """Delete, insert, replace, flip, repeat, splice or truncate a few bytes, or change the end of a line."""
    start = rng.randrange(len(data) + 1)
    end = min(len(data), start + rng.randrange(1, 9))
    head, part, tail = data[:start], data[start:end], data[end:]
    other = response(rng)
    lines = data.split(b"\r\n")
    line = rng.randrange(len(lines))
    return rng.choice(
        [
            head,
            head + tail,
            head + rng.choice(LOUD) + part + tail,
            head + rng.choice(LOUD) + tail,
            head + bytes(byte ^ 1 << rng.randrange(8) for byte in part[:1]) + part[1:] + tail,
            head + part + part + tail,
            head + other[rng.randrange(len(other)) :],
            b"\r\n".join(lines[:line]) + rng.choice(LOUD) + b"\r\n".join(lines[line:]),
        ]
    )


def ours(pieces: Iterable[bytes]) -> Answer | str:
    decoder = ResponseDecoder(MAX_BODY_BYTES)
    try:
        for piece in pieces:
            decoder.receive(piece)
            assert decoder.waiting_bytes() <= MAX_BODY_BYTES
        reusable = decoder.is_reusable()
        decoder.end_of_input()
    except (ProtocolError, ConnectionAbortedError) as error:
        return str(error)
    head = decoder.head()
    assert head is not None
    assert decoder.is_complete()
    return Answer(head[0], decoder.take_body(), reusable)


def theirs(data: bytes) -> Answer | str:
    client = h11.Connection(h11.CLIENT, max_incomplete_event_size=64 * 1024)
    client.send(h11.Request(method="GET", target="/", headers=[("host", "localhost")]))
    client.send(h11.EndOfMessage())
    client.receive_data(data)
    status, body = 0, b""
    has_ended = False
    try:
        while True:
            event = client.next_event()
            if isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                reusable = client.their_state is h11.DONE and client.trailing_data == (b"", False)
                return Answer(status, body, reusable)
            elif isinstance(event, h11.InformationalResponse):
                continue
            elif event is h11.NEED_DATA and not has_ended:
                client.receive_data(b"")
                has_ended = True
            else:
                return f"{event!r} is no end of an answer"
    except h11.RemoteProtocolError as error:
        return str(error)


def reason(table: dict[str, bytes], error: str, data: bytes) -> str | None:
    rows = ((words, pattern) for words, pattern in table.items() if words in error)
    return next((words for words, pattern in rows if re.search(pattern, data)), None)


def check(data: bytes, rng: Random) -> tuple[str | None, str | None]:
    """Give the fault in what we make of `data` if there is one, or the reason for a difference if there is one."""
    we = ours([data])
    first, second = sorted(rng.choices(range(len(data) + 1), k=2))
    pieces = [data[:first], data[first:second], data[second:]]
    for cut in (ours(pieces), ours(bytes([byte]) for byte in data) if rng.random() < 0.2 else we):
        if cut != we and not (isinstance(cut, str) and isinstance(we, str)):
            return "another outcome when it is cut", None
    they = theirs(data)
    if isinstance(we, Answer) and isinstance(they, Answer):
        if we == they:
            return None, None
        return (
            f"not h11's {', '.join(name for name in Answer._fields if getattr(we, name) != getattr(they, name))}",
            None,
        )
    if isinstance(we, Answer) and isinstance(they, str):
        known = reason(H11_REFUSES, they, data)
        return (
            (None, known)
            if known
            else (f"we take what h11 refuses: {re.sub('bytearray.*|b[^a-z].*', '…', they)}", None)
        )
    if isinstance(we, str) and isinstance(they, Answer):
        known = reason(WE_REFUSE, we, data)
        return (None, known) if known else (f"we refuse what h11 takes: {we}", None)
    return None, None


@pytest.mark.parametrize(
    "field", [b"content-length:", b"content-length: 1, 2", b"transfer-encoding: gzip", b"x: y\r\ncontent-length: -1"]
)
def test_a_field_of_the_framing_in_a_trailer_frames_nothing(field: bytes) -> None:
    data = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n%s\r\n\r\n" % field
    assert ours([data]) == Answer(200, b"abc", True)
    assert check(data, Random(0))[0] is None


def minimise(data: bytes, kind: str) -> bytes:
    """Leave out what is not needed for that kind of fault."""
    width = len(data)
    while width:
        start = 0
        while start + width <= len(data):
            shorter = data[:start] + data[start + width :]
            if any(check(shorter, Random(seed))[0] == kind for seed in range(20)):
                data = shorter
            else:
                start += (width + 1) // 2
        width //= 2
    return data


def test_h11_and_we_read_the_same_answers() -> None:
    seed = int(os.environ.get("SIDECAR_BRIDGE_FUZZ_SEED", random.randrange(2**32)))
    inputs = int(os.environ.get("SIDECAR_BRIDGE_FUZZ_INPUTS", SHORT_FORM_INPUTS))
    print(f"SIDECAR_BRIDGE_FUZZ_SEED={seed} SIDECAR_BRIDGE_FUZZ_INPUTS={inputs}")
    rng = Random(seed)
    faults: dict[str, bytes] = {}
    reasons: Counter[str] = Counter()
    for _ in range(inputs):
        data = response(rng)
        while rng.random() < 0.6:
            data = mutate(rng, data)
        fault, known = check(data, rng)
        if fault:
            faults[fault] = min(faults.get(fault, data), data, key=len)
        if known:
            reasons[known] += 1
    print(dict(reasons))
    lines = [f"{kind}: {minimise(data, kind)!r}" for kind, data in faults.items()]
    assert not lines, "\n".join([f"with the seed {seed}:", *lines])
