//! The lease: a stream to the host, whose first line is the host's hello and whose end is the host's end.

use std::{
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read, Write},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::net::UnixStream,
    },
    process, thread,
    time::{Duration, Instant},
};

#[cfg(target_os = "linux")]
use rustix::process::set_parent_process_death_signal;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    net::{SendFlags, SocketType, send, sockopt::socket_type},
    process::{Pid, Signal, getpgrp, getpid, kill_process, kill_process_group},
    stdio::dup2_stdin,
};

/// The most that a hello may take.
pub const MAX_HELLO_BYTES: usize = 64 * 1024;

/// Why there is no lease.
#[derive(Debug)]
pub enum NoLease {
    /// Standard input is no stream socket, and so none that a host gave.
    NoSocket,
    /// It ended before a whole line.
    Ended,
    /// No whole line came in time.
    Late(Duration),
    /// The first line is over [`MAX_HELLO_BYTES`].
    TooLong,
    /// It cannot be read.
    Io(io::Error),
}

impl fmt::Display for NoLease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSocket => write!(f, "standard input is no socket of a host"),
            Self::Ended => write!(f, "the lease ended without a hello"),
            Self::Late(limit) => write!(f, "no hello came within {} s", limit.as_secs_f64()),
            Self::TooLong => write!(f, "the first line is over {MAX_HELLO_BYTES} bytes"),
            Self::Io(error) => write!(f, "the lease cannot be read: {error}"),
        }
    }
}

impl std::error::Error for NoLease {}

impl From<io::Error> for NoLease {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// What ends with the host.
#[derive(Clone, Copy, Debug)]
pub enum Extent {
    /// The process group that the host made, with this process in it.
    Group(Pid),
    /// This process alone, which somebody started by hand.
    Process,
}

/// The connection to the host, which no other code of the process can use by accident.
#[derive(Debug)]
pub struct Lease {
    stream: UnixStream,
}

impl From<UnixStream> for Lease {
    /// A connection whose hello was read already.
    fn from(stream: UnixStream) -> Self {
        Self { stream }
    }
}

impl Lease {
    /// Takes standard input over, and gives its first line without the line end.
    ///
    /// Standard input is `/dev/null` afterwards, so that `input()` or a child process cannot swallow the host's words.
    /// It stays as it was when this fails, except for what was read of it.
    ///
    /// # Errors
    /// When no line comes within `timeout`, or standard input is not the host's.
    pub fn take(timeout: Duration) -> Result<(Self, Vec<u8>), NoLease> {
        let stdin = io::stdin();
        if socket_type(stdin.as_fd()) != Ok(SocketType::STREAM) {
            return Err(NoLease::NoSocket);
        }
        let mut stream = UnixStream::from(stdin.as_fd().try_clone_to_owned()?);
        let hello = first_line(&mut stream, Instant::now() + timeout, timeout)?;
        dup2_stdin(File::open("/dev/null")?).map_err(io::Error::from)?;
        Ok((Self { stream }, hello))
    }

    /// Watches the lease from a thread of its own that needs nothing of Python, and gives what the event loop has to say
    /// on it.
    ///
    /// The line `stop` calls `on_stop`, once and on another thread, since it may have to wait for the GIL. `probe` is
    /// answered at once. Other lines are for later versions. The end of the lease means that the host is gone: what
    /// `extent` says ends at once. On Linux the kernel wakes a stopped process when its host dies, so that the thread
    /// can do that: the host has set SIGKILL as the parent-death signal, which would leave the process group behind, and
    /// from here on it is SIGCONT.
    ///
    /// # Errors
    /// When the system gives no thread or no descriptors.
    pub fn watch(
        self,
        extent: Extent,
        on_stop: impl FnOnce() + Send + 'static,
    ) -> io::Result<Pulse> {
        let pulse = Pulse(self.stream.try_clone()?);
        let watcher = thread::Builder::new().name("sidecar-lease".into());
        watcher.spawn(move || {
            heed(&self.stream, on_stop);
            end_with_the_host(extent);
        })?;
        #[cfg(target_os = "linux")]
        if let Extent::Group(_) = extent {
            set_parent_process_death_signal(Some(Signal::CONT)).map_err(io::Error::from)?;
        }
        Ok(pulse)
    }
}

/// What the event loop says to the host.
#[derive(Debug)]
pub struct Pulse(UnixStream);

impl Pulse {
    /// Tells the host that the event loop turns. It never waits.
    pub fn beat(&self) {
        say(&self.0, b"beat\n");
    }
}

/// Does what the host says, until it is gone.
fn heed(stream: &UnixStream, on_stop: impl FnOnce() + Send + 'static) {
    say(stream, b"alive\n");
    let mut lines = BufReader::new(Polled(stream));
    let mut on_stop = Some(on_stop);
    while let Some(line) = next_line(&mut lines) {
        match line.as_slice() {
            b"probe\n" => say(stream, b"alive\n"),
            b"stop\n" => {
                if let Some(on_stop) = on_stop.take() {
                    // Without a thread the host's next step, SIGTERM, does the same.
                    let stop = thread::Builder::new().name("sidecar-stop".into());
                    drop(stop.spawn(on_stop));
                }
            }
            _ => {}
        }
    }
}

/// Says it without waiting: a host that does not listen is a host that does not ask.
fn say(stream: &UnixStream, line: &[u8]) {
    let _ = send(stream, line, SendFlags::DONTWAIT);
}

/// A stream that is read once there is something to read. A thread that waits in recv(2) is also woken whenever the other
/// side reads what was sent; one that waits in poll(2) is not.
struct Polled<'a>(&'a UnixStream);

impl Read for Polled<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let readable = PollFd::from_borrowed_fd(self.0.as_fd(), PollFlags::IN);
        match poll(&mut [readable], None) {
            Ok(_) => self.0.read(buffer),
            Err(error) => Err(error.into()),
        }
    }
}

/// Reads byte by byte, for what follows the line belongs to the watcher.
pub(crate) fn first_line(
    stream: &mut UnixStream,
    deadline: Instant,
    timeout: Duration,
) -> Result<Vec<u8>, NoLease> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while line.len() <= MAX_HELLO_BYTES {
        wait_readable(stream.as_fd(), deadline, timeout)?;
        match stream.read(&mut byte) {
            Ok(0) => return Err(NoLease::Ended),
            Ok(_) if byte == *b"\n" => return Ok(line),
            Ok(_) => line.extend(byte),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(NoLease::TooLong)
}

pub(crate) fn wait_readable(
    stream: BorrowedFd<'_>,
    deadline: Instant,
    timeout: Duration,
) -> Result<(), NoLease> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).map_err(|_| NoLease::Late(timeout))?;
        match poll(
            &mut [PollFd::from_borrowed_fd(stream, PollFlags::IN)],
            Some(&left),
        ) {
            Ok(0) => return Err(NoLease::Late(timeout)),
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(NoLease::Io(error.into())),
        }
    }
}

/// The next line, or a piece of an overlong one; `None` at the end of the lease.
fn next_line(lines: &mut impl BufRead) -> Option<Vec<u8>> {
    const MAX_LINE_BYTES: u64 = 1024;
    let mut line = Vec::new();
    match lines.take(MAX_LINE_BYTES).read_until(b'\n', &mut line) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(line),
    }
}

/// SIGKILL rather than exit(3): no handler, no destructor and no thread of Python can delay it.
fn end_with_the_host(extent: Extent) -> ! {
    match extent {
        Extent::Group(group) if getpgrp() == group => {
            let _ = kill_process_group(group, Signal::KILL);
        }
        Extent::Group(_) => {}
        Extent::Process => {
            let _ = writeln!(io::stderr(), "the app has ended, and this sidecar with it");
        }
    }
    let _ = kill_process(getpid(), Signal::KILL);
    process::abort()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_line_within(stream: &mut UnixStream, millis: u64) -> Result<Vec<u8>, NoLease> {
        let timeout = Duration::from_millis(millis);
        first_line(stream, Instant::now() + timeout, timeout)
    }

    #[test]
    fn the_first_line_is_read_to_its_end_and_no_further() {
        let (mut ours, mut host) = UnixStream::pair().expect("a pair");
        host.write_all(b"{}\nstop\n").expect("the stream is open");
        drop(host);
        assert_eq!(first_line_within(&mut ours, 5000).expect("a line"), b"{}");
        let mut rest = String::new();
        ours.read_to_string(&mut rest).expect("text");
        assert_eq!(rest, "stop\n");
    }

    #[test]
    fn what_is_not_a_line_is_told_apart() {
        let (mut ours, mut host) = UnixStream::pair().expect("a pair");
        host.write_all(b"half").expect("the stream is open");
        assert!(matches!(
            first_line_within(&mut ours, 1),
            Err(NoLease::Late(_))
        ));
        drop(host);
        assert!(matches!(
            first_line_within(&mut ours, 5000),
            Err(NoLease::Ended)
        ));
        let (mut ours, mut host) = UnixStream::pair().expect("a pair");
        let long = thread::spawn(move || host.write_all(&vec![b'x'; MAX_HELLO_BYTES + 1]));
        assert!(matches!(
            first_line_within(&mut ours, 5000),
            Err(NoLease::TooLong)
        ));
        drop(ours);
        long.join().expect("no panic").expect("all was taken");
    }

    #[test]
    fn the_thread_answers_probes_and_the_event_loop_beats() {
        let (ours, mut host) = UnixStream::pair().expect("a pair");
        let pulse = Pulse(ours.try_clone().expect("a descriptor"));
        let (stopped, stops) = std::sync::mpsc::channel();
        let watcher = thread::spawn(move || {
            heed(&ours, move || {
                let _ = stopped.send(());
            });
        });
        let mut heard = BufReader::new(host.try_clone().expect("a descriptor"));
        let mut hear = || {
            let mut line = String::new();
            heard.read_line(&mut line).expect("text");
            line
        };
        assert_eq!(hear(), "alive\n");
        host.write_all(b"later\nprobe\n").expect("open");
        assert_eq!(hear(), "alive\n");
        pulse.beat();
        assert_eq!(hear(), "beat\n");
        host.write_all(b"stop\nstop\n").expect("open");
        stops.recv_timeout(Duration::from_secs(5)).expect("called");
        drop(heard);
        host.shutdown(std::net::Shutdown::Both).expect("open");
        watcher.join().expect("it ends with the host");
        assert!(stops.recv().is_err(), "called once");
    }
}
