//! The journals of one host endpoint: when each begins, and how long each is kept.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tauri::{AppHandle, Emitter, EventId, Listener, Runtime, async_runtime};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    id::Id,
    journal::{Cursor, Journal},
};
use crate::{
    endpoint::most_connections,
    error::{Kind, Result},
};

/// How long a journal without readers is kept, so that a reader whose connection was cut finds the events of that time.
const KEPT: Duration = Duration::from_secs(30);

/// The event that [`wait_for_listeners`] emits; nobody else listens to it.
const PROBE: &str = "plugin:sidecar-bridge:nudge";
/// How often that event is emitted at most, how often a listener has to get it in a row, and the pause between two emissions.
const EMISSIONS: usize = 50;
const HEARD_IN_A_ROW: usize = 2;
const PAUSE: Duration = Duration::from_millis(1);

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
}

/// A journal with the listener that fills it.
struct OpenJournal<R: Runtime> {
    journal: Arc<Journal>,
    readers: usize,
    /// Cancels the end of the journal when it is dropped; none while the journal has readers.
    cancel_end: Option<DropGuard>,
    _listening: Listening<R>,
}

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
        }))
    }

    /// A reader of the events of that name: of those to come, or of all behind the event `last`.
    ///
    /// # Errors
    /// `resource_exhausted` when there are as many readers as may be; `invalid_argument` when there has been no event with that
    /// id yet.
    pub(super) async fn subscribe(&self, name: String, last: Option<Id>) -> Result<Reader<R>> {
        let place = self.0.places.clone().try_acquire_owned();
        let place = place.map_err(|_| Kind::TooManySubscriptions { most: self.0.most })?;
        let mut reader = self.0.clone().add_reader(name, place);
        reader.cursor = reader.journal.cursor(last)?;
        let is_fed = &reader.journal.is_fed;
        is_fed.get_or_init(|| wait_for_listeners(&self.0.app)).await;
        Ok(reader)
    }
}

impl<R: Runtime> Shared<R> {
    fn add_reader(self: Arc<Self>, name: String, place: OwnedSemaphorePermit) -> Reader<R> {
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
    _place: OwnedSemaphorePermit,
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

/// A listener of Tauri's, until it is dropped.
struct Listening<R: Runtime> {
    app: AppHandle<R>,
    id: EventId,
}

impl<R: Runtime> Listening<R> {
    fn new(app: &AppHandle<R>, name: String, handle: impl Fn(&str) + Send + 'static) -> Self {
        let id = app.listen_any(name, move |event| handle(event.payload()));
        let app = app.clone();
        Self { app, id }
    }
}

impl<R: Runtime> Drop for Listening<R> {
    fn drop(&mut self) {
        self.app.unlisten(self.id);
    }
}

/// Waits until Tauri has put the listeners in place that it was given before, as far as that can be known.
///
/// While a thread emits, Tauri puts off each new listener until the end of an emission that has a listener. So this emits an
/// event of its own until a listener of its own gets it. If that never happens, some other listener takes its time. Then Tauri
/// puts off emissions, too, and they wait in line behind the new listeners. Another thread may have taken the new listeners out of
/// Tauri's line without having put them in place yet. So a listener has to get the event once more, a pause later.
///
/// Tauri also puts off what another thread emits in that moment, and it then comes after what that thread emits next. So this
/// is not for readers that come back.
async fn wait_for_listeners<R: Runtime>(app: &AppHandle<R>) {
    let mut in_a_row = 0;
    for _ in 0..EMISSIONS {
        let heard = Arc::new(AtomicBool::new(false));
        let seen = heard.clone();
        let listening = Listening::new(app, PROBE.to_owned(), move |_| {
            seen.store(true, Ordering::Relaxed);
        });
        if let Err(error) = app.emit(PROBE, ()) {
            log::warn!("the probe for tauri's listeners could not be emitted: {error}");
        }
        drop(listening);
        in_a_row = if heard.load(Ordering::Relaxed) {
            in_a_row + 1
        } else {
            0
        };
        if in_a_row == HEARD_IN_A_ROW {
            return;
        }
        sleep(PAUSE).await;
    }
}
