//! The lease on a Unix socket, and the end of a process group.

use std::{
    io::{self, Read},
    os::{fd::AsFd, unix::net::UnixStream},
    process,
    sync::Arc,
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

#[derive(Clone, Debug)]
pub(super) struct Saying(Arc<UnixStream>);

impl Saying {
    /// Says it without waiting: a host that does not listen is a host that does not ask.
    pub(super) fn say(&self, line: &[u8]) {
        let _ = send(&*self.0, line, SendFlags::DONTWAIT | NO_SIGNAL);
    }
}

/// A stream that is read once there is something to read. A thread that waits in recv(2) is also woken whenever the other
/// side reads what was sent; one that waits in poll(2) is not.
pub(super) struct Hearing(UnixStream);

impl Read for Hearing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let readable = PollFd::from_borrowed_fd(self.0.as_fd(), PollFlags::IN);
        match poll(&mut [readable], None) {
            Ok(_) => self.0.read(buffer),
            Err(error) => Err(error.into()),
        }
    }
}

pub(super) fn halves(stream: UnixStream) -> io::Result<(Hearing, Saying)> {
    let saying = Saying(Arc::new(stream.try_clone()?));
    Ok((Hearing(stream), saying))
}

#[cfg(all(target_os = "linux", not(sidecar_bridge_portable)))]
pub(super) fn be_woken(extent: Extent) -> io::Result<()> {
    if let Extent::Group(_) = extent {
        set_parent_process_death_signal(Some(Signal::CONT))?;
    }
    Ok(())
}

/// SIGKILL rather than exit(3): no handler, no destructor and no thread of Python can delay it.
pub(super) fn end(extent: Extent) -> ! {
    if let Extent::Group(group) = extent
        && getpgrp() == group
    {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = kill_process(getpid(), Signal::KILL);
    process::abort()
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Write},
        thread,
        time::Duration,
    };

    use super::*;
    use crate::lease::{Pulse, heed};

    #[test]
    fn the_thread_answers_probes_and_the_event_loop_beats() {
        let (ours, mut host) = UnixStream::pair().expect("a pair");
        let (hearing, saying) = halves(ours).expect("a descriptor");
        let pulse = Pulse(saying.clone());
        let (stopped, stops) = std::sync::mpsc::channel();
        let watcher = thread::spawn(move || {
            heed(hearing, &saying, move || {
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
