//! The rules that the response decoder must keep, and the reasons for which it may refuse what hyper takes.

use std::mem::discriminant;

use _native::codec::{DecodeError, Decoder, MAX_HEADER_BYTES};
use fastrand::Rng;

use crate::{
    Answer, MAX_BODY_BYTES,
    fuzz::{Finding, fuzz},
    memory,
    mutation::{cut, mutate},
    peer,
    responses::{large, one_in, response},
};

/// Vectors grow by doubling; the rest is small.
const MAX_MEMORY_BYTES: usize = 2 * (MAX_HEADER_BYTES + MAX_BODY_BYTES) + 4096;

/// Why we may refuse what hyper takes.
struct Reason {
    /// What our error says.
    error: &'static str,
    /// What must be true of the input and hyper's answer.
    holds: fn(&[u8], &Answer) -> bool,
    /// An input.
    example: &'static [u8],
}

const REASONS: &[Reason] = &[
    // There is no pipelining: nobody knows whose these bytes are. hyper gives the answer, and then drops the connection.
    Reason {
        error: "bytes follow the whole response",
        holds: |input, theirs| {
            let same = |ours: Answer| ours.status == theirs.status && ours.body == theirs.body;
            complete_part(input).is_some_and(same)
        },
        example: b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab",
    },
    // RFC 9112 section 6.3 lets a client take the coding, and another reader may take the length.
    Reason {
        error: "both `transfer-encoding` and `content-length`",
        holds: |input, _| has(input, b"transfer-encoding", 1) && has(input, b"content-length", 1),
        example: b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 6\r\n\r\n1\r\na\r\n0\r\n\r\n",
    },
    // The same section lets a client take equal ones, which nobody should send.
    Reason {
        error: "more than one `content-length`",
        holds: |input, _| has(input, b"content-length", 2),
        example: b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\na",
    },
    // hyper takes the list `1, 1` too, and ignores the field in answers that are chunked or have no body.
    Reason {
        error: "`content-length` is not a number",
        holds: |input, _| has(input, b"content-length", 1),
        example: b"HTTP/1.1 200 OK\r\ncontent-length: 1, 1\r\n\r\na",
    },
    // hyper gives the coded bytes, and leaves them to its user.
    Reason {
        error: "a `transfer-encoding` other than `chunked`",
        holds: |input, _| has(input, b"transfer-encoding", 1),
        example: b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\na",
    },
    // Nobody asked for an upgrade. For hyper it is an answer.
    Reason {
        error: "the protocol was switched",
        holds: |_, theirs| theirs.status == 101,
        example: b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    },
    // RFC 9112 section 6.1 calls the framing faulty. hyper ignores it in answers that have no body.
    Reason {
        error: "HTTP/1.0",
        holds: |input, _| has(input, b"HTTP/1.0", 1) && has(input, b"transfer-encoding", 1),
        example: b"HTTP/1.0 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n",
    },
    // httparse reads 16 digits of a chunk's size, hyper any number of zeros.
    Reason {
        error: "a chunk's size",
        holds: |input, _| has(input, b"00000", 1),
        example: b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n00000000000000001\r\na\r\n0\r\n\r\n",
    },
    // hyper looks for the end of a trailer without regard to line feeds alone, and then may read less of it.
    Reason {
        error: "the trailer",
        holds: |input, _| input.windows(2).any(|pair| pair[0] != b'\r' && pair[1] == b'\n'),
        example: b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\n\r\n\r\n",
    },
    // hyper has no limit for bodies, and 16 KiB for all extensions of an answer's chunks.
    Reason {
        error: "over the limit",
        holds: |_, theirs| theirs.body.len() > MAX_BODY_BYTES,
        example: b"HTTP/1.1 200 OK\r\n\r\n0123456789012345678901234567890123456789012345678901234567890123+",
    },
    Reason {
        error: "a chunk's size or trailer has no end",
        holds: |input, _| {
            input
                .split(|byte| *byte == b'\n')
                .any(|line| line.len() > 250)
        },
        example: LONG_CHUNK_LINE,
    },
];

/// A chunk's line of 300 bytes.
const LONG_CHUNK_LINE: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0;\
    xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
    xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
    xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n\r\n";

/// hyper keeps connections to servers of HTTP/1.0 that say `keep-alive`, and does not read options that are not ASCII.
const LESS_REUSE: &str = "the connection is not used again";

/// Checks every rule with some cuts of `input`.
fn check(input: &[u8], rng: &mut Rng) -> Finding {
    let pieces = cut(rng, input);
    let (ours, whole_bytes) = memory::peak(|| decode([input]));
    let (cut, cut_bytes) = memory::peak(|| decode(pieces));
    if whole_bytes.max(cut_bytes) > MAX_MEMORY_BYTES {
        return Err("more memory than the limits allow".into());
    }
    expect_same(&ours, &cut)?;
    if input.len() < 2000 && one_in(rng, 8) {
        expect_same(&ours, &decode(input.chunks(1)))?;
    }
    match (ours, peer::receive(input)) {
        (Err(_), Err(_)) => Ok(None),
        (Ok(_), Err(error)) => Err(format!("we take what hyper refuses: {error}")),
        (Ok(ours), Ok(theirs)) => {
            if ours.status != theirs.status {
                return Err("not hyper's status".into());
            }
            if ours.body != theirs.body {
                return Err("not hyper's body".into());
            }
            match (ours.reusable, theirs.reusable) {
                (true, false) => Err("a connection is used again that hyper drops".into()),
                (false, true) if has(input, b"HTTP/1.0", 1) || !input.is_ascii() => {
                    Ok(Some(LESS_REUSE))
                }
                (false, true) => Err("a connection is dropped that hyper uses again".into()),
                _ => Ok(None),
            }
        }
        (Err(error), Ok(theirs)) => {
            let text = error.to_string();
            let holds =
                |reason: &&Reason| text.contains(reason.error) && (reason.holds)(input, &theirs);
            let reason = REASONS.iter().find(holds).map(|reason| reason.error);
            reason.map_or_else(
                || Err(format!("we refuse what hyper takes: {text}")),
                |reason| Ok(Some(reason)),
            )
        }
    }
}

fn expect_same(
    whole: &Result<Answer, DecodeError>,
    cut: &Result<Answer, DecodeError>,
) -> Result<(), String> {
    match (whole, cut) {
        (Ok(whole), Ok(cut)) if whole == cut => Ok(()),
        (Err(whole), Err(cut)) if discriminant(whole) == discriminant(cut) => Ok(()),
        _ => Err("another outcome when it is cut".into()),
    }
}

/// What our decoder makes of a connection on which these pieces come and then its end.
fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Answer, DecodeError> {
    let mut decoder = Decoder::new(MAX_BODY_BYTES);
    for piece in pieces {
        decoder.receive(piece)?;
        assert!(
            decoder.waiting_bytes() <= MAX_BODY_BYTES,
            "more of a body waits than may"
        );
    }
    let reusable = decoder.is_reusable();
    assert!(
        decoder.is_complete() || !reusable,
        "half an answer leaves a connection reusable"
    );
    decoder.end_of_input()?;
    Ok(answer(&mut decoder, reusable))
}

/// The answer that the first bytes of `input` are, as few as possible.
fn complete_part(input: &[u8]) -> Option<Answer> {
    let mut decoder = Decoder::new(MAX_BODY_BYTES);
    for byte in input.chunks(1) {
        decoder.receive(byte).ok()?;
        if decoder.is_complete() {
            let reusable = decoder.is_reusable();
            return Some(answer(&mut decoder, reusable));
        }
    }
    None
}

fn answer(decoder: &mut Decoder, reusable: bool) -> Answer {
    assert!(
        decoder.is_complete(),
        "the end of a connection is no end of an answer"
    );
    let status = decoder.head().map(|head| head.status);
    Answer {
        status: status.expect("a whole answer has a head"),
        body: decoder.take_body(),
        reusable,
    }
}

/// Whether `words` are in `input` so many times, in whatever case.
fn has(input: &[u8], words: &[u8], times: usize) -> bool {
    input
        .windows(words.len())
        .filter(|window| window.eq_ignore_ascii_case(words))
        .count()
        >= times
}

fn input(rng: &mut Rng) -> Vec<u8> {
    if one_in(rng, 5000) {
        return large(rng);
    }
    let mut bytes = response(rng);
    if !one_in(rng, 4) {
        let other = if one_in(rng, 4) {
            response(rng)
        } else {
            bytes.clone()
        };
        mutate(rng, &mut bytes, &other);
    }
    bytes
}

#[test]
fn hyper_and_we_read_the_same_answers() {
    fuzz("responses", 30_000, input, check);
}

#[test]
fn every_reason_to_refuse_has_an_example() {
    for reason in REASONS {
        assert_eq!(
            check(reason.example, &mut Rng::with_seed(0)),
            Ok(Some(reason.error))
        );
    }
}

#[test]
fn what_was_read_wrongly_once_is_read_rightly() {
    let inputs: [&[u8]; 10] = [
        // No size of a chunk at all.
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n;a=b\r\n\r\n",
        // A line feed alone, where another reader may see the end of the line, or not.
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0;\n\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: y\nz: y\r\n\r\n",
        // RFC 9112 section 6.1: the framing is faulty.
        b"HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        // No status.
        b"HTTP/1.1 099 x\r\n\r\n",
        b"HTTP/1.1 000 x\r\ncontent-length: 1\r\n\r\n",
        // Memory for a body that would be refused.
        b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\na",
        // An end of a line that came beyond the limit, in the second piece.
        LONG_CHUNK_LINE,
    ];
    let fault = |input: &[u8]| {
        let fault = (0..100).find_map(|seed| check(input, &mut Rng::with_seed(seed)).err())?;
        Some(format!("{fault}: b\"{}\"", input.escape_ascii()))
    };
    let faults: Vec<String> = inputs.into_iter().filter_map(fault).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}
