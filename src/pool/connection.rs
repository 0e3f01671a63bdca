//! One connection: hyper's, and how far what it was given came.

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

/// How long hyper may take to be done with an exchange whose answer has come whole. It takes no time, unless the sidecar does
/// not read the end of the request; then there are others.
const SETTLING: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(super) struct Connection {
    /// None once the connection has ended.
    sender: Option<SendRequest<Upload>>,
    traffic: Arc<Traffic>,
    /// Ends when the task does that serves the connection.
    ended: oneshot::Receiver<Infallible>,
    /// Of which set of connections it is, see `Queue`.
    number: u64,
    /// Whether the host has opened it just now for what it sends over it, so that the sidecar cannot have closed it idle.
    made_now: bool,
}

/// What became of a request that was given to a connection.
pub(super) enum Sent {
    Answered(Response<Incoming>, Connection),
    /// The connection ended before its socket took any byte of it.
    Unsent(Unsent),
    /// The request's body broke off, on our side.
    Aborted(hyper::Error),
    /// The sidecar ended the connection, or what is between did.
    Broken(hyper::Error),
}

pub(super) struct Unsent {
    /// None when the runtime ends.
    pub request: Option<Request<Outgoing>>,
    pub place: Option<Place>,
    pub error: hyper::Error,
}

impl Connection {
    /// Speaks HTTP over a socket, in a task on that runtime.
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

    /// Whether an exchange whose answer has come whole is over, or will be in no time. It is not where the sidecar has
    /// answered before it had the request whole.
    pub(super) fn is_over(&self) -> bool {
        !self.traffic.is_uploading() && !self.is_closed()
    }

    /// Whether the request's body broke off on our side.
    pub(super) fn is_aborted(&self) -> bool {
        self.traffic.is_aborted()
    }

    /// Waits until hyper is done with the exchange before; `false` if the connection is of no use.
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
                // A request that is put into hyper's channel as its reader ends comes back only when the sender goes, too:
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
        // Where hyper had not begun with the request, it comes back as it was.
        drop(error.take_message());
        let error = error.into_error();
        if self.is_aborted() || error.is_body_write_aborted() {
            return Sent::Aborted(error);
        }
        if self.traffic.written() > before {
            return Sent::Broken(error);
        }
        // hyper says that it has failed before it lets go of the body.
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
