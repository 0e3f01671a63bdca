//! Requests and answers.

use futures_util::stream;
use http_body_util::StreamBody;
use hyper::body::Frame;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    select,
};

use super::*;

#[tokio::test]
async fn connections_are_used_again_until_one_breaks_or_the_generation_ends() {
    let (_directory, path) = path();
    let connections = serve(UnixListener::bind(&path).expect("bound"));
    let pool = pool(path, 64);
    let get = async |generation, path| exchange(&pool, generation, get(path)).await;
    let count = || connections.load(Ordering::Relaxed);

    tokio::try_join!(get(1, "/a"), get(1, "/b")).expect("answers");
    get(1, "/c").await.expect("an answer");
    assert_eq!(count(), 2, "one is used again");
    let error = get(1, "/break").await.expect_err("no answer");
    assert_eq!(progress(&error), Progress::PerhapsCarriedOut);
    get(1, "/d").await.expect("an answer");
    assert_eq!(count(), 3, "the idle one may be dead too");
    get(2, "/e").await.expect("an answer");
    assert_eq!(count(), 4, "a new generation, new connections");
    get(2, "/f").await.expect("an answer");
    assert_eq!(count(), 4);
}

#[tokio::test]
async fn an_answer_without_a_body_that_anybody_reads_leaves_its_connection_as_it_is() {
    let (_directory, path) = path();
    let connections = serve(UnixListener::bind(&path).expect("bound"));
    let pool = pool(path, 64);
    for _ in 0..20 {
        let head = request(Request::head("/a"));
        drop(pool.send(1, head, None).await.expect("an answer"));
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1);
    drop(pool.send(1, get("/a"), None).await.expect("an answer"));
    exchange(&pool, 1, get("/a")).await.expect("an answer");
    assert_eq!(
        connections.load(Ordering::Relaxed),
        2,
        "whose body is not read closes its connection"
    );
}

#[tokio::test]
async fn an_answer_that_breaks_in_its_body_breaks_before_it_is_given_if_it_is_held() {
    let (_directory, path) = path();
    let listener = UnixListener::bind(&path).expect("bound");
    tokio::spawn(async move {
        for body in ["ab", "abcde"] {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await.expect("a request");
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).await.expect("sent");
        }
    });
    let pool = pool(path, 64);
    let ask = async || {
        pool.send(1, get("/"), None)
            .await
            .expect("a head")
            .into_body()
    };
    let error = ask()
        .await
        .hold(5)
        .await
        .expect_err("three bytes are missing");
    assert_eq!(progress(&error), Progress::Answered);
    let mut whole = ask().await;
    whole.hold(5).await.expect("it comes whole");
    assert_eq!(whole.length(), Some(5));
    assert_eq!(
        whole.chunk().await.expect("it is here"),
        Some(Bytes::from("abcde"))
    );
    assert_eq!(whole.chunk().await.expect("it is at its end"), None);
}

#[tokio::test]
async fn a_body_that_breaks_off_on_our_side_is_no_fault_of_the_sidecar() {
    let (_directory, path) = path();
    let connections = serve(UnixListener::bind(&path).expect("bound"));
    let pool = pool(path, 64);
    let both = async || {
        let (one, other) = (get("/slow"), get("/slow"));
        tokio::try_join!(exchange(&pool, 1, one), exchange(&pool, 1, other)).expect("answers");
    };
    both().await;
    for round in 0..10 {
        let pieces = [
            Ok(Frame::data(Bytes::from("half"))),
            Err(BoxError::from("the page was left")),
        ];
        let body = Outgoing::new(StreamBody::new(stream::iter(pieces)));
        let upload = Request::post("/upload").body(body).expect("a request");
        let error = exchange(&pool, 1, upload).await.expect_err("half a body");
        assert!(matches!(error.kind(), Kind::Cancelled(_)), "{error:?}");
        assert_eq!(error.kind().progress(), Progress::PerhapsCarriedOut);
        both().await;
        assert_eq!(
            connections.load(Ordering::Relaxed),
            3 + round,
            "one was closed, the other stays"
        );
    }
}

#[tokio::test]
async fn a_sidecar_that_answers_before_it_has_the_request_holds_up_no_other() {
    let (_directory, path) = path();
    let connections = serve(UnixListener::bind(&path).expect("bound"));
    let pool = pool(path, 64);
    let endless = stream::pending::<Result<Frame<Bytes>, BoxError>>();
    let body = Outgoing::new(StreamBody::new(endless));
    let upload = Request::post("/early").body(body).expect("a request");
    let answer = timeout(LIMIT, exchange(&pool, 1, upload)).await;
    assert_eq!(answer.expect("at once").expect("an answer"), "/early");
    exchange(&pool, 1, get("/a")).await.expect("an answer");
    assert_eq!(connections.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn what_is_no_path_is_refused() {
    let (_directory, path) = path();
    serve(UnixListener::bind(&path).expect("bound"));
    let pool = pool(path, 64);
    for uri in ["http://elsewhere/a", "*"] {
        let error = exchange(&pool, 1, get(uri)).await.expect_err("no path");
        assert!(matches!(error.kind(), Kind::InvalidRequest(_)), "{error:?}");
    }
}

/// Ends as its other end has, and says so only to who writes.
#[tokio::test]
async fn a_body_that_comes_by_and_by_goes_whole_over_another_connection() {
    let pool = Pool::dialled(name(), reactors());
    pool.take_in(1, Box::new(unsent::Gone));
    let (ours, theirs) = tokio::net::UnixStream::pair().expect("a pair");
    let pieces = ["one ", "two ", "three"].map(|piece| Ok(Frame::data(Bytes::from(piece))));
    let body = Outgoing::new(StreamBody::new(stream::iter(pieces)));
    let upload = Request::post("/echo").body(body).expect("a request");
    let echo = async {
        // After the first one broke, for all that was there went with it.
        sleep(Duration::from_millis(20)).await;
        pool.take_in(1, Box::new(ours));
        answer(theirs, || {}).await;
    };
    let answered = select! {
        answered = exchange(&pool, 1, upload) => answered,
        () = echo => unreachable!("the pool keeps the connection"),
    };
    assert_eq!(answered.expect("an answer"), "one two three");
}
