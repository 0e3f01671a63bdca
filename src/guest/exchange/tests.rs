use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::{FutureExt, Stream, StreamExt, stream};

use super::{
    link::WAITING,
    piece::{HEAD_BYTES, PIECE_BYTES, is_last},
    registry::{Exchanges, Key, MOST_EARLY},
};
use crate::error::{ErrorCode, Kind, Result};

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
    let page = exchanges.begin(key("1")).expect("new");
    let pieces = (0..10_u8).map(|n| Ok(Bytes::from(vec![n; 100_000])));
    let pump = tokio::spawn(page.pump(source(pieces.collect())));
    let (mut whole, mut number) = (Vec::new(), 0_u32);
    loop {
        let piece = exchanges.read(&key("1")).await.expect("a piece");
        assert!(piece.len() <= HEAD_BYTES + PIECE_BYTES);
        assert_eq!(piece[..4], number.to_be_bytes());
        number += 1;
        whole.extend_from_slice(&piece[HEAD_BYTES..]);
        if is_last(&piece) {
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
async fn a_chunk_that_is_larger_than_a_piece_is_cut() {
    let exchanges = Exchanges::default();
    let page = exchanges.begin_with(key("1"), 4).expect("new");
    let broken = Err(Kind::NoWindow.into());
    page.pump(source(vec![
        Ok("abcdefgh".into()),
        Ok("ijk".into()),
        broken,
    ]))
    .await;
    for expected in ["abcd", "efgh", "ijk"] {
        let piece = exchanges.read(&key("1")).await.expect("a piece");
        assert_eq!(&piece[HEAD_BYTES..], expected.as_bytes());
    }
    exchanges.read(&key("1")).await.expect_err("it broke off");
}

#[tokio::test]
async fn what_breaks_off_is_an_error_after_what_came_before() {
    let exchanges = Exchanges::default();
    let page = exchanges.begin(key("1")).expect("new");
    let broken = Err(Kind::NoWindow.into());
    // A page that is slow finds all of it there.
    page.pump(source(vec![Ok("a".into()), Ok("b".into()), broken]))
        .await;
    let piece = exchanges.read(&key("1")).await.expect("what came before");
    assert_eq!(piece[HEAD_BYTES..], *b"ab");
    assert!(!is_last(&piece));
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
    let page = exchanges.begin(key("1")).expect("new");
    let key = key("1");
    let reads = async { tokio::join!(exchanges.read(&key), exchanges.read(&key)) };
    let pump = page.pump(source(vec![Err(Kind::NoWindow.into())]));
    let ((first, second), ()) = tokio::join!(reads, pump);
    assert!(
        matches!(&first, Err(error) if matches!(error.kind(), Kind::NoWindow)),
        "{first:?}"
    );
    let second = second.expect("the end, behind the piece that failed");
    assert_eq!(second[..4], [0, 0, 0, 1]);
    assert!(is_last(&second));
}

#[tokio::test]
async fn a_source_is_not_read_faster_than_the_page_reads() {
    let exchanges = Exchanges::default();
    let page = exchanges.begin(key("1")).expect("new");
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = taken.clone();
    let endless = stream::repeat_with(move || {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(Bytes::from(vec![0; PIECE_BYTES]))
    });
    let pump = tokio::spawn(page.pump(endless));
    for read in 0..20 {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        let ahead = taken.load(Ordering::Relaxed) - read;
        assert!(ahead <= WAITING + 1, "{ahead} pieces ahead");
        exchanges.read(&key("1")).await.expect("a piece");
    }
    exchanges.cancel(key("1"));
    pump.await.expect("it ends with the exchange");
}

#[tokio::test]
async fn an_empty_piece_waits_until_a_request_takes_its_first_one() {
    let exchanges = Exchanges::default();
    let mut page = exchanges.begin(key("1")).expect("new");
    let asks = || {
        let exchanges = exchanges.clone();
        tokio::spawn(async move { exchanges.write(&key("1"), Bytes::new(), false).await })
    };
    let asked = asks();
    let mut body = pin!(page.body());
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert!(!asked.is_finished(), "the request waits for its turn");
    assert!(
        body.next().now_or_never().is_none(),
        "no piece is there yet"
    );
    asked
        .await
        .expect("no panic")
        .expect("the request has its turn");
    asks().await.expect("no panic").expect("and keeps it");
    // Also of a request that is given up before its turn.
    let mut page = exchanges.begin(key("2")).expect("new");
    let body = page.body();
    let second = key("2");
    let waits = exchanges.write(&second, Bytes::new(), false);
    drop(body);
    waits.await.expect("nobody waits for it");
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
    assert_eq!(error.code(), ErrorCode::Cancelled);
    assert_eq!(exchanges.lock().begun.keys().collect::<Vec<_>>(), [&other]);
    exchanges.cancel(other.clone());
    for pump in pumps {
        pump.await.expect("no panic");
    }
}

#[tokio::test]
async fn a_page_can_read_write_and_cancel_no_exchange_of_another_window() {
    let exchanges = Exchanges::default();
    let mut page = exchanges.begin(key("1")).expect("new");
    let _body = page.body();
    let pump = tokio::spawn(page.pump(source(vec![Ok("secret".into())])));
    let other = Key {
        webview: "other".into(),
        ..key("1")
    };
    let error = exchanges.read(&other).await.expect_err("not its own");
    assert_eq!(error.code(), ErrorCode::Cancelled);
    exchanges.cancel(other.clone());
    let written = exchanges.write(&other, "x".into(), true).await;
    assert_eq!(written.expect_err("nor here").code(), ErrorCode::Cancelled);
    let piece = exchanges.read(&key("1")).await.expect("it goes on");
    assert!(piece.ends_with(b"secret"));
    pump.await.expect("no panic");
}

#[tokio::test]
async fn a_piece_may_come_before_its_request() {
    let exchanges = Exchanges::default();
    let writer = tokio::spawn({
        let exchanges = exchanges.clone();
        async move { exchanges.write(&key("1"), "early".into(), true).await }
    });
    tokio::task::yield_now().await;
    let mut page = exchanges.begin(key("1")).expect("new");
    let pieces: Vec<_> = page
        .body()
        .map(|piece| piece.expect("whole"))
        .collect()
        .await;
    assert_eq!(pieces, ["early"]);
    writer.await.expect("no panic").expect("taken");
}

#[tokio::test]
async fn a_request_that_comes_after_its_piece_was_refused_does_not_wait_for_the_rest() {
    let exchanges = Exchanges::default();
    let waited = exchanges.begun(&key("late"), Duration::ZERO).await;
    assert_eq!(waited.expect_err("in vain").code(), ErrorCode::Cancelled);
    let error = exchanges.begin(key("late")).map(drop);
    assert_eq!(error.expect_err("too late").code(), ErrorCode::Cancelled);
}

#[tokio::test]
async fn a_piece_waits_for_no_request_that_has_ended_or_was_given_up() {
    let exchanges = Exchanges::default();
    drop(exchanges.begin(key("ended")).expect("new"));
    exchanges.cancel(key("given up"));
    for name in ["ended", "given up"] {
        let written = exchanges.write(&key(name), "x".into(), true).now_or_never();
        let error = written.expect("at once").expect_err("nobody takes it");
        assert_eq!(error.code(), ErrorCode::Cancelled, "{name}");
    }
    let giving_up = async {
        tokio::task::yield_now().await;
        exchanges.cancel(key("later"));
    };
    let later = key("later");
    let (written, ()) = tokio::join!(exchanges.write(&later, "x".into(), true), giving_up);
    written.expect_err("it was given up meanwhile");
    assert!(exchanges.begin(later).is_err(), "as was its request");
    exchanges.cancel(key("ended"));
    assert!(!exchanges.lock().early.contains(&key("ended")));
}

#[tokio::test]
async fn a_body_is_whole_only_if_the_page_says_so() {
    for (finishes, expected) in [(true, "ab"), (false, "ab!")] {
        let exchanges = Exchanges::default();
        let mut page = exchanges.begin(key("1")).expect("new");
        let body = page.body();
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
async fn what_is_taken_over_comes_to_its_end_or_says_that_it_was_given_up() {
    for given_up in [false, true] {
        let exchanges = Exchanges::default();
        let page = exchanges.begin(key("1")).expect("new");
        let more = stream::pending().take(usize::from(given_up));
        let pump = tokio::spawn(page.pump(source(vec![Ok("a".into())]).chain(more)));
        let mut taken = exchanges.take(key("1")).expect("it is there");
        let taking = tokio::task::spawn_blocking(move || {
            let first = taken.next();
            let next = first.and_then(|first| Ok((first, taken.next()?)));
            (next, taken)
        });
        if given_up {
            exchanges.cancel(key("1"));
        }
        let (outcome, taken) = taking.await.expect("no panic");
        match outcome {
            Ok((first, None)) if !given_up => assert_eq!(first.as_deref(), Some(&b"a"[..])),
            Err(error) if given_up => assert_eq!(error.code(), ErrorCode::Cancelled),
            outcome => panic!("{outcome:?}"),
        }
        pump.await.expect("it ends with the exchange");
        drop(taken);
        assert!(exchanges.lock().begun.is_empty());
    }
    assert!(Exchanges::default().take(key("1")).is_err());
}

#[tokio::test]
async fn a_cancel_that_comes_first_keeps_the_exchange_from_beginning_once() {
    let exchanges = Exchanges::default();
    exchanges.cancel(key("1"));
    let error = exchanges.begin(key("1")).map(drop).expect_err("given up");
    assert_eq!(error.code(), ErrorCode::Cancelled);
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
    let page = exchanges.begin(key("1")).expect("new");
    assert!(exchanges.begin(key("1")).is_err());
    drop(page);
    exchanges.begin(key("1")).map(drop).expect("new again");
    assert!(exchanges.lock().begun.is_empty());
}
