//! Which process is at the other end of a connection.

use std::{
    io,
    os::windows::io::{AsHandle, AsRawHandle, FromRawHandle, OwnedHandle},
};

use tokio::net::windows::named_pipe::NamedPipeServer;
use windows::Win32::{
    Foundation::HANDLE,
    System::{
        Pipes::GetNamedPipeClientProcessId,
        Threading::{
            OpenProcess, PROCESS_ACCESS_RIGHTS, PROCESS_QUERY_INFORMATION, PROCESS_SET_QUOTA,
            PROCESS_TERMINATE,
        },
    },
};

use super::ProcessGroup;

/// The process that made a connection.
#[derive(Debug)]
pub(crate) struct Peer {
    pid: u32,
    /// A handle that means this process for good. Its number may mean another process after its end.
    process: OwnedHandle,
}

impl Peer {
    /// # Errors
    /// When the process has ended, or is none that this user may look at.
    pub(super) fn of(pipe: &NamedPipeServer) -> io::Result<Self> {
        let mut pid = 0;
        // SAFETY: the handle is open, and the pointer lives for longer than the call.
        unsafe { GetNamedPipeClientProcessId(HANDLE(pipe.as_raw_handle()), &raw mut pid) }?;
        let process = open(pid, PROCESS_QUERY_INFORMATION)?;
        Ok(Self { pid, process })
    }

    /// The process's number.
    #[expect(clippy::unnecessary_wraps, reason = "other systems may not tell")]
    pub(crate) const fn pid(&self) -> Option<u32> {
        Some(self.pid)
    }

    /// A new group with the process, and with all that the process starts from now on. None if the process may not be
    /// added to one.
    pub(crate) fn process_group(&self) -> Option<ProcessGroup> {
        let group = ProcessGroup::empty().ok()?;
        let process = open(self.pid, PROCESS_SET_QUOTA | PROCESS_TERMINATE);
        let added = process.and_then(|process| group.add(process.as_handle()));
        if let Err(error) = added {
            log::debug!("process {} was added to no job: {error}", self.pid);
            return None;
        }
        Some(group)
    }

    /// Checks that the process is in the job that the host started.
    ///
    /// # Errors
    /// The reason in words, when the process is not in the job.
    pub(crate) fn check(&self, started: &ProcessGroup) -> Result<(), String> {
        match started.has(self.process.as_handle()) {
            Ok(true) => Ok(()),
            Ok(false) => Err(format!(
                "process {} is not in the job that the host started; let the program in `command` start the sidecar as \
                 its own child",
                self.pid
            )),
            Err(error) => Err(format!(
                "the system does not say whose process {} is: {error}",
                self.pid
            )),
        }
    }

    #[cfg(test)]
    pub(crate) fn this_process() -> Self {
        let pid = std::process::id();
        let process = open(pid, PROCESS_QUERY_INFORMATION).expect("this process");
        Self { pid, process }
    }
}

fn open(pid: u32, access: PROCESS_ACCESS_RIGHTS) -> io::Result<OwnedHandle> {
    // SAFETY: no pointer is given.
    let process = unsafe { OpenProcess(access, false, pid) }?;
    // SAFETY: the handle is new, and nobody else has it.
    Ok(unsafe { OwnedHandle::from_raw_handle(process.0) })
}
