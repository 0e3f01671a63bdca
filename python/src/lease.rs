//! The lease: the connection on which the host said its hello, and whose end is the host's end.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    os::{fd::AsFd, unix::net::UnixStream},
    process, thread,
};

#[cfg(all(target_os = "linux", not(sidecar_bridge_portable)))]
use rustix::process::set_parent_process_death_signal;
use rustix::{
    event::{PollFd, PollFlags, poll},
    net::{SendFlags, send},
    process::{Pid, Signal, getpgrp, getpid, kill_process, kill_process_group},
};

use crate::dial::NO_SIGNAL;

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
    /// A connection on which the hello was said.
    fn from(stream: UnixStream) -> Self {
        Self { stream }
    }
}

impl Lease {
    /// Watches the lease from a thread of its own that needs nothing of Python, and gives what the event loop has to say
    /// on it.
    ///
    /// The line `stop` calls `on_stop`, once and on another thread, since it may have to wait for the GIL. `probe` is
    /// answered at once. Other lines are for later versions. The end of the lease means that the host is gone: what
    /// `extent` says ends at once. On Linux the kernel wakes a stopped process when its host dies, so that the thread
    /// can do that: the host has set SIGKILL as the parent-death signal, which would leave the process group behind, and
    /// from here on it is SIGCONT. Elsewhere the host's reaper kills a stopped process group.
    ///
    /// # Errors
    /// When the system gives no thread or no descriptors.
    pub fn watch(
        self,
        extent: Extent,
        on_stop: impl FnOnce() + Send + 'static,
    ) -> io::Result<Pulse> {
        let pulse = Pulse(self.stream.try_clone()?);
        // The first word of a sidecar. Said here, no beat of a busy machine comes before it.
        say(&self.stream, b"alive\n");
        let watcher = thread::Builder::new().name("sidecar-lease".into());
        watcher.spawn(move || {
            heed(&self.stream, on_stop);
            end_with_the_host(extent);
        })?;
        #[cfg(all(target_os = "linux", not(sidecar_bridge_portable)))]
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
    let _ = send(stream, line, SendFlags::DONTWAIT | NO_SIGNAL);
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
    use std::time::Duration;

    use super::*;

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
