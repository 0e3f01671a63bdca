//! Small harm done to bytes, as bad networks, broken servers and attackers do it; and the way back to the smallest harm.

use fastrand::Rng;

use crate::responses::{one_in, pick};

/// Bytes that mean something to a parser of HTTP or of events.
const LOUD: &[&[u8]] = &[
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\r",
    b"\n\r",
    b"\n\n",
    b":",
    b" ",
    b"\t",
    b";",
    b",",
    b"0",
    b"1",
    b"9",
    b"f",
    b"\0",
    b"\x7f",
    b"\xff",
    b"\xc3\xbc",
    b"\xef\xbb\xbf",
    b"0\r\n\r\n",
    b"close",
    b"HTTP/1.1 ",
];

/// Changes `bytes` in one to four places; `other` is what they are spliced with.
pub fn mutate(rng: &mut Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    loop {
        change(rng, bytes, other);
        if !one_in(rng, 3) {
            return;
        }
    }
}

fn change(rng: &mut Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    let at = rng.usize(..=bytes.len());
    let end = (at + rng.usize(1..9)).min(bytes.len());
    match rng.u8(..12) {
        0 if at < end => bytes[at] ^= 1 << rng.u8(..8),
        1 if at < end => bytes[at] = rng.u8(..),
        2 => drop(bytes.drain(at..end)),
        3 | 4 => drop(bytes.splice(at..at, pick(rng, LOUD).iter().copied())),
        5 => drop(bytes.splice(at..end, pick(rng, LOUD).iter().copied())),
        6 => {
            let part = bytes[at..end].to_vec();
            bytes.splice(at..at, part);
        }
        7 => bytes.truncate(at),
        8 => {
            bytes.truncate(at);
            bytes.extend(&other[rng.usize(..=other.len())..]);
        }
        9 => repeat_line(rng, bytes, other),
        _ => change_line_end(rng, bytes),
    }
}

/// Puts a line of one of the two between two lines of the first.
fn repeat_line(rng: &mut Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    let from = if one_in(rng, 2) { other } else { &bytes[..] };
    let lines: Vec<&[u8]> = from.split_inclusive(|byte| *byte == b'\n').collect();
    if lines.is_empty() {
        return;
    }
    let line = pick(rng, &lines).to_vec();
    if let Some(at) = line_end(rng, bytes) {
        bytes.splice(at + 1..=at, line);
    }
}

fn change_line_end(rng: &mut Rng, bytes: &mut Vec<u8>) {
    if let Some(at) = line_end(rng, bytes) {
        let start = at - usize::from(at > 0 && bytes[at - 1] == b'\r');
        let end: &[u8] = pick(
            rng,
            &[
                b"\n".as_slice(),
                b"\r",
                b"\n\r",
                b"\r\r\n",
                b"\r\n\r\n",
                b" \r\n",
                b"",
                b"\r\n ",
            ],
        );
        bytes.splice(start..=at, end.iter().copied());
    }
}

/// Where one of the lines ends.
fn line_end(rng: &mut Rng, bytes: &[u8]) -> Option<usize> {
    let is_end = |at: &usize| bytes[*at] == b'\n';
    let ends: Vec<usize> = (0..bytes.len()).filter(is_end).collect();
    rng.choice(ends)
}

/// Leaves out of `bytes` what is not needed for `fails`.
pub fn minimise(mut bytes: Vec<u8>, fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut width = bytes.len();
    while width > 0 {
        let mut at = 0;
        let before = bytes.len();
        while at + width <= bytes.len() {
            let shorter = [&bytes[..at], &bytes[at + width..]].concat();
            if fails(&shorter) {
                bytes = shorter;
            } else {
                at += width.div_ceil(2);
            }
        }
        if width > 1 || bytes.len() == before {
            width /= 2;
        }
    }
    bytes
}

/// `bytes` in pieces.
pub fn cut<'a>(rng: &mut Rng, bytes: &'a [u8]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = (0..rng.usize(1..5))
        .map(|_| rng.usize(..=bytes.len()))
        .collect();
    places.sort_unstable();
    let mut pieces = Vec::with_capacity(places.len() + 1);
    let mut start = 0;
    for place in places {
        pieces.push(&bytes[start..place]);
        start = place;
    }
    pieces.push(&bytes[start..]);
    pieces
}
