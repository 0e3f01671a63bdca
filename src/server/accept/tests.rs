use axum::{Extension, body::Body, routing::get};
use hyper::{StatusCode, client::conn::http1::SendRequest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::endpoint::{Address, memory};

/// A host endpoint in memory that takes at most so many connections. A request of `/known` counts as one with the token.
fn endpoint(most: usize) -> (Address, CancellationToken) {
    let listener = memory::listen();
    let (address, stop) = (listener.address(), CancellationToken::new());
    let show = |Extension(caller): Extension<Caller>| async move { caller.set_known() };
    let router = Router::new()
        .route("/known", get(show).post(show))
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

async fn ask(sender: &mut SendRequest<Body>) -> hyper::Result<StatusCode> {
    let request = Request::get("/known").header("host", "localhost");
    let request = request.body(Body::empty()).expect("a request");
    sender.ready().await?;
    Ok(sender.send_request(request).await?.status())
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
    let waits = tokio::time::timeout(2 * PATIENCE, other.read_u8()).await;
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
