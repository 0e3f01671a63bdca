//! HTTP/1.1 as a client speaks it, without I/O: bytes in, bytes out (RFC 9110, RFC 9112).
//!
//! One [`Decoder`] reads one response. There is no pipelining: whatever follows a whole response is an error.

mod body;
mod head;
mod request;
#[cfg(test)]
mod tests;

use std::fmt;

use body::{Body, Progress};
pub use head::Head;
#[cfg(unix)]
pub(crate) use request::check_token;
pub use request::{InvalidRequest, Request};

/// The most that a status line with its header may take, and so may the trailer.
pub const MAX_HEADER_BYTES: usize = 64 * 1024;

/// Why bytes are not the response that was waited for. The connection cannot be used any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// They are not HTTP/1.1, or a kind of it that this client refuses.
    Malformed(&'static str),
    /// The head or the trailer is over [`MAX_HEADER_BYTES`].
    HeaderTooLarge,
    /// More of the body waits to be taken than the limit in bytes.
    BodyTooLarge(usize),
    /// The connection ended before the response did.
    Truncated(&'static str),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(what) => write!(f, "the response is malformed: {what}"),
            Self::HeaderTooLarge => {
                write!(f, "the response's header is over {MAX_HEADER_BYTES} bytes")
            }
            Self::BodyTooLarge(limit) => {
                write!(
                    f,
                    "the response's body is over the limit of {limit} bytes; raise `max_body_bytes`"
                )
            }
            Self::Truncated(place) => write!(f, "the connection ended {place}"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// Reads one response to a request that was not `HEAD` or `CONNECT`.
#[derive(Debug)]
pub struct Decoder {
    state: State,
    /// The part of a head that came so far.
    partial_head: Vec<u8>,
    head: Option<Head>,
    waiting: Vec<u8>,
    max_waiting_bytes: usize,
    /// The last head that came at once.
    known: Option<Known>,
}

/// The bytes of a head, and what they mean: on one connection the same heads come again and again.
#[derive(Debug)]
struct Known {
    bytes: Vec<u8>,
    head: Head,
    /// The length of the body, if there is one.
    body_bytes: Option<u64>,
}

#[derive(Debug)]
enum State {
    Head,
    Body(Body),
    Complete,
}

impl Decoder {
    /// A decoder that lets at most `max_body_bytes` of body wait to be taken.
    ///
    /// A caller that takes the body only once the response is complete limits the whole of it that way, and one that
    /// takes it as it comes can read a stream without end.
    #[must_use]
    pub fn new(max_body_bytes: usize) -> Self {
        Self {
            state: State::Head,
            partial_head: Vec::new(),
            head: None,
            waiting: Vec::new(),
            max_waiting_bytes: max_body_bytes,
            known: None,
        }
    }

    /// Forgets the response, and expects the next one of the same connection.
    pub fn restart(&mut self, max_body_bytes: usize) {
        self.state = State::Head;
        self.partial_head.clear();
        self.head = None;
        self.waiting = Vec::new();
        self.max_waiting_bytes = max_body_bytes;
    }

    /// Takes in the next bytes from the connection, as many or as few as came.
    ///
    /// # Errors
    /// When they are not a response within the limits. The decoder is of no use after that.
    pub fn receive(&mut self, mut input: &[u8]) -> Result<(), DecodeError> {
        while !input.is_empty() {
            let used = match &mut self.state {
                State::Head => self.receive_head(input)?,
                State::Body(body) => {
                    let Progress { used, complete } =
                        body.receive(input, &mut self.waiting, self.max_waiting_bytes)?;
                    if complete {
                        self.state = State::Complete;
                    }
                    used
                }
                State::Complete => {
                    return Err(DecodeError::Malformed("bytes follow the whole response"));
                }
            };
            input = &input[used..];
        }
        Ok(())
    }

    /// Says that the connection ended.
    ///
    /// # Errors
    /// When the response is not complete and its end is not the end of the connection.
    pub fn end_of_input(&mut self) -> Result<(), DecodeError> {
        match &self.state {
            State::Head if self.partial_head.is_empty() => {
                Err(DecodeError::Truncated("before the response"))
            }
            State::Head => Err(DecodeError::Truncated("inside the response's header")),
            State::Body(Body::UntilClose) => {
                self.state = State::Complete;
                Ok(())
            }
            State::Body(_) => Err(DecodeError::Truncated("inside the response's body")),
            State::Complete => Ok(()),
        }
    }

    /// Whether anything came.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        !matches!(self.state, State::Head) || !self.partial_head.is_empty()
    }

    /// The head, once it came whole.
    #[must_use]
    pub fn head(&self) -> Option<&Head> {
        self.head.as_ref()
    }

    /// The head and the body of a response that came.
    #[cfg(unix)]
    pub(crate) fn into_parts(self) -> Option<(Head, Vec<u8>)> {
        Some((self.head?, self.waiting))
    }

    /// The body that came and was not taken yet.
    pub fn take_body(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.waiting)
    }

    /// How many bytes of the body wait to be taken.
    #[must_use]
    pub fn waiting_bytes(&self) -> usize {
        self.waiting.len()
    }

    /// How many bytes of a body of known length are still to come; 0 for all other bodies.
    #[must_use]
    pub fn announced_bytes(&self) -> usize {
        match self.state {
            // No more than the limit, which is a `usize`.
            State::Body(Body::Fixed { left }) => usize::try_from(left).unwrap_or(usize::MAX),
            _ => 0,
        }
    }

    /// Says that the next bytes of the body were read elsewhere, at most [`Decoder::announced_bytes`] of them.
    ///
    /// # Panics
    /// If there were more.
    pub fn pass(&mut self, count: usize) {
        if let State::Body(Body::Fixed { left }) = &mut self.state {
            *left = left
                .checked_sub(count as u64)
                .expect("no more than was announced");
            if *left == 0 {
                self.state = State::Complete;
            }
        } else {
            assert_eq!(count, 0, "nothing was announced");
        }
    }

    /// Whether the response came whole.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        matches!(self.state, State::Complete)
    }

    /// Whether the connection may carry another request: the response is complete and neither side said `close`.
    #[must_use]
    pub fn is_reusable(&self) -> bool {
        self.is_complete() && self.head.as_ref().is_some_and(|head| head.keep_alive)
    }

    /// Reads a head that begins with the input. The same bytes mean the same, so those of the last head are not read again.
    fn parse_again(
        &mut self,
        input: &[u8],
    ) -> Result<Option<(Head, Option<Body>, usize)>, DecodeError> {
        if let Some(known) = self
            .known
            .as_ref()
            .filter(|known| input.starts_with(&known.bytes))
        {
            let body = known.body_bytes.map(|left| Body::Fixed { left });
            return Ok(Some((known.head.clone(), body, known.bytes.len())));
        }
        let parsed = Head::parse(input)?;
        let body_bytes = match &parsed {
            Some((_, None, _)) => None,
            Some((_, Some(Body::Fixed { left }), _)) => Some(*left),
            _ => return Ok(parsed),
        };
        self.known = parsed.as_ref().map(|(head, _, length)| Known {
            bytes: input[..*length].to_vec(),
            head: head.clone(),
            body_bytes,
        });
        Ok(parsed)
    }

    /// Interim responses (RFC 9110 section 15.2) are skipped, so the state may still be `Head` after a whole head.
    fn receive_head(&mut self, input: &[u8]) -> Result<usize, DecodeError> {
        let before = self.partial_head.len();
        let parsed = if before == 0 {
            self.parse_again(input)?
        } else {
            self.partial_head.extend_from_slice(input);
            Head::parse(&self.partial_head)?
        };
        let Some((head, body, length)) = parsed else {
            if before == 0 {
                self.partial_head.extend_from_slice(input);
            }
            return Ok(input.len());
        };
        self.partial_head.clear();
        match head.status {
            101 => {
                return Err(DecodeError::Malformed(
                    "the protocol was switched, which nobody asked for",
                ));
            }
            ..100 => {
                return Err(DecodeError::Malformed("a status below 100"));
            }
            100..=199 => {}
            _ => {
                if let Some(Body::Fixed { left }) = body
                    && left > self.max_waiting_bytes as u64
                {
                    return Err(DecodeError::BodyTooLarge(self.max_waiting_bytes));
                }
                self.head = Some(head);
                self.state = body.map_or(State::Complete, State::Body);
            }
        }
        Ok(length - before)
    }
}
