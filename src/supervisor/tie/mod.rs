//! Ends a sidecar with its host when the host is killed, whatever the sidecar does then: it may import still, and so watch no
//! lease, or be stopped by a signal.

use tokio::process::Command;

#[cfg(all(target_os = "linux", not(sidecar_bridge_portable)))]
mod death_signal;
#[cfg(all(target_os = "linux", not(sidecar_bridge_portable)))]
use death_signal as system;

#[cfg(all(unix, any(not(target_os = "linux"), sidecar_bridge_portable)))]
mod reaper;
#[cfg(all(unix, any(not(target_os = "linux"), sidecar_bridge_portable)))]
use reaper as system;

#[cfg(windows)]
mod job;
#[cfg(windows)]
use job as system;

/// The tie of one sidecar process, and of its process group, to the host.
#[derive(Debug)]
pub(super) struct Tie {
    system: system::Tie,
}

impl Tie {
    /// Ties the process that this command will start. This runs on the thread that starts all processes.
    pub(super) fn new(command: &mut Command) -> Self {
        Self {
            system: system::Tie::new(command),
        }
    }

    /// Ends the tie, when nothing of the process group is left: its number may soon mean another group. A drop does not, for
    /// then nobody has seen the group end.
    pub(super) fn undo(&mut self) {
        self.system.undo();
    }
}
