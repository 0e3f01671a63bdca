//! The handle to one sidecar: its status, its output, and orders to it.

mod suspects;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    error::{Kind, Result},
    output::{OutputLine, OutputLog},
    pool::Pool,
    runtime::Reactors,
    status::{Status, StatusCell, ended, ready},
    supervisor::Order,
};

pub(crate) use self::suspects::{Suspect, Suspects};

/// How many requests may wait for a sidecar that does not serve yet.
pub(crate) const WAITING_REQUESTS: usize = 1024;

/// A handle to one sidecar; clones are cheap.
#[derive(Clone, Debug)]
pub struct Sidecar(pub(crate) Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    pub status: Arc<StatusCell>,
    /// Empty until the sidecar's endpoint could be made; the status says why.
    pub pool: Arc<OnceLock<Pool>>,
    pub orders: mpsc::Sender<Order>,
    /// Counts the exchanges that are on their way.
    pub in_flight: TaskTracker,
    /// Cancelled when the app ends.
    pub refusing: CancellationToken,
    pub output: Arc<OutputLog>,
    /// The places of requests that wait until the sidecar serves.
    pub places: Semaphore,
    pub suspects: Suspects,
    pub reactors: Reactors,
    pub max_body_bytes: usize,
}

impl Sidecar {
    /// The present status of the sidecar.
    #[must_use]
    pub fn status(&self) -> Status {
        self.0.status.current()
    }

    /// Watches the status: the receiver holds the present status, and wakes on each change.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Status> {
        self.0.status.subscribe()
    }

    /// The last lines that the sidecar wrote to stdout and stderr, in all its generations, oldest first: at most 1000 lines
    /// and 256 KiB. The token, and the values of configured variables whose names say that they are secret, are replaced.
    #[must_use]
    pub fn logs(&self) -> Vec<OutputLine> {
        self.0.output.lines()
    }

    /// Waits until the sidecar serves, at most for `limit`.
    ///
    /// # Errors
    /// `deadline_exceeded` after `limit`; `unavailable` as soon as the sidecar has stopped or failed.
    pub async fn wait_ready(&self, limit: Duration) -> Result<()> {
        let mut changes = self.subscribe();
        let waiting = async { timeout(limit, ready(&mut changes)).await };
        match self.0.reactors.wait(waiting).await {
            Ok(outcome) => outcome.map(drop),
            Err(_elapsed) => Err(Kind::ReadyTimeout {
                sidecar: self.status().sidecar,
                timeout: limit,
            }
            .into()),
        }
    }

    /// Starts a sidecar that was stopped or has failed, and waits until it serves. A sidecar that lives keeps running.
    /// Dropping the future only ends the waiting.
    ///
    /// # Errors
    /// The reason, when the sidecar stops or fails before it serves.
    pub async fn start(&self) -> Result<()> {
        self.order(Order::Start).await?;
        ready(&mut self.subscribe()).await.map(drop)
    }

    /// Ends the sidecar and waits for its end. The sidecar stays stopped until [`start`](Self::start) or
    /// [`restart`](Self::restart). Requests on their way get 1 s to finish, new requests fail with `unavailable`; then the
    /// sidecar has `stopTimeoutMs` to end. Dropping the future only ends the waiting.
    ///
    /// # Errors
    /// `unavailable` when the app ends.
    pub async fn stop(&self) -> Result<()> {
        self.order(Order::Stop).await
    }

    /// Ends the sidecar if it lives, starts its next generation, and waits until that generation serves. New requests wait
    /// for it; requests on their way get 1 s to finish, and the sidecar has `stopTimeoutMs` to end. Dropping the future only
    /// ends the waiting.
    ///
    /// # Errors
    /// The reason, when the next generation stops or fails before it serves.
    pub async fn restart(&self) -> Result<()> {
        self.order(Order::Restart).await?;
        ready(&mut self.subscribe()).await.map(drop)
    }

    async fn order(&self, order: fn(oneshot::Sender<()>) -> Order) -> Result<()> {
        let (done, carried_out) = oneshot::channel();
        // Either end of the channel is dropped only once the sidecar is ended for good; then its status says why.
        if self.0.orders.send(order(done)).await.is_err() || carried_out.await.is_err() {
            return Err(ended(&mut self.subscribe()).await);
        }
        Ok(())
    }

    pub(crate) fn max_body_bytes(&self) -> usize {
        self.0.max_body_bytes
    }

    /// The origin that the sidecar sees as its own, such as `http://localhost`.
    pub(crate) fn origin(&self) -> String {
        let authority = self.pool().map_or("localhost", Pool::authority);
        format!("http://{authority}")
    }

    pub(crate) fn pool(&self) -> Option<&Pool> {
        self.0.pool.get()
    }
}
