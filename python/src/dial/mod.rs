//! How a process finds its host: it connects, says in one line what it wants, and the host answers with one.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::{
    fmt,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

#[cfg(unix)]
use unix as system;
#[cfg(unix)]
pub(crate) use unix::{LEAST, NO_SIGNAL};
#[cfg(windows)]
use windows as system;

use crate::PROTOCOL;
pub use system::{Line, Listener};

/// The most that the host's answer may take.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;

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
    /// No socket or pipe can have that name.
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
                write!(
                    f,
                    "no {} can be at {}: {error}",
                    system::KIND,
                    path.display()
                )
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
    pub listener: Option<Listener>,
    /// The connection, which is the lease after a hello to a sidecar.
    pub connection: Line,
}

/// Asks the host there. All of it together may take `timeout`, the wait for room where many ask at once included.
///
/// # Errors
/// When nobody is there, or no whole line comes in time.
pub fn dial(path: &Path, role: Role, timeout: Duration) -> Result<Answer, NoAnswer> {
    let limit = Limit {
        end: Instant::now() + timeout,
        timeout,
    };
    let mut connection = system::connect(path, &limit)?;
    let question = format!("{{\"protocol\":{PROTOCOL},\"role\":\"{}\"}}\n", role.name());
    system::say(&mut connection, question.as_bytes(), &limit)?;
    let mut first = [0];
    let listener = system::receive(&mut connection, &mut first, &limit)?;
    let mut line = Vec::new();
    if first != *b"\n" {
        line.extend(first);
        read_line(&mut connection, &mut line, &limit)?;
    }
    Ok(Answer {
        line,
        listener,
        connection,
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

    #[cfg(unix)]
    fn has(&self, pause: Duration) -> bool {
        self.left().is_ok_and(|left| left > pause)
    }
}

/// Reads the rest of a line byte by byte, for what follows it belongs to the lease.
fn read_line(connection: &mut Line, line: &mut Vec<u8>, limit: &Limit) -> Result<(), NoAnswer> {
    while line.len() <= MAX_ANSWER_BYTES {
        match system::read_byte(connection, limit)? {
            b'\n' => return Ok(()),
            byte => line.push(byte),
        }
    }
    Err(NoAnswer::TooLong)
}
