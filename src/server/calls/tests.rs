use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    http::{HeaderMap, header::CONTENT_TYPE},
    routing::{get, post},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    sync::{Notify, Semaphore},
    task::JoinHandle,
    time::timeout,
};

use super::*;

/// What the handlers did.
#[derive(Debug, Default)]
struct Seen {
    begun: AtomicUsize,
    dropped: AtomicUsize,
    large: AtomicUsize,
    noted: AtomicUsize,
    go_on: Notify,
}

struct Dropped(Arc<Seen>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

fn router(seen: Arc<Seen>) -> Router {
    let counted = seen.clone();
    let large = async move || {
        counted.large.fetch_add(1, Ordering::Relaxed);
        vec![b'x'; 1_000_000]
    };
    let noting = seen.clone();
    let note = async move || {
        noting.noted.fetch_add(1, Ordering::Relaxed);
    };
    let wait = async move || {
        let dropped = Dropped(seen.clone());
        seen.begun.fetch_add(1, Ordering::Relaxed);
        dropped.0.go_on.notified().await;
        "waited"
    };
    let echo = async |headers: HeaderMap, body: Bytes| {
        let kind = headers.get(CONTENT_TYPE).cloned();
        let kind = kind.unwrap_or(HeaderValue::from_static("text/plain"));
        ([(CONTENT_TYPE, kind)], body)
    };
    Router::new()
        .route("/wait", post(wait))
        .route("/echo", post(echo))
        .route("/note", post(note))
        .route("/nothing", post(async || StatusCode::NO_CONTENT))
        .route("/large", post(large))
        .route("/huge", post(async || vec![b'x'; 16_000_000]))
        .route("/health", get(async || "well"))
}

/// A client, and the connection that serves it.
struct Client {
    stream: DuplexStream,
    seen: Arc<Seen>,
    served: JoinHandle<io::Result<()>>,
}

fn connected() -> Client {
    let (ours, theirs) = duplex(1024 * 1024);
    let seen = Arc::new(Seen::default());
    let mut calls = Calls::new(
        theirs,
        router(seen.clone()),
        Caller::new(Arc::new(Semaphore::new(0))),
    );
    let served = tokio::spawn(async move { poll_fn(|context| calls.poll(context)).await });
    Client {
        stream: ours,
        seen,
        served,
    }
}

fn post_of(path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn framed(call: u32, message: &[u8]) -> Vec<u8> {
    let mut output = BytesMut::new();
    frame::write(&mut output, call, false, &[message]);
    output.to_vec()
}

impl Client {
    async fn send(&mut self, frames: &[Vec<u8>]) {
        let sent = self.stream.write_all(&frames.concat()).await;
        sent.expect("the connection is open");
    }

    /// The next frame: the call, whether it is the last one, and its piece.
    async fn frame(&mut self) -> (u32, bool, Vec<u8>) {
        let read = async {
            let length = self.stream.read_u32().await.expect("a frame");
            let call = self.stream.read_u32().await.expect("a frame");
            let mut piece = vec![0; (length & !(1 << 31)) as usize];
            self.stream.read_exact(&mut piece).await.expect("a frame");
            (call, length < 1 << 31, piece)
        };
        let read = timeout(Duration::from_secs(20), read).await;
        read.expect("an answer comes")
    }

    /// The next answer that comes in one frame.
    async fn answer(&mut self) -> (u32, String) {
        let (call, is_last, piece) = self.frame().await;
        assert!(is_last);
        (call, String::from_utf8(piece).expect("text"))
    }

    async fn until(&self, what: &AtomicUsize, count: usize) {
        let reached = async {
            while what.load(Ordering::Relaxed) < count {
                tokio::task::yield_now().await;
            }
        };
        let reached = timeout(Duration::from_secs(20), reached).await;
        reached.expect("it comes");
    }
}

#[tokio::test]
async fn an_answer_is_what_http_would_have() {
    let mut client = connected();
    let expected = [
        (
            post_of("/echo", b"[1]"),
            "HTTP/1.1 200 \r\ncontent-type: application/json\r\ncontent-length: 3\r\n\r\n[1]",
        ),
        (post_of("/nothing", b""), "HTTP/1.1 204 \r\n\r\n"),
        (
            b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n".to_vec(),
            "HTTP/1.1 200 \r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 4\r\n\r\nwell",
        ),
        (
            b"HEAD /health HTTP/1.1\r\nhost: localhost\r\n\r\n".to_vec(),
            "HTTP/1.1 200 \r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 4\r\n\r\n",
        ),
    ];
    for (number, (request, answer)) in (1..).zip(expected) {
        client.send(&[framed(number, &request)]).await;
        assert_eq!(client.answer().await, (number, answer.to_owned()));
    }
}

#[tokio::test]
async fn a_call_that_waits_holds_up_no_other_one() {
    let mut client = connected();
    let (slow, quick) = (post_of("/wait", b""), post_of("/nothing", b""));
    client.send(&[framed(1, &slow), framed(2, &quick)]).await;
    assert_eq!(client.answer().await.0, 2);
    client.seen.go_on.notify_one();
    let (call, answer) = client.answer().await;
    assert_eq!(call, 1);
    assert!(answer.ends_with("\r\n\r\nwaited"), "{answer}");
}

/// Takes all that is written, and notes how many calls had been carried out before the first of it.
struct FirstWrite(Arc<Seen>, Option<usize>);

impl AsyncWrite for FirstWrite {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Self(seen, noted) = self.get_mut();
        noted.get_or_insert(seen.noted.load(Ordering::Relaxed));
        Poll::Ready(Ok(data.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn the_first_answers_are_sent_before_the_last_calls_begin() {
    let seen = Arc::new(Seen::default());
    let count = u32::try_from(MOST_CALLS).expect("a number of calls");
    let requests: Vec<u8> = (0..count)
        .flat_map(|call| framed(call, &post_of("/note", b"")))
        .collect();
    let stream = tokio::io::join(&requests[..], FirstWrite(seen.clone(), None));
    let mut calls = Calls::new(
        stream,
        router(seen),
        Caller::new(Arc::new(Semaphore::new(0))),
    );
    let served = poll_fn(|context| calls.poll(context)).await;
    served.expect("the requests are well formed");
    assert_eq!(calls.stream.writer().1, Some(MOST_ANSWERS));
}

#[tokio::test]
async fn a_long_answer_comes_in_pieces_among_which_short_ones_find_room() {
    let mut client = connected();
    let (long, short) = (post_of("/large", b""), post_of("/nothing", b""));
    client.send(&[framed(1, &long), framed(2, &short)]).await;
    let (mut answer, mut short_came_at) = (Vec::new(), None);
    loop {
        let (call, is_last, piece) = client.frame().await;
        assert!(piece.len() <= frame::PIECE_BYTES);
        if call == 2 {
            short_came_at = Some(answer.len());
            continue;
        }
        answer.extend(piece);
        if is_last {
            break;
        }
    }
    assert!(answer.ends_with(&[b'x'; 1000]));
    assert!(answer.len() > 1_000_000);
    assert!(short_came_at.is_some_and(|at| at < answer.len()));
}

#[tokio::test]
async fn a_call_that_is_begun_while_a_long_answer_comes_need_not_wait_for_its_end() {
    let mut client = connected();
    client.send(&[framed(1, &post_of("/huge", b""))]).await;
    let (_, _, mut piece) = client.frame().await;
    client.send(&[framed(2, &post_of("/nothing", b""))]).await;
    let mut received = 0;
    loop {
        received += piece.len();
        let (call, _, next) = client.frame().await;
        if call == 2 {
            break;
        }
        piece = next;
    }
    assert!(received < 4_000_000, "{received}");
}

#[tokio::test]
async fn who_sends_and_reads_nothing_is_not_heard_for_ever() {
    let mut client = connected();
    let large = post_of("/large", b"");
    for call in 0..1000 {
        let frame = framed(call, &large);
        let sending = client.stream.write_all(&frame);
        // The connection ends at one call too many, or takes no more.
        let Ok(Ok(())) = timeout(Duration::from_millis(200), sending).await else {
            break;
        };
    }
    assert!(client.seen.large.load(Ordering::Relaxed) <= 2 * MOST_CALLS);
}

#[tokio::test]
async fn a_call_that_is_given_up_with_the_same_bytes_never_begins() {
    let mut client = connected();
    let wait = post_of("/wait", b"");
    client.send(&[framed(1, &wait), framed(1, b"")]).await;
    client.send(&[framed(2, &post_of("/nothing", b""))]).await;
    assert_eq!(client.answer().await.0, 2);
    assert_eq!(client.seen.begun.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_call_that_is_given_up_later_ends_where_it_is_and_makes_room() {
    let mut client = connected();
    let wait = post_of("/wait", b"");
    let most = u32::try_from(MOST_CALLS).expect("few");
    for call in 0..most {
        client.send(&[framed(call, &wait)]).await;
    }
    let seen = client.seen.clone();
    client.until(&seen.begun, MOST_CALLS).await;
    client.send(&[framed(7, b""), framed(most, &wait)]).await;
    client.until(&seen.begun, MOST_CALLS + 1).await;
    assert_eq!(seen.dropped.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn all_calls_end_with_the_connection() {
    let mut client = connected();
    let wait = post_of("/wait", b"");
    client.send(&[framed(1, &wait), framed(2, &wait)]).await;
    let seen = client.seen.clone();
    client.until(&seen.begun, 2).await;
    drop(client.stream);
    client.served.await.expect("no panic").expect("a plain end");
    assert_eq!(seen.dropped.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn what_streams_is_sent_elsewhere_and_does_not_begin() {
    let mut client = connected();
    for request in [
        &b"GET /v1/events?name=x HTTP/1.1\r\n\r\n"[..],
        b"GET /v1/channel HTTP/1.1\r\n\r\n",
        b"GET /v1/calls HTTP/1.1\r\n\r\n",
        b"POST /wait HTTP/1.1\r\nbridge-channels: onText\r\ncontent-length: 0\r\n\r\n",
    ] {
        client.send(&[framed(1, request)]).await;
        let (_, answer) = client.answer().await;
        assert!(answer.contains("needs a connection of its own"), "{answer}");
    }
    for path in ["/v1/events?name=x", "/v1/channel", "/v1/calls"] {
        let request = format!("HEAD {path} HTTP/1.1\r\n\r\n");
        client.send(&[framed(1, request.as_bytes())]).await;
        let (_, answer) = client.answer().await;
        assert!(answer.starts_with("HTTP/1.1 422 "), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }
    assert_eq!(client.seen.begun.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn what_is_no_frame_ends_the_connection() {
    let wait = post_of("/wait", b"");
    let one_too_many =
        (0..=u32::try_from(MOST_CALLS).expect("few")).flat_map(|it| framed(it, &wait));
    let long = [&(1_u32 << 20).to_be_bytes()[..], &[0; 4]].concat();
    for (what, bytes) in [
        ("a call too many", one_too_many.collect()),
        (
            "a number twice",
            [framed(1, &wait), framed(1, &wait)].concat(),
        ),
        ("a frame that is too long", long),
        (
            "pieces",
            framed(1 << 31, b"").into_iter().chain([0x80; 8]).collect(),
        ),
        ("no HTTP", framed(1, b"hello\r\n\r\n")),
        ("half a head", framed(1, b"POST /wait HTTP/1.1\r\n")),
        ("another version", framed(1, b"POST /wait HTTP/1.0\r\n\r\n")),
        ("no length", framed(1, b"POST /wait HTTP/1.1\r\n\r\nx")),
        (
            "a shorter length",
            framed(1, b"POST /wait HTTP/1.1\r\ncontent-length: 1\r\n\r\nxy"),
        ),
        (
            "a longer length",
            framed(1, b"POST /wait HTTP/1.1\r\ncontent-length: 3\r\n\r\nxy"),
        ),
        (
            "a signed length",
            framed(1, b"POST /wait HTTP/1.1\r\ncontent-length: +2\r\n\r\nxy"),
        ),
        (
            "two lengths",
            framed(
                1,
                b"POST / HTTP/1.1\r\ncontent-length: 0\r\ncontent-length: 0\r\n\r\n",
            ),
        ),
        (
            "chunks",
            framed(
                1,
                b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            ),
        ),
    ] {
        let mut client = connected();
        client.send(&[bytes]).await;
        let served = timeout(Duration::from_secs(20), client.served).await;
        let ended = served.expect("it ends").expect("no panic");
        assert_eq!(
            ended.expect_err(what).kind(),
            io::ErrorKind::InvalidData,
            "{what}"
        );
        assert_eq!(
            client.seen.begun.load(Ordering::Relaxed),
            client.seen.dropped.load(Ordering::Relaxed)
        );
    }
}

#[tokio::test]
async fn frames_may_be_cut_anywhere_and_random_bytes_do_no_harm() {
    let mut state = 18_u64;
    let mut random = move |most: usize| {
        // Knuth's multiplier; the high bits are random enough to cut bytes.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 40).expect("24 bits") % most
    };
    for _ in 0..300 {
        let mut client = connected();
        let bytes = [
            framed(1, &post_of("/echo", b"[1]")),
            framed(2, &post_of("/echo", b"2")),
        ]
        .concat();
        let (head, tail) = bytes.split_at(random(bytes.len()));
        client.send(&[head.to_vec()]).await;
        tokio::task::yield_now().await;
        client.send(&[tail.to_vec()]).await;
        assert!(client.answer().await.1.ends_with("[1]"));
        assert!(client.answer().await.1.ends_with('2'));
        let mut harmed = bytes.clone();
        for _ in 0..=random(3) {
            let at = random(harmed.len());
            harmed[at] = u8::try_from(random(256)).expect("a byte");
        }
        client.send(&[harmed]).await;
        drop(client.stream);
        drop(client.served.await.expect("no panic"));
    }
}
