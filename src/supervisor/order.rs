use tokio::sync::{mpsc, oneshot};

use crate::endpoint::{ProcessGroup, Stream};

/// Told to whoever gave an order, once it is carried out.
pub(crate) type Done = oneshot::Sender<()>;

/// What somebody wants of a sidecar.
#[derive(Debug)]
pub(crate) enum Order {
    /// Be there: start unless you are alive. Done once a generation has begun.
    Start(Done),
    /// End. Done when it has.
    Stop(Done),
    /// End if you are alive, then start. Done once the next generation has begun.
    Restart(Done),
    /// Your files have changed: the same, unless somebody has stopped you.
    Reload,
    /// Somebody started a sidecar by hand, which takes over.
    Join(Joining),
}

/// A sidecar that was started by hand.
#[derive(Debug)]
pub(crate) struct Joining {
    /// The connection that becomes the lease.
    pub stream: Stream,
    /// The processes that may call the host beside it, if the system tells.
    pub group: Option<ProcessGroup>,
}

/// The next order that a living sidecar has to care for; never ends when nobody can give one.
pub(super) async fn next_for_living(orders: &mut mpsc::Receiver<Order>) -> Order {
    loop {
        match orders.recv().await {
            Some(Order::Start(done)) => {
                let _ = done.send(());
            }
            Some(order) => return order,
            None => std::future::pending().await,
        }
    }
}
