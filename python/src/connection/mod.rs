//! A connection to the host endpoint: one request at a time, each part under an optional deadline; blocking or not.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::{
    fmt,
    io::{self, ErrorKind},
    mem::MaybeUninit,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

#[cfg(unix)]
use unix as system;
#[cfg(unix)]
pub(crate) use unix::unconnected;
#[cfg(windows)]
use windows as system;

use crate::{
    address::Address,
    codec::{DecodeError, Decoder, Head},
};
use system::Stream;

const READ_BYTES: usize = 64 * 1024;

/// A body that has so many bytes to come is read to where it stays, instead of through the decoder.
const DIRECT_BYTES: usize = 32 * 1024;

/// How long a wait lasts at most before the caller looks for signals: one that came just before the wait began does not
/// interrupt it, see signal(7).
pub(crate) const LOOK: Duration = Duration::from_secs(1);

/// Why an exchange did not come to its end.
#[derive(Debug)]
pub enum Failure {
    /// The host closed the connection before it had read the request, so the request can be sent on another one.
    NotSent(io::Error),
    /// The connection broke when part of the request was with the host.
    Broken(io::Error),
    /// The deadline passed.
    Deadline,
    /// A signal came in, or it is time to look for one, or the socket does not block and would have to; the same call
    /// goes on where it stopped.
    Interrupted,
    /// The host answered with something else than HTTP, or too much of it.
    Decode(DecodeError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(error) | Self::Broken(error) => write!(f, "{error}"),
            Self::Deadline => write!(f, "the deadline passed"),
            Self::Interrupted => write!(f, "a signal came in"),
            Self::Decode(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

/// How far [`Connection::receive`] reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// To the end of the header.
    Head,
    /// To the next bytes of the body, or to its end.
    Bytes,
    /// To the end of the response, or to where [`Connection::read_into`] should go on.
    End,
}

/// A connected socket or pipe, and the exchange that it carries.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    exchange: Mutex<Exchange>,
}

#[derive(Debug)]
struct Exchange {
    decoder: Decoder,
    sent_bytes: usize,
    /// The host stopped reading, perhaps since it has answered already (RFC 9112 section 9.3).
    refused: bool,
    buffer: Box<[u8]>,
}

impl Connection {
    /// Connects to the host endpoint. This waits for as long as the host has no room for one more.
    ///
    /// # Errors
    /// [`Failure::Deadline`], [`Failure::Interrupted`], and what the system says.
    pub fn open(address: &Address, deadline: Option<Instant>) -> Result<Self, Failure> {
        Ok(Self::over(Stream::open(address, deadline)?))
    }

    /// Connects without waiting; nor will anything else on this connection wait.
    ///
    /// # Errors
    /// `WouldBlock` when the host's backlog is full, and what else connect(2) says.
    #[cfg(unix)]
    pub fn open_nonblocking(address: &Address) -> io::Result<Self> {
        Ok(Self::over(Stream::open_nonblocking(address)?))
    }

    fn over(stream: Stream) -> Self {
        let exchange = Exchange {
            decoder: Decoder::new(0),
            sent_bytes: 0,
            refused: false,
            buffer: vec![0; READ_BYTES].into_boxed_slice(),
        };
        Self {
            stream,
            exchange: Mutex::new(exchange),
        }
    }

    /// Forgets the last exchange; at most `max_body_bytes` of the next response wait to be taken.
    pub fn begin(&self, max_body_bytes: usize) {
        let mut exchange = self.lock();
        exchange.decoder.restart(max_body_bytes);
        exchange.sent_bytes = 0;
        exchange.refused = false;
    }

    /// Sends the request, or what is left of it after an interruption.
    ///
    /// # Errors
    /// Any [`Failure`] except of decoding. That the host stops reading half-way is none: it may have answered.
    pub fn send(&self, head: &[u8], body: &[u8], deadline: Option<Instant>) -> Result<(), Failure> {
        let mut exchange = self.lock();
        while exchange.sent_bytes < head.len() + body.len() {
            let body_sent = exchange.sent_bytes.saturating_sub(head.len());
            let head_sent = exchange.sent_bytes - body_sent;
            let left = [&head[head_sent..], &body[body_sent..]];
            match self.stream.write(left, deadline) {
                Ok(count) => exchange.sent_bytes += count,
                Err(Failure::Broken(error))
                    if matches!(
                        error.kind(),
                        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
                    ) =>
                {
                    if exchange.sent_bytes == 0 {
                        return Err(Failure::NotSent(error));
                    }
                    exchange.refused = true;
                    return Ok(());
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }

    /// Reads the response.
    ///
    /// # Errors
    /// Any [`Failure`].
    pub fn receive(&self, until: Until, deadline: Option<Instant>) -> Result<(), Failure> {
        let mut exchange = self.lock();
        while !exchange.has_reached(until) {
            let Exchange {
                decoder, buffer, ..
            } = &mut *exchange;
            let read = match self.stream.read(buffer, deadline) {
                Ok(0) => decoder.end_of_input().map_err(Failure::from),
                Ok(count) => decoder.receive(&buffer[..count]).map_err(Failure::from),
                Err(failure) => Err(failure),
            };
            read.map_err(|failure| exchange.explained(failure))?;
        }
        Ok(())
    }

    /// Reads more of a body of known length, whose [`Connection::announced_bytes`] are still to come; says how many.
    ///
    /// # Errors
    /// Any [`Failure`] except [`Failure::NotSent`].
    pub fn read_into(
        &self,
        buffer: &mut [MaybeUninit<u8>],
        deadline: Option<Instant>,
    ) -> Result<usize, Failure> {
        let mut exchange = self.lock();
        let most = buffer.len().min(exchange.decoder.announced_bytes());
        let count = self.stream.read_into(&mut buffer[..most], deadline)?;
        if count == 0 {
            exchange.decoder.end_of_input()?;
        }
        exchange.decoder.pass(count);
        Ok(count)
    }

    /// How much of a body of known length is still to come; 0 for all other bodies.
    #[must_use]
    pub fn announced_bytes(&self) -> usize {
        self.lock().decoder.announced_bytes()
    }

    /// Whether anything of the response came.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.lock().decoder.has_begun()
    }

    /// Whether the response came whole.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.lock().decoder.is_complete()
    }

    /// The size of what [`Connection::take_body`] would give.
    #[must_use]
    pub fn waiting_bytes(&self) -> usize {
        self.lock().decoder.waiting_bytes()
    }

    /// The socket's number, to wait for it elsewhere.
    #[cfg(unix)]
    #[must_use]
    pub fn descriptor(&self) -> std::os::fd::RawFd {
        self.stream.descriptor()
    }

    /// The head of the response, once it was received.
    #[must_use]
    pub fn head(&self) -> Option<Head> {
        self.lock().decoder.head().cloned()
    }

    /// The body that was received and not taken yet.
    #[must_use]
    pub fn take_body(&self) -> Vec<u8> {
        self.lock().decoder.take_body()
    }

    /// Whether the last response came whole, and the host said that it keeps the connection open.
    #[must_use]
    pub fn is_reusable(&self) -> bool {
        let exchange = self.lock();
        !exchange.refused && exchange.decoder.is_reusable()
    }

    /// Whether the host has neither closed it nor sent anything since the last response.
    ///
    /// The host may still close it in the next moment; then the request fails with [`Failure::NotSent`], or is lost.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.stream.is_quiet()
    }

    /// Ends the connection, also under a thread that waits on it; that one sees the end of the input.
    pub fn close(&self) {
        self.stream.close();
    }

    /// A thread that panicked leaves an exchange that is not complete, and so a connection that is not reused.
    fn lock(&self) -> MutexGuard<'_, Exchange> {
        self.exchange.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Exchange {
    /// The host carries out no request that it has not read to the end.
    fn explained(&self, failure: Failure) -> Failure {
        if self.decoder.has_begun() {
            return failure;
        }
        match failure {
            Failure::Broken(error) if self.refused || system::was_unread(&error) => {
                Failure::NotSent(error)
            }
            Failure::Decode(error @ DecodeError::Truncated(_)) if self.refused => Failure::NotSent(
                io::Error::new(ErrorKind::ConnectionAborted, error.to_string()),
            ),
            _ => failure,
        }
    }

    fn has_reached(&self, until: Until) -> bool {
        match until {
            Until::Head => self.decoder.head().is_some(),
            Until::Bytes => self.decoder.is_complete() || self.decoder.waiting_bytes() > 0,
            Until::End => {
                self.decoder.is_complete() || self.decoder.announced_bytes() >= DIRECT_BYTES
            }
        }
    }
}

/// What is left until the deadline, which is not nothing.
pub(crate) fn left(deadline: Instant) -> Result<Duration, Failure> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(Failure::Deadline);
    }
    Ok(left)
}

/// How long the next wait lasts at most: until the deadline, or until it is time to look for signals.
fn next_wait(deadline: Option<Instant>) -> Result<Duration, Failure> {
    Ok(deadline.map(left).transpose()?.unwrap_or(LOOK).min(LOOK))
}
