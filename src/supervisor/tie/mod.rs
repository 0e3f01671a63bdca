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

/// The tie of one sidecar process, and of its process group, to the host.
#[derive(Debug)]
pub(super) struct Tie {
    #[cfg(unix)]
    system: system::Tie,
}

impl Tie {
    /// Ties the process that this command will start. This runs on the thread that starts all processes.
    #[cfg_attr(
        not(unix),
        expect(clippy::needless_pass_by_ref_mut, reason = "Unix adds a step")
    )]
    pub(super) fn new(command: &mut Command) -> Self {
        #[cfg(not(unix))]
        let _ = command;
        Self {
            #[cfg(unix)]
            system: system::Tie::new(command),
        }
    }

    /// Ends the tie, when nothing of the process group is left: its number may soon mean another group. A drop does not, for
    /// then nobody has seen the group end.
    pub(super) fn undo(&mut self) {
        #[cfg(unix)]
        self.system.undo();
    }
}
