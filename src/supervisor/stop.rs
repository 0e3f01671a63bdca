//! Ends the process of a sidecar, in order or by force.

use std::{future::pending, time::Duration};

use process_wrap::tokio::ChildWrapper;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::lease::{Lease, Word};

/// How long requests on their way to the sidecar may take, once the host lets no more requests through.
const DRAIN: Duration = Duration::from_secs(1);
/// How long the rest of the sidecar's process group may take to end after SIGTERM.
#[cfg(unix)]
const TERMINATE: Duration = Duration::from_millis(500);

/// The longest that [`end`] takes beyond the time that the sidecar has, unless the system cannot kill the process.
pub(crate) const BEYOND: Duration = Duration::from_secs(2);

/// How long the thread that reads the lease may take to answer, after the word `stop`. A thread that takes longer is part of a process
/// that was stopped by a signal or a debugger, and hears nothing.
const DEAF: Duration = Duration::from_secs(2);

/// Lets requests finish, says `stop`, then sends SIGTERM to the process group, then SIGKILL. The sidecar has `limit` from the word
/// `stop`, or from the SIGTERM if it never dialled and so has no lease on which to hear `stop`. A sidecar that hears nothing is killed
/// at once. Windows has no SIGTERM: the end of the job comes instead.
pub(super) async fn end(
    child: &mut dyn ChildWrapper,
    lease: Option<&mut Lease>,
    in_flight: &TaskTracker,
    limit: Duration,
) {
    drain(in_flight).await;
    #[cfg(unix)]
    let heard_stop = lease.is_some();
    if let Some(lease) = lease {
        match say_stop(child, lease, limit).await {
            Outcome::Ended => return end_group(child),
            Outcome::Deaf => return kill(child).await,
            Outcome::Late => {}
        }
    }
    #[cfg(unix)]
    if child.signal(rustix::process::Signal::TERM.as_raw()).is_ok() {
        let left = if heard_stop { TERMINATE } else { limit };
        if timeout(left, child.wait()).await.is_ok() {
            return end_group(child);
        }
    }
    kill(child).await;
}

/// What became of a sidecar that was asked to stop.
enum Outcome {
    Ended,
    /// Nothing in it answers.
    Deaf,
    /// It lives, and has not ended in time.
    Late,
}

async fn say_stop(child: &mut dyn ChildWrapper, lease: &mut Lease, limit: Duration) -> Outcome {
    lease.say(Word::Stop);
    lease.say(Word::Probe);
    let ended = async {
        let _ = child.wait().await;
        Outcome::Ended
    };
    let deaf = async {
        // A lease that was closed says that the process is about to end.
        if timeout(DEAF, lease.next()).await.is_ok() {
            pending::<()>().await;
        }
        Outcome::Deaf
    };
    let either = async {
        tokio::select! {
            outcome = ended => outcome,
            outcome = deaf => outcome,
        }
    };
    timeout(limit, either).await.unwrap_or(Outcome::Late)
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
