//! The twin of `kqueue`, with which the reaper is tested on Linux.

use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use rustix::{
    event::{PollFd, PollFlags, poll},
    io::{Errno, Result},
    process::{Pid, PidfdFlags, pidfd_open},
};

/// The end of a process, to be waited for.
pub(super) struct End(OwnedFd);

impl End {
    pub(super) fn of(process: Pid) -> Result<Self> {
        pidfd_open(process, PidfdFlags::empty()).map(Self)
    }

    pub(super) fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Waits until the process has ended.
    pub(super) fn wait(&self) -> Result<()> {
        loop {
            match poll(&mut [PollFd::new(&self.0, PollFlags::IN)], None) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}
