//! The requests of which a generation may have died.

use std::{
    collections::BTreeSet,
    pin::pin,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};

/// How long the youngest suspect waits for the others at most: one of them may be a request that has no end.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The requests that were on their way when a generation crashed, and that are sent again. Usually the youngest is the one
/// that killed it. So the youngest goes after all others, which then do not die with the next generation.
#[derive(Debug, Default)]
pub(crate) struct Suspects {
    next: AtomicU64,
    numbers: Mutex<BTreeSet<u64>>,
    /// Wakes the suspects that wait, when another one is done.
    done: Notify,
}

impl Suspects {
    /// The number of a request that begins. It is higher than those of all before.
    pub(crate) fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Notes a request by its number.
    pub(crate) fn add(&self, number: u64) -> Suspect<'_> {
        self.lock().insert(number);
        Suspect {
            suspects: self,
            number,
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of the requests, until the drop.
pub(crate) struct Suspect<'a> {
    suspects: &'a Suspects,
    number: u64,
}

impl Suspect<'_> {
    /// Waits until the request may be sent again: at once, unless the request is the youngest of several.
    pub(crate) async fn turn(&self) {
        let waiting = async {
            loop {
                let mut done = pin!(self.suspects.done.notified());
                done.as_mut().enable();
                if !self.is_youngest_of_many() {
                    return;
                }
                done.await;
            }
        };
        drop(timeout(LONGEST_WAIT, waiting).await);
    }

    fn is_youngest_of_many(&self) -> bool {
        let numbers = self.suspects.lock();
        numbers.len() > 1 && numbers.last() == Some(&self.number)
    }
}

impl Drop for Suspect<'_> {
    fn drop(&mut self) {
        self.suspects.lock().remove(&self.number);
        self.suspects.done.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn the_youngest_goes_when_all_others_are_done() {
        let suspects = Suspects::default();
        let (one, youngest, other) = (suspects.add(1), suspects.add(3), suspects.add(2));
        assert!(one.turn().now_or_never().is_some());
        assert!(other.turn().now_or_never().is_some());
        let mut waiting = pin!(youngest.turn());
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(one);
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(other);
        assert!(waiting.now_or_never().is_some());
    }

    #[tokio::test]
    async fn one_alone_does_not_wait() {
        let suspects = Suspects::default();
        assert!(suspects.add(7).turn().now_or_never().is_some());
        assert!(suspects.lock().is_empty());
    }
}
