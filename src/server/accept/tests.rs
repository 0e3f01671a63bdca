use axum::{Extension, body::Body, routing::get};
use hyper::{StatusCode, client::conn::http1::SendRequest};

use super::*;
use crate::endpoint::{Address, memory};

/// A host endpoint in memory that takes at most so many connections. A request of `/known` counts as one with the token.
fn endpoint(most: usize) -> (Address, CancellationToken) {
    let listener = memory::listen();
    let (address, stop) = (listener.address(), CancellationToken::new());
    let show = |Extension(known): Extension<Known>| async move { known.set() };
    let router = Router::new().route("/known", get(show));
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
