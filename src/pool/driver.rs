//! Who moves the bytes of a connection.

use std::{
    mem,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{runtime::Handle, task::JoinHandle};

use super::{traffic::Counted, upload::Upload};

type Wire = http1::Connection<TokioIo<Counted>, Upload>;

/// The half of hyper's connection that reads and writes the socket. Usually the caller that waits for an answer polls it, since a
/// task of its own would have to be woken for each request, often on another thread.
pub(super) enum Driver {
    Caller(Pin<Box<Wire>>),
    Task(JoinHandle<()>),
    Ended,
}

impl Driver {
    pub(super) fn by_caller(wire: Wire) -> Self {
        Self::Caller(Box::pin(wire))
    }

    /// Moves the bytes in a task from now on: the caller may stop to poll, and a part of the request is still on its way.
    pub(super) fn hand_over(&mut self, runtime: &Handle) {
        if let Self::Caller(wire) = mem::replace(self, Self::Ended) {
            *self = Self::Task(runtime.spawn(async move {
                log_end(wire.await);
            }));
        }
    }

    /// Polls what hyper gives: an answer, a part of its body, or the connection's readiness.
    pub(super) fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        mut given: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        if !matches!(self, Self::Caller(_)) {
            return given(cx);
        }
        // hyper gives something only while it is polled here. So only the socket, and the request's body, have to wake the caller.
        let mut quiet = Context::from_waker(Waker::noop());
        let ready = given(&mut quiet);
        if ready.is_ready() {
            return ready;
        }
        self.turn(cx);
        match self {
            Self::Ended => given(cx),
            _ => given(&mut quiet),
        }
    }

    /// Moves the bytes that can be moved now.
    pub(super) fn advance(&mut self) {
        self.turn(&mut Context::from_waker(Waker::noop()));
    }

    /// Whether the connection has ended. If not, its end wakes the caller.
    pub(super) fn has_ended(&mut self, cx: &mut Context<'_>) -> bool {
        if let Self::Task(task) = self
            && Pin::new(task).poll(cx).is_ready()
        {
            *self = Self::Ended;
        }
        matches!(self, Self::Ended)
    }

    /// Waits for the end of a connection whose sender is gone.
    pub(super) async fn end(&mut self) {
        if let Self::Task(task) = mem::replace(self, Self::Ended) {
            task.await.ok();
        }
    }

    fn turn(&mut self, cx: &mut Context<'_>) {
        if let Self::Caller(wire) = self
            && let Poll::Ready(outcome) = wire.as_mut().poll(cx)
        {
            log_end(outcome);
            *self = Self::Ended;
        }
    }
}

fn log_end(outcome: hyper::Result<()>) {
    if let Err(error) = outcome {
        log::debug!("a connection to a sidecar ended: {error}");
    }
}
