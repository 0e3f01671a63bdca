use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    runtime::Handle,
};

use super::*;
use crate::{
    deadline::Deadline,
    endpoint::{Address, Stream, memory},
    runtime::Reactors,
    status::Change,
};

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(20);

/// An intake at work, and what it works with.
struct Place {
    address: Address,
    token: Arc<CurrentToken>,
    status: Arc<StatusCell>,
    pool: Pool,
}

impl Place {
    fn new() -> Self {
        let name = SidecarName::try_from("python".to_owned()).expect("valid");
        let listener = memory::listen();
        let place = Self {
            address: listener.address(),
            token: Arc::default(),
            status: Arc::new(StatusCell::new(&name)),
            pool: Pool::dialled(
                name.clone(),
                Reactors::new(Handle::current(), Handle::current()),
            ),
        };
        let intake = Intake {
            sidecar: name,
            token: place.token.clone(),
            status: place.status.clone(),
            pool: place.pool.clone(),
        };
        tokio::spawn(intake.receive(listener));
        place
    }

    /// Dials with that first line.
    async fn dial(&self, line: &str) -> Stream {
        let mut stream = self.address.connect().await.expect("connected");
        let line = format!("{line}\n");
        stream.write_all(line.as_bytes()).await.expect("written");
        stream
    }

    /// Whether the present generation answers a request.
    async fn is_served(&self) -> bool {
        self.answers_within(LIMIT).await
    }

    /// Whether it answers none that waits for a moment.
    async fn serves_nobody(&self) -> bool {
        !self.answers_within(Duration::from_millis(200)).await
    }

    async fn answers_within(&self, limit: Duration) -> bool {
        let request = Request::get("/");
        let body = Empty::<Bytes>::new().map_err(|never| match never {});
        let request = request.body(body.boxed_unsync()).expect("a request");
        let generation = self.status.current().generation;
        let deadline = Some(Deadline::after(limit));
        self.pool.send(generation, request, deadline).await.is_ok()
    }
}

async fn serve(mut stream: Stream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a request"));
    }
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    stream.write_all(answer).await.expect("written");
}

async fn is_closed(mut stream: Stream) -> bool {
    let read = timeout(LIMIT, stream.read_u8()).await;
    read.is_ok_and(|outcome| outcome.is_err())
}

#[tokio::test]
async fn what_is_dialled_with_the_token_serves() {
    let place = Place::new();
    let token = place.token.renew().expect("random");
    tokio::spawn(serve(place.dial(token.reveal()).await));
    assert!(place.is_served().await);
}

#[tokio::test]
async fn what_is_dialled_with_anything_else_is_closed_and_never_serves() {
    let place = Place::new();
    let token = place.token.renew().expect("random");
    let long = token.reveal().repeat(2);
    for line in ["", "GET / HTTP/1.1", &token.reveal()[1..], &long] {
        assert!(is_closed(place.dial(line).await).await, "{line}");
    }
    assert!(place.serves_nobody().await);
}

#[tokio::test]
async fn a_token_is_worth_nothing_once_its_generation_has_ended() {
    let place = Place::new();
    let old = place.token.renew().expect("random");
    place.token.revoke();
    assert!(is_closed(place.dial(old.reveal()).await).await);
    place.status.apply(Change::Started);
    place.token.renew().expect("random");
    assert!(is_closed(place.dial(old.reveal()).await).await);
    assert!(place.serves_nobody().await);
}

#[tokio::test]
async fn those_who_say_nothing_keep_nobody_out() {
    let place = Place::new();
    let token = place.token.renew().expect("random");
    let mut silent = Vec::new();
    for _ in 0..3 * accept::MOST_DIALLING {
        silent.push(place.address.connect().await.expect("connected"));
    }
    tokio::spawn(serve(place.dial(token.reveal()).await));
    assert!(place.is_served().await);
}
