//! The journals of one host endpoint: when each begins, and how long each is kept.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tauri::{AppHandle, Runtime, async_runtime};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    id::Id,
    journal::{Cursor, Journal},
    put_off::{Emissions, Listening, Sweep, wait_for_listeners},
};
use crate::{
    endpoint::most_connections,
    error::{Kind, Result},
};

/// How long a journal without readers is kept, so that a reader whose connection was cut finds the events of that time.
const KEPT: Duration = Duration::from_secs(30);

/// The journals of one host endpoint, by the events' names. They are dropped with their last owner, which is the endpoint's
/// context or a reader.
pub(crate) struct Journals<R: Runtime>(Arc<Shared<R>>);

struct Shared<R: Runtime> {
    app: AppHandle<R>,
    kept: Duration,
    journals: Mutex<HashMap<String, OpenJournal<R>>>,
    /// The places of readers. Each reader holds a connection, and calls need some, too.
    places: Arc<Semaphore>,
    most: usize,
    emissions: Emissions,
    /// Goes on while there is a reader.
    sweep: Mutex<Weak<Sweep>>,
}

/// A journal with the listener that fills it.
struct OpenJournal<R: Runtime> {
    journal: Arc<Journal>,
    readers: usize,
    /// Cancels the end of the journal when it is dropped; none while the journal has readers.
    cancel_end: Option<DropGuard>,
    _listening: Listening<R>,
}

/// The place of a reader, until it is dropped.
pub(in crate::server) struct Place(#[expect(dead_code, reason = "held")] OwnedSemaphorePermit);

impl<R: Runtime> Journals<R> {
    pub(crate) fn new(app: AppHandle<R>) -> Self {
        Self::kept_for(KEPT, app)
    }

    fn kept_for(kept: Duration, app: AppHandle<R>) -> Self {
        let connections = most_connections();
        let most = (connections - connections / 4).max(1);
        Self(Arc::new(Shared {
            app,
            kept,
            journals: Mutex::default(),
            places: Arc::new(Semaphore::new(most)),
            most,
            emissions: Emissions::default(),
            sweep: Mutex::default(),
        }))
    }

    /// Awaits an emission, and gives its result once the event is with Tauri's listeners.
    pub(super) async fn emit<T>(&self, emission: impl Future<Output = T>) -> T {
        self.0.emissions.deliver(&self.0.app, emission).await
    }

    /// Waits until the listeners that were added are in place with Tauri. While somebody holds what this gives, no event for
    /// them waits for another one.
    pub(in crate::server) async fn heed(&self) -> Arc<Sweep> {
        let sweep = self.0.sweep();
        wait_for_listeners(&self.0.app).await;
        sweep
    }

    /// A place for one more reader, of events or of a channel.
    ///
    /// # Errors
    /// `resource_exhausted` when there are as many readers as may be.
    pub(in crate::server) fn place(&self) -> Result<Place> {
        let place = self.0.places.clone().try_acquire_owned();
        let most = self.0.most;
        Ok(Place(
            place.map_err(|_| Kind::TooManySubscriptions { most })?,
        ))
    }

    /// A reader of the events of that name: of those to come, or of all behind the event `last`.
    ///
    /// # Errors
    /// `resource_exhausted` when there are as many readers as may be; `invalid_argument` when there has been no event with that
    /// id yet.
    pub(super) async fn subscribe(&self, name: String, last: Option<Id>) -> Result<Reader<R>> {
        let place = self.place()?;
        let mut reader = self.0.clone().add_reader(name, place);
        reader.cursor = reader.journal.cursor(last)?;
        let is_fed = &reader.journal.is_fed;
        is_fed.get_or_init(|| wait_for_listeners(&self.0.app)).await;
        Ok(reader)
    }
}

impl<R: Runtime> Shared<R> {
    fn add_reader(self: Arc<Self>, name: String, place: Place) -> Reader<R> {
        let journal = {
            let mut journals = self.lock();
            let open = journals
                .entry(name.clone())
                .or_insert_with(|| OpenJournal::new(&self.app, name.clone()));
            open.readers += 1;
            open.cancel_end = None;
            open.journal.clone()
        };
        Reader {
            name,
            journal,
            cursor: Cursor::default(),
            _sweep: self.sweep(),
            shared: self,
            _place: place,
        }
    }

    fn remove_reader(self: &Arc<Self>, name: &str) {
        let mut journals = self.lock();
        let Some(open) = journals.get_mut(name) else {
            return;
        };
        open.readers -= 1;
        if open.readers == 0 {
            let cancelled = CancellationToken::new();
            open.cancel_end = Some(cancelled.clone().drop_guard());
            let end = Self::end(Arc::downgrade(self), name.to_owned(), self.kept, cancelled);
            // On Tauri's runtime, since the endpoint's own one may be ending, and its readers with it.
            async_runtime::spawn(end);
        }
    }

    /// Drops a journal after `kept`, unless a reader comes back before.
    async fn end(shared: Weak<Self>, name: String, kept: Duration, cancelled: CancellationToken) {
        let waited = cancelled.run_until_cancelled(sleep(kept)).await;
        if let (Some(()), Some(shared)) = (waited, shared.upgrade()) {
            let mut journals = shared.lock();
            // A reader that comes back cancels under the lock, so it cannot be overlooked here.
            if !cancelled.is_cancelled() {
                journals.remove(&name);
            }
        }
    }

    fn sweep(&self) -> Arc<Sweep> {
        let mut sweep = self.sweep.lock().unwrap_or_else(PoisonError::into_inner);
        sweep.upgrade().unwrap_or_else(|| {
            let begun = Arc::new(Sweep::begin(self.app.clone()));
            *sweep = Arc::downgrade(&begun);
            begun
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, OpenJournal<R>>> {
        self.journals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Runtime> OpenJournal<R> {
    fn new(app: &AppHandle<R>, name: String) -> Self {
        let journal = Arc::new(Journal::new());
        // Tauri may remove the listener later than it is told to. With a weak reference, the events go before that.
        let events = Arc::downgrade(&journal);
        let listening = Listening::new(app, name, move |payload| {
            if let Some(journal) = events.upgrade() {
                journal.append(payload);
            }
        });
        Self {
            journal,
            readers: 0,
            cancel_end: None,
            _listening: listening,
        }
    }
}

/// Reads one journal. The journal stays while it has a reader, and for [`KEPT`] after that.
pub(super) struct Reader<R: Runtime> {
    name: String,
    journal: Arc<Journal>,
    cursor: Cursor,
    shared: Arc<Shared<R>>,
    _place: Place,
    _sweep: Arc<Sweep>,
}

impl<R: Runtime> Reader<R> {
    /// The first lines of an event stream: a comment that the subscription is in place, and an id to resume behind, should the
    /// connection be cut before the first event.
    pub(super) fn opening(&self) -> String {
        let id = self.journal.id_before(&self.cursor);
        let id = id.map(|id| format!("id: {id}\n\n"));
        format!(": subscribed\n\n{}", id.unwrap_or_default())
    }

    /// The next events, as text of an event stream, once there are any.
    pub(super) async fn next(&mut self) -> String {
        self.journal.read(&mut self.cursor).await.text()
    }
}

impl<R: Runtime> Drop for Reader<R> {
    fn drop(&mut self) {
        self.shared.remove_reader(&self.name);
    }
}
