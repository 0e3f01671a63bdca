//! How long a caller waits, over all steps of what it wants.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// A time that runs from its making.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    timeout: Duration,
    /// None for a time that is too long for the clock, which is no limit.
    at: Option<Instant>,
}

impl Deadline {
    /// The moment that long from now.
    pub(crate) fn after(timeout: Duration) -> Self {
        Self {
            timeout,
            at: Instant::now().checked_add(timeout),
        }
    }

    /// The whole time, for messages.
    pub(crate) const fn timeout(self) -> Duration {
        self.timeout
    }

    /// The output of the future, or the deadline that came before.
    pub(crate) async fn within<T>(
        deadline: Option<Self>,
        waiting: impl Future<Output = T>,
    ) -> Result<T, Self> {
        match deadline {
            Some(deadline @ Self { at: Some(at), .. }) => {
                timeout_at(at, waiting).await.map_err(|_elapsed| deadline)
            }
            _ => Ok(waiting.await),
        }
    }
}
