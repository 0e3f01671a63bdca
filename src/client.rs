//! Host → sidecar: HTTP/1.1 over pooled connections.

mod turns;

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use axum::body::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{Request, Response, Uri, header::HOST};
use hyper_util::{
    client::legacy::{
        self,
        connect::{CaptureConnection, HttpConnector, capture_connection},
    },
    rt::{TokioExecutor, TokioIo},
};

use self::turns::{Counting, Turns};
use crate::{
    Error, Result,
    config::{LoopbackUrl, SidecarName},
    endpoint::{Address, Stream},
};

/// Talks to one sidecar. Connections are made when needed, kept alive and used again within one generation.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    sidecar: SidecarName,
    max_body_bytes: usize,
    target: Target,
    pooled: Arc<Mutex<Pooled>>,
}

#[derive(Clone, Debug)]
enum Target {
    Endpoint(Address),
    Attached(LoopbackUrl),
}

#[derive(Clone, Debug)]
enum Pool {
    Endpoint(legacy::Client<Counting<EndpointConnector>, Full<Bytes>>),
    Attached(legacy::Client<Counting<HttpConnector>, Full<Bytes>>),
}

/// The present pool. Where one connection broke, the others may be just as dead and not known to be yet, so the pool is
/// replaced as a whole; `number` counts.
#[derive(Debug)]
struct Pooled {
    generation: u32,
    number: u64,
    pool: Pool,
}

impl Client {
    pub(crate) fn endpoint(sidecar: SidecarName, address: Address, max_body_bytes: usize) -> Self {
        Self::new(sidecar, Target::Endpoint(address), max_body_bytes)
    }

    pub(crate) fn attached(sidecar: SidecarName, url: LoopbackUrl, max_body_bytes: usize) -> Self {
        Self::new(sidecar, Target::Attached(url), max_body_bytes)
    }

    fn new(sidecar: SidecarName, target: Target, max_body_bytes: usize) -> Self {
        let pooled = Pooled {
            generation: 1,
            number: 0,
            pool: target.new_pool(),
        };
        Self {
            sidecar,
            max_body_bytes,
            target,
            pooled: Arc::new(Mutex::new(pooled)),
        }
    }

    /// Sends one request, whose URI is a path with an optional query, to that generation of the sidecar, and reads the
    /// whole answer.
    ///
    /// # Errors
    /// `unavailable` when the connection fails, which says whether any byte of the request may have left; `resource_exhausted` when the answer is over the limit.
    /// Dropping the future closes the connection, which the sidecar sees as a disconnect.
    pub(crate) async fn send(
        &self,
        generation: u32,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>> {
        *request.uri_mut() = absolute(self.target.authority(), request.uri())?;
        request.headers_mut().remove(HOST);
        let (number, pool) = self.pool(generation);
        let exchanged = self.exchange(pool, request).await;
        if let Err(Error::Transport { .. }) = exchanged {
            self.replace(number);
        }
        exchanged
    }

    async fn exchange(
        &self,
        pool: Pool,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>> {
        let connection = capture_connection(&mut request);
        let response = match pool {
            Pool::Endpoint(pool) => pool.request(request).await,
            Pool::Attached(pool) => pool.request(request).await,
        };
        let response = response.map_err(|error| {
            let sent = turns(&connection).is_some_and(|turns| turns.is_open());
            self.broken(sent, error.into())
        });
        let (head, body) = response?.into_parts();
        let body = Limited::new(body, self.max_body_bytes)
            .collect()
            .await
            .map_err(|error| {
                if error.is::<LengthLimitError>() {
                    Error::BodyTooLarge {
                        limit_bytes: self.max_body_bytes,
                    }
                } else {
                    self.broken(true, error)
                }
            })?;
        if let Some(turns) = turns(&connection) {
            turns.answered();
        }
        Ok(Response::from_parts(head, body.to_bytes()))
    }

    /// The pool for a generation, with its number.
    fn pool(&self, generation: u32) -> (u64, Pool) {
        let mut pooled = self.lock();
        if pooled.generation < generation {
            pooled.generation = generation;
            pooled.number += 1;
            pooled.pool = self.target.new_pool();
        }
        (pooled.number, pooled.pool.clone())
    }

    /// Replaces the pool of that number, unless somebody has done so already.
    fn replace(&self, number: u64) {
        let mut pooled = self.lock();
        if pooled.number == number {
            pooled.number += 1;
            pooled.pool = self.target.new_pool();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pooled> {
        self.pooled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn broken(&self, sent: bool, source: Box<dyn std::error::Error + Send + Sync>) -> Error {
        Error::Transport {
            sidecar: self.sidecar.to_string(),
            sent,
            source,
        }
    }
}

impl Target {
    fn authority(&self) -> &str {
        match self {
            Self::Endpoint(_) => "localhost",
            Self::Attached(url) => url.authority(),
        }
    }

    fn new_pool(&self) -> Pool {
        let builder = legacy::Client::builder(TokioExecutor::new());
        match self {
            Self::Endpoint(address) => {
                let connector = EndpointConnector(address.clone());
                Pool::Endpoint(builder.build(Counting(connector)))
            }
            Self::Attached(_) => Pool::Attached(builder.build(Counting(HttpConnector::new()))),
        }
    }
}

/// What the connection that a request was given to has written; none when it got no connection.
fn turns(connection: &CaptureConnection) -> Option<Turns> {
    let mut extensions = hyper::http::Extensions::new();
    connection
        .connection_metadata()
        .as_ref()?
        .get_extras(&mut extensions);
    extensions.remove()
}

fn absolute(authority: &str, path_and_query: &Uri) -> Result<Uri> {
    Uri::builder()
        .scheme("http")
        .authority(authority)
        .path_and_query(path_and_query.to_string())
        .build()
        .map_err(|error| {
            Error::InvalidRequest(format!(
                "`{path_and_query}` is not a path: {error}; begin it with `/`"
            ))
        })
}

/// Connects to the sidecar's endpoint, whatever the URI says.
#[derive(Clone, Debug)]
struct EndpointConnector(Address);

impl tower_service::Service<Uri> for EndpointConnector {
    type Response = TokioIo<Stream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let address = self.0.clone();
        Box::pin(async move { address.connect().await.map(TokioIo::new) })
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use hyper::{server::conn::http1, service::service_fn};
    use tokio::net::UnixListener;

    use super::*;

    /// A server that leaves requests for `/break` unanswered and closes; it counts its connections.
    fn serve(listener: UnixListener) -> Arc<AtomicUsize> {
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::Relaxed);
                let answer = service_fn(async |request: Request<hyper::body::Incoming>| {
                    match request.uri().path() {
                        "/break" => Err(io::Error::other("closed on purpose")),
                        _ => Ok(Response::new(Full::<Bytes>::default())),
                    }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
            }
        });
        connections
    }

    /// Reads one request per connection as far as it comes, and says what it got; answers the first on each.
    async fn answer_once_then_close(
        listener: UnixListener,
        pauses: impl Fn(u32) -> u32 + Send,
        seen: Arc<Mutex<Vec<String>>>,
    ) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};

        for round in 0.. {
            let Ok((mut stream, _)) = listener.accept().await else {
                return;
            };
            let mut buffer = vec![0; 4096];
            let length = stream.read(&mut buffer).await.unwrap_or_default();
            let path = |bytes: &[u8]| {
                let text = String::from_utf8_lossy(bytes).into_owned();
                text.split(' ').nth(1).map(str::to_owned)
            };
            seen.lock()
                .expect("no panic")
                .extend(path(&buffer[..length]));
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
            drop(stream.write_all(answer).await);
            for _ in 0..pauses(round) {
                tokio::task::yield_now().await;
            }
            // What has come by now was read by the sidecar, so to speak; then it is killed.
            let length = stream.try_read(&mut buffer).unwrap_or_default();
            seen.lock()
                .expect("no panic")
                .extend(path(&buffer[..length]));
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_said_not_to_have_left_was_never_seen() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("sidecar.sock");
        let listener = UnixListener::bind(&path).expect("bound");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let serving = answer_once_then_close(listener, |round| round % 50, seen.clone());
        let serving = tokio::spawn(serving);
        let sidecar = SidecarName::try_from("python".to_owned()).expect("valid");
        let client = Client::endpoint(sidecar, Address::Unix(path), 1024);

        let (mut unsent, mut answered) = (Vec::new(), 0);
        for number in 0..3000 {
            let path = format!("/{number}");
            let request = Request::post(&path)
                .body(Full::from("x"))
                .expect("a request");
            match client.send(1, request).await {
                Ok(_) => answered += 1,
                Err(Error::Transport { sent: false, .. }) => unsent.push(path),
                Err(Error::Transport { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        serving.abort();
        let seen = seen.lock().expect("no panic");
        let wrong: Vec<_> = unsent.iter().filter(|path| seen.contains(path)).collect();
        assert!(wrong.is_empty(), "seen all the same: {wrong:?}");
        assert!(
            answered > 100,
            "{answered} answered, {} unsent",
            unsent.len()
        );
        println!(
            "{answered} answered, {} unsent, {} lost",
            unsent.len(),
            3000 - answered - unsent.len()
        );
    }

    #[tokio::test]
    async fn a_request_that_was_read_and_not_answered_has_left() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("sidecar.sock");
        serve(UnixListener::bind(&path).expect("bound"));
        let sidecar = SidecarName::try_from("python".to_owned()).expect("valid");
        let client = Client::endpoint(sidecar.clone(), Address::Unix(path), 1024);
        for before in ["/a", "/b"] {
            let request = Request::post(before)
                .body(Full::default())
                .expect("a request");
            client.send(1, request).await.expect("an answer");
            let request = Request::post("/break")
                .body(Full::from("x"))
                .expect("a request");
            let error = client.send(1, request).await.expect_err("no answer");
            assert!(
                matches!(error, Error::Transport { sent: true, .. }),
                "{error:?}"
            );
        }
        let nowhere = Client::endpoint(sidecar, Address::Unix(directory.path().join("x")), 1024);
        let request = Request::post("/").body(Full::default()).expect("a request");
        let error = nowhere.send(1, request).await.expect_err("nobody listens");
        assert!(
            matches!(error, Error::Transport { sent: false, .. }),
            "{error:?}"
        );
    }

    #[tokio::test]
    async fn connections_are_used_again_until_one_breaks_or_the_generation_ends() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("sidecar.sock");
        let connections = serve(UnixListener::bind(&path).expect("bound"));
        let sidecar = SidecarName::try_from("python".to_owned()).expect("valid");
        let client = Client::endpoint(sidecar, Address::Unix(path), 1024);
        let get = async |generation, path: &'static str| {
            let mut request = Request::new(Full::default());
            *request.uri_mut() = Uri::from_static(path);
            client.send(generation, request).await
        };

        tokio::try_join!(get(1, "/a"), get(1, "/b")).expect("answers");
        get(1, "/c").await.expect("an answer");
        assert_eq!(connections.load(Ordering::Relaxed), 2, "one is used again");
        let error = get(1, "/break").await.expect_err("no answer");
        assert!(
            matches!(error, Error::Transport { sent: true, .. }),
            "{error:?}"
        );
        get(1, "/d").await.expect("an answer");
        assert_eq!(
            connections.load(Ordering::Relaxed),
            3,
            "the idle one may be dead too"
        );
        get(2, "/e").await.expect("an answer");
        assert_eq!(
            connections.load(Ordering::Relaxed),
            4,
            "a new generation, a new pool"
        );
        get(2, "/f").await.expect("an answer");
        assert_eq!(connections.load(Ordering::Relaxed), 4);
    }
}
