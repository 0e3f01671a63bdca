//! What the sidecar of a test answers.

use std::{fmt, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::{
    HeaderMap, Response, StatusCode,
    body::Frame,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde::Serialize;
use tokio::task::yield_now;

use crate::pool::{BoxError, Outgoing};

/// What the sidecar answers.
#[derive(Debug)]
#[must_use = "a route's function returns it"]
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Body,
    end: End,
    pub(super) delay: Duration,
}

#[derive(Debug)]
enum Body {
    Whole(Bytes),
    Pieces(Vec<Bytes>),
}

#[derive(Debug, PartialEq)]
enum End {
    Orderly,
    BrokenOff,
    /// The connection ends without an answer.
    Unanswered,
}

impl Answer {
    /// A value as JSON, with the status 200.
    ///
    /// # Panics
    /// If the value is not JSON.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Self {
        let body = serde_json::to_vec(value).expect("the answer is JSON");
        Self::new(Body::Whole(body.into())).header(CONTENT_TYPE, "application/json")
    }

    /// A text, with the status 200.
    pub fn text(text: impl Into<String>) -> Self {
        let body = Body::Whole(text.into().into());
        Self::new(body).header(CONTENT_TYPE, "text/plain; charset=utf-8")
    }

    /// A stream of pieces, such as `"data: 1\n\n"` or the lines of an NDJSON, with the status 200 and no `Content-Type`.
    pub fn stream(pieces: impl IntoIterator<Item: Into<Bytes>>) -> Self {
        let pieces = pieces.into_iter().map(Into::into);
        Self::new(Body::Pieces(pieces.collect()))
    }

    /// No answer: the connection ends, as when the sidecar crashes. The client first sends the request again, if it may, and
    /// then gets `unavailable`.
    pub fn none() -> Self {
        Self {
            end: End::Unanswered,
            ..Self::text("")
        }
    }

    /// Sets the status.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Sets a header.
    ///
    /// # Panics
    /// If the name or the value cannot stand in a header.
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName, Error: fmt::Debug>,
        V: TryInto<HeaderValue, Error: fmt::Debug>,
    {
        let name = name.try_into().expect("a header's name");
        let value = value.try_into().expect("a header's value");
        self.headers.insert(name, value);
        self
    }

    /// Lets the client wait so long for the answer, such as for a test of a deadline.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Ends the connection after these bytes of the body, before the body's end: its reader gets `unavailable`.
    pub fn broken_off(mut self) -> Self {
        self.end = End::BrokenOff;
        self
    }

    fn new(body: Body) -> Self {
        Self {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body,
            end: End::Orderly,
            delay: Duration::ZERO,
        }
    }

    pub(super) fn into_response(self) -> Result<Response<Outgoing>, BoxError> {
        let body = match (self.body, self.end) {
            (_, End::Unanswered) => return Err("the test gives no answer".into()),
            (Body::Whole(bytes), End::Orderly) => {
                Outgoing::new(Full::new(bytes).map_err(|never| match never {}))
            }
            (Body::Whole(bytes), End::BrokenOff) => streamed(vec![bytes], true),
            (Body::Pieces(pieces), end) => streamed(pieces, end == End::BrokenOff),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        Ok(response)
    }
}

/// A body of unknown length.
fn streamed(pieces: Vec<Bytes>, broken_off: bool) -> Outgoing {
    let pieces = stream::iter(pieces).map(|piece| Ok(Frame::data(piece)));
    let end = stream::iter(broken_off.then_some(())).then(async |()| {
        // hyper sends its buffer when the body has nothing more for now, but not when the body has an error.
        yield_now().await;
        Err("the test breaks it off".into())
    });
    Outgoing::new(StreamBody::new(pieces.chain(end)))
}
