//! Host → sidecar: HTTP/1.1 over pooled connections.

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
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};

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
    Endpoint(legacy::Client<EndpointConnector, Full<Bytes>>),
    Attached(legacy::Client<HttpConnector, Full<Bytes>>),
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
    /// `unavailable` when the connection fails, `resource_exhausted` when the answer is over the limit.
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

    async fn exchange(&self, pool: Pool, request: Request<Full<Bytes>>) -> Result<Response<Bytes>> {
        let response = match pool {
            Pool::Endpoint(pool) => pool.request(request).await,
            Pool::Attached(pool) => pool.request(request).await,
        };
        let (head, body) = response
            .map_err(|error| self.broken(!error.is_connect(), error.into()))?
            .into_parts();
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
                Pool::Endpoint(builder.build(EndpointConnector(address.clone())))
            }
            Self::Attached(_) => Pool::Attached(builder.build_http()),
        }
    }
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
