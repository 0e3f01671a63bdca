//! Many calls over one connection, for a client that makes many at once: `GET /v1/calls`, see `docs/wire.md`.
//!
//! What HTTP/1.1 would have on a connection of its own stands in frames here, and goes through the same router. So a call has the
//! same guard, deadline and answer; what is saved is two system calls and a wake-up for each call on both sides.

mod frame;

use std::{
    collections::{HashMap, VecDeque},
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{
    Extension, Router,
    body::{Body, HttpBody},
    extract::Request,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{CONNECTION, CONTENT_LENGTH, UPGRADE},
    },
    response::{IntoResponse, Response},
};
use bytes::{Buf, Bytes, BytesMut};
use futures_util::{
    StreamExt,
    future::{AbortHandle, Abortable, poll_fn},
    stream::FuturesUnordered,
};
use http_body_util::BodyExt;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::io::poll_read_buf;
use tower_service::Service;

use super::caller::Caller;
use crate::{
    endpoint::most_connections,
    error::{Error, Kind, Result},
};

/// The name of the protocol in the header `Upgrade`.
const PROTOCOL: &str = "sidecar-bridge-calls";

/// How many calls one connection carries at once; and how many answers may wait to be sent before the next requests are read. Their
/// bytes do not count: a short call would wait for the whole of a long answer.
const MOST_CALLS: usize = 64;

/// How many answers are ready before they are sent, if more calls can go on: the client deals with these meanwhile, on another core.
/// With 64 tasks, 8 and 32 were no faster on two cores, and all at once took 1.6 times as long; on one core 16 cost a tenth.
const MOST_ANSWERS: usize = 16;

const READ_BYTES: usize = 64 * 1024;

/// How much is written at once.
const WRITE_BYTES: usize = 256 * 1024;

/// How many of so many connections carry calls. No other one can be closed to make room for these: an eighth leaves room for those
/// that wait, beside the streams, which have at most three quarters.
pub(super) const fn most_of_calls(connections: usize) -> usize {
    if connections < 8 { 1 } else { connections / 8 }
}

/// `GET /v1/calls`: agrees to switch the connection.
pub(super) async fn switch(
    Extension(caller): Extension<Caller>,
    mut request: Request,
) -> Result<Response> {
    let asked = request.headers().get(UPGRADE);
    // A route of GET takes HEAD, too.
    let asks = request.method() == Method::GET
        && asked.is_some_and(|name| name.as_bytes().eq_ignore_ascii_case(PROTOCOL.as_bytes()));
    let upgrade = request.extensions_mut().remove::<OnUpgrade>();
    let Some(upgrade) = upgrade.filter(|_| asks) else {
        let detail = format!("send GET, `Connection: Upgrade` and `Upgrade: {PROTOCOL}`");
        return Err(Kind::InvalidRequest(detail).into());
    };
    if !caller.switch(upgrade) {
        let most = most_of_calls(most_connections());
        return Err(Kind::TooManyOfCalls { most }.into());
    }
    let headers = [(CONNECTION, "upgrade"), (UPGRADE, PROTOCOL)];
    Ok((StatusCode::SWITCHING_PROTOCOLS, headers).into_response())
}

/// Serves the calls of a connection that has switched, until the client closes it. Then calls that have not begun never begin.
pub(super) async fn serve(upgrade: OnUpgrade, router: Router, caller: Caller) -> io::Result<()> {
    let stream = TokioIo::new(upgrade.await.map_err(io::Error::other)?);
    let mut calls = Calls::new(stream, router, caller);
    poll_fn(|context| calls.poll(context)).await
}

type Answering = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// The calls of one connection. All of them run in the task of the connection, as those of HTTP do.
struct Calls<T> {
    stream: T,
    router: Router,
    caller: Caller,
    input: BytesMut,
    running: FuturesUnordered<Abortable<Answering>>,
    aborts: HashMap<u32, AbortHandle>,
    /// What is not in `output` yet. Long ones take turns.
    answers: VecDeque<Answer>,
    output: BytesMut,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Calls<T> {
    fn new(stream: T, router: Router, caller: Caller) -> Self {
        Self {
            stream,
            router,
            caller,
            input: BytesMut::new(),
            running: FuturesUnordered::new(),
            aborts: HashMap::new(),
            answers: VecDeque::new(),
            output: BytesMut::new(),
        }
    }

    /// Ready at the end of the connection. Each step goes on until it would have to wait.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut is_done = true;
            if self.answers.len() < MOST_CALLS
                && let Poll::Ready(count) = self.poll_read(context)
            {
                if count? == 0 {
                    return Poll::Ready(Ok(()));
                }
                self.take_frames()?;
                is_done = false;
            }
            // A call begins here: those that were cancelled in the bytes just read never do.
            let mut ready = 0..MOST_ANSWERS;
            while ready.next().is_some()
                && let Poll::Ready(Some(ended)) = self.running.poll_next_unpin(context)
            {
                if let Ok(answer) = ended {
                    self.aborts.remove(&answer.call);
                    self.answers.push_back(answer);
                }
                is_done = false;
            }
            while let Poll::Ready(written) = self.poll_write(context) {
                if !written? {
                    break;
                }
                is_done = false;
            }
            if is_done {
                return Poll::Pending;
            }
        }
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.input.reserve(READ_BYTES);
        poll_read_buf(Pin::new(&mut self.stream), context, &mut self.input)
    }

    /// Says whether anything was there to write.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        while self.output.len() < WRITE_BYTES
            && let Some(mut answer) = self.answers.pop_front()
        {
            answer.write_piece(&mut self.output);
            if answer.len() > 0 {
                self.answers.push_back(answer);
            }
        }
        if self.output.is_empty() {
            return Poll::Ready(Ok(false));
        }
        let count = ready!(Pin::new(&mut self.stream).poll_write(context, &self.output))?;
        self.output.advance(count);
        Poll::Ready(Ok(true))
    }

    fn take_frames(&mut self) -> io::Result<()> {
        while let Some((call, message)) = frame::take(&mut self.input)? {
            if message.is_empty() {
                // Perhaps its answer is on its way.
                if let Some(abort) = self.aborts.remove(&call) {
                    abort.abort();
                }
                continue;
            }
            if self.aborts.len() >= MOST_CALLS || self.aborts.contains_key(&call) {
                return Err(frame::malformed("one call too many"));
            }
            let mut request = frame::request(&message)?;
            request.extensions_mut().insert(self.caller.clone());
            let (abort, registration) = AbortHandle::new_pair();
            let answering = answering(call, self.router.clone(), request);
            self.running
                .push(Abortable::new(Box::pin(answering), registration));
            self.aborts.insert(call, abort);
        }
        Ok(())
    }
}

async fn answering(call: u32, mut router: Router, request: Request) -> Answer {
    // A route of GET takes HEAD, too.
    let is_head = request.method() == Method::HEAD;
    let gets = is_head || request.method() == Method::GET;
    let streams = request.headers().contains_key("bridge-channels")
        || (gets && request.uri().path().starts_with("/v1/"));
    let response = if streams {
        let detail = "what streams needs a connection of its own; send the request there";
        Error::from(Kind::InvalidRequest(detail.into())).into_response()
    } else {
        match router.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    };
    Answer::of(call, response, is_head).await
}

/// An answer, or what is left of it.
struct Answer {
    call: u32,
    head: Bytes,
    body: Bytes,
}

impl Answer {
    /// An answer to HEAD has no body, and says how long that of GET would be.
    async fn of(call: u32, response: Response, is_head: bool) -> Self {
        let (parts, body) = response.into_parts();
        let body = if is_head { Body::empty() } else { body };
        // Only the body of a stream could fail, or have no known length.
        debug_assert!(body.size_hint().exact().is_some(), "it does not stream");
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => {
                log::warn!("an answer of the host endpoint broke off: {error}");
                Bytes::new()
            }
        };
        let mut headers = parts.headers;
        // RFC 9110 section 8.6.
        if parts.status == StatusCode::NO_CONTENT {
            headers.remove(CONTENT_LENGTH);
        } else if !is_head {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        Self {
            call,
            head: head(parts.status, &headers),
            body,
        }
    }

    fn len(&self) -> usize {
        self.head.len() + self.body.len()
    }

    /// Moves the next piece to where it is sent from.
    fn write_piece(&mut self, output: &mut BytesMut) {
        let head = self.head.split_to(self.head.len().min(frame::PIECE_BYTES));
        let room = frame::PIECE_BYTES - head.len();
        let body = self.body.split_to(self.body.len().min(room));
        frame::write(output, self.call, self.len() > 0, &[&head, &body]);
    }
}

fn head(status: StatusCode, headers: &HeaderMap) -> Bytes {
    let mut head = BytesMut::with_capacity(256);
    head.extend_from_slice(b"HTTP/1.1 ");
    head.extend_from_slice(status.as_str().as_bytes());
    head.extend_from_slice(b" \r\n");
    for (name, value) in headers {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head.freeze()
}

#[cfg(test)]
mod tests;
