//! The pool over real sockets.

mod bound;
mod dialled;
mod exchanges;
mod memory;
mod reactors;
mod refusals;
mod unsent;

use std::{
    io,
    path::PathBuf,
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use http_body_util::{BodyExt, Full};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tempfile::TempDir;
use tokio::{
    net::UnixListener,
    runtime::{Handle, Runtime},
    time::sleep,
};

use super::*;

/// How long anything may take that should take no time; only a failing test waits for it.
const LIMIT: Duration = Duration::from_secs(30);

/// A path for a socket, for as long as the directory is kept.
fn path() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("sidecar.sock");
    (directory, path)
}

fn name() -> SidecarName {
    SidecarName::try_from("python".to_owned()).expect("valid")
}

/// The test's own runtime is the plugin's, and there is no other.
fn reactors() -> Reactors {
    static APP: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));
    Reactors::new(Handle::current(), APP.handle().clone())
}

/// A pool of at most so many connections to that socket.
fn pool(path: PathBuf, most: usize) -> Pool {
    let source = Source::Endpoint(Address::unix(path));
    Pool::new(name(), source, reactors(), most)
}

fn get(path: &str) -> Request<Outgoing> {
    request(Request::get(path))
}

fn request(head: hyper::http::request::Builder) -> Request<Outgoing> {
    let body = Full::<Bytes>::default().map_err(|never| match never {});
    head.body(Outgoing::new(body)).expect("a request")
}

/// Sends a request and reads the answer to its end.
async fn exchange(pool: &Pool, generation: u32, request: Request<Outgoing>) -> Result<Bytes> {
    let mut body = pool.send(generation, request, None).await?.into_body();
    let mut whole = Vec::new();
    while let Some(chunk) = body.chunk().await? {
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.into())
}

fn progress(error: &Error) -> Progress {
    match error.kind() {
        Kind::Transport { progress, .. } => *progress,
        other => panic!("{other:?}"),
    }
}

/// Answers with the path, on any number of connections, and counts them. `/break` is left unanswered, `/slow` takes a while.
fn serve(listener: UnixListener) -> Arc<AtomicUsize> {
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = connections.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(answer(stream, || {}));
        }
    });
    connections
}

/// Serves one connection, and says so of each request.
async fn answer(stream: impl Duplex + 'static, seen: impl Fn()) {
    let service = service_fn(async |request: Request<hyper::body::Incoming>| {
        seen();
        let path = request.uri().path().to_owned();
        match path.as_str() {
            "/break" => return Err(io::Error::other("closed on purpose")),
            "/slow" => sleep(Duration::from_millis(20)).await,
            "/upload" => drop(request.into_body().collect().await),
            "/echo" => {
                let body = request.into_body().collect().await;
                let body = body.map_err(io::Error::other)?.to_bytes();
                return Ok(Response::new(Full::new(body)));
            }
            _ => {}
        }
        Ok(Response::new(Full::<Bytes>::from(path)))
    });
    // It ends with an error where the test says so.
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    drop(connection.await);
}
