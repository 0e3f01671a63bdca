//! Host → sidecar: HTTP/1.1 over pooled connections.

mod turns;

use std::{
    error::Error as StdError,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use hyper::{Request, Response, Uri, body::Body as _, header::HOST};
use hyper_util::{
    client::legacy::{
        self,
        connect::{CaptureConnection, HttpConnector, capture_connection},
    },
    rt::{TokioExecutor, TokioIo},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::sleep,
};

use self::turns::{Counting, Turns};
use crate::{
    config::{LoopbackUrl, SidecarName},
    endpoint::{Address, Stream},
    error::{Error, Kind, Progress, Result},
};

/// How long after the end of its connection an answer may still be on its way within this process, which takes no time, or
/// hyper may take to connect again.
const LOST: Duration = Duration::from_secs(1);

pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// What a request carries, on its way.
pub(crate) type Outgoing = UnsyncBoxBody<Bytes, BoxError>;

/// The connections to one sidecar. They are made when needed, kept alive and used again within one generation.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    sidecar: SidecarName,
    target: Target,
    current: Arc<Mutex<Current>>,
}

#[derive(Clone, Debug)]
enum Target {
    Endpoint(Address),
    Attached(LoopbackUrl),
}

#[derive(Clone, Debug)]
enum Connections {
    Endpoint(legacy::Client<Counting<EndpointConnector>, Outgoing>),
    Attached(legacy::Client<Counting<HttpConnector>, Outgoing>),
}

/// The present connections. Where one broke, the others may be just as dead and not known to be yet, so they are
/// replaced as a whole; `number` counts.
#[derive(Debug)]
struct Current {
    generation: u32,
    number: u64,
    connections: Connections,
}

impl Pool {
    pub(crate) fn endpoint(sidecar: SidecarName, address: Address) -> Self {
        Self::new(sidecar, Target::Endpoint(address))
    }

    pub(crate) fn attached(sidecar: SidecarName, url: LoopbackUrl) -> Self {
        Self::new(sidecar, Target::Attached(url))
    }

    fn new(sidecar: SidecarName, target: Target) -> Self {
        let current = Current {
            generation: 1,
            number: 0,
            connections: target.connections(),
        };
        Self {
            sidecar,
            target,
            current: Arc::new(Mutex::new(current)),
        }
    }

    /// Sends one request, whose URI is a path with an optional query, to that generation of the sidecar, and waits for
    /// the head of the answer.
    ///
    /// # Errors
    /// `unavailable` when the connection fails, which says whether any byte of the request may have left.
    /// Dropping the future closes the connection, which the sidecar sees as a disconnect.
    pub(crate) async fn send(
        &self,
        generation: u32,
        mut request: Request<Outgoing>,
    ) -> Result<Response<Incoming>> {
        *request.uri_mut() = absolute(self.target.authority(), request.uri())?;
        request.headers_mut().remove(HOST);
        let mut connection = capture_connection(&mut request);
        let (number, connections) = self.connections(generation);
        let response = match connections {
            Connections::Endpoint(client) => client.request(request),
            Connections::Attached(client) => client.request(request),
        };
        let response: Result<_, BoxError> = tokio::select! {
            biased;
            response = response => response.map_err(BoxError::from),
            () = lost(&mut connection) => Err("the connection was closed as the request was given to it".into()),
        };
        let turns = turns(&connection);
        match response {
            Ok(response) => Ok(response.map(|body| Incoming {
                body,
                held: None,
                turns,
                pool: self.clone(),
                number,
            })),
            Err(error) => {
                let left = turns.is_some_and(|turns| turns.is_open());
                let progress = if left {
                    Progress::PerhapsCarriedOut
                } else {
                    Progress::NotSent
                };
                Err(self.broken(number, progress, error))
            }
        }
    }

    /// Opens a connection of its own, for what is no request.
    pub(crate) async fn connect(&self) -> Result<Box<dyn Duplex>> {
        let connected: io::Result<Box<dyn Duplex>> = match &self.target {
            Target::Endpoint(address) => {
                address.connect().await.map(|stream| Box::new(stream) as _)
            }
            Target::Attached(url) => {
                let connected = tokio::net::TcpStream::connect(url.socket_address()).await;
                connected.map(|stream| Box::new(stream) as _)
            }
        };
        connected.map_err(|error| {
            Kind::Transport {
                sidecar: self.sidecar.to_string(),
                progress: Progress::NotSent,
                source: error.into(),
            }
            .into()
        })
    }

    /// What the sidecar takes for its own host.
    pub(crate) fn authority(&self) -> &str {
        self.target.authority()
    }

    /// The connections for a generation, with their number.
    fn connections(&self, generation: u32) -> (u64, Connections) {
        let mut current = self.lock();
        if current.generation < generation {
            current.generation = generation;
            current.number += 1;
            current.connections = self.target.connections();
        }
        (current.number, current.connections.clone())
    }

    /// One of the connections of that number broke: replaces them, unless somebody has done so already.
    fn broken(&self, number: u64, progress: Progress, source: BoxError) -> Error {
        let mut current = self.lock();
        if current.number == number {
            current.number += 1;
            current.connections = self.target.connections();
        }
        Kind::Transport {
            sidecar: self.sidecar.to_string(),
            progress,
            source,
        }
        .into()
    }

    fn lock(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection, whatever it goes over.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// The body of an answer, as it comes. Dropped before its end, it closes the connection, which the sidecar sees.
#[derive(Debug)]
pub(crate) struct Incoming {
    body: hyper::body::Incoming,
    /// All of it, if it was read already.
    held: Option<Bytes>,
    turns: Option<Turns>,
    pool: Pool,
    number: u64,
}

impl Incoming {
    /// The next bytes, at least one; `None` at the end. Dropping the future loses nothing.
    ///
    /// # Errors
    /// `unavailable` when the connection breaks.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        if let Some(held) = self.held.take() {
            return Ok(Some(held));
        }
        loop {
            match self.body.frame().await {
                None => {
                    if let Some(turns) = self.turns.take() {
                        turns.answered();
                    }
                    return Ok(None);
                }
                // Trailers are nothing that a page could see.
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => return Ok(Some(data)),
                    _ => {}
                },
                Some(Err(error)) => {
                    return Err(self
                        .pool
                        .broken(self.number, Progress::Answered, error.into()));
                }
            }
        }
    }

    /// Reads the whole of a body that is said to have at most so many bytes, so that it cannot break any more.
    ///
    /// # Errors
    /// `unavailable` when the connection breaks.
    pub(crate) async fn hold(&mut self, most_bytes: u64) -> Result<()> {
        if self
            .length()
            .is_none_or(|length| length == 0 || length > most_bytes)
        {
            return Ok(());
        }
        let mut whole = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            whole.extend_from_slice(&chunk);
        }
        self.held = Some(whole.into());
        Ok(())
    }

    /// How many bytes are still to come, if that is known.
    pub(crate) fn length(&self) -> Option<u64> {
        match &self.held {
            Some(held) => u64::try_from(held.len()).ok(),
            None => self.body.size_hint().exact(),
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

    fn connections(&self) -> Connections {
        let builder = legacy::Client::builder(TokioExecutor::new());
        match self {
            Self::Endpoint(address) => {
                let connector = EndpointConnector(address.clone());
                Connections::Endpoint(builder.build(Counting(connector)))
            }
            Self::Attached(_) => {
                Connections::Attached(builder.build(Counting(HttpConnector::new())))
            }
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

/// Ends when the request can have no answer any more, because its connection is gone.
///
/// hyper hands a request to a connection's task through a channel of Tokio's. One that is put there while the task ends is
/// neither sent nor given back, and its answer never comes (<https://github.com/hyperium/hyper/issues/2312>).
async fn lost(connection: &mut CaptureConnection) {
    loop {
        drop(connection.wait_for_connection_metadata().await);
        let Some(given) = turns(connection) else {
            return std::future::pending().await;
        };
        given.closed().await;
        sleep(LOST).await;
        // hyper sends what was given back to it again, over another connection.
        if turns(connection).is_some_and(|turns| turns.same(&given)) {
            return;
        }
    }
}

impl legacy::connect::Connection for Stream {
    fn connected(&self) -> legacy::connect::Connected {
        legacy::connect::Connected::new()
    }
}

fn absolute(authority: &str, path_and_query: &Uri) -> Result<Uri> {
    Uri::builder()
        .scheme("http")
        .authority(authority)
        .path_and_query(path_and_query.to_string())
        .build()
        .map_err(|error| {
            Kind::InvalidRequest(format!(
                "`{path_and_query}` is not a path: {error}; begin it with `/`"
            ))
            .into()
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

    use http_body_util::Full;
    use hyper::{server::conn::http1, service::service_fn};
    use tokio::{
        net::{UnixListener, UnixStream},
        time::timeout,
    };

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

    /// Sends a request and reads the answer to its end.
    async fn exchange(
        pool: &Pool,
        generation: u32,
        request: Request<Full<Bytes>>,
    ) -> Result<Bytes> {
        let request = request.map(|body| Outgoing::new(body.map_err(|never| match never {})));
        let mut body = pool.send(generation, request).await?.into_body();
        let mut whole = Vec::new();
        while let Some(chunk) = body.chunk().await? {
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.into())
    }

    /// Reads one request per connection as far as it comes, and says what it got; answers the first on each.
    async fn answer_once_then_close(
        mut stream: UnixStream,
        pauses: u32,
        seen: Arc<Mutex<Vec<String>>>,
    ) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};

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
            tokio::task::yield_now().await;
        }
        // What has come by now was read by the sidecar, so to speak; then it is killed.
        let length = stream.try_read(&mut buffer).unwrap_or_default();
        see(&buffer[..length]);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_said_not_to_have_left_was_never_seen() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("sidecar.sock");
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
        let sidecar = SidecarName::try_from("python".to_owned()).expect("valid");
        let pool = Pool::endpoint(sidecar, Address::unix(path));

        let (mut unsent, mut answered) = (Vec::new(), 0);
        for number in 0..3000 {
            let path = format!("/{number}");
            let request = Request::post(&path)
                .body(Full::from("x"))
                .expect("a request");
            let outcome = timeout(Duration::from_secs(30), exchange(&pool, 1, request)).await;
            match outcome.expect("every request comes to an end") {
                Ok(_) => answered += 1,
                Err(error) => match error.kind() {
                    Kind::Transport {
                        progress: Progress::NotSent,
                        ..
                    } => unsent.push(path),
                    Kind::Transport { .. } => {}
                    other => panic!("{other}"),
                },
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
    async fn an_answer_that_breaks_in_its_body_breaks_before_it_is_given_if_it_is_held() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};

        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("sidecar.sock");
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
        let sidecar = SidecarName::try_from("python".to_owned()).expect("valid");
        let pool = Pool::endpoint(sidecar, Address::unix(path));
        let ask = || async {
            let body = Outgoing::new(Full::<Bytes>::default().map_err(|never| match never {}));
            let request = Request::get("/").body(body).expect("a request");
            pool.send(1, request).await.expect("a head").into_body()
        };
        let error = ask()
            .await
            .hold(5)
            .await
            .expect_err("three bytes are missing");
        assert!(
            matches!(
                error.kind(),
                Kind::Transport {
                    progress: Progress::PerhapsCarriedOut,
                    ..
                }
            ),
            "{error}"
        );
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
    async fn a_request_that_was_read_and_not_answered_has_left() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("sidecar.sock");
        serve(UnixListener::bind(&path).expect("bound"));
        let sidecar = SidecarName::try_from("python".to_owned()).expect("valid");
        let pool = Pool::endpoint(sidecar.clone(), Address::unix(path));
        for before in ["/a", "/b"] {
            let request = Request::post(before)
                .body(Full::default())
                .expect("a request");
            exchange(&pool, 1, request).await.expect("an answer");
            let request = Request::post("/break")
                .body(Full::from("x"))
                .expect("a request");
            let error = exchange(&pool, 1, request).await.expect_err("no answer");
            assert!(
                matches!(
                    error.kind(),
                    Kind::Transport {
                        progress: Progress::PerhapsCarriedOut,
                        ..
                    }
                ),
                "{error:?}"
            );
        }
        let nowhere = Pool::endpoint(sidecar, Address::unix(directory.path().join("x")));
        let request = Request::post("/").body(Full::default()).expect("a request");
        let error = exchange(&nowhere, 1, request)
            .await
            .expect_err("nobody listens");
        assert!(
            matches!(
                error.kind(),
                Kind::Transport {
                    progress: Progress::NotSent,
                    ..
                }
            ),
            "{error:?}"
        );
    }

    #[tokio::test]
    async fn connections_are_used_again_until_one_breaks_or_the_generation_ends() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("sidecar.sock");
        let connections = serve(UnixListener::bind(&path).expect("bound"));
        let sidecar = SidecarName::try_from("python".to_owned()).expect("valid");
        let pool = Pool::endpoint(sidecar, Address::unix(path));
        let get = async |generation, path: &'static str| {
            let mut request = Request::new(Full::default());
            *request.uri_mut() = Uri::from_static(path);
            exchange(&pool, generation, request).await
        };

        tokio::try_join!(get(1, "/a"), get(1, "/b")).expect("answers");
        get(1, "/c").await.expect("an answer");
        assert_eq!(connections.load(Ordering::Relaxed), 2, "one is used again");
        let error = get(1, "/break").await.expect_err("no answer");
        assert!(
            matches!(
                error.kind(),
                Kind::Transport {
                    progress: Progress::PerhapsCarriedOut,
                    ..
                }
            ),
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
