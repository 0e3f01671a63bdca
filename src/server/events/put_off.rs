//! What Tauri puts off: listeners and emissions that come while another thread holds its table of listeners.
//!
//! Tauri carries out what was put off at the end of an emission that has a listener, and never before. So an event that two
//! threads emit at once can wait until somebody emits another one, and a new listener can miss an event. An emission of our
//! own, to a listener of our own, carries out all of it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tauri::{
    AppHandle, Emitter, EventId, Listener, Runtime,
    async_runtime::{self, JoinHandle},
};
use tokio::time::sleep;

/// The event of [`probe`]; nobody else listens to it.
const PROBE: &str = "plugin:sidecar-bridge:nudge";
/// How many probes are made at most, how many in a row have to be heard before a listener counts as in place, and the pause
/// between two of them.
const PROBES: usize = 50;
const HEARD_IN_A_ROW: usize = 2;
const PAUSE: Duration = Duration::from_millis(1);
/// How long an event that the app or a page emits waits at most when Tauri has put it off.
const SWEEP: Duration = Duration::from_secs(4);

/// The emissions under way of one sidecar.
#[derive(Default)]
pub(super) struct Emissions(AtomicUsize);

impl Emissions {
    /// Awaits an emission. The last of those that are under way at once carries out what Tauri has put off of all of them.
    pub(super) async fn deliver<R: Runtime, T>(
        &self,
        app: &AppHandle<R>,
        emission: impl Future<Output = T>,
    ) -> T {
        let under_way = UnderWay::begin(&self.0);
        let result = emission.await;
        drop(under_way);
        if self.0.load(Ordering::Acquire) == 0 {
            carry_out(app, 1).await;
        }
        result
    }
}

/// Counts one emission for as long as it is awaited, also one whose caller leaves.
struct UnderWay<'a>(&'a AtomicUsize);

impl<'a> UnderWay<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(count)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Carries out now and then what Tauri has put off, until it is dropped: nobody tells when the app or a page emits.
pub(in crate::server) struct Sweep(JoinHandle<()>);

impl Sweep {
    pub(super) fn begin<R: Runtime>(app: AppHandle<R>) -> Self {
        Self(async_runtime::spawn(async move {
            loop {
                sleep(SWEEP).await;
                carry_out(&app, 1).await;
            }
        }))
    }
}

impl Drop for Sweep {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Waits until Tauri has put the listeners in place that it was given before, as far as that can be known.
///
/// Another thread may have taken the new listeners out of Tauri's line without having put them in place yet. So a probe has to
/// be heard once more, a pause later.
///
/// Tauri also puts off what another thread emits in that moment, and it then comes after what that thread emits next. So this
/// is not for readers that come back.
pub(super) async fn wait_for_listeners<R: Runtime>(app: &AppHandle<R>) {
    carry_out(app, HEARD_IN_A_ROW).await;
}

/// Has Tauri carry out what it has put off: emits probes until so many in a row are heard.
///
/// If none is ever heard, some other listener takes its time. Then Tauri puts off emissions, too, and they wait in line behind
/// the new listeners.
async fn carry_out<R: Runtime>(app: &AppHandle<R>, heard_in_a_row: usize) {
    let mut in_a_row = 0;
    for _ in 0..PROBES {
        in_a_row = if probe(app) { in_a_row + 1 } else { 0 };
        if in_a_row == heard_in_a_row {
            return;
        }
        sleep(PAUSE).await;
    }
}

/// Emits an event to a new listener, and gives whether the listener was in place and has heard it. Then Tauri has also carried
/// out, or another thread is about to, what was put off before.
fn probe<R: Runtime>(app: &AppHandle<R>) -> bool {
    let heard = Arc::new(AtomicBool::new(false));
    let seen = heard.clone();
    let listening = Listening::new(app, PROBE.to_owned(), move |_| {
        seen.store(true, Ordering::Relaxed);
    });
    if let Err(error) = app.emit(PROBE, ()) {
        log::warn!("the probe for tauri's listeners could not be emitted: {error}");
    }
    drop(listening);
    heard.load(Ordering::Relaxed)
}

/// A listener of Tauri's, until it is dropped.
pub(super) struct Listening<R: Runtime> {
    app: AppHandle<R>,
    id: EventId,
}

impl<R: Runtime> Listening<R> {
    pub(super) fn new(
        app: &AppHandle<R>,
        name: String,
        handle: impl Fn(&str) + Send + 'static,
    ) -> Self {
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
