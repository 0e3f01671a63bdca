use std::sync::{Arc, Mutex};

use process_wrap::tokio::ChildWrapper;
use tokio::time::Instant;

use super::{
    drain::{Destination, Output, Voice},
    flood::Flood,
    spawn::Started,
    tie::Tie,
};
use crate::{endpoint::ProcessGroup, output::OutputLog};

/// A process that the host started.
pub(super) struct Process {
    pub child: Box<dyn ChildWrapper>,
    pub output: Output,
    pub tie: Tie,
}

impl Process {
    /// What was just started, and its group. From now on its output goes to `log`, in that voice.
    pub(super) fn of(started: Started, voice: Voice, log: Arc<OutputLog>) -> (Self, ProcessGroup) {
        let Started {
            mut child,
            group,
            tie,
        } = started;
        let to = Destination {
            voice: Arc::new(Mutex::new(voice)),
            log,
            flood: Arc::new(Mutex::new(Flood::new(Instant::now()))),
        };
        let output = Output::of(&mut *child, &to);
        (Self { child, output, tie }, group)
    }
}
