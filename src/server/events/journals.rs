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
use tokio::time::sleep;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    id::Id,
    journal::{Cursor, Journal},
};
use crate::error::Result;

/// How long a journal without readers is kept, so that one whose connection was cut finds all that came meanwhile.
const KEPT: Duration = Duration::from_secs(30);

/// An event of our own that nobody needs to hear, see [`in_place`].
const NUDGE: &str = "plugin:sidecar-bridge:nudge";
/// How often Tauri is nudged, and the pause between.
const NUDGES: usize = 50;
const PAUSE: Duration = Duration::from_millis(1);

/// The journals of one host endpoint, by the events' name. They last no longer than their last owner: that is the
/// endpoint's context, or a reader.
pub(crate) struct Journals<R: Runtime>(Arc<Shared<R>>);

struct Shared<R: Runtime> {
    app: AppHandle<R>,
    kept: Duration,
    open: Mutex<HashMap<String, Open<R>>>,
}

struct Open<R: Runtime> {
    journal: Arc<Journal>,
    readers: usize,
    /// Runs while there are no readers, and is called off when this is dropped.
    end: Option<DropGuard>,
    _listening: Listening<R>,
}

impl<R: Runtime> Journals<R> {
    pub(crate) fn new(app: AppHandle<R>) -> Self {
        Self::kept_for(KEPT, app)
    }

    fn kept_for(kept: Duration, app: AppHandle<R>) -> Self {
        Self(Arc::new(Shared {
            app,
            kept,
            open: Mutex::default(),
        }))
    }

    /// A reader of what is emitted under that name from now on, or since the event with that id.
    ///
    /// # Errors
    /// `invalid_argument` when there has been no event with that id yet.
    pub(super) async fn subscribe(&self, name: String, last: Option<Id>) -> Result<Reader<R>> {
        let mut reader = self.0.clone().enter(name);
        reader.cursor = reader.journal.cursor(last)?;
        let is_fed = &reader.journal.is_fed;
        is_fed.get_or_init(|| in_place(&self.0.app)).await;
        Ok(reader)
    }
}

impl<R: Runtime> Shared<R> {
    fn enter(self: Arc<Self>, name: String) -> Reader<R> {
        let journal = {
            let mut open = self.lock();
            let open = open
                .entry(name.clone())
                .or_insert_with(|| Open::new(&self.app, name.clone()));
            open.readers += 1;
            open.end = None;
            open.journal.clone()
        };
        Reader {
            name,
            journal,
            cursor: Cursor::default(),
            of: self,
        }
    }

    fn leave(self: &Arc<Self>, name: &str) {
        let mut open = self.lock();
        let Some(open) = open.get_mut(name) else {
            return;
        };
        open.readers -= 1;
        if open.readers == 0 {
            let called_off = CancellationToken::new();
            open.end = Some(called_off.clone().drop_guard());
            let end = Self::end(Arc::downgrade(self), name.to_owned(), self.kept, called_off);
            // Tauri's runtime is there also when the endpoint's own ends, and its readers with it.
            async_runtime::spawn(end);
        }
    }

    /// Drops a journal after a while.
    async fn end(of: Weak<Self>, name: String, kept: Duration, called_off: CancellationToken) {
        let waited = called_off.run_until_cancelled(sleep(kept)).await;
        if let (Some(()), Some(shared)) = (waited, of.upgrade()) {
            let mut open = shared.lock();
            // It is called off under the lock, so nobody who has come back meanwhile is overlooked.
            if !called_off.is_cancelled() {
                open.remove(&name);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Open<R>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Runtime> Open<R> {
    fn new(app: &AppHandle<R>, name: String) -> Self {
        let journal = Arc::new(Journal::new());
        // Tauri may remove the listener later than it is told to, which must not keep the events.
        let events = Arc::downgrade(&journal);
        let listening = Listening::new(app, name, move |payload| {
            if let Some(journal) = events.upgrade() {
                journal.append(payload);
            }
        });
        Self {
            journal,
            readers: 0,
            end: None,
            _listening: listening,
        }
    }
}

/// Someone who reads a journal; it stays for as long as anyone does, and a while longer.
pub(super) struct Reader<R: Runtime> {
    name: String,
    journal: Arc<Journal>,
    cursor: Cursor,
    of: Arc<Shared<R>>,
}

impl<R: Runtime> Reader<R> {
    /// What an event stream begins with: that the subscription is in place, and an id for those whose connection is cut
    /// before an event comes.
    pub(super) fn opening(&self) -> String {
        let id = self.journal.place(&self.cursor);
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
        self.of.leave(&self.name);
    }
}

/// Listens for as long as it lives.
struct Listening<R: Runtime> {
    app: AppHandle<R>,
    id: EventId,
}

impl<R: Runtime> Listening<R> {
    fn new(app: &AppHandle<R>, name: String, hear: impl Fn(&str) + Send + 'static) -> Self {
        let id = app.listen_any(name, move |event| hear(event.payload()));
        let app = app.clone();
        Self { app, id }
    }
}

impl<R: Runtime> Drop for Listening<R> {
    fn drop(&mut self) {
        self.app.unlisten(self.id);
    }
}

/// Waits until Tauri has put listeners in place, as far as can be known.
///
/// It puts off whatever comes while a thread emits, until the end of an emission that somebody hears. So this emits
/// something until it is heard. When it never is, some listener is taking its time: then emissions are put off too, and
/// wait in line behind what was to be in place.
///
/// What another thread emits in that moment is put off in turn, and comes after what it emits next. So this is not for
/// readers that come back.
async fn in_place<R: Runtime>(app: &AppHandle<R>) {
    let heard = Arc::new(AtomicBool::new(false));
    for _ in 0..NUDGES {
        let ear = heard.clone();
        let listening = Listening::new(app, NUDGE.to_owned(), move |_| {
            ear.store(true, Ordering::Relaxed);
        });
        if let Err(error) = app.emit(NUDGE, ()) {
            log::warn!("tauri could not be nudged: {error}");
        }
        drop(listening);
        if heard.load(Ordering::Relaxed) {
            return;
        }
        sleep(PAUSE).await;
    }
}
