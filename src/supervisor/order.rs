use tokio::sync::oneshot;

use crate::endpoint::{ProcessGroup, Stream};

/// Tells the caller who gave an order that the order is carried out.
pub(crate) type Done = oneshot::Sender<()>;

/// What a caller wants of a sidecar.
#[derive(Debug)]
pub(crate) enum Order {
    /// Start, unless the sidecar is alive. Done once a generation has begun.
    Start(Done),
    /// Stop. Done when the sidecar has ended.
    Stop(Done),
    /// End the sidecar if it is alive, then start. Done once the next generation has begun.
    Restart(Done),
    /// Start a sidecar that has failed, since a request wants it and the cool-down is over.
    Heal,
    /// Restart because the sidecar's files have changed, unless the sidecar was stopped.
    Reload,
    /// Let a sidecar that somebody started by hand take over.
    Join(Joining),
}

/// A sidecar that was started by hand.
#[derive(Debug)]
pub(crate) struct Joining {
    /// The connection that becomes the lease.
    pub stream: Stream,
    /// The processes that may call the host beside the sidecar, if the system tells.
    pub group: Option<ProcessGroup>,
}
