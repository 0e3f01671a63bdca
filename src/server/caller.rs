//! What a connection, the requests on it and the endpoint tell each other.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    response::Response,
};
use bytes::Bytes;
use hyper::{
    body::{Frame, SizeHint},
    upgrade::OnUpgrade,
};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep},
};

/// How long a connection goes on after it was asked to leave. The event loop looks at all sockets meanwhile, so that a request which
/// has come is carried out.
const LAST_LOOK: Duration = Duration::from_millis(1);

/// Who is at the other end of a connection. Each request has a copy as its extension: one, for the table of extensions grows with a
/// fourth one.
#[derive(Clone, Debug)]
pub(super) struct Caller(Arc<Connection>);

#[derive(Debug)]
struct Connection {
    is_known: AtomicBool,
    /// None while a request is carried out or its answer is sent.
    idle_since: Mutex<Option<Instant>>,
    /// How many more connections may carry calls in place of HTTP.
    of_calls: Arc<Semaphore>,
    /// What the connection carries in place of HTTP, and its place among those that do.
    upgrade: OnceLock<(OnUpgrade, OwnedSemaphorePermit)>,
    asked_to_leave: Notify,
}

impl Caller {
    /// That of a connection which has just been accepted. `of_calls` has a permit for each that may carry calls in place of HTTP.
    pub(super) fn new(of_calls: Arc<Semaphore>) -> Self {
        Self(Arc::new(Connection {
            is_known: AtomicBool::new(false),
            idle_since: Mutex::new(Some(Instant::now())),
            of_calls,
            upgrade: OnceLock::new(),
            asked_to_leave: Notify::new(),
        }))
    }

    /// Notes that the caller has shown the token. Until then the caller is a stranger.
    pub(super) fn set_known(&self) {
        self.0.is_known.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_known(&self) -> bool {
        self.0.is_known.load(Ordering::Relaxed)
    }

    /// Notes that a request has come. Its exchange ends when what this gives is dropped.
    pub(super) fn begin(&self) -> Exchange {
        *self.lock_idle_since() = None;
        Exchange(self.clone())
    }

    /// Since when nothing was asked over the connection; `None` while something is, when it leaves, and once it carries calls in place
    /// of HTTP.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        let is_http = self.0.upgrade.get().is_none();
        self.lock_idle_since().filter(|_| is_http)
    }

    fn lock_idle_since(&self) -> MutexGuard<'_, Option<Instant>> {
        let locked = self.0.idle_since.lock();
        locked.unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the connection to make room for another one.
    pub(super) fn ask_to_leave(&self) {
        self.0.asked_to_leave.notify_one();
    }

    /// Ready once the connection was asked to leave, and is a stranger's or has idled for so long. Look at the connection first each
    /// time.
    pub(super) async fn leaving(&self, idle: Duration) {
        loop {
            self.0.asked_to_leave.notified().await;
            sleep(LAST_LOOK).await;
            let has_idled = || self.idle_since().is_some_and(|it| it.elapsed() >= idle);
            if !self.is_known() || has_idled() {
                // It is not asked a second time.
                *self.lock_idle_since() = None;
                return;
            }
        }
    }

    /// Has the connection carry calls in place of HTTP after the answer that agrees to that; false where as many do as may.
    pub(super) fn switch(&self, upgrade: OnUpgrade) -> bool {
        let place = self.0.of_calls.clone().try_acquire_owned();
        place.is_ok_and(|place| self.0.upgrade.set((upgrade, place)).is_ok())
    }

    /// What the connection carries in place of HTTP, if that was agreed.
    pub(super) fn switched(&self) -> Option<OnUpgrade> {
        self.0.upgrade.get().map(|(upgrade, _)| upgrade.clone())
    }
}

/// A request and its answer, under way until this is dropped.
#[derive(Debug)]
pub(super) struct Exchange(Caller);

impl Exchange {
    /// Has the exchange last until the answer has gone to the connection.
    pub(super) fn until_sent(self, answer: Response) -> Response<Answer> {
        answer.map(|body| Answer {
            body,
            _exchange: self,
        })
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        *self.0.lock_idle_since() = Some(Instant::now());
    }
}

/// The body of an answer, and the exchange that ends with it.
#[derive(Debug)]
pub(super) struct Answer {
    body: Body,
    _exchange: Exchange,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
