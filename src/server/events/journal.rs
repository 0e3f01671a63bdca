#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::{Notify, OnceCell};

use super::{
    batch::{Batch, Gap, Numbered},
    id::Id,
};
use crate::error::{Kind, Result};

/// How many events are kept.
const MOST_EVENTS: usize = 16_384;
/// How many bytes of payload are kept; the newest event is, however large.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// A batch takes no more events once it has so many bytes: what a reader copies at once, and a socket takes at once.
const BATCH_BYTES: usize = 64 * 1024;
/// What an event takes on the wire beside its payload, about.
const FRAME_BYTES: usize = 32;

/// The epoch of the next journal, so that no two in the life of the app have the same.
static NEXT_EPOCH: AtomicU64 = AtomicU64::new(1);

/// The last events of one name, for any number of readers, each at its own pace.
///
/// Who emits never waits for a reader: that may be the app's main thread. So a reader that lags too far loses the oldest
/// events, and is told how many.
#[derive(Debug)]
pub(super) struct Journal {
    epoch: u64,
    ring: Mutex<Ring>,
    news: Notify,
    /// Set once events come in. Whoever subscribes before that waits for it.
    pub is_fed: OnceCell<()>,
}

impl Journal {
    pub(super) fn new() -> Self {
        Self {
            epoch: NEXT_EPOCH.fetch_add(1, Ordering::Relaxed),
            ring: Mutex::default(),
            news: Notify::new(),
            is_fed: OnceCell::new(),
        }
    }

    pub(super) fn append(&self, payload: &str) {
        let payload = Arc::from(payload);
        self.lock().append(payload);
        self.news.notify_waiters();
    }

    /// A place behind that event; without one, behind all there has been.
    ///
    /// # Errors
    /// `invalid_argument` when there has been no such event yet.
    pub(super) fn cursor(&self, last: Option<Id>) -> Result<Cursor> {
        let newest = self.lock().newest;
        let next = match last {
            None => Some(newest + 1),
            Some(id) if id.epoch != self.epoch => None,
            Some(id) if id.sequence > newest => {
                let epoch = self.epoch;
                return Err(Kind::InvalidRequest(format!(
                    "`last-event-id` is `{id}`, ahead of the newest event, `{epoch}-{newest}`; send the id of the last event that came"
                )).into());
            }
            Some(id) => Some(id.sequence + 1),
        };
        Ok(Cursor { next })
    }

    /// The event that a cursor is behind, if it is this journal's.
    pub(super) fn place(&self, cursor: &Cursor) -> Option<Id> {
        cursor.next.map(|next| Id {
            epoch: self.epoch,
            sequence: next - 1,
        })
    }

    /// Waits until there is something behind the cursor and moves it along. What is not read when this is dropped, is
    /// found the next time.
    pub(super) async fn read(&self, cursor: &mut Cursor) -> Batch {
        loop {
            // Made before the look, it misses nothing that comes after.
            let news = self.news.notified();
            if let Some(batch) = self.look(cursor) {
                return batch;
            }
            news.await;
        }
    }

    fn look(&self, cursor: &mut Cursor) -> Option<Batch> {
        let (gap, events) = self.lock().read(cursor);
        let batch = Batch {
            epoch: self.epoch,
            gap,
            events,
        };
        (batch.gap.is_some() || !batch.events.is_empty()).then_some(batch)
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a reader is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The event that it wants next; nobody knows if it comes from another journal.
    next: Option<u64>,
}

#[derive(Debug, Default)]
struct Ring {
    /// Oldest first, without a hole. Empty only as long as there has been no event.
    events: VecDeque<Numbered>,
    bytes: usize,
    newest: u64,
}

impl Ring {
    fn append(&mut self, payload: Arc<str>) {
        self.newest += 1;
        self.bytes += payload.len();
        self.events.push_back((self.newest, payload));
        while self.events.len() > MOST_EVENTS || self.bytes > MOST_BYTES && self.events.len() > 1 {
            if let Some((_, oldest)) = self.events.pop_front() {
                self.bytes -= oldest.len();
            }
        }
    }

    /// What the cursor missed, and the events behind it, of which a batch takes no more.
    fn read(&self, cursor: &mut Cursor) -> (Option<Gap>, Vec<Numbered>) {
        let oldest = self.events.front().map_or(1, |(sequence, _)| *sequence);
        let (gap, first) = match cursor.next {
            None => (Some(Gap { lost: None }), oldest),
            Some(next) if next < oldest => {
                let lost = Some(oldest - next);
                (Some(Gap { lost }), oldest)
            }
            Some(next) => (None, next),
        };
        let start = self
            .events
            .partition_point(|(sequence, _)| *sequence < first);
        let mut bytes = 0;
        let fitting = self.events.range(start..).take_while(|(_, payload)| {
            let has_room = bytes < BATCH_BYTES;
            bytes += payload.len() + FRAME_BYTES;
            has_room
        });
        let events: Vec<_> = fitting.cloned().collect();
        cursor.next = Some(events.last().map_or(first, |(sequence, _)| sequence + 1));
        (gap, events)
    }
}
