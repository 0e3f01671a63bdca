//! The lease: standard input, whose first line is the host's hello and whose end is the host's end.

use std::{
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, IsTerminal, Read},
    os::fd::AsFd,
    process, thread,
    time::{Duration, Instant},
};

#[cfg(target_os = "linux")]
use rustix::process::set_parent_process_death_signal;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Signal, getpgrp, getpid, kill_process, kill_process_group},
    stdio::dup2_stdin,
};

/// The most that a hello may take.
pub const MAX_HELLO_BYTES: usize = 64 * 1024;

/// Why standard input is not a lease.
#[derive(Debug)]
pub enum NoLease {
    /// It is a terminal.
    Terminal,
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
            Self::Terminal => write!(f, "standard input is a terminal"),
            Self::Ended => write!(f, "standard input ended without a hello"),
            Self::Late(limit) => write!(
                f,
                "no hello came on standard input within {} s",
                limit.as_secs_f64()
            ),
            Self::TooLong => write!(
                f,
                "the first line of standard input is over {MAX_HELLO_BYTES} bytes"
            ),
            Self::Io(error) => write!(f, "standard input cannot be read: {error}"),
        }
    }
}

impl std::error::Error for NoLease {}

impl From<io::Error> for NoLease {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The host's end of life, as a descriptor that no other code of the process can read by accident.
#[derive(Debug)]
pub struct Lease {
    pipe: File,
}

impl Lease {
    /// Takes standard input over, and gives its first line without the line end.
    ///
    /// Standard input is `/dev/null` afterwards, so that `input()` or a child process cannot swallow the host's `stop`.
    /// It stays as it was when this fails, except for what was read of it.
    ///
    /// # Errors
    /// When no line comes within `timeout`, or standard input is not the host's.
    pub fn take(timeout: Duration) -> Result<(Self, Vec<u8>), NoLease> {
        let stdin = io::stdin();
        if stdin.is_terminal() {
            return Err(NoLease::Terminal);
        }
        let mut pipe = File::from(stdin.as_fd().try_clone_to_owned()?);
        let hello = first_line(&mut pipe, timeout)?;
        dup2_stdin(File::open("/dev/null")?).map_err(io::Error::from)?;
        Ok((Self { pipe }, hello))
    }

    /// Watches the lease from a thread of its own that needs nothing of Python.
    ///
    /// The line `stop` calls `on_stop`, once and on another thread, since it may have to wait for the GIL. Other lines
    /// are for later versions. The end of the lease means that the host is gone: the process ends at once, with its
    /// process group if it leads it. On Linux the kernel wakes a stopped process when its host dies, so that the thread
    /// can do that: the host has set SIGKILL as the parent-death signal, which would leave the process group behind, and
    /// from here on it is SIGCONT.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn watch(self, on_stop: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let watcher = thread::Builder::new().name("sidecar-lease".into());
        watcher.spawn(move || {
            let mut lines = BufReader::new(self.pipe);
            let mut on_stop = Some(on_stop);
            while let Some(line) = next_line(&mut lines) {
                if line == b"stop\n"
                    && let Some(on_stop) = on_stop.take()
                {
                    // Without a thread the host's next step, SIGTERM, does the same.
                    drop(
                        thread::Builder::new()
                            .name("sidecar-stop".into())
                            .spawn(on_stop),
                    );
                }
            }
            end_with_the_host();
        })?;
        #[cfg(target_os = "linux")]
        set_parent_process_death_signal(Some(Signal::CONT)).map_err(io::Error::from)?;
        Ok(())
    }
}

/// Reads byte by byte, for what follows the line belongs to the watcher.
fn first_line(pipe: &mut File, timeout: Duration) -> Result<Vec<u8>, NoLease> {
    let deadline = Instant::now() + timeout;
    let (mut line, mut byte) = (Vec::new(), [0]);
    while line.len() <= MAX_HELLO_BYTES {
        wait_readable(pipe, deadline, timeout)?;
        match pipe.read(&mut byte) {
            Ok(0) => return Err(NoLease::Ended),
            Ok(_) if byte == *b"\n" => return Ok(line),
            Ok(_) => line.extend(byte),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(NoLease::TooLong)
}

fn wait_readable(pipe: &File, deadline: Instant, timeout: Duration) -> Result<(), NoLease> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).map_err(|_| NoLease::Late(timeout))?;
        match poll(&mut [PollFd::new(pipe, PollFlags::IN)], Some(&left)) {
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
fn end_with_the_host() -> ! {
    let own = getpid();
    if getpgrp() == own {
        let _ = kill_process_group(own, Signal::KILL);
    }
    let _ = kill_process(own, Signal::KILL);
    process::abort()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn pipe() -> (File, io::PipeWriter) {
        let (reader, writer) = io::pipe().expect("a pipe");
        (File::from(std::os::fd::OwnedFd::from(reader)), writer)
    }

    #[test]
    fn the_first_line_is_read_to_its_end_and_no_further() {
        let (mut reader, mut writer) = pipe();
        writer.write_all(b"{}\nstop\n").expect("the pipe is open");
        drop(writer);
        assert_eq!(
            first_line(&mut reader, Duration::from_secs(5)).expect("a line"),
            b"{}"
        );
        let mut rest = String::new();
        reader.read_to_string(&mut rest).expect("text");
        assert_eq!(rest, "stop\n");
    }

    #[test]
    fn what_is_not_a_line_is_told_apart() {
        let (mut reader, mut writer) = pipe();
        writer.write_all(b"half").expect("the pipe is open");
        assert!(matches!(
            first_line(&mut reader, Duration::from_millis(1)),
            Err(NoLease::Late(_))
        ));
        drop(writer);
        assert!(matches!(
            first_line(&mut reader, Duration::from_secs(5)),
            Err(NoLease::Ended)
        ));
        let (mut reader, mut writer) = pipe();
        let long = thread::spawn(move || writer.write_all(&vec![b'x'; MAX_HELLO_BYTES + 1]));
        assert!(matches!(
            first_line(&mut reader, Duration::from_secs(5)),
            Err(NoLease::TooLong)
        ));
        long.join().expect("no panic").expect("all was read");
    }
}
