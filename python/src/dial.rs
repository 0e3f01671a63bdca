//! How a process finds its host: it connects, says in one line what it wants, and the host answers with one.

use std::{
    fmt,
    io::{self, ErrorKind, IoSliceMut, Read},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream,
    },
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    cmsg_space,
    event::{PollFd, PollFlags, Timespec, poll},
    net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendFlags, recvmsg, send},
};
use socket2::SockAddr;

use crate::{
    PROTOCOL,
    backlog::{FULL_PAUSE, may_be_full},
    connection::unconnected,
};

/// The most that the host's answer may take.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Without `SIGPIPE`, which ends a program that has set it back to its default. On macOS that is an option of the socket,
/// which [`unconnected`] sets.
#[cfg(target_vendor = "apple")]
pub(crate) const NO_SIGNAL: SendFlags = SendFlags::empty();
#[cfg(not(target_vendor = "apple"))]
pub(crate) const NO_SIGNAL: SendFlags = SendFlags::NOSIGNAL;

/// Closed to children from the start, where the system can do that.
#[cfg(target_vendor = "apple")]
const CLOSED_TO_CHILDREN: RecvFlags = RecvFlags::empty();
#[cfg(not(target_vendor = "apple"))]
const CLOSED_TO_CHILDREN: RecvFlags = RecvFlags::CMSG_CLOEXEC;

/// What a process wants of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// To be the sidecar of the generation that the host has started.
    Serve,
    /// To be the sidecar, though somebody else started it.
    Join,
    /// To call the host, and no more.
    Calls,
}

impl Role {
    /// The role of that name on the wire.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Serve, Self::Join, Self::Calls]
            .into_iter()
            .find(|role| role.name() == name)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Join => "join",
            Self::Calls => "calls",
        }
    }
}

/// Why the host gave no answer.
#[derive(Debug)]
pub enum NoAnswer {
    /// No socket can have that path.
    NoPath(PathBuf, io::Error),
    /// Nobody listens there.
    NoHost(PathBuf, io::Error),
    /// The connection ended before a whole line.
    Ended,
    /// No whole line came in time.
    Late(Duration),
    /// The line is over [`MAX_ANSWER_BYTES`].
    TooLong,
    /// The connection cannot be used.
    Io(io::Error),
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPath(path, error) => {
                write!(f, "no socket can be at {}: {error}", path.display())
            }
            Self::NoHost(path, error) => {
                write!(f, "nobody listens at {}: {error}", path.display())
            }
            Self::Ended => write!(f, "the host closed the connection without a hello"),
            Self::Late(limit) => write!(f, "no hello came within {} s", limit.as_secs_f64()),
            Self::TooLong => write!(f, "the host's answer is over {MAX_ANSWER_BYTES} bytes"),
            Self::Io(error) => write!(f, "the host cannot be heard: {error}"),
        }
    }
}

impl std::error::Error for NoAnswer {}

impl From<io::Error> for NoAnswer {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // The host did not read what was said to it.
            ErrorKind::ConnectionReset => Self::Ended,
            _ => Self::Io(error),
        }
    }
}

/// What the host answered.
#[derive(Debug)]
pub struct Answer {
    /// The line, a hello or a refusal, without its end.
    pub line: Vec<u8>,
    /// The socket to serve on, if one came with it.
    pub listener: Option<OwnedFd>,
    /// The connection, which is the lease after a hello that brought a socket.
    pub connection: UnixStream,
}

/// Asks the host at that socket. All of it together may take `timeout`, the wait for room in a full backlog included.
///
/// # Errors
/// When nobody is there, or no whole line comes in time.
pub fn dial(path: &Path, role: Role, timeout: Duration) -> Result<Answer, NoAnswer> {
    let limit = Limit {
        end: Instant::now() + timeout,
        timeout,
    };
    let mut stream = connect(path, &limit)?;
    let question = format!("{{\"protocol\":{PROTOCOL},\"role\":\"{}\"}}\n", role.name());
    match send(&stream, question.as_bytes(), NO_SIGNAL) {
        // A host that takes no more has perhaps said why.
        Ok(_) | Err(rustix::io::Errno::PIPE) => {}
        Err(error) => return Err(NoAnswer::Io(error.into())),
    }
    let mut first = [0];
    let listener = receive(&stream, &mut first, &limit)?;
    let mut line = Vec::new();
    if first != *b"\n" {
        line.extend(first);
        read_line(&mut stream, &mut line, &limit)?;
    }
    Ok(Answer {
        line,
        listener,
        connection: stream,
    })
}

/// Until when an answer has to be there.
struct Limit {
    end: Instant,
    timeout: Duration,
}

impl Limit {
    /// What is left of it, which is not nothing.
    fn left(&self) -> Result<Duration, NoAnswer> {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(NoAnswer::Late(self.timeout));
        }
        Ok(left)
    }

    fn has(&self, pause: Duration) -> bool {
        self.left().is_ok_and(|left| left > pause)
    }
}

fn connect(path: &Path, limit: &Limit) -> Result<UnixStream, NoAnswer> {
    /// A timeout below what the socket can count in would be none at all.
    const LEAST: Duration = Duration::from_millis(1);
    let address = SockAddr::unix(path).map_err(|error| NoAnswer::NoPath(path.to_owned(), error))?;
    let began = Instant::now();
    loop {
        let socket = unconnected()?;
        // On Linux it is connect(2)'s timeout as well, see socket(7). Elsewhere a full backlog refuses at once.
        socket.set_write_timeout(Some(limit.left()?.max(LEAST)))?;
        match socket.connect(&address) {
            Ok(()) => return Ok(UnixStream::from(OwnedFd::from(socket))),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted | ErrorKind::WouldBlock => {}
                _ if may_be_full(&error, began.elapsed()) && limit.has(FULL_PAUSE) => {
                    thread::sleep(FULL_PAUSE);
                }
                _ => return Err(NoAnswer::NoHost(path.to_owned(), error)),
            },
        }
    }
}

/// Reads one byte and the descriptor that is attached to it, if there is one; others are closed.
fn receive(
    stream: &UnixStream,
    byte: &mut [u8; 1],
    limit: &Limit,
) -> Result<Option<OwnedFd>, NoAnswer> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut attached = RecvAncillaryBuffer::new(&mut space);
    loop {
        wait_readable(stream, limit)?;
        let mut into = [IoSliceMut::new(byte)];
        match recvmsg(stream, &mut into, &mut attached, CLOSED_TO_CHILDREN) {
            Ok(received) if received.bytes == 0 => return Err(NoAnswer::Ended),
            Ok(_) => break,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(io::Error::from(error).into()),
        }
    }
    let descriptors = attached.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
        _ => None,
    });
    let descriptor = descriptors.flatten().next();
    #[cfg(target_vendor = "apple")]
    if let Some(descriptor) = &descriptor {
        // What another thread starts between these two calls inherits it: macOS has no way to do both in one step.
        rustix::io::fcntl_setfd(descriptor, rustix::io::FdFlags::CLOEXEC)
            .map_err(io::Error::from)?;
    }
    Ok(descriptor)
}

/// Reads the rest of a line byte by byte, for what follows it belongs to the lease.
fn read_line(stream: &mut UnixStream, line: &mut Vec<u8>, limit: &Limit) -> Result<(), NoAnswer> {
    let mut byte = [0];
    while line.len() <= MAX_ANSWER_BYTES {
        wait_readable(stream, limit)?;
        match stream.read(&mut byte) {
            Ok(0) => return Err(NoAnswer::Ended),
            Ok(_) if byte == *b"\n" => return Ok(()),
            Ok(_) => line.extend(byte),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(NoAnswer::TooLong)
}

fn wait_readable(stream: &UnixStream, limit: &Limit) -> Result<(), NoAnswer> {
    loop {
        let left = Timespec::try_from(limit.left()?).map_err(|_| NoAnswer::Late(limit.timeout))?;
        let readable = PollFd::from_borrowed_fd(stream.as_fd(), PollFlags::IN);
        match poll(&mut [readable], Some(&left)) {
            // A clock that is a little ahead of ours may end it early.
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return Ok(()),
            Err(error) => return Err(NoAnswer::Io(error.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, IoSlice, Write},
        os::{
            fd::{AsRawFd, BorrowedFd},
            unix::net::UnixListener,
        },
        process,
    };

    use rustix::{
        io::{FdFlags, fcntl_getfd},
        net::{SendAncillaryBuffer, SendAncillaryMessage, sendmsg},
    };

    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    /// A host for one process; its socket is gone when this is dropped.
    struct Host {
        path: PathBuf,
        listener: UnixListener,
    }

    impl Host {
        fn listening(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("dial-{}-{name}", process::id()));
            let listener = UnixListener::bind(&path).expect("a socket");
            Self { path, listener }
        }

        /// Answers the only question with these bytes, a socket attached to the first, and keeps the connection.
        fn answer(&self, bytes: &[u8], attached: Option<BorrowedFd<'_>>) -> (String, UnixStream) {
            let (stream, _) = self.listener.accept().expect("a connection");
            let mut question = String::new();
            BufReader::new(&stream)
                .read_line(&mut question)
                .expect("text");
            let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
            let mut control = SendAncillaryBuffer::new(&mut space);
            let descriptors: Vec<_> = attached.into_iter().collect();
            if !descriptors.is_empty() {
                control.push(SendAncillaryMessage::ScmRights(&descriptors));
            }
            if !bytes.is_empty() {
                let first = [IoSlice::new(&bytes[..1])];
                sendmsg(&stream, &first, &mut control, NO_SIGNAL).expect("it reads");
                // It may have had enough before the end.
                let _ = (&stream).write_all(&bytes[1..]);
            }
            (question, stream)
        }
    }

    impl Drop for Host {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.path);
        }
    }

    fn answered(name: &str, bytes: &[u8]) -> Result<Answer, NoAnswer> {
        let host = Host::listening(name);
        thread::scope(|scope| {
            let said = scope.spawn(|| drop(host.answer(bytes, None)));
            let heard = dial(&host.path, Role::Serve, LONG);
            said.join().expect("no panic");
            heard
        })
    }

    #[test]
    fn it_asks_for_its_role_and_gets_the_line_and_the_socket() {
        let host = Host::listening("serve");
        let listener = host.listener.as_fd();
        thread::scope(|scope| {
            let said = scope.spawn(|| host.answer(b"{}\nstop\n", Some(listener)));
            let answer = dial(&host.path, Role::Serve, LONG).expect("an answer");
            let (question, stream) = said.join().expect("no panic");
            assert_eq!(question, "{\"protocol\":2,\"role\":\"serve\"}\n");
            assert_eq!(answer.line, b"{}");
            let passed = answer.listener.expect("a socket");
            assert_ne!(passed.as_raw_fd(), listener.as_raw_fd());
            let flags = fcntl_getfd(&passed).expect("open");
            assert_eq!(flags, FdFlags::CLOEXEC);
            drop(stream);
            let mut rest = String::new();
            let mut connection = answer.connection;
            connection.read_to_string(&mut rest).expect("text");
            assert_eq!(rest, "stop\n", "what follows is the lease's");
        });
    }

    #[test]
    fn a_refusal_is_a_line_like_another() {
        let answer = answered("refusal", b"{\"detail\":\"no\"}\n").expect("an answer");
        assert_eq!(answer.line, b"{\"detail\":\"no\"}");
        assert!(answer.listener.is_none());
        let empty = answered("empty", b"\n").expect("an answer");
        assert_eq!(empty.line, b"");
    }

    #[test]
    fn what_is_not_a_line_is_told_apart() {
        assert!(matches!(answered("nothing", b""), Err(NoAnswer::Ended)));
        assert!(matches!(answered("half", b"half"), Err(NoAnswer::Ended)));
        let long = answered("long", &vec![b'x'; MAX_ANSWER_BYTES + 2]);
        assert!(matches!(long, Err(NoAnswer::TooLong)));
    }

    #[test]
    fn a_host_that_says_nothing_and_one_that_takes_nobody_are_late() {
        let host = Host::listening("silent");
        let short = Duration::from_millis(20);
        let silent = dial(&host.path, Role::Calls, short);
        assert!(matches!(silent, Err(NoAnswer::Late(_))));
        #[cfg(target_os = "linux")]
        {
            rustix::net::listen(&host.listener, 0).expect("a listener");
            // The first call above still stands in the backlog, which has room for one.
            let full = dial(&host.path, Role::Calls, short);
            assert!(matches!(full, Err(NoAnswer::Late(_))));
        }
    }

    #[test]
    fn where_nobody_listens_is_said() {
        let gone = Host::listening("gone").path.clone();
        let error = dial(&gone, Role::Join, LONG).expect_err("nobody");
        assert!(error.to_string().starts_with("nobody listens at /"));
        let long = PathBuf::from(format!("/{}", "x".repeat(200)));
        let error = dial(&long, Role::Join, LONG).expect_err("no path");
        assert!(error.to_string().starts_with("no socket can be at /xxx"));
    }
}
