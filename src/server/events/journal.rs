//! The last events of one name, and where each reader is in them.

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

/// How many events a journal keeps.
const MOST_EVENTS: usize = 16_384;
/// How many bytes of payload a journal keeps. It always keeps the newest event, however large.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// A batch takes no more events once it has so many bytes: this is what a reader copies, and a socket takes, at once.
const BATCH_BYTES: usize = 64 * 1024;
/// About how many bytes an event has on the wire beside its payload.
const FRAME_BYTES: usize = 32;

/// The epoch of the next journal. No two journals have the same one while the app runs.
static NEXT_EPOCH: AtomicU64 = AtomicU64::new(1);

/// The last events of one name, for any number of readers, each at its own pace.
///
/// To emit never waits for a reader, since the app's main thread may do it. So a reader that lags too far loses the oldest
/// events, and learns how many it has lost.
#[derive(Debug)]
pub(in crate::server) struct Journal {
    epoch: u64,
    ring: Mutex<Ring>,
    news: Notify,
    /// Set once the journal gets events. A subscription before that waits for it.
    pub is_fed: OnceCell<()>,
}

impl Journal {
    pub(in crate::server) fn new() -> Self {
        Self {
            epoch: NEXT_EPOCH.fetch_add(1, Ordering::Relaxed),
            ring: Mutex::default(),
            news: Notify::new(),
            is_fed: OnceCell::new(),
        }
    }

    pub(in crate::server) fn append(&self, payload: &str) {
        let payload = Arc::from(payload);
        self.lock().append(payload);
        self.news.notify_waiters();
    }

    /// A cursor behind the event `last`; without one, behind the newest event.
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

    /// The id of the event before a cursor; none if the cursor comes from another journal.
    pub(super) fn id_before(&self, cursor: &Cursor) -> Option<Id> {
        cursor.next.map(|next| Id {
            epoch: self.epoch,
            sequence: next - 1,
        })
    }

    /// Waits until there are events behind the cursor, and moves the cursor behind them. Dropping the future loses nothing:
    /// the next call finds the events.
    pub(super) async fn read(&self, cursor: &mut Cursor) -> Batch {
        self.once(|| {
            let read = self.lock().read(cursor);
            self.batch(read)
        })
        .await
    }

    /// Reads as [`read`](Self::read), for a journal with one reader: what was read is kept no longer.
    pub(in crate::server) async fn take(&self, cursor: &mut Cursor) -> Batch {
        self.once(|| self.take_now(cursor)).await
    }

    /// Takes what is there, if anything is.
    pub(in crate::server) fn take_now(&self, cursor: &mut Cursor) -> Option<Batch> {
        let read = {
            let mut ring = self.lock();
            let read = ring.read(cursor);
            ring.forget_before(cursor);
            read
        };
        self.batch(read)
    }

    async fn once(&self, mut read: impl FnMut() -> Option<Batch>) -> Batch {
        loop {
            // Made before the read, so that it misses no event that comes after the read.
            let news = self.news.notified();
            if let Some(batch) = read() {
                return batch;
            }
            news.await;
        }
    }

    fn batch(&self, (gap, events): (Option<Gap>, Vec<Numbered>)) -> Option<Batch> {
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

/// How far a reader has come.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::server) struct Cursor {
    /// The number of the next event; none if the cursor comes from another journal, whose numbers say nothing here.
    next: Option<u64>,
}

impl Cursor {
    /// A cursor before the first event of a journal.
    pub(in crate::server) const fn start() -> Self {
        Self { next: Some(1) }
    }
}

#[derive(Debug, Default)]
struct Ring {
    /// The oldest first, with consecutive numbers. Empty before the first event, and where what was read is forgotten.
    events: VecDeque<Numbered>,
    bytes: usize,
    newest: u64,
}

impl Ring {
    fn append(&mut self, payload: Arc<str>) {
        self.newest += 1;
        self.bytes += payload.len();
        // Room is made first: one event more than a ring keeps would double its memory.
        while self.events.len() >= MOST_EVENTS || self.bytes > MOST_BYTES {
            let Some((_, oldest)) = self.events.pop_front() else {
                break;
            };
            self.bytes -= oldest.len();
        }
        self.events.push_back((self.newest, payload));
    }

    /// Forgets what is in front of the cursor.
    fn forget_before(&mut self, cursor: &Cursor) {
        let next = cursor.next.unwrap_or_default();
        while let Some((sequence, payload)) = self.events.front()
            && *sequence < next
        {
            self.bytes -= payload.len();
            self.events.pop_front();
        }
    }

    /// The gap behind the cursor, and as many events behind it as a batch takes.
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
