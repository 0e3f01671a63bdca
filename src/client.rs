//! Host → sidecar: HTTP/1.1 over pooled connections.

use std::{
    io,
    pin::Pin,
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

/// Talks to one sidecar. Connections are made when needed, kept alive and used again.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    sidecar: SidecarName,
    max_body_bytes: usize,
    pool: Pool,
}

#[derive(Clone, Debug)]
enum Pool {
    Endpoint(legacy::Client<EndpointConnector, Full<Bytes>>),
    Attached(legacy::Client<HttpConnector, Full<Bytes>>, LoopbackUrl),
}

impl Client {
    pub(crate) fn endpoint(sidecar: SidecarName, address: Address, max_body_bytes: usize) -> Self {
        let pool = legacy::Client::builder(TokioExecutor::new()).build(EndpointConnector(address));
        Self {
            sidecar,
            max_body_bytes,
            pool: Pool::Endpoint(pool),
        }
    }

    pub(crate) fn attached(sidecar: SidecarName, url: LoopbackUrl, max_body_bytes: usize) -> Self {
        let pool = legacy::Client::builder(TokioExecutor::new()).build_http();
        Self {
            sidecar,
            max_body_bytes,
            pool: Pool::Attached(pool, url),
        }
    }

    /// Sends one request, whose URI is a path with an optional query, and reads the whole answer.
    ///
    /// # Errors
    /// `unavailable` when the connection fails, `resource_exhausted` when the answer is over the limit.
    /// Dropping the future closes the connection, which the sidecar sees as a disconnect.
    pub(crate) async fn send(&self, mut request: Request<Full<Bytes>>) -> Result<Response<Bytes>> {
        let authority = match &self.pool {
            Pool::Endpoint(_) => "localhost",
            Pool::Attached(_, url) => url.authority(),
        };
        *request.uri_mut() = absolute(authority, request.uri())?;
        request.headers_mut().remove(HOST);
        let response = match &self.pool {
            Pool::Endpoint(pool) => pool.request(request).await,
            Pool::Attached(pool, _) => pool.request(request).await,
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

    fn broken(&self, sent: bool, source: Box<dyn std::error::Error + Send + Sync>) -> Error {
        Error::Transport {
            sidecar: self.sidecar.to_string(),
            sent,
            source,
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
