//! One connection of hyper's, and how far the requests on it came.

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::{runtime::Handle, select, sync::oneshot, time::timeout};

use super::{
    Outgoing,
    traffic::{Counted, Place, Traffic},
    upload::Upload,
};

/// How long hyper may take to finish an exchange after the whole answer has come. Usually that takes no time. It takes longer
/// when the sidecar does not read the end of the request; then another connection is better.
const SETTLING: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(super) struct Connection {
    /// None once the connection has ended.
    sender: Option<SendRequest<Upload>>,
    traffic: Arc<Traffic>,
    /// Ends together with the task that serves the connection.
    ended: oneshot::Receiver<Infallible>,
    /// The number of the set that the connection belongs to, see `Queue`.
    number: u64,
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

impl Connection {
    /// Begins HTTP over a socket, in a task on that runtime.
    pub(super) async fn over(
        socket: Counted,
        number: u64,
        made_now: bool,
        runtime: &Handle,
    ) -> hyper::Result<Self> {
        let traffic = socket.traffic();
        let (sender, connection) = http1::handshake(TokioIo::new(socket)).await?;
        let (alive, ended) = oneshot::channel();
        runtime.spawn(async move {
            let _alive = alive;
            if let Err(error) = connection.await {
                log::debug!("a connection to a sidecar ended: {error}");
            }
        });
        Ok(Self {
            sender: Some(sender),
            traffic,
            ended,
            number,
            made_now,
        })
    }

    pub(super) const fn number(&self) -> u64 {
        self.number
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
    pub(super) fn is_over(&self) -> bool {
        !self.traffic.is_uploading() && !self.is_closed()
    }

    /// Whether the request's body broke off on the host's side.
    pub(super) fn is_aborted(&self) -> bool {
        self.traffic.is_aborted()
    }

    /// Waits until hyper has finished the previous exchange; `false` if the connection cannot be used again.
    pub(super) async fn is_settled(&mut self) -> bool {
        let Some(sender) = &mut self.sender else {
            return false;
        };
        sender.is_ready() || matches!(timeout(SETTLING, sender.ready()).await, Ok(Ok(())))
    }

    /// Sends a request and waits for the head of the answer. Dropping the future closes the connection.
    pub(super) async fn send(mut self, request: Request<Outgoing>) -> Sent {
        let before = self.traffic.written();
        let (head, body) = request.into_parts();
        let upload = Upload::new(body, self.traffic.clone());
        let Some(sender) = &mut self.sender else {
            unreachable!("it goes when the connection ends, and then nobody gets the connection");
        };
        let mut answer = pin!(sender.try_send_request(Request::from_parts(head.clone(), upload)));
        let outcome = select! {
            biased;
            outcome = &mut answer => outcome,
            _ = &mut self.ended => {
                // hyper gives a request back that entered its channel as the reader ended, but only after the sender's drop:
                // https://github.com/hyperium/hyper/issues/2312
                self.sender = None;
                answer.await
            }
        };
        let mut error = match outcome {
            Ok(response) => {
                self.made_now = false;
                drop(self.traffic.take_untouched());
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
        if self.sender.take().is_some() {
            (&mut self.ended).await.ok();
        }
        let body = self.traffic.take_untouched();
        Sent::Unsent(Unsent {
            request: body.map(|body| Request::from_parts(head, body)),
            place: self.vacate(),
            error,
        })
    }
}
