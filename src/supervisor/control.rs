//! Orders to a generation, and its status.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{end::End, order::Order};
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
    pub(super) async fn wanted_end(&mut self, reloads: Reloads) -> End {
        tokio::select! {
            () = self.stop.cancelled() => {
                self.status.apply(Change::Stopping);
                End::AppEnds
            }
            order = next_for_living(&mut self.orders, reloads) => {
                let change = match order {
                    Order::Stop(_) => Change::Stopping,
                    _ => Change::Restarting { failure: None, exit: None },
                };
                self.status.apply(change);
                End::Ordered(order)
            }
        }
    }
}

/// What a change of the sidecar's files does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reloads {
    /// It ends the generation, and the next one begins.
    Obeyed,
    /// Nothing: somebody has started the sidecar by hand, and nobody else would start it again.
    Ignored,
}

/// The next order that ends a living sidecar. Never ends when nobody can give an order any more.
async fn next_for_living(orders: &mut mpsc::Receiver<Order>, reloads: Reloads) -> Order {
    loop {
        match orders.recv().await {
            Some(Order::Start(done)) => {
                let _ = done.send(());
            }
            Some(Order::Heal) => {}
            Some(Order::Reload) if reloads == Reloads::Ignored => {}
            Some(order) => return order,
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_change_of_files_does_not_end_a_sidecar_that_was_started_by_hand() {
        let (orders, mut taken) = mpsc::channel(2);
        orders.send(Order::Reload).await.expect("room");
        let next = next_for_living(&mut taken, Reloads::Ignored).now_or_never();
        assert!(next.is_none(), "{next:?}");
        orders.send(Order::Reload).await.expect("room");
        let next = next_for_living(&mut taken, Reloads::Obeyed).await;
        assert!(matches!(next, Order::Reload));
    }
}
