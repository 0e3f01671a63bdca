//! Whether a request has left: what each connection has written, and how much of it was answered.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

use hyper::Uri;
use hyper_util::{
    client::legacy::connect::{Connected, Connection},
    rt::TokioIo,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::sync::CancellationToken;
use tower_service::Service;

/// The requests that were written to one connection, and those whose answers came whole.
///
/// HTTP/1.1 without pipelining takes turns: what is written after something was read begins the next request. A server
/// that answers early makes one request look like two, which errs on the safe side.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    writing: AtomicBool,
    begun: AtomicU64,
    answered: AtomicU64,
    closed: CancellationToken,
}

impl Turns {
    /// Whether both are of one connection.
    pub(super) fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Waits until the connection is closed.
    pub(super) async fn closed(&self) {
        self.0.closed.cancelled().await;
    }

    /// Whether the socket took any byte of a request that is not answered.
    pub(super) fn is_open(&self) -> bool {
        self.0.begun.load(Ordering::Acquire) > self.0.answered.load(Ordering::Acquire)
    }

    /// The answer to a request came whole.
    pub(super) fn answered(&self) {
        self.0.answered.fetch_add(1, Ordering::AcqRel);
    }

    fn wrote(&self) {
        if !self.0.writing.swap(true, Ordering::AcqRel) {
            self.0.begun.fetch_add(1, Ordering::AcqRel);
        }
    }

    fn read(&self) {
        self.0.writing.store(false, Ordering::Release);
    }
}

/// A connection that counts its turns.
#[derive(Debug)]
pub(super) struct Counted<S> {
    stream: S,
    turns: Turns,
}

impl<S> Drop for Counted<S> {
    fn drop(&mut self) {
        self.turns.0.closed.cancel();
    }
}

impl<S: Connection> Connection for Counted<S> {
    fn connected(&self) -> Connected {
        self.stream.connected().extra(self.turns.clone())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.turns.read();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> Counted<S> {
    fn count(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(written, Poll::Ready(Ok(1..))) {
            self.turns.wrote();
        }
        written
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.count(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.count(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Makes connections that count their turns.
#[derive(Clone, Debug)]
pub(super) struct Counting<C>(pub C);

impl<C, S> Service<Uri> for Counting<C>
where
    C: Service<Uri, Response = TokioIo<S>>,
    C::Future: Send + 'static,
    C::Error: 'static,
{
    type Response = TokioIo<Counted<S>>;
    type Error = C::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.0.call(uri);
        Box::pin(async move {
            let stream = connecting.await?.into_inner();
            let turns = Turns::default();
            Ok(TokioIo::new(Counted { stream, turns }))
        })
    }
}
