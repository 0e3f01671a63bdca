//! Linux has a signal for the death of a parent, see PR_SET_PDEATHSIG(2const).

use rustix::{
    io::Errno,
    process::{Signal, getpid, getppid, set_parent_process_death_signal},
};
use tokio::process::Command;

#[derive(Debug)]
pub(super) struct Tie;

impl Tie {
    /// Lets the kernel kill the sidecar when the host dies. Once the sidecar watches its lease, it changes that signal itself.
    pub(super) fn new(command: &mut Command) -> Self {
        let host = getpid();
        // SAFETY: a child of a process with threads may only make async-signal-safe calls before exec, see fork(2). These
        // are bare system calls, and nothing here allocates.
        unsafe {
            command.pre_exec(move || {
                set_parent_process_death_signal(Some(Signal::KILL))?;
                // The host may have died before the signal was set.
                if getppid() == Some(host) {
                    Ok(())
                } else {
                    Err(Errno::SRCH.into())
                }
            });
        }
        Self
    }

    /// The signal ends with its process.
    #[expect(clippy::unused_self, reason = "a reaper has something to do here")]
    pub(super) const fn undo(&mut self) {}
}
