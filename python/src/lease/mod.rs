//! The lease: the connection on which the host said its hello, and whose end is the host's end.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    thread,
};

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

use crate::dial::Line;
pub use system::Extent;
use system::{Hearing, Saying};

/// The connection to the host, which no other code of the process can use by accident.
#[derive(Debug)]
pub struct Lease(Line);

impl From<Line> for Lease {
    /// A connection on which the hello was said.
    fn from(line: Line) -> Self {
        Self(line)
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
    /// from here on it is SIGCONT. Elsewhere the host's reaper kills a stopped process group, or the system ends its job.
    ///
    /// # Errors
    /// When the system gives no thread or no descriptors.
    pub fn watch(
        self,
        extent: Extent,
        on_stop: impl FnOnce() + Send + 'static,
    ) -> io::Result<Pulse> {
        let (hearing, saying) = system::halves(self.0)?;
        let pulse = Pulse(saying.clone());
        // The first word of a sidecar. Said here, no beat of a busy machine comes before it.
        saying.say(b"alive\n");
        let watcher = thread::Builder::new().name("sidecar-lease".into());
        watcher.spawn(move || {
            heed(hearing, &saying, on_stop);
            end_with_the_host(extent);
        })?;
        #[cfg(all(target_os = "linux", not(sidecar_bridge_portable)))]
        system::be_woken(extent)?;
        Ok(pulse)
    }
}

/// What the event loop says to the host.
#[derive(Debug)]
pub struct Pulse(Saying);

impl Pulse {
    /// Tells the host that the event loop turns. It never waits.
    pub fn beat(&self) {
        self.0.say(b"beat\n");
    }
}

/// Does what the host says, until it is gone.
fn heed(hearing: Hearing, saying: &Saying, on_stop: impl FnOnce() + Send + 'static) {
    let mut lines = BufReader::new(hearing);
    let mut on_stop = Some(on_stop);
    while let Some(line) = next_line(&mut lines) {
        match line.as_slice() {
            b"probe\n" => saying.say(b"alive\n"),
            b"stop\n" => {
                if let Some(on_stop) = on_stop.take() {
                    // Without a thread the host's next step does the same.
                    let stop = thread::Builder::new().name("sidecar-stop".into());
                    drop(stop.spawn(on_stop));
                }
            }
            _ => {}
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

fn end_with_the_host(extent: Extent) -> ! {
    if matches!(extent, Extent::Process) {
        let _ = writeln!(io::stderr(), "the app has ended, and this sidecar with it");
    }
    system::end(extent)
}
