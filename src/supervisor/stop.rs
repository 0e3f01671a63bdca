use std::time::Duration;

use process_wrap::tokio::ChildWrapper;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::lease::{Lease, Word};

/// How long the requests on their way to the sidecar may take, once no more are let through.
pub(super) const DRAIN: Duration = Duration::from_secs(1);
/// How long the sidecar may take to finish what it does, once it was asked to stop.
pub(super) const FINISH: Duration = Duration::from_secs(1);
/// How long its process group may take to end after that, once it was told to.
#[cfg(unix)]
const TERMINATE: Duration = Duration::from_secs(1);

/// Lets the sidecar finish, asks it to stop, then tells its process group to, then makes it. One that never dialled hears
/// no words.
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

/// Waits for the requests on their way to the sidecar, for a while. It still reads then; once it was asked to stop, it
/// may close a connection that a request has just been written to.
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

/// Kills what is left of the process group: children of the sidecar that outlived it.
pub(super) fn end_group(child: &mut dyn ChildWrapper) {
    if let Err(error) = child.start_kill() {
        log::debug!("nothing left of the sidecar's process group: {error}");
    }
}
