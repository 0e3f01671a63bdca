//! A connection to the host endpoint: one request at a time, each part under an optional deadline; blocking or not.

use std::{
    fmt,
    io::{self, ErrorKind, IoSlice},
    mem::MaybeUninit,
    net::Shutdown,
    os::{
        fd::{AsFd, AsRawFd, OwnedFd, RawFd},
        unix::net::UnixStream,
    },
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    buffer::Buffer,
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    net::{RecvFlags, SendAncillaryBuffer, SendFlags, recv, sendmsg},
};
use socket2::{Domain, SockAddr, Socket, Type};

use crate::{
    backlog::{FULL_PAUSE, may_be_full},
    codec::{DecodeError, Decoder, Head},
    dial::NO_SIGNAL,
};

const READ_BYTES: usize = 64 * 1024;

/// A body that has so many bytes to come is read to where it stays, instead of through the decoder.
const DIRECT_BYTES: usize = 32 * 1024;

/// How long a wait lasts at most before the caller looks for signals: one that came just before the wait began does not
/// interrupt it, see signal(7).
pub(crate) const LOOK: Duration = Duration::from_secs(1);

/// Why an exchange did not come to its end.
#[derive(Debug)]
pub enum Failure {
    /// The host had closed the connection before the first byte, so the request can be sent on another one.
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

/// A connected socket and the exchange that it carries.
#[derive(Debug)]
pub struct Connection {
    stream: UnixStream,
    exchange: Mutex<Exchange>,
}

#[derive(Debug)]
struct Exchange {
    decoder: Decoder,
    sent_bytes: usize,
    /// The host stopped reading, perhaps since it has answered already (RFC 9112 section 9.3).
    refused: bool,
    buffer: Box<[u8]>,
    /// Whether a call may wait.
    waits: bool,
}

impl Connection {
    /// Connects to the host endpoint. This waits for as long as the host's backlog is full.
    ///
    /// # Errors
    /// [`Failure::Deadline`], [`Failure::Interrupted`], and what connect(2) says.
    pub fn open(path: &Path, deadline: Option<Instant>) -> Result<Self, Failure> {
        let began = Instant::now();
        loop {
            // Another one each time: what one that was refused is good for is not specified, see connect(3p).
            let socket = unconnected().map_err(Failure::Broken)?;
            // On Linux the one to write is connect(2)'s timeout as well, see socket(7).
            let connected = socket
                .set_write_timeout(Some(left_to_look(deadline)?))
                .and_then(|()| socket.set_read_timeout(Some(LOOK)))
                .and_then(|()| socket.connect(&SockAddr::unix(path)?));
            match connected {
                Ok(()) => {
                    // This fails on macOS if the host has closed it, which the first call will see.
                    drop(socket.set_write_timeout(Some(LOOK)));
                    return Ok(Self::new(socket, true));
                }
                Err(error) if may_be_full(&error, began.elapsed()) => {
                    thread::sleep(FULL_PAUSE.min(left_to_look(deadline)?));
                }
                Err(error) => return Err(failure(error)),
            }
        }
    }

    /// Connects without waiting; nor will anything else on this connection wait.
    ///
    /// # Errors
    /// `WouldBlock` when the host's backlog is full, and what else connect(2) says.
    pub fn open_nonblocking(path: &Path) -> io::Result<Self> {
        let socket = unconnected()?;
        socket.set_nonblocking(true)?;
        socket.connect(&SockAddr::unix(path)?)?;
        Ok(Self::new(socket, false))
    }

    fn new(socket: Socket, waits: bool) -> Self {
        let exchange = Exchange {
            decoder: Decoder::new(0),
            sent_bytes: 0,
            refused: false,
            buffer: vec![0; READ_BYTES].into_boxed_slice(),
            waits,
        };
        Self {
            stream: UnixStream::from(OwnedFd::from(socket)),
            exchange: Mutex::new(exchange),
        }
    }

    /// Forgets the last exchange; at most `max_body_bytes` of the next response wait to be taken.
    pub fn begin(&self, max_body_bytes: usize) {
        let mut exchange = self.lock();
        exchange.decoder = Decoder::new(max_body_bytes);
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
            let may_wait = exchange.wait(&self.stream, PollFlags::OUT, deadline)?;
            let body_sent = exchange.sent_bytes.saturating_sub(head.len());
            let head_sent = exchange.sent_bytes - body_sent;
            let parts = [
                IoSlice::new(&head[head_sent..]),
                IoSlice::new(&body[body_sent..]),
            ];
            let mut flags = NO_SIGNAL;
            flags.set(SendFlags::DONTWAIT, !may_wait);
            match sendmsg(
                &self.stream,
                &parts,
                &mut SendAncillaryBuffer::default(),
                flags,
            ) {
                Ok(count) => exchange.sent_bytes += count,
                Err(error @ (Errno::PIPE | Errno::CONNRESET)) => {
                    if exchange.sent_bytes == 0 {
                        return Err(Failure::NotSent(error.into()));
                    }
                    exchange.refused = true;
                    return Ok(());
                }
                Err(error) => return Err(failure(error.into())),
            }
        }
        Ok(())
    }

    /// Reads the response.
    ///
    /// # Errors
    /// Any [`Failure`] except [`Failure::NotSent`].
    pub fn receive(&self, until: Until, deadline: Option<Instant>) -> Result<(), Failure> {
        let mut exchange = self.lock();
        while !exchange.has_reached(until) {
            let may_wait = exchange.wait(&self.stream, PollFlags::IN, deadline)?;
            let Exchange {
                decoder, buffer, ..
            } = &mut *exchange;
            match read(&self.stream, &mut **buffer, may_wait)? {
                0 => decoder.end_of_input()?,
                count => decoder.receive(&buffer[..count])?,
            }
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
        let may_wait = exchange.wait(&self.stream, PollFlags::IN, deadline)?;
        let most = buffer.len().min(exchange.decoder.announced_bytes());
        let count = read(&self.stream, &mut buffer[..most], may_wait)?;
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
    #[must_use]
    pub fn descriptor(&self) -> RawFd {
        self.stream.as_raw_fd()
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
        // Nothing to read is the only good news: an end, an error or unasked-for bytes are not.
        recv(
            &self.stream,
            &mut [0_u8; 1],
            RecvFlags::PEEK | RecvFlags::DONTWAIT,
        ) == Err(Errno::WOULDBLOCK)
    }

    /// Ends the connection, also under a thread that waits on it; that one sees the end of the input.
    pub fn close(&self) {
        // A socket that the host has shut down already is as closed as it can be.
        drop(self.stream.shutdown(Shutdown::Both));
    }

    /// A thread that panicked leaves an exchange that is not complete, and so a connection that is not reused.
    fn lock(&self) -> MutexGuard<'_, Exchange> {
        self.exchange.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Exchange {
    fn has_reached(&self, until: Until) -> bool {
        match until {
            Until::Head => self.decoder.head().is_some(),
            Until::Bytes => self.decoder.is_complete() || self.decoder.waiting_bytes() > 0,
            Until::End => {
                self.decoder.is_complete() || self.decoder.announced_bytes() >= DIRECT_BYTES
            }
        }
    }

    /// Whether the next call may wait by itself, as long as the socket's timeouts say. They are set once: macOS refuses to set
    /// them when the other side has closed, and an answer may still lie there to be read. So this waits if less than
    /// [`LOOK`] is left.
    fn wait(
        &self,
        stream: &UnixStream,
        ready: PollFlags,
        deadline: Option<Instant>,
    ) -> Result<bool, Failure> {
        let left = left_to_look(deadline)?;
        if left == LOOK || !self.waits {
            return Ok(self.waits);
        }
        let timeout = Timespec::try_from(left).map_err(|_| Failure::Deadline)?;
        let polled = PollFd::from_borrowed_fd(stream.as_fd(), ready);
        match poll(&mut [polled], Some(&timeout)) {
            Ok(0) => Err(Failure::Interrupted),
            Ok(_) => Ok(false),
            Err(error) => Err(failure(error.into())),
        }
    }
}

fn read<T: Buffer<u8>>(stream: &UnixStream, buffer: T, may_wait: bool) -> Result<usize, Failure> {
    let mut flags = RecvFlags::empty();
    flags.set(RecvFlags::DONTWAIT, !may_wait);
    match recv(stream, buffer, flags) {
        Ok((_, count)) => Ok(count),
        Err(error) => Err(failure(error.into())),
    }
}

/// A socket that no child inherits and whose other end may close without a signal.
pub(crate) fn unconnected() -> io::Result<Socket> {
    Socket::new(Domain::UNIX, Type::STREAM, None)
}

/// What is left until the deadline, which is not nothing.
pub(crate) fn left(deadline: Instant) -> Result<Duration, Failure> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(Failure::Deadline);
    }
    Ok(left)
}

/// How long to wait at once: until the deadline, or until it is time to look for signals.
fn left_to_look(deadline: Option<Instant>) -> Result<Duration, Failure> {
    Ok(deadline.map(left).transpose()?.unwrap_or(LOOK).min(LOOK))
}

/// A timeout of connect(2) shows as `EAGAIN`; the next call tells whether the deadline was behind it.
fn failure(error: io::Error) -> Failure {
    match error.kind() {
        ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            Failure::Interrupted
        }
        _ => Failure::Broken(error),
    }
}

#[cfg(test)]
mod tests;
