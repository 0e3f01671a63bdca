//! The pool over an endpoint without an operating system: it asks for nothing that only sockets have.

use super::*;
use crate::endpoint::memory;

#[tokio::test]
async fn connections_come_from_any_endpoint_and_are_used_again() {
    let listener = memory::listen();
    let source = Source::Endpoint(listener.address());
    let pool = Pool::new(name(), source, reactors(), 2);
    let mut accepting = listener.accepting().expect("it listens");
    let serving = tokio::spawn(async move {
        for _ in 0..2 {
            let accepted = accepting.accept().await.expect("a connection");
            let answer = service_fn(async |request: Request<hyper::body::Incoming>| {
                let path = Bytes::from(request.uri().path().to_owned());
                Ok::<_, io::Error>(Response::new(Full::new(path)))
            });
            tokio::spawn(
                http1::Builder::new().serve_connection(TokioIo::new(accepted.stream), answer),
            );
        }
    });
    for round in 0..10 {
        let (a, b) = tokio::join!(exchange(&pool, 1, get("/a")), exchange(&pool, 1, get("/b")));
        assert_eq!(a.expect("answered"), "/a", "round {round}");
        assert_eq!(b.expect("answered"), "/b", "round {round}");
    }
    serving.await.expect("two connections did for all of it");
}
