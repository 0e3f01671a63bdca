//! Connections that cannot be made now, and can a moment later.

use std::os::{fd::OwnedFd, unix::net::UnixStream};

use rustix::io::Errno;
use socket2::{Domain, SockAddr, Socket, Type};

use super::*;

/// A listener in whose backlog there is no room, and what fills it.
fn full(path: &std::path::Path) -> (std::os::unix::net::UnixListener, Vec<Socket>) {
    let address = SockAddr::unix(path).expect("short");
    let socket = || Socket::new(Domain::UNIX, Type::STREAM, None).expect("a socket");
    let listener = socket();
    listener.bind(&address).expect("bound");
    listener.listen(1).expect("it listens");
    let mut waiting = Vec::new();
    loop {
        let client = socket();
        client.set_nonblocking(true).expect("set");
        if client.connect(&address).is_err() {
            break;
        }
        waiting.push(client);
    }
    (OwnedFd::from(listener).into(), waiting)
}

#[tokio::test]
async fn a_request_waits_for_a_place_in_the_backlog() {
    let (_directory, path) = path();
    let (listener, waiting) = full(&path);
    let pool = pool(path, 8);
    for patience in [Duration::ZERO, Duration::from_millis(30)] {
        let error = pool
            .send(1, get("/a"), Some(Deadline::after(patience)))
            .await;
        let error = error.expect_err("nobody accepts");
        assert_eq!(progress(&error), Progress::NotSent);
    }
    let requests: Vec<_> = (0..20)
        .map(|_| {
            let pool = pool.clone();
            tokio::spawn(async move { exchange(&pool, 1, get("/a")).await })
        })
        .collect();
    sleep(Duration::from_millis(30)).await;
    assert!(requests.iter().all(|request| !request.is_finished()));
    listener.set_nonblocking(true).expect("set");
    serve(UnixListener::from_std(listener).expect("a listener"));
    for request in requests {
        let answer = timeout(LIMIT, request).await.expect("there is room");
        answer.expect("no panic").expect("an answer");
    }
    drop(waiting);
}

#[tokio::test]
async fn what_waits_for_room_takes_what_others_are_done_with() {
    let (_directory, path) = path();
    let listener = std::os::unix::net::UnixListener::bind(&path).expect("bound");
    let pool = pool(path.clone(), 8);
    let accepting = tokio::task::spawn_blocking(move || {
        let (stream, _) = listener.accept().expect("a connection");
        stream.set_nonblocking(true).expect("set");
        (listener, stream)
    });
    let unread = pool.send(1, get("/a"), None);
    let serving = async {
        let (listener, stream) = accepting.await.expect("no panic");
        let stream = tokio::net::UnixStream::from_std(stream).expect("a stream");
        tokio::spawn(answer(stream, || {}));
        listener
    };
    let (unread, listener) = tokio::join!(unread, serving);
    let mut body = unread.expect("an answer").into_body();
    // Nobody accepts any more, and there is no room to wait for it.
    let mut waiting = Vec::new();
    rustix::net::listen(&listener, 0).expect("a shorter backlog");
    while let Ok(client) = connect_now(&path) {
        waiting.push(client);
    }
    let other = tokio::spawn({
        let pool = pool.clone();
        async move { exchange(&pool, 1, get("/b")).await }
    });
    sleep(Duration::from_millis(20)).await;
    while body.chunk().await.expect("it is whole").is_some() {}
    let answer = timeout(LIMIT, other).await.expect("at once");
    assert_eq!(answer.expect("no panic").expect("an answer"), "/b");
}

fn connect_now(path: &std::path::Path) -> io::Result<UnixStream> {
    let client = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    client.set_nonblocking(true)?;
    client.connect(&SockAddr::unix(path)?)?;
    Ok(OwnedFd::from(client).into())
}

#[test]
fn a_want_of_descriptors_may_pass_and_a_missing_socket_does_not() {
    let source = Source::Endpoint(Address::unix("/nowhere".into()));
    for (errno, passes) in [
        (Errno::AGAIN, true),
        (Errno::MFILE, true),
        (Errno::NFILE, true),
        (Errno::NOENT, false),
        (
            Errno::CONNREFUSED,
            cfg!(any(target_os = "macos", sidecar_bridge_portable)),
        ),
    ] {
        assert_eq!(source.may_pass(&errno.into()), passes, "{errno}");
    }
}
