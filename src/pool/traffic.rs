//! Counts what goes out over one connection.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::OwnedSemaphorePermit,
};

use super::Outgoing;

/// A place in the pool: the right to have one connection in use.
pub(super) type Place = OwnedSemaphorePermit;

/// A two-way stream of bytes, of any kind.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// The state that the socket of a connection, the task that serves the connection and its user share.
#[derive(Debug)]
pub(super) struct Traffic {
    /// The number of bytes that the socket took.
    written: AtomicU64,
    /// Whether a request's body is still on its way.
    uploading: AtomicBool,
    /// The body of a request of which the socket took no byte, once hyper has dropped the body.
    untouched: Mutex<Option<Outgoing>>,
    /// Whether a request's body broke off on the host's side.
    aborted: AtomicBool,
    /// The connection's place. It is free again when the socket is closed, and no earlier: an unwanted connection counts until
    /// then.
    place: Mutex<Option<Place>>,
}

impl Traffic {
    fn new(place: Place) -> Arc<Self> {
        Arc::new(Self {
            written: AtomicU64::new(0),
            uploading: AtomicBool::new(false),
            untouched: Mutex::new(None),
            aborted: AtomicBool::new(false),
            place: Mutex::new(Some(place)),
        })
    }

    pub(super) fn written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    pub(super) fn is_uploading(&self) -> bool {
        self.uploading.load(Ordering::Acquire)
    }

    pub(super) fn begin_upload(&self) {
        self.uploading.store(true, Ordering::Release);
    }

    /// Notes that hyper has dropped a body, and keeps the body if it may have to be sent again.
    pub(super) fn end_upload(&self, untouched: Option<Outgoing>) {
        *lock(&self.untouched) = untouched;
        self.uploading.store(false, Ordering::Release);
    }

    pub(super) fn take_untouched(&self) -> Option<Outgoing> {
        lock(&self.untouched).take()
    }

    pub(super) fn abort(&self) {
        self.aborted.store(true, Ordering::Release);
    }

    pub(super) fn is_aborted(&self) -> bool {
        self.aborted.load(Ordering::Acquire)
    }

    pub(super) fn occupy(&self, place: Place) {
        *lock(&self.place) = Some(place);
    }

    pub(super) fn vacate(&self) -> Option<Place> {
        lock(&self.place).take()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A socket that counts the bytes that it takes, and holds a place for as long as it is open.
pub(super) struct Counted {
    stream: Box<dyn Duplex>,
    traffic: Arc<Traffic>,
    /// The turn of a WebSocket.
    turn: Option<OwnedSemaphorePermit>,
}

impl Counted {
    pub(super) fn new(stream: Box<dyn Duplex>, place: Place) -> Self {
        Self {
            stream,
            traffic: Traffic::new(place),
            turn: None,
        }
    }

    /// Keeps the turn of a WebSocket until the socket is closed.
    pub(super) fn hold(&mut self, turn: OwnedSemaphorePermit) {
        self.turn = Some(turn);
    }

    pub(super) fn traffic(&self) -> Arc<Traffic> {
        self.traffic.clone()
    }

    fn count(&self, outcome: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(length)) = outcome {
            let length = u64::try_from(length).unwrap_or(u64::MAX);
            self.traffic.written.fetch_add(length, Ordering::AcqRel);
        }
        outcome
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.count(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.count(outcome)
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
