use std::time::Duration;

use process_wrap::tokio::ChildWrapper;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::lease::{Lease, Word};

/// How long requests on their way to the sidecar may take, once the host lets no more requests through.
pub(super) const DRAIN: Duration = Duration::from_secs(1);
/// How long the sidecar may take to end after the word `stop`.
pub(super) const FINISH: Duration = Duration::from_secs(1);
/// How long the sidecar's process group may take to end after SIGTERM.
#[cfg(unix)]
const TERMINATE: Duration = Duration::from_secs(1);

/// Lets requests finish, says `stop`, then sends SIGTERM to the process group, then SIGKILL. A sidecar that never dialled has
/// no lease on which to hear `stop`.
pub(super) async fn end(
    child: &mut dyn ChildWrapper,
    lease: Option<&mut Lease>,
    in_flight: &TaskTracker,
) {
    drain(in_flight).await;
    if let Some(lease) = lease {
        lease.say(Word::Stop);
        if timeout(FINISH, child.wait()).await.is_ok() {
            return end_group(child);
        }
    }
    #[cfg(unix)]
    if child.signal(rustix::process::Signal::TERM.as_raw()).is_ok()
        && timeout(TERMINATE, child.wait()).await.is_ok()
    {
        return end_group(child);
    }
    kill(child).await;
}

/// Waits at most [`DRAIN`] for the requests on their way to the sidecar. This comes before `stop`: a sidecar that stops may
/// close a connection to which the host has just written a request.
pub(super) async fn drain(in_flight: &TaskTracker) {
    in_flight.close();
    drop(timeout(DRAIN, in_flight.wait()).await);
    in_flight.reopen();
}

/// Ends the process group at once.
pub(super) async fn kill(child: &mut dyn ChildWrapper) {
    end_group(child);
    if let Err(error) = child.wait().await {
        log::error!("the sidecar could not be ended: {error}");
    }
}

/// Kills the rest of the process group: children that outlived the sidecar.
pub(super) fn end_group(child: &mut dyn ChildWrapper) {
    if let Err(error) = child.start_kill() {
        log::debug!("nothing left of the sidecar's process group: {error}");
    }
}
