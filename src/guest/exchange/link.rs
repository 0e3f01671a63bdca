use std::pin::pin;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::{Mutex as AsyncMutex, mpsc};
use tokio_util::sync::CancellationToken;

use super::{
    piece::{PIECE_BYTES, Pieces},
    registry::{Exchange, Exchanges, Key, Written, over},
};
use crate::{error::Result, pool::BoxError};

/// How many chunks, of hyper's size, wait on their way to the page; the pump waits while there are as many.
pub(super) const WAITING: usize = 4;

/// The host's end of an exchange with a page. When this is dropped, the exchange is forgotten, unless the page still reads it.
pub(crate) struct PageLink {
    exchanges: Exchanges,
    key: Key,
    cancelled: CancellationToken,
    wanted: CancellationToken,
    chunks: mpsc::Sender<Result<Bytes>>,
    written: Option<mpsc::Receiver<Written>>,
    is_read: bool,
}

impl Exchanges {
    /// Begins an exchange.
    ///
    /// # Errors
    /// `invalid_argument` when there is one of that name already; `cancelled` when the page has given it up meanwhile.
    pub(crate) fn begin(&self, key: Key) -> Result<PageLink> {
        self.begin_with(key, PIECE_BYTES)
    }

    /// Begins an exchange of which the page reads at most so many bytes at once.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub(crate) fn begin_with(&self, key: Key, most: usize) -> Result<PageLink> {
        let (chunks, read) = mpsc::channel(WAITING);
        let (write, written) = mpsc::channel(1);
        let cancelled = CancellationToken::new();
        let wanted = CancellationToken::new();
        let exchange = Exchange {
            cancelled: cancelled.clone(),
            pieces: AsyncMutex::new(Pieces::new(read, most)),
            wanted: wanted.clone(),
            written: AsyncMutex::new(Some(write)),
        };
        self.add(&key, exchange)?;
        Ok(PageLink {
            exchanges: self.clone(),
            key,
            cancelled,
            wanted,
            chunks,
            written: Some(written),
            is_read: false,
        })
    }
}

/// The next piece that the page has written, and where the others come from.
async fn taken(
    written: Option<mpsc::Receiver<Written>>,
) -> Option<(Result<Bytes, BoxError>, Option<mpsc::Receiver<Written>>)> {
    let mut written = written?;
    match written.recv().await {
        Some(Written::Piece(bytes)) => Some((Ok(bytes), Some(written))),
        Some(Written::End) => None,
        None => Some((
            Err("the page did not write its body to the end".into()),
            None,
        )),
    }
}

impl PageLink {
    /// The pieces that the page writes, as a request's body. The body breaks off with an error unless the page has written the
    /// last piece.
    pub(crate) fn body(&mut self) -> impl Stream<Item = Result<Bytes, BoxError>> + Send + use<> {
        let wanted = self.wanted.clone();
        // Of a request that is given up nobody waits for the first piece, either.
        let given_up = self.wanted.clone().drop_guard();
        stream::unfold(self.written.take(), move |written| {
            let _ = &given_up;
            wanted.cancel();
            taken(written)
        })
    }

    /// The token that is cancelled with the exchange.
    pub(crate) fn cancelled(&self) -> CancellationToken {
        self.cancelled.clone()
    }

    /// Runs `work` to its end, unless the exchange is cancelled before.
    ///
    /// # Errors
    /// `cancelled`, or the error of `work`.
    pub(crate) async fn unless_cancelled<T>(
        &self,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let outcome = self.cancelled.run_until_cancelled(work).await;
        outcome.unwrap_or_else(|| Err(over(&self.key)))
    }

    /// Passes the chunks of `source` to the page, as fast as the page reads them. The source is dropped at its end or first
    /// error, and when the exchange is cancelled.
    pub(crate) fn pump(
        mut self,
        source: impl Stream<Item = Result<Bytes>> + Send,
    ) -> impl Future<Output = ()> + Send {
        self.is_read = true;
        let (cancelled, chunks) = (self.cancelled.clone(), self.chunks.clone());
        async move {
            let pumping = async {
                let mut source = pin!(source);
                while let Some(chunk) = source.next().await {
                    let broken = chunk.is_err();
                    if chunks.send(chunk).await.is_err() || broken {
                        return;
                    }
                }
            };
            cancelled.run_until_cancelled(pumping).await;
        }
    }
}

impl Drop for PageLink {
    fn drop(&mut self) {
        self.wanted.cancel();
        if !self.is_read {
            self.exchanges.forget(&self.key);
        }
    }
}
