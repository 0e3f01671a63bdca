//! A request that did not leave is reported as not sent, and no other request is.

use std::{
    pin::Pin,
    sync::Mutex,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::UnixStream,
    task::yield_now,
};

use super::*;

/// Reads one request per connection as far as it comes, and says what it got; answers the first on each.
async fn answer_once_then_close(
    mut stream: UnixStream,
    pauses: u32,
    seen: Arc<Mutex<Vec<String>>>,
) {
    let see = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let path = text.split(' ').nth(1).map(str::to_owned);
        seen.lock().expect("no panic").extend(path);
    };
    let mut buffer = vec![0; 4096];
    let length = stream.read(&mut buffer).await.unwrap_or_default();
    see(&buffer[..length]);
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    drop(stream.write_all(answer).await);
    for _ in 0..pauses {
        yield_now().await;
    }
    // What has come by now was read by the sidecar, so to speak; then it is killed.
    let length = stream.try_read(&mut buffer).unwrap_or_default();
    see(&buffer[..length]);
}

/// With this timing hyper now and then loses a request as its connection ends, see `Connection::send`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_not_to_have_left_was_never_seen_and_nothing_is_seen_twice() {
    let (_directory, path) = path();
    let listener = UnixListener::bind(&path).expect("bound");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = seen.clone();
    let serving = tokio::spawn(async move {
        for round in 0.. {
            let (stream, _) = listener.accept().await.expect("a connection");
            // Each on its own: a client may open a connection that it does not use yet.
            tokio::spawn(answer_once_then_close(stream, round % 50, told.clone()));
        }
    });
    let pool = pool(path, 64);
    let (mut unsent, mut answered) = (Vec::new(), 0);
    for number in 0..3000 {
        let path = format!("/{number}");
        let body = Full::from("x").map_err(|never| match never {});
        let post = Request::post(&path).body(Outgoing::new(body));
        let outcome = timeout(LIMIT, exchange(&pool, 1, post.expect("a request"))).await;
        match outcome.expect("every request comes to an end") {
            Ok(_) => answered += 1,
            Err(error) if progress(&error) == Progress::NotSent => unsent.push(path),
            Err(_) => {}
        }
    }
    serving.abort();
    let mut seen = seen.lock().expect("no panic").clone();
    seen.sort();
    let twice: Vec<_> = seen.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
    let wrong: Vec<_> = unsent.iter().filter(|path| seen.contains(path)).collect();
    assert!(wrong.is_empty(), "seen all the same: {wrong:?}");
    assert!(answered > 100, "only {answered}");
    println!(
        "{answered} answered, {} unsent, {} lost",
        unsent.len(),
        3000 - answered - unsent.len()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_connection_that_the_sidecar_closes_costs_no_request() {
    let (_directory, path) = path();
    let listener = UnixListener::bind(&path).expect("bound");
    let (closed, mut closing) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = vec![0; 4096];
            let _ = stream.read(&mut buffer).await.expect("a request");
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(answer).await.expect("sent");
            drop(stream);
            closed.send(()).expect("the test runs");
        }
    });
    let pool = pool(path, 64);
    for round in 0..200 {
        let outcome = exchange(&pool, 1, request(Request::post("/"))).await;
        outcome.unwrap_or_else(|error| panic!("in round {round}: {error:?}"));
        closing.recv().await.expect("it was closed");
    }
}

#[tokio::test]
async fn a_request_that_was_read_and_not_answered_has_left() {
    let (directory, path) = path();
    serve(UnixListener::bind(&path).expect("bound"));
    let to_sidecar = pool(path, 64);
    for before in ["/a", "/b"] {
        let post = |path| request(Request::post(path));
        let answer = exchange(&to_sidecar, 1, post(before)).await;
        answer.expect("an answer");
        let error = exchange(&to_sidecar, 1, post("/break")).await;
        assert_eq!(
            progress(&error.expect_err("no answer")),
            Progress::PerhapsCarriedOut
        );
    }
    let nowhere = pool(directory.path().join("x"), 64);
    let error = exchange(&nowhere, 1, get("/")).await;
    assert_eq!(
        progress(&error.expect_err("nobody listens")),
        Progress::NotSent
    );
}

/// A socket whose other end goes as something is written.
pub(super) struct Gone;

impl AsyncRead for Gone {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for Gone {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_request_of_which_the_socket_took_nothing_has_not_left() {
    let (_directory, path) = path();
    let pool = pool(path, 64);
    let gone = Counted::new(
        Box::new(Gone),
        Arc::new(Semaphore::new(1))
            .try_acquire_owned()
            .expect("free"),
    );
    let connection = Connection::over(gone, 0, Reactor::Plugin, true).await;
    let reserved = Reserved::new(pool, 1, connection.expect("a connection"), None);
    let error = reserved.send(request(Request::post("/"))).await;
    assert_eq!(
        progress(&error.expect_err("nobody reads")),
        Progress::NotSent
    );
}
