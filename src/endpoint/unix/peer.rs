//! Which process is at the other end of a connection.

use rustix::process::{Pid, getpgid};
use tokio::net::{UnixStream, unix::UCred};

/// The process group of one sidecar: the process that the host started, and its children that have made no other group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProcessGroup(Pid);

impl ProcessGroup {
    /// The group that this process leads.
    pub(crate) fn from_leader(pid: u32) -> Option<Self> {
        i32::try_from(pid).ok().and_then(Pid::from_raw).map(Self)
    }

    /// The number of the group, for the wire.
    #[expect(clippy::unnecessary_wraps, reason = "Windows has none")]
    pub(crate) fn id(&self) -> Option<u32> {
        Some(self.number())
    }

    fn number(&self) -> u32 {
        self.0.as_raw_nonzero().get().unsigned_abs()
    }

    #[cfg(test)]
    pub(crate) fn of_this_process() -> Self {
        Self(rustix::process::getpgrp())
    }

    #[cfg(test)]
    pub(crate) fn of_others() -> Self {
        Self::from_leader(1).expect("the group of init")
    }
}

/// The process that made a connection.
#[derive(Debug)]
pub(crate) struct Peer {
    pid: Option<Pid>,
    /// A handle that means this process for good. Its number may mean another process after its end, see `SO_PEERPIDFD` in
    /// unix(7); Linux has it since 6.5.
    #[cfg(all(target_os = "linux", not(sidecar_bridge_portable)))]
    handle: Option<std::os::fd::OwnedFd>,
}

impl Peer {
    pub(super) fn of(stream: &UnixStream, credentials: UCred) -> Self {
        #[cfg(any(not(target_os = "linux"), sidecar_bridge_portable))]
        let _ = stream;
        Self {
            pid: credentials.pid().and_then(Pid::from_raw),
            #[cfg(all(target_os = "linux", not(sidecar_bridge_portable)))]
            handle: nix::sys::socket::getsockopt(stream, nix::sys::socket::sockopt::PeerPidfd).ok(),
        }
    }

    /// The process's number, if the system tells.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.pid
            .map(|pid| pid.as_raw_nonzero().get().unsigned_abs())
    }

    /// The group that the process is in.
    pub(crate) fn process_group(&self) -> Option<ProcessGroup> {
        let group = getpgid(Some(self.pid?)).ok()?;
        // The process lives still, so its number meant this process when the group was looked up.
        self.is_alive().then_some(ProcessGroup(group))
    }

    /// Checks that the process is in the group that the host started.
    ///
    /// # Errors
    /// The reason in words, when the process is not in the group, or has ended.
    pub(crate) fn check(&self, started: &ProcessGroup) -> Result<(), String> {
        let Some(pid) = self.pid() else {
            return Err("the system does not say which process this is".into());
        };
        match self.process_group() {
            Some(group) if group == *started => Ok(()),
            Some(group) => Err(format!(
                "process {pid} is in process group {} and the host started group {}; start the sidecar without a \
                 session or a process group of its own",
                group.number(),
                started.number()
            )),
            None => Err(format!("process {pid} has ended")),
        }
    }

    #[cfg(all(target_os = "linux", not(sidecar_bridge_portable)))]
    fn is_alive(&self) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let Some(handle) = &self.handle else {
            return true;
        };
        // A handle is readable once its process has ended, see pidfd_open(2).
        let mut ended = [PollFd::new(handle, PollFlags::IN)];
        poll(&mut ended, Some(&Timespec::default())) == Ok(0)
    }

    #[cfg(any(not(target_os = "linux"), sidecar_bridge_portable))]
    #[expect(clippy::unused_self, reason = "Linux has a handle to ask")]
    fn is_alive(&self) -> bool {
        true
    }

    #[cfg(test)]
    pub(crate) fn this_process() -> Self {
        Self {
            pid: Some(rustix::process::getpid()),
            #[cfg(all(target_os = "linux", not(sidecar_bridge_portable)))]
            handle: None,
        }
    }
}
