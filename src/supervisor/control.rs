//! Orders to a generation, and its status.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    end::End,
    order::{Order, next_for_living},
};
use crate::status::{Change, StatusCell};

/// Through this the app orders the generations of one sidecar, and the generations report their status.
pub(crate) struct Control {
    pub status: Arc<StatusCell>,
    pub orders: mpsc::Receiver<Order>,
    /// The requests that are on their way to the sidecar.
    pub in_flight: TaskTracker,
    /// Cancelled when the app ends.
    pub stop: CancellationToken,
}

impl Control {
    /// Ends when the generation has to end, because the app ends or an order says so. The status changes first, so that no
    /// new request reaches the sidecar.
    pub(super) async fn wanted_end(&mut self) -> End {
        tokio::select! {
            () = self.stop.cancelled() => {
                self.status.apply(Change::Stopping);
                End::AppEnds
            }
            order = next_for_living(&mut self.orders) => {
                let change = match order {
                    Order::Stop(_) => Change::Stopping,
                    _ => Change::Restarting { problem: None, exit: None },
                };
                self.status.apply(change);
                End::Ordered(order)
            }
        }
    }
}
