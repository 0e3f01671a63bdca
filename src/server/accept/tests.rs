use axum::{Extension, body::Body, routing::get};
use hyper::{Response, client::conn::http1::SendRequest};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use super::*;
use crate::endpoint::{Address, memory};

/// Many times what a connection in memory holds.
const LARGE_BYTES: usize = 1024 * 1024;

/// A host endpoint in memory that takes at most so many connections. A request of `/known` counts as one with the token.
fn endpoint(most: usize) -> (Address, CancellationToken) {
    let listener = memory::listen();
    let (address, stop) = (listener.address(), CancellationToken::new());
    let show = |Extension(caller): Extension<Caller>| async move { caller.set_known() };
    let wait = |Extension(caller): Extension<Caller>| async move {
        caller.set_known();
        sleep(4 * PATIENCE).await;
    };
    let large = |Extension(caller): Extension<Caller>| async move {
        caller.set_known();
        vec![b'x'; LARGE_BYTES]
    };
    let router = Router::new()
        .route("/known", get(show).post(show))
        .route("/slow", get(wait))
        .route("/large", get(large))
        .route("/v1/calls", get(calls::switch));
    tokio::spawn(accept(listener, router, most, stop.clone()));
    (address, stop)
}

async fn connect(address: &Address) -> SendRequest<Body> {
    let stream = address.connect().await.expect("connected");
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .expect("a connection");
    tokio::spawn(connection);
    sender
}

async fn get_of(sender: &mut SendRequest<Body>, path: &str) -> hyper::Result<Response<Incoming>> {
    let request = Request::get(path).header("host", "localhost");
    let request = request.body(Body::empty()).expect("a request");
    sender.ready().await?;
    sender.send_request(request).await
}

async fn ask(sender: &mut SendRequest<Body>) -> hyper::Result<StatusCode> {
    Ok(get_of(sender, "/known").await?.status())
}

#[tokio::test]
async fn those_who_say_nothing_make_room_and_those_who_are_known_stay() {
    let (address, _stop) = endpoint(2);
    let mut known = connect(&address).await;
    assert_eq!(ask(&mut known).await.expect("answered"), StatusCode::OK);
    let mut silent = Vec::new();
    for _ in 0..5 {
        silent.push(address.connect().await.expect("connected"));
    }
    let mut late = connect(&address).await;
    assert_eq!(ask(&mut late).await.expect("answered"), StatusCode::OK);
    assert_eq!(ask(&mut known).await.expect("answered"), StatusCode::OK);
}

/// A connection whose caller has shown the token, and which idles since then.
async fn idle(address: &Address) -> SendRequest<Body> {
    let mut sender = connect(address).await;
    assert_eq!(ask(&mut sender).await.expect("answered"), StatusCode::OK);
    sender
}

#[tokio::test]
async fn the_connection_that_idled_longest_makes_room_where_all_are_known() {
    let (address, _stop) = endpoint(2);
    let (mut first, mut second) = (idle(&address).await, idle(&address).await);
    sleep(PATIENCE).await;
    ask(&mut first).await.expect("answered");
    // Later each of them would be closed anyway.
    let third = timeout(HEADER_TIMEOUT / 2, idle(&address)).await;
    let mut third = third.expect("there is room for it");
    ask(&mut first).await.expect("it was used last");
    ask(&mut third).await.expect("answered");
    ask(&mut second).await.expect_err("it was closed");
}

#[tokio::test]
async fn a_request_that_comes_as_its_connection_makes_room_is_answered() {
    let (address, _stop) = endpoint(1);
    let mut known = idle(&address).await;
    let mut other = connect(&address).await;
    let (known, other) = tokio::join!(get_of(&mut known, "/known"), ask(&mut other));
    let known = known.expect("answered");
    assert_eq!(known.headers()[CONNECTION], "close");
    assert_eq!(other.expect("answered"), StatusCode::OK);
}

#[tokio::test]
async fn a_connection_that_answers_while_others_wait_closes_behind_the_answer() {
    let (address, _stop) = endpoint(1);
    let mut busy = connect(&address).await;
    let slow = tokio::spawn(async move { get_of(&mut busy, "/slow").await });
    sleep(PATIENCE).await;
    let mut other = connect(&address).await;
    assert_eq!(ask(&mut other).await.expect("answered"), StatusCode::OK);
    let answer = slow.await.expect("no panic").expect("it is not cut off");
    assert_eq!(answer.headers()[CONNECTION], "close");
    let answer = get_of(&mut other, "/known").await.expect("it stays open");
    assert!(!answer.headers().contains_key(CONNECTION), "nobody waits");
}

#[tokio::test]
async fn an_answer_that_is_read_slowly_comes_whole_while_others_wait() {
    let (address, _stop) = endpoint(1);
    let mut slow = address.connect().await.expect("connected");
    let asking = b"GET /large HTTP/1.1\r\nhost: localhost\r\n\r\n";
    slow.write_all(asking).await.expect("sent");
    sleep(PATIENCE).await;
    let mut other = connect(&address).await;
    let answered = tokio::spawn(async move { ask(&mut other).await });
    sleep(4 * PATIENCE).await;
    let mut answer = Vec::new();
    slow.read_to_end(&mut answer).await.expect("an answer");
    assert!(answer.ends_with(&vec![b'x'; LARGE_BYTES]));
    let status = answered.await.expect("no panic").expect("answered");
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_stranger_whose_request_has_come_is_heard_however_late_the_endpoint_is() {
    const GET: &[u8] = b"GET /known HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let (address, _stop) = endpoint(2);
    let connected = || address.connect();
    let mut strangers = vec![connected().await.expect("connected")];
    strangers.push(connected().await.expect("connected"));
    sleep(PATIENCE / 5).await;
    strangers.push(connected().await.expect("connected"));
    for stranger in &mut strangers {
        stranger.write_all(GET).await.expect("sent");
    }
    // The endpoint's loop is this thread's, and so it cannot look at them meanwhile.
    thread::sleep(2 * PATIENCE);
    for stranger in &mut strangers {
        let mut begin = [0; 12];
        stranger.read_exact(&mut begin).await.expect("answered");
        assert_eq!(begin, *b"HTTP/1.1 200");
    }
}

#[tokio::test]
async fn every_connection_ends_with_the_endpoint() {
    let (address, stop) = endpoint(8);
    let mut known = connect(&address).await;
    ask(&mut known).await.expect("answered");
    stop.cancel();
    ask(&mut known).await.expect_err("it was closed");
}

/// Asks over a connection that sends nothing else, and gives the head of the answer.
async fn switched(stream: &mut Stream, upgrade: &str) -> String {
    let asking = format!("GET /v1/calls HTTP/1.1\r\nhost: localhost\r\n{upgrade}\r\n");
    stream.write_all(asking.as_bytes()).await.expect("sent");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("an answer"));
    }
    String::from_utf8(head).expect("text")
}

const UPGRADE: &str = "connection: upgrade\r\nupgrade: sidecar-bridge-calls\r\n";

#[tokio::test]
async fn a_connection_that_switches_carries_calls_until_the_endpoint_ends() {
    let (address, stop) = endpoint(1);
    let mut stream = address.connect().await.expect("connected");
    let head = switched(&mut stream, UPGRADE).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    let request = b"POST /known HTTP/1.1\r\ncontent-length: 0\r\n\r\n";
    for _ in 0..2 {
        let length = u32::try_from(request.len()).expect("short");
        stream.write_u32(length).await.expect("sent");
        stream.write_u32(9).await.expect("sent");
        stream.write_all(request).await.expect("sent");
        let length = stream.read_u32().await.expect("an answer") as usize;
        assert_eq!(stream.read_u32().await.expect("an answer"), 9);
        let mut answer = vec![0; length];
        stream.read_exact(&mut answer).await.expect("an answer");
        assert!(answer.starts_with(b"HTTP/1.1 200 "));
    }
    // It counts among the connections, and its caller has shown the token: there is no room for another one.
    let mut other = address.connect().await.expect("connected");
    other
        .write_all(b"GET /known HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .expect("sent");
    let waits = timeout(2 * PATIENCE, other.read_u8()).await;
    waits.expect_err("it waits for a place");
    stop.cancel();
    stream.read_u8().await.expect_err("it was closed");
}

#[tokio::test]
async fn a_request_that_does_not_ask_to_switch_is_refused() {
    let (address, _stop) = endpoint(1);
    let mut stream = address.connect().await.expect("connected");
    for asking in ["", "connection: upgrade\r\nupgrade: websocket\r\n"] {
        let head = switched(&mut stream, asking).await;
        assert!(head.starts_with("HTTP/1.1 422 "), "{head}");
        let length = head.split_once("content-length: ").expect("a body").1;
        let length = length.split_once('\r').expect("a line").0.parse();
        let mut body = vec![0; length.expect("a number")];
        stream.read_exact(&mut body).await.expect("a problem");
    }
}

#[tokio::test]
async fn connections_of_calls_leave_room_for_others() {
    let (address, _stop) = endpoint(16);
    let mut streams = Vec::new();
    for answer in ["HTTP/1.1 101 ", "HTTP/1.1 101 ", "HTTP/1.1 429 "] {
        let mut stream = address.connect().await.expect("connected");
        let head = switched(&mut stream, UPGRADE).await;
        assert!(head.starts_with(answer), "{head}");
        streams.push(stream);
    }
    drop(streams.remove(0));
    let until_one_has_gone = async {
        let mut stream = address.connect().await.expect("connected");
        while !switched(&mut stream, UPGRADE).await.contains(" 101 ") {
            stream = address.connect().await.expect("connected");
        }
    };
    timeout(HEADER_TIMEOUT, until_one_has_gone)
        .await
        .expect("its place is free");
}
