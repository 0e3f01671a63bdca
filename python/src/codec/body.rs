use httparse::{EMPTY_HEADER, Status};

use super::{DecodeError, MAX_HEADER_BYTES};

/// A chunk's size with its extensions, none of which the host sends.
const MAX_CHUNK_LINE_BYTES: usize = 256;

/// Where in a body the decoder is.
#[derive(Debug)]
pub(super) enum Body {
    Fixed { left: u64 },
    Chunked { place: Chunk, partial_line: Vec<u8> },
    UntilClose,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Chunk {
    Size,
    Bytes {
        left: u64,
    },
    /// The line end that follows a chunk's bytes.
    End,
    Trailer,
}

/// How far some input brought a body.
pub(super) struct Progress {
    pub used: usize,
    pub complete: bool,
}

impl Progress {
    const fn used(used: usize) -> Self {
        Self {
            used,
            complete: false,
        }
    }
}

impl Body {
    pub(super) const fn chunked() -> Self {
        Self::Chunked {
            place: Chunk::Size,
            partial_line: Vec::new(),
        }
    }

    /// Reads from `input`, which is not empty, at most to the end of the body.
    pub(super) fn receive(
        &mut self,
        input: &[u8],
        waiting: &mut Vec<u8>,
        max_waiting_bytes: usize,
    ) -> Result<Progress, DecodeError> {
        match self {
            Self::Fixed { left } => {
                let used = keep(input, *left, waiting, max_waiting_bytes)?;
                *left -= used as u64;
                Ok(Progress {
                    used,
                    complete: *left == 0,
                })
            }
            Self::UntilClose => {
                keep(input, u64::MAX, waiting, max_waiting_bytes).map(Progress::used)
            }
            Self::Chunked {
                place,
                partial_line,
            } => match place {
                Chunk::Size => {
                    let Some((size, used)) =
                        line(partial_line, input, MAX_CHUNK_LINE_BYTES, chunk_size)?
                    else {
                        return Ok(Progress::used(input.len()));
                    };
                    *place = if size == 0 {
                        Chunk::Trailer
                    } else {
                        Chunk::Bytes { left: size }
                    };
                    Ok(Progress::used(used))
                }
                Chunk::Bytes { left } => {
                    let used = keep(input, *left, waiting, max_waiting_bytes)?;
                    *left -= used as u64;
                    if *left == 0 {
                        *place = Chunk::End;
                    }
                    Ok(Progress::used(used))
                }
                Chunk::End => {
                    let Some(((), used)) =
                        line(partial_line, input, MAX_CHUNK_LINE_BYTES, chunk_end)?
                    else {
                        return Ok(Progress::used(input.len()));
                    };
                    *place = Chunk::Size;
                    Ok(Progress::used(used))
                }
                Chunk::Trailer => {
                    let Some(((), used)) = line(partial_line, input, MAX_HEADER_BYTES, trailer)?
                    else {
                        return Ok(Progress::used(input.len()));
                    };
                    Ok(Progress {
                        used,
                        complete: true,
                    })
                }
            },
        }
    }
}

/// Moves at most `left` bytes of body, and says how many.
fn keep(
    input: &[u8],
    left: u64,
    waiting: &mut Vec<u8>,
    max_waiting_bytes: usize,
) -> Result<usize, DecodeError> {
    let used = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
    if used > max_waiting_bytes.saturating_sub(waiting.len()) {
        return Err(DecodeError::BodyTooLarge(max_waiting_bytes));
    }
    waiting.extend_from_slice(&input[..used]);
    Ok(used)
}

/// What a parser made of some bytes, and how many of them it used; `None` when it needs more.
type Parsed<T> = Result<Option<(T, usize)>, DecodeError>;

/// Parses what came before together with `input`; the number is that of the bytes of `input` that were used.
fn line<T>(
    partial: &mut Vec<u8>,
    input: &[u8],
    limit: usize,
    parse: impl Fn(&[u8]) -> Parsed<T>,
) -> Parsed<T> {
    let before = partial.len();
    partial.extend_from_slice(&input[..input.len().min(limit + 1)]);
    match parse(partial)? {
        Some((_, length)) if length > limit => Err(DecodeError::Malformed(
            "a chunk's size or trailer has no end",
        )),
        Some((value, length)) => {
            partial.clear();
            Ok(Some((value, length - before)))
        }
        None if partial.len() > limit => Err(DecodeError::Malformed(
            "a chunk's size or trailer has no end",
        )),
        None => Ok(None),
    }
}

fn chunk_size(bytes: &[u8]) -> Parsed<u64> {
    // httparse takes no digits at all for 0.
    if bytes
        .first()
        .is_some_and(|first| !first.is_ascii_hexdigit())
    {
        return Err(DecodeError::Malformed("a chunk without a size"));
    }
    match httparse::parse_chunk_size(bytes) {
        Ok(Status::Complete((length, _))) if has_bare_line_feed(&bytes[..length]) => {
            Err(DecodeError::Malformed("a chunk's size"))
        }
        Ok(Status::Complete((length, size))) => Ok(Some((size, length))),
        Ok(Status::Partial) => Ok(None),
        Err(_) => Err(DecodeError::Malformed("a chunk's size")),
    }
}

fn chunk_end(bytes: &[u8]) -> Parsed<()> {
    match bytes {
        [b'\r', b'\n', ..] => Ok(Some(((), 2))),
        [] | [b'\r'] => Ok(None),
        _ => Err(DecodeError::Malformed("a chunk is longer than its size")),
    }
}

/// The fields of a trailer are of no use to this client, so they are only checked.
fn trailer(bytes: &[u8]) -> Parsed<()> {
    let mut fields = [EMPTY_HEADER; 64];
    match httparse::parse_headers(bytes, &mut fields) {
        Ok(Status::Complete((length, _))) if has_bare_line_feed(&bytes[..length]) => {
            Err(DecodeError::Malformed("the trailer"))
        }
        Ok(Status::Complete((length, _))) => Ok(Some(((), length))),
        Ok(Status::Partial) => Ok(None),
        Err(_) => Err(DecodeError::Malformed("the trailer")),
    }
}

/// Where one reader sees the end of a line and another does not, responses are smuggled.
fn has_bare_line_feed(bytes: &[u8]) -> bool {
    let mut before = 0;
    bytes.iter().any(|byte| {
        let is_bare = *byte == b'\n' && before != b'\r';
        before = *byte;
        is_bare
    })
}
