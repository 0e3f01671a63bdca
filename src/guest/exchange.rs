//! The exchanges that pages have under way.
//!
//! The page reads an answer by asking for the next piece of it, and so decides how fast it comes: a pump takes from the
//! sidecar no more than a few pieces in advance. Bytes of a request come the same way, a piece at a time.

use std::{
    collections::{HashMap, VecDeque},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::{
    Mutex as AsyncMutex,
    mpsc::{self, error::TryRecvError},
};
use tokio_util::sync::CancellationToken;

use crate::{
    error::{Error, Kind, Result},
    pool::BoxError,
};

/// How much goes to the page at once: larger pieces hold up the main thread, where webviews take them, for longer.
const PIECE_BYTES: usize = 1024 * 1024;
/// How many pieces, of hyper's size, wait on their way; whoever gives more waits too.
const WAITING: usize = 4;

/// Which exchange: the label of a webview, and what its page calls it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub webview: String,
    pub exchange: String,
}

/// How many cancels are remembered that came before what they cancel. Webviews deliver the calls of a page in any order.
const MOST_EARLY: usize = 1024;

/// All exchanges that are under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exchanges(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    begun: HashMap<Key, Arc<Exchange>>,
    /// What was cancelled before it has begun, or after it has ended, the oldest first.
    early: VecDeque<Key>,
}

/// One of them. The page holds the other ends of its channels, so to speak.
#[derive(Debug)]
struct Exchange {
    cancelled: CancellationToken,
    down: AsyncMutex<Down>,
    /// Where the page writes to, until it has said that there is no more.
    up: AsyncMutex<Option<mpsc::Sender<Up>>>,
}

/// What the page reads.
#[derive(Debug)]
struct Down {
    pieces: mpsc::Receiver<Result<Bytes>>,
    /// How many the page was given.
    given: u32,
}

#[derive(Debug)]
enum Up {
    Piece(Bytes),
    End,
}

/// The host's ends of an exchange; it is forgotten when this is dropped, unless there is something to read of it.
pub(crate) struct Begun {
    exchanges: Exchanges,
    key: Key,
    cancelled: CancellationToken,
    down: mpsc::Sender<Result<Bytes>>,
    up: Option<mpsc::Receiver<Up>>,
    is_read: bool,
}

/// The head of a piece that a page writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WriteRequest {
    /// Which exchange it belongs to.
    pub exchange: String,
    /// Whether it is the last one.
    pub last: bool,
}

/// What stands before a piece for the page: which one it is, as four bytes with the most significant first, and whether
/// it is the last one.
const HEAD_BYTES: usize = 5;
const MORE: u8 = 0;
const LAST: u8 = 1;

impl Exchanges {
    /// Begins an exchange.
    ///
    /// # Errors
    /// `invalid_argument` when there is one of that name already; `cancelled` when the page has given it up meanwhile.
    pub(crate) fn begin(&self, key: Key) -> Result<Begun> {
        let (down, read) = mpsc::channel(WAITING);
        let (write, up) = mpsc::channel(1);
        let cancelled = CancellationToken::new();
        let exchange = Exchange {
            cancelled: cancelled.clone(),
            down: AsyncMutex::new(Down {
                pieces: read,
                given: 0,
            }),
            up: AsyncMutex::new(Some(write)),
        };
        let mut known = self.lock();
        if let Some(place) = known.early.iter().position(|early| *early == key) {
            known.early.remove(place);
            return Err(over(&key));
        }
        if known.begun.contains_key(&key) {
            let Key { exchange, .. } = key;
            return Err(Kind::InvalidRequest(format!(
                "exchange `{exchange}` is under way; call through the guest package"
            ))
            .into());
        }
        known.begun.insert(key.clone(), Arc::new(exchange));
        drop(known);
        Ok(Begun {
            exchanges: self.clone(),
            key,
            cancelled,
            down,
            up: Some(up),
            is_read: false,
        })
    }

    /// Waits for the next piece for the page, and gives it behind its number and a byte that is 1 for the last one and 0 for
    /// others. Whoever reads several at once puts them in order by that.
    ///
    /// # Errors
    /// What broke the exchange off, in place of one piece; `cancelled` when it is over.
    pub(crate) async fn read(&self, key: &Key) -> Result<Vec<u8>> {
        let exchange = self.find(key)?;
        let reading = async { exchange.down.lock().await.next().await };
        let outcome = exchange.cancelled.run_until_cancelled(reading).await;
        // A pump that was cancelled leaves what looks like an end.
        let outcome = outcome.filter(|_| !exchange.cancelled.is_cancelled());
        let piece = outcome.unwrap_or_else(|| Err(over(key)));
        if !piece.as_ref().is_ok_and(|piece| piece[4] == MORE) {
            self.forget(key);
        }
        piece
    }

    /// Passes a piece of a request on, once there is room for it; `last` is the last one.
    ///
    /// # Errors
    /// `cancelled` when the exchange is over, or takes nothing more.
    pub(crate) async fn write(&self, key: &Key, bytes: Bytes, last: bool) -> Result<()> {
        let exchange = self.find(key)?;
        let writing = async {
            let mut up = exchange.up.lock().await;
            let sender = up.as_ref().ok_or_else(|| over(key))?;
            if !bytes.is_empty() {
                let sent = sender.send(Up::Piece(bytes)).await;
                sent.map_err(|_| over(key))?;
            }
            if last {
                let sent = sender.send(Up::End).await;
                *up = None;
                sent.map_err(|_| over(key))?;
            }
            Ok(())
        };
        let outcome = exchange.cancelled.run_until_cancelled(writing).await;
        outcome.unwrap_or_else(|| Err(over(key)))
    }

    /// Ends an exchange, or keeps it from beginning; what is under way in it fails with `cancelled`.
    pub(crate) fn cancel(&self, key: Key) {
        let mut known = self.lock();
        if let Some(exchange) = known.begun.remove(&key) {
            exchange.cancelled.cancel();
            return;
        }
        if known.early.len() == MOST_EARLY {
            known.early.pop_front();
        }
        known.early.push_back(key);
    }

    /// Ends all exchanges of a webview, whose page is gone.
    pub(crate) fn cancel_all(&self, webview: &str) {
        let mut known = self.lock();
        known.early.retain(|key| key.webview != webview);
        known.begun.retain(|key, exchange| {
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

    fn forget(&self, key: &Key) {
        self.lock().begun.remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Down {
    /// Waits for bytes, and takes what else is there already.
    async fn next(&mut self) -> Result<Vec<u8>> {
        let first = self.pieces.recv().await;
        let number = self.given;
        self.given = number.wrapping_add(1);
        let mut piece = [&number.to_be_bytes()[..], &[MORE]].concat();
        let mut next = first;
        loop {
            match next.transpose()? {
                Some(bytes) => piece.extend_from_slice(&bytes),
                None => piece[4] = LAST,
            }
            if piece[4] == LAST || piece.len() >= HEAD_BYTES + PIECE_BYTES {
                return Ok(piece);
            }
            next = match self.pieces.try_recv() {
                Ok(more) => Some(more),
                Err(TryRecvError::Disconnected) => None,
                Err(TryRecvError::Empty) => return Ok(piece),
            };
        }
    }
}

fn over(Key { exchange, .. }: &Key) -> Error {
    Kind::Cancelled(format!(
        "exchange `{exchange}` is over: it was cancelled, has ended, or its page was left"
    ))
    .into()
}

impl Begun {
    /// What the page writes, as a request's body; it breaks off with an error unless the page says that it is whole.
    pub(crate) fn body(&mut self) -> impl Stream<Item = Result<Bytes, BoxError>> + Send + use<> {
        stream::unfold(self.up.take(), async |up| {
            let mut up = up?;
            match up.recv().await {
                Some(Up::Piece(bytes)) => Some((Ok(bytes), Some(up))),
                Some(Up::End) => None,
                None => Some((
                    Err("the page did not write its body to the end".into()),
                    None,
                )),
            }
        })
    }

    /// Cancelled with the exchange.
    pub(crate) fn cancelled(&self) -> CancellationToken {
        self.cancelled.clone()
    }

    /// Does something unless the exchange is cancelled before it is done.
    ///
    /// # Errors
    /// `cancelled`, or what was done fails with.
    pub(crate) async fn unless_cancelled<T>(
        &self,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let outcome = self.cancelled.run_until_cancelled(work).await;
        outcome.unwrap_or_else(|| Err(over(&self.key)))
    }

    /// Lets the page read what a source has, as fast as it does so. The source is dropped at its end or first error, and
    /// when the exchange is cancelled.
    pub(crate) fn pump(
        mut self,
        source: impl Stream<Item = Result<Bytes>> + Send,
    ) -> impl Future<Output = ()> + Send {
        self.is_read = true;
        let (cancelled, down) = (self.cancelled.clone(), self.down.clone());
        async move {
            let pumping = async {
                let mut source = pin!(source);
                while let Some(piece) = source.next().await {
                    let broken = piece.is_err();
                    if down.send(piece).await.is_err() || broken {
                        return;
                    }
                }
            };
            cancelled.run_until_cancelled(pumping).await;
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if !self.is_read {
            self.exchanges.forget(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(exchange: &str) -> Key {
        Key {
            webview: "main".into(),
            exchange: exchange.into(),
        }
    }

    fn source(pieces: Vec<Result<Bytes>>) -> impl Stream<Item = Result<Bytes>> + Send {
        stream::iter(pieces)
    }

    #[tokio::test]
    async fn a_page_reads_to_the_end_and_no_further() {
        let exchanges = Exchanges::default();
        let begun = exchanges.begin(key("1")).expect("new");
        let pieces = (0..10_u8).map(|n| Ok(Bytes::from(vec![n; 100_000])));
        let pump = tokio::spawn(begun.pump(source(pieces.collect())));
        let (mut whole, mut number) = (Vec::new(), 0_u32);
        loop {
            let piece = exchanges.read(&key("1")).await.expect("a piece");
            assert!(piece.len() <= HEAD_BYTES + PIECE_BYTES + 100_000);
            assert_eq!(piece[..4], number.to_be_bytes());
            number += 1;
            whole.extend_from_slice(&piece[HEAD_BYTES..]);
            if piece[4] == LAST {
                break;
            }
        }
        let expected: Vec<u8> = (0..10).flat_map(|n| vec![n; 100_000]).collect();
        assert!(whole == expected);
        exchanges.read(&key("1")).await.expect_err("it is over");
        pump.await.expect("no panic");
        assert!(exchanges.lock().begun.is_empty());
    }

    #[tokio::test]
    async fn what_breaks_off_is_an_error_after_what_came_before() {
        let exchanges = Exchanges::default();
        let begun = exchanges.begin(key("1")).expect("new");
        let broken = Err(Kind::NoWindow.into());
        begun
            .pump(source(vec![Ok(Bytes::from_static(b"a")), broken]))
            .await;
        let outcome = exchanges.read(&key("1")).await;
        assert!(
            matches!(&outcome, Err(error) if matches!(error.kind(), Kind::NoWindow)),
            "{outcome:?}"
        );
        assert!(exchanges.lock().begun.is_empty());
    }

    #[tokio::test]
    async fn who_reads_ahead_gets_the_error_once_and_no_end_in_its_place() {
        let exchanges = Exchanges::default();
        let begun = exchanges.begin(key("1")).expect("new");
        let key = key("1");
        let reads = async { tokio::join!(exchanges.read(&key), exchanges.read(&key)) };
        let pump = begun.pump(source(vec![Err(Kind::NoWindow.into())]));
        let ((first, second), ()) = tokio::join!(reads, pump);
        assert!(
            matches!(&first, Err(error) if matches!(error.kind(), Kind::NoWindow)),
            "{first:?}"
        );
        let second = second.expect("the end, behind the piece that failed");
        assert_eq!((&second[..4], second[4]), (&[0, 0, 0, 1][..], LAST));
    }

    #[tokio::test]
    async fn a_source_is_not_read_faster_than_the_page_reads() {
        let exchanges = Exchanges::default();
        let begun = exchanges.begin(key("1")).expect("new");
        let taken = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counter = taken.clone();
        let endless = stream::repeat_with(move || {
            counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Ok(Bytes::from(vec![0; PIECE_BYTES]))
        });
        let pump = tokio::spawn(begun.pump(endless));
        for read in 0..20 {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            let ahead = taken.load(std::sync::atomic::Ordering::Relaxed) - read;
            assert!(ahead <= WAITING + 1, "{ahead} pieces ahead");
            exchanges.read(&key("1")).await.expect("a piece");
        }
        exchanges.cancel(key("1"));
        pump.await.expect("it ends with the exchange");
    }

    #[tokio::test]
    async fn a_page_that_is_left_takes_its_exchanges_along_and_no_others() {
        let exchanges = Exchanges::default();
        let pending = || stream::pending::<Result<Bytes>>();
        let other = Key {
            webview: "other".into(),
            exchange: "1".into(),
        };
        let mut pumps = Vec::new();
        for key in [key("1"), key("2"), other.clone()] {
            pumps.push(tokio::spawn(
                exchanges.begin(key).expect("new").pump(pending()),
            ));
        }
        let reading = tokio::spawn({
            let exchanges = exchanges.clone();
            async move { exchanges.read(&key("1")).await }
        });
        tokio::task::yield_now().await;
        exchanges.cancel_all("main");
        let error = reading.await.expect("no panic").expect_err("it is over");
        assert_eq!(error.code(), crate::ErrorCode::Cancelled);
        assert_eq!(exchanges.lock().begun.keys().collect::<Vec<_>>(), [&other]);
        exchanges.cancel(other.clone());
        for pump in pumps {
            pump.await.expect("no panic");
        }
    }

    #[tokio::test]
    async fn a_body_is_whole_only_if_the_page_says_so() {
        for (finishes, expected) in [(true, "ab"), (false, "ab!")] {
            let exchanges = Exchanges::default();
            let mut begun = exchanges.begin(key("1")).expect("new");
            let body = begun.body();
            let writer = tokio::spawn({
                let exchanges = exchanges.clone();
                async move {
                    let key = key("1");
                    exchanges
                        .write(&key, "a".into(), false)
                        .await
                        .expect("taken");
                    exchanges
                        .write(&key, "b".into(), finishes)
                        .await
                        .expect("taken");
                    if finishes {
                        exchanges
                            .write(&key, "c".into(), true)
                            .await
                            .expect_err("it was the last");
                    } else {
                        exchanges.cancel(key);
                    }
                }
            });
            let mut body = pin!(body);
            let mut got = String::new();
            while let Some(piece) = body.next().await {
                match piece {
                    Ok(bytes) => got.push_str(std::str::from_utf8(&bytes).expect("text")),
                    Err(_) => got.push('!'),
                }
            }
            writer.await.expect("no panic");
            assert_eq!(got, expected);
        }
    }

    #[tokio::test]
    async fn a_cancel_that_comes_first_keeps_the_exchange_from_beginning_once() {
        let exchanges = Exchanges::default();
        exchanges.cancel(key("1"));
        let error = exchanges.begin(key("1")).map(drop).expect_err("given up");
        assert_eq!(error.code(), crate::ErrorCode::Cancelled);
        exchanges.begin(key("1")).map(drop).expect("another one");
        for number in 0..2 * MOST_EARLY {
            exchanges.cancel(key(&number.to_string()));
        }
        assert_eq!(exchanges.lock().early.len(), MOST_EARLY);
        exchanges.cancel_all("main");
        assert!(exchanges.lock().early.is_empty());
    }

    #[tokio::test]
    async fn an_exchange_is_begun_once_and_forgotten_with_an_answer_that_was_whole() {
        let exchanges = Exchanges::default();
        let begun = exchanges.begin(key("1")).expect("new");
        assert!(exchanges.begin(key("1")).is_err());
        drop(begun);
        exchanges.begin(key("1")).map(drop).expect("new again");
        assert!(exchanges.lock().begun.is_empty());
    }
}
