//! Delivers one request to a sidecar: waits until the sidecar serves, and sends again what may be sent again.

use std::{pin::Pin, time::Duration};

use bytes::Bytes;
use futures_util::{FutureExt, Stream, TryStreamExt};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::{
    HeaderMap, Method, Request, Response, Uri,
    body::Frame,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::{
    deadline::Deadline,
    error::{Error, Kind, Progress, Reason, Result},
    pool::{BoxError, Incoming, Outgoing},
    sidecar::{Shared, Sidecar, Suspect, WAITING_REQUESTS},
    status::{State, Status, ended, ready},
    supervisor::Order,
};

/// How often an idempotent request is sent again. A request of which the connection took no byte is sent again as often, whatever
/// its method.
const RESENDS: u32 = 2;
/// How many generations may crash while they have the same request: it may be the request that kills them.
const CRASHES: u32 = 2;
/// How long the host may take to notice that the process has died whose connection broke.
const CRASH_NOTICED: Duration = Duration::from_millis(100);
/// The longest body, by its `Content-Length`, that is read whole before the answer to an idempotent request is given. When a
/// longer body breaks, its reader has to ask again.
const HELD_BYTES: u64 = 64 * 1024;

/// A request with this header may be sent again, whatever its method
/// (draft-ietf-httpapi-idempotency-key-header, The Idempotency-Key HTTP Header Field).
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A request to a sidecar.
pub(crate) struct Message {
    pub method: Method,
    /// Path and query.
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Body,
}

/// The body of a request.
pub(crate) enum Body {
    /// Bytes that can be sent again.
    Whole(Bytes),
    /// Bytes that a stream gives once.
    Stream(Pin<Box<dyn Stream<Item = Result<Bytes, BoxError>> + Send>>),
}

/// The body of an answer. Its exchange counts as on its way until the body is dropped, unless the body is an event stream: that
/// has no end, and a stop would wait for it in vain.
#[derive(Debug)]
pub(crate) struct Answer {
    pub body: Incoming,
    _in_flight: Option<TaskTrackerToken>,
}

impl Message {
    /// The request to send now, and the message to send again, if its body can be repeated.
    fn depart(self) -> (Request<Outgoing>, Option<Self>) {
        let (body, again) = match self.body {
            Body::Whole(bytes) => {
                let again = Self {
                    body: Body::Whole(bytes.clone()),
                    method: self.method.clone(),
                    uri: self.uri.clone(),
                    headers: self.headers.clone(),
                };
                let body = Full::new(bytes).map_err(|never| match never {});
                (Outgoing::new(body), Some(again))
            }
            Body::Stream(stream) => {
                let body = StreamBody::new(stream.map_ok(Frame::data));
                (Outgoing::new(body), None)
            }
        };
        let mut request = Request::new(body);
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri;
        *request.headers_mut() = self.headers;
        (request, again)
    }

    fn is_idempotent(&self) -> bool {
        self.method.is_idempotent() || self.headers.contains_key(IDEMPOTENCY_KEY)
    }
}

impl Sidecar {
    /// Sends a request once the sidecar serves and a connection is free, at most `patience` from now, and gives the head of
    /// the answer. A request that did not leave is sent again. So is an idempotent request (RFC 9110, 9.2.2) that broke when
    /// its generation ended. When there will be no other generation, the delivery ends early. Dropping the future, or the
    /// answer, cancels the exchange.
    ///
    /// # Errors
    /// `unavailable` when the sidecar does not serve in time, stopped, failed or broke off; `resource_exhausted` when too
    /// many requests wait already, or no connection is free in time; `cancelled` when the request's body breaks off.
    pub(crate) async fn deliver(
        &self,
        mut message: Message,
        patience: Option<Duration>,
    ) -> Result<Response<Answer>> {
        let deadline = patience.map(Deadline::after);
        let mut attempts = Attempts::new(self, message.is_idempotent());
        loop {
            let (request, again) = message.depart();
            let mut generation = None;
            let outcome = self.deliver_once(request, deadline, &mut generation);
            let outcome = match outcome.await {
                // A server that dies between the head of an answer and its body has not answered.
                Ok(mut response) if attempts.resends > 0 && again.is_some() => {
                    let held = response.body_mut().body.hold(HELD_BYTES).await;
                    held.map(|()| response)
                }
                outcome => outcome,
            };
            let (Err(error), Some(again)) = (&outcome, again) else {
                return outcome;
            };
            if !attempts.count(error) {
                return outcome;
            }
            let target = (&again.method, &again.uri);
            attempts
                .survive(error, generation, target, deadline)
                .await?;
            log::debug!("{} {} is sent again: {error}", again.method, again.uri);
            message = again;
        }
    }

    async fn deliver_once(
        &self,
        request: Request<Outgoing>,
        deadline: Option<Deadline>,
        sent_to: &mut Option<u32>,
    ) -> Result<Response<Answer>> {
        let mut status = self.subscribe();
        let (generation, in_flight) = self.admitted(&mut status, deadline).await?;
        *sent_to = Some(generation);
        let Some(pool) = self.pool() else {
            return Err(ended(&mut status).await);
        };
        let broken_off = |error: Error, progress| Kind::Ended {
            sidecar: self.status().sidecar,
            reason: Reason::from(&error),
            progress,
        };
        let reserved = tokio::select! {
            biased;
            // A sidecar that serves takes every request in its turn, so a request waits as long as its caller does.
            reserved = pool.reserve(generation, None) => reserved?,
            error = ended(&mut status) => return Err(broken_off(error, Progress::NotSent).into()),
        };
        let response = tokio::select! {
            biased;
            response = reserved.send(request) => response?,
            error = ended(&mut status) => {
                return Err(broken_off(error, Progress::PerhapsCarriedOut).into());
            }
        };
        let has_an_end = !is_event_stream(response.headers());
        Ok(response.map(|body| Answer {
            body,
            _in_flight: has_an_end.then_some(in_flight),
        }))
    }

    /// Waits until the sidecar serves, if there is a place to wait, and counts the exchange as on its way. A stop of the
    /// sidecar first waits for the exchanges on their way.
    pub(crate) async fn admitted(
        &self,
        status: &mut watch::Receiver<Status>,
        deadline: Option<Deadline>,
    ) -> Result<(u32, TaskTrackerToken)> {
        Deadline::within(deadline, self.0.admitted(status))
            .await
            .unwrap_or_else(|missed| {
                let now = self.status();
                let millis = missed.timeout().as_millis();
                Err(Kind::Unavailable {
                    sidecar: now.sidecar,
                    reason: Reason::open(format!(
                        "it does not serve after {millis} ms; wait longer, or look at its status"
                    )),
                }
                .into())
            })
    }
}

/// Whether an answer is an event stream (HTML Standard, "server-sent events").
fn is_event_stream(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let kind = kind.and_then(|kind| kind.split(|byte| *byte == b';').next());
    kind.is_some_and(|kind| kind.trim_ascii().eq_ignore_ascii_case(b"text/event-stream"))
}

/// How often one request may still be sent, and how often the sidecar crashed meanwhile.
struct Attempts<'a> {
    sidecar: &'a Sidecar,
    /// The number of the request among those of the sidecar.
    number: u64,
    resends: u32,
    unsent_resends: u32,
    crashes: u32,
    suspect: Option<Suspect<'a>>,
}

impl<'a> Attempts<'a> {
    fn new(sidecar: &'a Sidecar, is_idempotent: bool) -> Self {
        Self {
            sidecar,
            number: sidecar.0.suspects.number(),
            resends: if is_idempotent { RESENDS } else { 0 },
            unsent_resends: RESENDS,
            crashes: 0,
            suspect: None,
        }
    }

    /// Counts an attempt that failed with that error. Tells whether the request may be sent again.
    fn count(&mut self, error: &Error) -> bool {
        let Kind::Transport {
            progress, source, ..
        } = error.kind()
        else {
            return false;
        };
        let left = match progress {
            // No connection could be made, and the pool has repeated the attempt already where that helps.
            Progress::NotSent if !source.is::<hyper::Error>() => return false,
            Progress::NotSent => &mut self.unsent_resends,
            Progress::PerhapsCarriedOut | Progress::Answered => &mut self.resends,
        };
        let may_be_sent = *left > 0;
        *left = left.saturating_sub(1);
        may_be_sent
    }

    /// Lets the request go again at once, unless the sidecar crashed while it had the request: then the youngest of such
    /// requests waits for the others.
    ///
    /// # Errors
    /// `unavailable` when that was so [`CRASHES`] times.
    async fn survive(
        &mut self,
        error: &Error,
        generation: Option<u32>,
        target: (&Method, &Uri),
        deadline: Option<Deadline>,
    ) -> Result<()> {
        if error.kind().progress() == Progress::NotSent || !self.crashed(generation).await {
            return Ok(());
        }
        self.crashes += 1;
        if self.crashes == CRASHES {
            return Err(self.deadly(target));
        }
        let suspects = &self.sidecar.0.suspects;
        let suspect = self
            .suspect
            .get_or_insert_with(|| suspects.add(self.number));
        // The requests that broke with this one are noted long before another generation serves. The status may still be that of
        // the generation that crashed, while its last output is read.
        let mut status = self.sidecar.subscribe();
        let next = async {
            let over = status.wait_for(|now| Some(now.generation) != generation || !now.serves());
            if over.await.is_ok() {
                drop(ready(&mut status).await);
            }
        };
        let _ = Deadline::within(deadline, next).await;
        suspect.turn().await;
        Ok(())
    }

    /// Whether that generation, to which the connection broke just now, has crashed.
    async fn crashed(&self, generation: Option<u32>) -> bool {
        let Some(generation) = generation else {
            return false;
        };
        let outcome = self.sidecar.0.status.outcome(generation);
        timeout(CRASH_NOTICED, outcome).await.unwrap_or(false)
    }

    fn deadly(&self, (method, uri): (&Method, &Uri)) -> Error {
        let times = format!("it crashed each of the {CRASHES} times that it had {method} {uri}");
        Kind::Ended {
            sidecar: self.sidecar.status().sidecar,
            reason: Reason::open(format!(
                "{times}, which is not sent again; look at its last lines of stderr"
            )),
            progress: Progress::PerhapsCarriedOut,
        }
        .into()
    }
}

impl Shared {
    async fn admitted(
        &self,
        status: &mut watch::Receiver<Status>,
    ) -> Result<(u32, TaskTrackerToken)> {
        let mut place = None;
        loop {
            if self.refusing.is_cancelled() {
                return Err(Kind::AppEnds.into());
            }
            let serves = ready(status).now_or_never();
            if let Some(Err(_)) = &serves
                && self.heal(status).await
            {
                continue;
            }
            if let Some(generation) = serves.transpose()? {
                // A stop changes the status first, then waits for the exchanges on their way. So count first, then look at
                // the status: either the stop sees this exchange, or the exchange sees the stop.
                let in_flight = self.in_flight.token();
                if !status.has_changed().unwrap_or(true) {
                    return Ok((generation, in_flight));
                }
                continue;
            }
            if place.is_none() {
                let free = self.places.try_acquire();
                place = Some(free.map_err(|_| Kind::TooManyWaiting {
                    sidecar: self.status.current().sidecar,
                    limit: WAITING_REQUESTS,
                })?);
            }
            tokio::select! {
                _ = ready(status) => {}
                () = self.refusing.cancelled() => {}
            }
        }
    }

    /// Lets a sidecar that has failed start again, if it has been so for long enough. Tells whether it begins.
    async fn heal(&self, status: &mut watch::Receiver<Status>) -> bool {
        let failed = self.status.current();
        if !self.status.may_heal(Instant::now()) || self.orders.send(Order::Heal).await.is_err() {
            return false;
        }
        let begun = status.wait_for(|now| {
            now.generation != failed.generation || !matches!(now.state, State::Failed { .. })
        });
        begun.await.is_ok()
    }
}
