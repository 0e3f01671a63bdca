//! How macOS tells of the end of a process that is no child, see kqueue(2).

use std::{
    mem::MaybeUninit,
    os::fd::{AsRawFd, OwnedFd, RawFd},
    ptr,
};

use rustix::{
    event::kqueue::{Event, EventFilter, EventFlags, ProcessEvents, kevent, kqueue},
    io::{Errno, Result},
    process::Pid,
};

/// The end of a process, to be waited for.
pub(super) struct End(OwnedFd);

impl End {
    pub(super) fn of(process: Pid) -> Result<Self> {
        let queue = kqueue()?;
        let filter = EventFilter::Proc {
            pid: process,
            // Another program in the same process has not started the sidecars, and does not end them.
            flags: ProcessEvents::EXIT | ProcessEvents::EXEC,
        };
        let change = Event::new(filter, EventFlags::ADD, ptr::null_mut());
        // SAFETY: the event names no descriptor.
        unsafe { kevent(&queue, &[change], &mut [] as &mut [Event], None) }?;
        Ok(Self(queue))
    }

    pub(super) fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Waits until the process has ended.
    pub(super) fn wait(&self) -> Result<()> {
        loop {
            let mut events = [MaybeUninit::<Event>::uninit()];
            // SAFETY: no event is added.
            match unsafe { kevent(&self.0, &[], &mut events, None) } {
                Ok(([], _)) | Err(Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}
