//! Many calls over one connection, without I/O: the frames of `GET /v1/calls`, as `docs/wire.md` has them.

use std::{collections::HashMap, mem, time::Instant};

use crate::codec::{DecodeError, Decoder, Head, InvalidRequest, check_token};

/// The longest request, head and body. A longer one takes a connection of its own.
pub const MOST_REQUEST_BYTES: usize = 128 * 1024;

/// The longest piece of an answer that the host sends.
const MOST_PIECE_BYTES: usize = 64 * 1024;

/// A frame's head: its length, and the call's number.
const HEAD_BYTES: usize = 8;

/// In the length of a frame: another piece of the same answer follows.
const MORE: u32 = 1 << 31;

/// What asks the host to switch from HTTP to calls.
///
/// # Errors
/// For a token that a header cannot carry.
pub fn asking(token: &str) -> Result<Vec<u8>, InvalidRequest> {
    check_token(token)?;
    let head = format!(
        "GET /v1/calls HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\nconnection: upgrade\r\n\
         upgrade: sidecar-bridge-calls\r\n\r\n"
    );
    Ok(head.into_bytes())
}

/// A whole answer to a call.
#[derive(Debug)]
pub struct Answer {
    /// Its head.
    pub head: Head,
    /// Its body.
    pub body: Vec<u8>,
}

/// What has come.
#[derive(Debug)]
enum Phase {
    /// A part of the answer to [`asking`].
    Asked(Vec<u8>),
    /// So many bytes of a frame's head.
    Head([u8; HEAD_BYTES], usize),
    /// A frame's head, and so far not all of its piece.
    Piece(Piece),
}

impl Phase {
    /// No byte of the next frame.
    const BETWEEN: Self = Self::Head([0; HEAD_BYTES], 0);
}

/// A piece of an answer.
#[derive(Debug, Clone, Copy)]
struct Piece {
    call: u32,
    is_last: bool,
    /// How many of its bytes are to come.
    left: usize,
}

/// The calls of one connection. `T` is who waits for an answer.
#[derive(Debug)]
pub struct Calls<T> {
    phase: Phase,
    max_body_bytes: usize,
    last: u32,
    waiting: HashMap<u32, Waiting<T>>,
    /// Requests of which nothing was sent.
    unsent: Vec<(u32, Vec<u8>)>,
    /// What is being sent, and how much of it was.
    output: Vec<u8>,
    sent_bytes: usize,
}

#[derive(Debug)]
struct Waiting<T> {
    decoder: Decoder,
    deadline: Option<Instant>,
    who: T,
}

impl<T> Calls<T> {
    /// Those of a connection that has just been made; at most so many bytes of one answer's body may come.
    #[must_use]
    pub fn new(asking: Vec<u8>, max_body_bytes: usize) -> Self {
        Self {
            phase: Phase::Asked(Vec::new()),
            max_body_bytes,
            last: 0,
            waiting: HashMap::new(),
            unsent: Vec::new(),
            output: asking,
            sent_bytes: 0,
        }
    }

    /// Whether the host has agreed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self.phase, Phase::Asked(_))
    }

    /// Who waits for an answer.
    pub fn waiting(&self) -> impl Iterator<Item = &T> {
        self.waiting.values().map(|waiting| &waiting.who)
    }

    /// How many calls wait for their answers.
    #[must_use]
    pub fn count(&self) -> usize {
        self.waiting.len()
    }

    /// Begins a call, and gives its number.
    pub fn begin(
        &mut self,
        mut request: Vec<u8>,
        body: &[u8],
        deadline: Option<Instant>,
        who: T,
    ) -> u32 {
        request.extend_from_slice(body);
        self.last = self.last.wrapping_add(1);
        while self.waiting.contains_key(&self.last) {
            self.last = self.last.wrapping_add(1);
        }
        let decoder = Decoder::new(self.max_body_bytes);
        let waiting = Waiting {
            decoder,
            deadline,
            who,
        };
        self.waiting.insert(self.last, waiting);
        self.unsent.push((self.last, request));
        self.last
    }

    /// Gives a call up: a request that has not left never leaves. Gives who waited for the answer, unless it has come.
    pub fn cancel(&mut self, call: u32) -> Option<T> {
        let waiting = self.waiting.remove(&call)?;
        let before = self.unsent.len();
        self.unsent.retain(|(other, _)| *other != call);
        if self.unsent.len() == before {
            self.unsent.push((call, Vec::new()));
        }
        Some(waiting.who)
    }

    /// Gives up the calls whose deadline has passed, and gives who waited.
    pub fn expire(&mut self, now: Instant) -> Vec<T> {
        let late = |waiting: &Waiting<T>| waiting.deadline.is_some_and(|deadline| deadline <= now);
        let late = self.waiting.iter().filter(|(_, waiting)| late(waiting));
        let late: Vec<u32> = late.map(|(call, _)| *call).collect();
        late.into_iter()
            .filter_map(|call| self.cancel(call))
            .collect()
    }

    /// The earliest deadline of all calls.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.waiting.values().filter_map(|it| it.deadline).min()
    }

    /// The next bytes to send; none if there are none.
    ///
    /// # Panics
    /// Never: nobody begins a request here that is longer than 128 KiB.
    pub fn output(&mut self) -> &[u8] {
        if self.sent_bytes == self.output.len() {
            self.output.clear();
            self.sent_bytes = 0;
            for (call, request) in self.unsent.drain(..) {
                let length = u32::try_from(request.len()).expect("a request is short");
                self.output.extend_from_slice(&length.to_be_bytes());
                self.output.extend_from_slice(&call.to_be_bytes());
                self.output.extend_from_slice(&request);
            }
        }
        &self.output[self.sent_bytes..]
    }

    /// Says how much of [`Calls::output`] was sent.
    pub fn sent(&mut self, count: usize) {
        self.sent_bytes += count;
    }

    /// Takes in the next bytes, and notes the calls that end with them.
    ///
    /// # Errors
    /// When the bytes are not what was agreed upon, or the host has not agreed. Then the connection is of no use, and what ended
    /// before has ended.
    pub fn receive(
        &mut self,
        mut input: &[u8],
        ended: &mut Vec<Ended<T>>,
    ) -> Result<(), DecodeError> {
        while !input.is_empty() {
            input = match &mut self.phase {
                Phase::Asked(before) => {
                    let known = before.len();
                    before.extend_from_slice(input);
                    let Some(length) = Head::switched(before)? else {
                        return Ok(());
                    };
                    self.phase = Phase::BETWEEN;
                    &input[length - known..]
                }
                Phase::Head(head, count) => {
                    let (more, rest) = input.split_at(input.len().min(HEAD_BYTES - *count));
                    head[*count..][..more.len()].copy_from_slice(more);
                    *count += more.len();
                    let Some(piece) = Piece::announced(&head[..*count])? else {
                        return Ok(());
                    };
                    self.phase = Phase::Piece(piece);
                    if piece.left == 0 {
                        self.take(piece, &[], ended)?;
                    }
                    rest
                }
                Phase::Piece(piece) => {
                    let (bytes, rest) = input.split_at(input.len().min(piece.left));
                    let piece = Piece {
                        left: piece.left - bytes.len(),
                        ..*piece
                    };
                    self.take(piece, bytes, ended)?;
                    rest
                }
            };
        }
        Ok(())
    }

    /// Takes in some bytes of a piece. They go where they stay at once: a copy of each byte is what a long answer costs.
    fn take(
        &mut self,
        piece: Piece,
        bytes: &[u8],
        ended: &mut Vec<Ended<T>>,
    ) -> Result<(), DecodeError> {
        let Piece {
            call,
            is_last,
            left,
        } = piece;
        self.phase = if left > 0 {
            Phase::Piece(piece)
        } else {
            Phase::BETWEEN
        };
        // An answer to a call that was given up.
        let Some(waiting) = self.waiting.get_mut(&call) else {
            return Ok(());
        };
        match waiting.decoder.receive(bytes) {
            Ok(()) if !is_last || left > 0 => return Ok(()),
            // Whoever waits hears of what ends the connection, too, and so stays.
            Ok(()) if !waiting.decoder.is_complete() => {
                return Err(DecodeError::Malformed(
                    "the frames of an answer end before it does",
                ));
            }
            Ok(()) => {}
            Err(too_large @ DecodeError::BodyTooLarge(_)) => {
                let who = if is_last {
                    self.waiting.remove(&call).map(|waiting| waiting.who)
                } else {
                    self.cancel(call)
                };
                ended.extend(who.map(|who| (who, Err(too_large))));
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        let waiting = self.waiting.remove(&call);
        ended.extend(waiting.and_then(|Waiting { decoder, who, .. }| {
            let (head, body) = decoder.into_parts()?;
            Some((who, Ok(Answer { head, body })))
        }));
        Ok(())
    }

    /// Ends all calls, and gives who waited, and whether anything of their requests may have left.
    pub fn end(&mut self) -> Vec<(T, bool)> {
        let unsent: Vec<u32> = self.unsent.drain(..).map(|(call, _)| call).collect();
        let waiting = mem::take(&mut self.waiting).into_iter();
        waiting
            .map(|(call, waiting)| (waiting.who, !unsent.contains(&call)))
            .collect()
    }
}

/// Who waited, and what came.
pub type Ended<T> = (T, Result<Answer, DecodeError>);

impl Piece {
    /// What a frame's head says, when the head is whole.
    fn announced(head: &[u8]) -> Result<Option<Self>, DecodeError> {
        let Some((length, call)) = head.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*length);
        let (is_last, left) = (length & MORE == 0, (length & !MORE) as usize);
        if left > MOST_PIECE_BYTES {
            return Err(DecodeError::Malformed("a frame over 64 KiB"));
        }
        let call = call.first_chunk::<4>().copied().map(u32::from_be_bytes);
        Ok(call.map(|call| Self {
            call,
            is_last,
            left,
        }))
    }
}

#[cfg(test)]
mod tests;
