//! The event parser against a plain reading of WHATWG HTML, section 9.2.6.

use _native::sse::{InvalidStream, Message, Parser};
use fastrand::Rng;

use crate::{
    fuzz::{Finding, fuzz},
    mutation::{cut, mutate},
    responses::{one_in, pick},
};

const MAX_EVENT_BYTES: usize = 48;

fn check(input: &[u8], rng: &mut Rng) -> Finding {
    let expected = reference(input);
    let pieces = cut(rng, input);
    if parse([input]) != expected || parse(pieces) != expected || parse(input.chunks(1)) != expected
    {
        return Err("other messages than the reference".into());
    }
    Ok(expected.is_err().then_some("refused"))
}

/// The messages of a stream, and the id to resume it behind.
type Read = Result<(Vec<Message>, String), InvalidStream>;

fn parse<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Read {
    let mut parser = Parser::new(MAX_EVENT_BYTES);
    let mut messages = Vec::new();
    for piece in pieces {
        messages.extend(parser.receive(piece)?);
    }
    Ok((messages, parser.last_id().to_owned()))
}

/// Reads a whole stream at once, without regard to speed. Like ours it also gives comments, and refuses what is no UTF-8
/// or too large, where the standard has neither.
fn reference(stream: &[u8]) -> Read {
    let mut messages = Vec::new();
    let (mut id, mut last_id) = (String::new(), String::new());
    let (mut kind, mut lines) = (String::new(), Vec::<String>::new());
    let (mut rest, mut is_first) = (stream, true);
    loop {
        let length = rest
            .iter()
            .position(|byte| b"\r\n".contains(byte))
            .unwrap_or(rest.len());
        let (line, end) = rest.split_at(length);
        if line.len() + lines.join("\n").len() > MAX_EVENT_BYTES {
            return Err(InvalidStream::TooLarge(MAX_EVENT_BYTES));
        }
        rest = match end {
            [] => return Ok((messages, last_id)),
            [b'\r', b'\n', rest @ ..] | [_, rest @ ..] => rest,
        };
        let line = std::str::from_utf8(line).map_err(|_| InvalidStream::Encoding)?;
        let mark = if is_first { "\u{feff}" } else { "" };
        let line = line.strip_prefix(mark).unwrap_or(line);
        is_first = false;
        if line.is_empty() {
            last_id.clone_from(&id);
            if !lines.is_empty() {
                let (name, data) = (kind.clone(), lines.join("\n"));
                messages.push(Message::Event { name, data });
            }
            kind.clear();
            lines.clear();
        } else if let Some(comment) = line.strip_prefix(':') {
            messages.push(Message::Comment(value(comment)));
        } else {
            match line
                .find(':')
                .map_or((line, ""), |colon| (&line[..colon], &line[colon + 1..]))
            {
                ("data", text) => lines.push(value(text)),
                ("event", text) => kind = value(text),
                ("id", text) if !text.contains('\0') => id = value(text),
                _ => {}
            }
        }
    }
}

/// What stands behind a colon, without one space.
fn value(text: &str) -> String {
    text.strip_prefix(' ').unwrap_or(text).to_owned()
}

const LINES: &[&str] = &[
    "",
    "",
    "",
    "data: one",
    "data:two",
    "data",
    "data:",
    "data: ",
    "data:  x",
    "data: ü\u{2028}",
    "event: told",
    "event",
    "event:",
    "id: 7",
    "id: a\0b",
    "retry: 10",
    ": note",
    ":",
    "::",
    "other: x",
    "DATA: x",
    " data: x",
    "data : x",
    "data: a:b",
    "dat",
    "datax: 1",
];

fn stream(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = Vec::new();
    if one_in(rng, 20) {
        bytes.extend("\u{feff}".bytes());
    }
    for _ in 0..rng.usize(..12) {
        bytes.extend(pick(rng, LINES).bytes());
        bytes.extend(pick(rng, &["\n", "\n", "\n", "\r\n", "\r"]).bytes());
    }
    if one_in(rng, 2) {
        let other = bytes.clone();
        mutate(rng, &mut bytes, &other);
    }
    bytes
}

#[test]
fn events_are_read_as_the_standard_says() {
    fuzz("events", 50_000, stream, check);
}

#[test]
fn what_was_read_wrongly_once_is_read_rightly() {
    // A byte order mark is no part of the first line, and what has a null is no id.
    for stream in ["\u{feff}: note\n", "id: 1\nid: 2\0\ndata: x\n\n"] {
        assert_eq!(parse([stream.as_bytes()]), reference(stream.as_bytes()));
    }
}
