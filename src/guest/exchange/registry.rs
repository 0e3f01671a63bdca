use std::{
    collections::{HashMap, VecDeque},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    sync::{Mutex as AsyncMutex, Notify, mpsc},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::piece::{Pieces, is_last};
use crate::error::{Error, Kind, Result};

/// How many cancels are remembered that came before the begin of their exchange, and how many exchanges that have ended. Webviews
/// deliver the calls of a page in any order.
pub(super) const MOST_EARLY: usize = 1024;

/// How long a piece waits for the begin of its exchange, which the page has asked for before.
const BEGINS_WITHIN: Duration = Duration::from_secs(10);

/// What names an exchange: the label of a webview, and a name that its page has given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub webview: String,
    pub exchange: String,
}

/// All exchanges that are under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exchanges(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    registry: Mutex<Registry>,
    /// Wakes the pieces that wait for the begin of an exchange.
    changed: Notify,
}

#[derive(Debug, Default)]
pub(super) struct Registry {
    pub begun: HashMap<Key, Arc<Exchange>>,
    /// The exchanges that were cancelled before they have begun; the oldest first.
    pub early: VecDeque<Key>,
    /// The exchanges that have ended; the oldest first.
    pub ended: VecDeque<Key>,
}

impl Registry {
    /// Removes an exchange that is under way.
    fn end(&mut self, key: &Key) -> Option<Arc<Exchange>> {
        let (key, exchange) = self.begun.remove_entry(key)?;
        remember(&mut self.ended, key);
        Some(exchange)
    }
}

/// Adds a key, in place of the oldest one when there are many.
fn remember(keys: &mut VecDeque<Key>, key: Key) {
    if keys.len() == MOST_EARLY {
        keys.pop_front();
    }
    keys.push_back(key);
}

/// An exchange from the page's end: where the page reads, and where it writes.
#[derive(Debug)]
pub(super) struct Exchange {
    pub cancelled: CancellationToken,
    pub pieces: AsyncMutex<Pieces>,
    /// Cancelled once somebody takes what the page writes.
    pub wanted: CancellationToken,
    /// None after the page has said that there is no more.
    pub written: AsyncMutex<Option<mpsc::Sender<Written>>>,
}

/// What the page writes.
#[derive(Debug)]
pub(super) enum Written {
    Piece(Bytes),
    End,
}

impl Exchanges {
    /// Adds an exchange.
    ///
    /// # Errors
    /// `invalid_argument` when there is one of that name already; `cancelled` when the page has given it up meanwhile.
    pub(super) fn add(&self, key: &Key, exchange: Exchange) -> Result<()> {
        let mut registry = self.lock();
        if let Some(place) = registry.early.iter().position(|early| early == key) {
            registry.early.remove(place);
            return Err(over(key));
        }
        if registry.begun.contains_key(key) {
            let Key { exchange, .. } = key;
            return Err(Kind::InvalidRequest(format!(
                "exchange `{exchange}` is under way; call through the guest package"
            ))
            .into());
        }
        registry.begun.insert(key.clone(), Arc::new(exchange));
        drop(registry);
        self.0.changed.notify_waiters();
        Ok(())
    }

    /// Waits for the next piece for the page. Before its bytes stand its number and a byte that is 1 for the last piece and 0
    /// for others, so that a page that reads several pieces at once can put them in order.
    ///
    /// # Errors
    /// The error that broke the exchange off, in place of one piece; `cancelled` when the exchange is over.
    pub(crate) async fn read(&self, key: &Key) -> Result<Vec<u8>> {
        let exchange = self.find(key)?;
        let reading = async { exchange.pieces.lock().await.next().await };
        let outcome = exchange.cancelled.run_until_cancelled(reading).await;
        // After a cancelled pump the chunks look as if they were at their end.
        let outcome = outcome.filter(|_| !exchange.cancelled.is_cancelled());
        let piece = outcome.unwrap_or_else(|| Err(over(key)));
        let goes_on = piece.as_ref().is_ok_and(|piece| !is_last(piece));
        if !goes_on {
            self.forget(key);
        }
        piece
    }

    /// Takes over what an exchange receives, from the page, which has read nothing of it.
    ///
    /// # Errors
    /// `cancelled` when the exchange is over.
    pub(crate) fn take(&self, key: Key) -> Result<Taken> {
        Ok(Taken {
            exchange: self.find(&key)?,
            exchanges: self.clone(),
            key,
        })
    }

    /// Passes on a piece of a request, once there is room for it; `last` says that it is the last piece. The piece may come before
    /// the request itself. An empty piece that is not the last one waits until the request takes its first piece: by that a page
    /// with many requests keeps the pieces of those that wait for their turn.
    ///
    /// # Errors
    /// `cancelled` when the exchange is over, its last piece was written already, or no such exchange begins within 10 s. Then none of
    /// that name begins later, either: the page sends no further piece, and the request would wait for the pieces for ever.
    pub(crate) async fn write(&self, key: &Key, bytes: Bytes, last: bool) -> Result<()> {
        let exchange = self.begun(key, BEGINS_WITHIN).await?;
        let writing = async {
            if bytes.is_empty() && !last {
                exchange.wanted.cancelled().await;
                return Ok(());
            }
            let mut written = exchange.written.lock().await;
            let sender = written.as_ref().ok_or_else(|| over(key))?;
            if !bytes.is_empty() {
                let sent = sender.send(Written::Piece(bytes)).await;
                sent.map_err(|_| over(key))?;
            }
            if last {
                let sent = sender.send(Written::End).await;
                *written = None;
                sent.map_err(|_| over(key))?;
            }
            Ok(())
        };
        let outcome = exchange.cancelled.run_until_cancelled(writing).await;
        outcome.unwrap_or_else(|| Err(over(key)))
    }

    /// Ends an exchange, or keeps it from beginning. Its reads and writes that are under way fail with `cancelled`.
    pub(crate) fn cancel(&self, key: Key) {
        let mut registry = self.lock();
        if let Some(exchange) = registry.end(&key) {
            exchange.cancelled.cancel();
        } else if !registry.ended.contains(&key) {
            remember(&mut registry.early, key);
            drop(registry);
            self.0.changed.notify_waiters();
        }
    }

    /// Ends all exchanges of a webview whose page was left.
    pub(crate) fn cancel_all(&self, webview: &str) {
        let mut registry = self.lock();
        registry.early.retain(|key| key.webview != webview);
        registry.ended.retain(|key| key.webview != webview);
        registry.begun.retain(|key, exchange| {
            let stays = key.webview != webview;
            if !stays {
                exchange.cancelled.cancel();
            }
            stays
        });
    }

    /// Ends all exchanges of all pages, since the app ends.
    pub(crate) fn end_all(&self) {
        for exchange in self.lock().begun.drain() {
            exchange.1.cancelled.cancel();
        }
    }

    fn find(&self, key: &Key) -> Result<Arc<Exchange>> {
        self.lock().begun.get(key).cloned().ok_or_else(|| over(key))
    }

    /// Waits for the begin of an exchange.
    pub(super) async fn begun(&self, key: &Key, within: Duration) -> Result<Arc<Exchange>> {
        let begun = async {
            loop {
                let mut changed = pin!(self.0.changed.notified());
                changed.as_mut().enable();
                {
                    let registry = self.lock();
                    if let Some(exchange) = registry.begun.get(key) {
                        return Some(exchange.clone());
                    }
                    if registry.early.contains(key) || registry.ended.contains(key) {
                        return None;
                    }
                }
                changed.await;
            }
        };
        let begun = match timeout(within, begun).await {
            Ok(begun) => begun,
            Err(_elapsed) => {
                let mut registry = self.lock();
                let begun = registry.begun.get(key).cloned();
                if begun.is_none() {
                    remember(&mut registry.early, key.clone());
                }
                begun
            }
        };
        begun.ok_or_else(|| over(key))
    }

    pub(super) fn forget(&self, key: &Key) {
        self.lock().end(key);
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Registry> {
        self.0
            .registry
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an exchange receives, for somebody else than the page. The exchange ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Taken {
    exchange: Arc<Exchange>,
    exchanges: Exchanges,
    key: Key,
}

impl Taken {
    /// Waits for the next chunk, on a thread that may block. None at the end.
    ///
    /// # Errors
    /// The error that broke the exchange off; `cancelled` when the exchange is over.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>> {
        let chunk = self.exchange.pieces.blocking_lock().blocking_chunk();
        // After a cancelled pump the chunks look as if they were at their end.
        if self.exchange.cancelled.is_cancelled() {
            return Err(over(&self.key));
        }
        chunk
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.exchange.cancelled.cancel();
        self.exchanges.forget(&self.key);
    }
}

/// The error of whoever reads, writes or begins an exchange that has ended.
pub(super) fn over(Key { exchange, .. }: &Key) -> Error {
    Kind::Cancelled(format!(
        "exchange `{exchange}` is over: it was cancelled, has ended, or its page was left"
    ))
    .into()
}
