//! The lease on a named pipe. The host's job ends what this process has started.

use std::{
    io::{self, Read},
    process,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use windows_sys::Win32::System::Threading::{GetCurrentProcess, TerminateProcess};

use crate::{dial::Line, pipe::Operation};

/// What ends with the host: this process. What the host has started is in a job, which ends with the host by itself.
#[derive(Clone, Copy, Debug)]
pub enum Extent {
    /// This process alone.
    Process,
}

/// How long a wait lasts of which only the end of the lease is the end.
const LONG: Duration = Duration::from_secs(3600);

/// The exit code of a process that ended with its host.
const ENDED_WITH_THE_HOST: u32 = 1;

#[derive(Clone, Debug)]
pub(super) struct Saying(Arc<Mutex<Operation>>);

impl Saying {
    /// Says it without waiting: a host that does not listen is a host that does not ask. What it did not take yet goes out
    /// when it listens, and nothing is said meanwhile.
    pub(super) fn say(&self, line: &[u8]) {
        let mut writing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writing.wait(Duration::ZERO);
        if !writing.is_pending() {
            let _ = writing.begin_write(&[line]);
        }
    }
}

pub(super) struct Hearing(Operation);

impl Read for Hearing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.0.begin_read()?;
            if let Some(count) = self.0.wait(LONG)? {
                buffer[..count].copy_from_slice(&self.0.bytes()[..count]);
                return Ok(count);
            }
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it may fail elsewhere")]
pub(super) fn halves(line: Line) -> io::Result<(Hearing, Saying)> {
    let saying = Saying(Arc::new(Mutex::new(line.writing)));
    Ok((Hearing(line.reading), saying))
}

/// `TerminateProcess` rather than an exit: no destructor, no other DLL and no thread of Python can delay it.
pub(super) fn end(_: Extent) -> ! {
    // SAFETY: the handle stands for this process, and need not be closed.
    unsafe {
        TerminateProcess(GetCurrentProcess(), ENDED_WITH_THE_HOST);
    }
    process::abort()
}
