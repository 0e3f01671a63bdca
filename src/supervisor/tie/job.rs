//! Windows ends a job with its last handle, and only the host has one: `src/supervisor/spawn/windows.rs`.

use tokio::process::Command;

#[derive(Debug)]
pub(super) struct Tie;

impl Tie {
    pub(super) const fn new(_: &mut Command) -> Self {
        Self
    }

    /// The job has ended.
    #[expect(clippy::unused_self, reason = "a reaper has something to do here")]
    pub(super) const fn undo(&mut self) {}
}
