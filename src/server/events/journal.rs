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

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(events: u64) -> Ring {
        let mut ring = Ring::default();
        (1..=events).for_each(|n| ring.append(n.to_string().into()));
        ring
    }

    fn at(next: u64) -> Cursor {
        Cursor { next: Some(next) }
    }

    /// All that is behind the cursor: what was lost, how many events came, the first and the last.
    fn rest(ring: &Ring, cursor: &mut Cursor) -> (Vec<Gap>, usize, Option<u64>, Option<u64>) {
        let (mut gaps, mut all) = (vec![], vec![]);
        loop {
            let (gap, events) = ring.read(cursor);
            gaps.extend(gap);
            if events.is_empty() {
                let of = |event: Option<&Numbered>| event.map(|(sequence, _)| *sequence);
                return (gaps, all.len(), of(all.first()), of(all.last()));
            }
            assert!(
                events
                    .iter()
                    .all(|(sequence, payload)| *payload == sequence.to_string().into())
            );
            all.extend(events);
        }
    }

    #[test]
    fn a_cursor_sees_each_event_once() {
        let mut ring = Ring::default();
        let mut cursor = at(1);
        assert_eq!(ring.read(&mut cursor), (None, vec![]));
        ring.append("1".into());
        assert_eq!(ring.read(&mut cursor), (None, vec![(1, "1".into())]));
        assert_eq!(ring.read(&mut cursor), (None, vec![]));
        ring.append("2".into());
        ring.append("3".into());
        assert_eq!(
            ring.read(&mut cursor),
            (None, vec![(2, "2".into()), (3, "3".into())])
        );
    }

    #[test]
    fn two_cursors_are_apart() {
        let ring = filled(10);
        let (mut one, mut other) = (at(1), at(6));
        assert_eq!(rest(&ring, &mut one), (vec![], 10, Some(1), Some(10)));
        assert_eq!(rest(&ring, &mut other), (vec![], 5, Some(6), Some(10)));
    }

    #[test]
    fn what_fell_off_is_counted_once() {
        let kept = u64::try_from(MOST_EVENTS).expect("a small number");
        let mut ring = filled(kept);
        assert_eq!(
            rest(&ring, &mut at(1)),
            (vec![], MOST_EVENTS, Some(1), Some(kept))
        );
        ring.append((kept + 1).to_string().into());
        let mut cursor = at(1);
        let gap = Gap { lost: Some(1) };
        assert_eq!(
            rest(&ring, &mut cursor),
            (vec![gap], MOST_EVENTS, Some(2), Some(kept + 1))
        );
        assert_eq!(rest(&ring, &mut cursor), (vec![], 0, None, None));
    }

    #[test]
    fn a_cursor_of_another_journal_begins_with_the_oldest() {
        let unknown = Gap { lost: None };
        let mut cursor = Cursor::default();
        let empty = Ring::default();
        assert_eq!(rest(&empty, &mut cursor), (vec![unknown], 0, None, None));
        assert_eq!(rest(&filled(3), &mut cursor), (vec![], 3, Some(1), Some(3)));
        assert_eq!(
            rest(&filled(3), &mut Cursor::default()),
            (vec![unknown], 3, Some(1), Some(3))
        );
    }

    #[test]
    fn a_batch_has_about_its_size() {
        let mut ring = Ring::default();
        (0..100).for_each(|_| ring.append("x".repeat(1000).into()));
        let (_, events) = ring.read(&mut at(1));
        assert_eq!(events.len(), BATCH_BYTES.div_ceil(1000 + FRAME_BYTES));
        ring.append("x".repeat(2 * BATCH_BYTES).into());
        assert_eq!(ring.read(&mut at(101)).1.len(), 1, "one fits always");
    }

    #[test]
    fn the_ring_holds_so_many_bytes_or_one_event() {
        let mut ring = Ring::default();
        let quarter: Arc<str> = "x".repeat(MOST_BYTES / 4).into();
        (0..4).for_each(|_| ring.append(quarter.clone()));
        assert_eq!((ring.events.len(), ring.bytes), (4, MOST_BYTES));
        ring.append("x".into());
        assert_eq!((ring.events.len(), ring.bytes), (4, MOST_BYTES / 4 * 3 + 1));
        ring.append("x".repeat(MOST_BYTES + 1).into());
        assert_eq!((ring.events.len(), ring.bytes), (1, MOST_BYTES + 1));
        ring.append("x".into());
        assert_eq!((ring.events.len(), ring.bytes), (1, 1));
        let (gap, events) = ring.read(&mut at(1));
        assert_eq!((gap, events.len()), (Some(Gap { lost: Some(6) }), 1));
    }

    #[test]
    fn a_reader_resumes_behind_the_events_of_its_own_journal() {
        let (journal, other) = (Journal::new(), Journal::new());
        assert_ne!(journal.epoch, other.epoch);
        for text in ["1", "2", "3"] {
            journal.append(text);
        }
        let behind = |epoch, sequence| {
            let cursor = journal.cursor(Some(Id { epoch, sequence }));
            cursor.map(|cursor| cursor.next)
        };
        let own = journal.epoch;
        assert_eq!(behind(own, 0).ok(), Some(Some(1)));
        assert_eq!(behind(own, 3).ok(), Some(Some(4)));
        assert_eq!(behind(other.epoch, 1).ok(), Some(None));
        assert_eq!(journal.cursor(None).ok().and_then(|c| c.next), Some(4));
        let refused = behind(own, 4).expect_err("it has not been").to_string();
        assert_eq!(
            refused,
            format!(
                "`last-event-id` is `{own}-4`, ahead of the newest event, `{own}-3`; send the id of the last event that came"
            )
        );
    }
}
