//! One connection of hyper's, and how far the requests on it came.

use std::{
    fmt,
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::{runtime::Handle, time::timeout};

use super::{
    Outgoing,
    driver::Driver,
    traffic::{Counted, Place, Traffic},
    upload::Upload,
};
use crate::runtime::Reactor;

/// How long hyper may take to finish an exchange after the whole answer has come. Usually that takes no time. It takes longer
/// when the sidecar does not read the end of the request; then another connection is better.
const SETTLING: Duration = Duration::from_millis(50);

pub(super) struct Connection {
    /// None once the connection has ended.
    sender: Option<SendRequest<Upload>>,
    driver: Driver,
    traffic: Arc<Traffic>,
    /// The number of the set that the connection belongs to, see `Queue`.
    number: u64,
    reactor: Reactor,
    /// Whether the host has opened the connection for the present request, so that the sidecar cannot have closed it idle.
    made_now: bool,
}

/// The outcome of a request on a connection.
pub(super) enum Sent {
    Answered(Response<Incoming>, Connection),
    /// The connection ended before its socket took any byte of the request.
    Unsent(Unsent),
    /// The request's body broke off, on the host's side.
    Aborted(hyper::Error),
    /// The connection ended on the side of the sidecar, or in between.
    Broken(hyper::Error),
}

pub(super) struct Unsent {
    /// None when the runtime ends.
    pub request: Option<Request<Outgoing>>,
    pub place: Option<Place>,
    pub error: hyper::Error,
}

/// How many fields the head of an answer may have. Browsers limit their bytes alone, as hyper does, too.
const MAX_FIELDS: usize = 512;

impl Connection {
    /// Begins HTTP over a socket.
    pub(super) async fn over(
        socket: Counted,
        number: u64,
        reactor: Reactor,
        made_now: bool,
    ) -> hyper::Result<Self> {
        let traffic = socket.traffic();
        let (sender, wire) = http1::Builder::new()
            .max_headers(MAX_FIELDS)
            .handshake(TokioIo::new(socket))
            .await?;
        Ok(Self {
            sender: Some(sender),
            driver: Driver::by_caller(wire),
            traffic,
            number,
            reactor,
            made_now,
        })
    }

    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    pub(super) const fn reactor(&self) -> Reactor {
        self.reactor
    }

    pub(super) const fn made_now(&self) -> bool {
        self.made_now
    }

    pub(super) fn is_closed(&self) -> bool {
        self.sender.as_ref().is_none_or(SendRequest::is_closed)
    }

    pub(super) fn is_ready(&self) -> bool {
        self.sender.as_ref().is_some_and(SendRequest::is_ready)
    }

    pub(super) fn occupy(&self, place: Place) {
        self.traffic.occupy(place);
    }

    pub(super) fn vacate(&self) -> Option<Place> {
        self.traffic.vacate()
    }

    /// Whether an exchange is over, or will be in no time, once the whole answer has come. It is not over when the sidecar has
    /// answered before it had the whole request.
    pub(super) fn is_over(&mut self) -> bool {
        self.driver.advance();
        !self.traffic.is_uploading() && !self.is_closed()
    }

    /// Polls a part of the answer, and moves bytes as far as that needs it.
    pub(super) fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        part: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.driver.poll(cx, part)
    }

    /// Whether the request's body broke off on the host's side.
    pub(super) fn is_aborted(&self) -> bool {
        self.traffic.is_aborted()
    }

    /// Waits until hyper has finished the previous exchange; `false` if the connection cannot be used again. Nobody has looked
    /// at an idle connection, so it may have ended since.
    pub(super) async fn is_settled(&mut self) -> bool {
        let Self { sender, driver, .. } = self;
        let Some(sender) = sender else {
            return false;
        };
        driver.advance();
        if sender.is_ready() {
            return true;
        }
        let settling = poll_fn(|cx| driver.poll(cx, |cx| sender.poll_ready(cx)));
        matches!(timeout(SETTLING, settling).await, Ok(Ok(())))
    }

    /// Sends a request and waits for the head of the answer. Dropping the future closes the connection. If the sidecar answers
    /// before it has the whole request, a task on `runtime` sends the rest.
    pub(super) async fn send(mut self, request: Request<Outgoing>, runtime: &Handle) -> Sent {
        let before = self.traffic.written();
        let (head, body) = request.into_parts();
        let upload = Upload::new(body, self.traffic.clone());
        let Some(sender) = &mut self.sender else {
            unreachable!("it goes when the connection ends, and then nobody gets the connection");
        };
        let mut answer = pin!(sender.try_send_request(Request::from_parts(head.clone(), upload)));
        let outcome = poll_fn(|cx| {
            let outcome = self.driver.poll(cx, |cx| answer.as_mut().poll(cx));
            if outcome.is_pending() && self.driver.has_ended(cx) {
                // hyper gives a request back that entered its channel as the reader ended, but only after the sender's drop:
                // https://github.com/hyperium/hyper/issues/2312
                self.sender = None;
                return answer.as_mut().poll(cx);
            }
            outcome
        });
        let mut error = match outcome.await {
            Ok(response) => {
                self.made_now = false;
                drop(self.traffic.take_untouched());
                if self.traffic.is_uploading() {
                    self.driver.hand_over(runtime);
                }
                return Sent::Answered(response, self);
            }
            Err(error) => error,
        };
        // hyper gives a request back that it had not begun.
        drop(error.take_message());
        let error = error.into_error();
        if self.is_aborted() || error.is_body_write_aborted() {
            return Sent::Aborted(error);
        }
        if self.traffic.written() > before {
            return Sent::Broken(error);
        }
        // hyper reports the failure before it drops the body. So wait for the drop.
        self.sender = None;
        self.driver.end().await;
        let body = self.traffic.take_untouched();
        Sent::Unsent(Unsent {
            request: body.map(|body| Request::from_parts(head, body)),
            place: self.vacate(),
            error,
        })
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("traffic", &self.traffic)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}
