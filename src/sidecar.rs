//! The handle to one sidecar: what is known of it, requests to it, and orders.

use std::{sync::Arc, time::Duration};

use axum::body::Bytes;
use futures_util::FutureExt;
use http_body_util::Full;
use hyper::{
    Method, Request, Response,
    header::{CONTENT_TYPE, HeaderName},
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch},
    time::timeout,
};
use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

use crate::{
    Error, Problem, Result, Status,
    client::Client,
    output::{OutputLine, OutputLog},
    status::{StatusCell, gone, ready},
    supervisor::Order,
};

/// How often an idempotent request is sent again; a request that ends each sidecar it meets must come to an end too.
const RESENDS: u32 = 2;
/// How often a request that never left is sent again. Each time the pool that gave a dead connection is replaced.
const UNSENT_RESENDS: u32 = 8;
/// How many requests may wait for a sidecar that does not serve yet.
const WAITING_REQUESTS: usize = 1024;

/// A request with this header may be sent again, whatever its method
/// (draft-ietf-httpapi-idempotency-key-header, The Idempotency-Key HTTP Header Field).
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A handle to one sidecar; clones are cheap.
#[derive(Clone, Debug)]
pub struct Sidecar(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    status: Arc<StatusCell>,
    /// None when its endpoint could not be made; the status says why.
    client: Option<Client>,
    orders: mpsc::Sender<Order>,
    in_flight: TaskTracker,
    output: Arc<OutputLog>,
    places: Semaphore,
}

impl Sidecar {
    pub(crate) fn new(
        status: Arc<StatusCell>,
        client: Option<Client>,
        orders: mpsc::Sender<Order>,
        in_flight: TaskTracker,
        output: Arc<OutputLog>,
    ) -> Self {
        Self(Arc::new(Shared {
            status,
            client,
            orders,
            in_flight,
            output,
            places: Semaphore::new(WAITING_REQUESTS),
        }))
    }

    /// What is known of the sidecar now.
    #[must_use]
    pub fn status(&self) -> Status {
        self.0.status.current()
    }

    /// Watches the status: the receiver holds the present one, and wakes on each change.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Status> {
        self.0.status.subscribe()
    }

    /// The last lines that the sidecar wrote to stdout and stderr, in all its generations, oldest first: at most 1000 lines
    /// and 256 KiB. The token, and the values of configured variables whose names say that they are secret, are replaced.
    #[must_use]
    pub fn logs(&self) -> Vec<OutputLine> {
        self.0.output.lines()
    }

    /// Waits until the sidecar serves, at most for `limit`.
    ///
    /// # Errors
    /// `deadline_exceeded` after `limit`; `unavailable` as soon as the sidecar stopped or failed.
    pub async fn wait_ready(&self, limit: Duration) -> Result<()> {
        match timeout(limit, ready(&mut self.subscribe())).await {
            Ok(outcome) => outcome.map(drop),
            Err(_elapsed) => Err(Error::ReadyTimeout {
                sidecar: self.status().sidecar,
                timeout: limit,
            }),
        }
    }

    /// Starts a sidecar that was stopped or has failed, and waits until it serves. One that lives is left alone.
    /// Dropping the future only ends the waiting.
    ///
    /// # Errors
    /// The reason, when it stops or fails before it serves.
    pub async fn start(&self) -> Result<()> {
        self.order(Order::Start).await?;
        ready(&mut self.subscribe()).await.map(drop)
    }

    /// Ends the sidecar, which stays stopped until [`start`](Self::start) or [`restart`](Self::restart); waits for its
    /// end. Requests on their way get 2 s to finish, new ones fail with `unavailable`. Dropping the future only ends
    /// the waiting.
    ///
    /// # Errors
    /// `unavailable` when the app ends.
    pub async fn stop(&self) -> Result<()> {
        self.order(Order::Stop).await
    }

    /// Ends the sidecar if it lives, starts its next generation, and waits until that serves. New requests wait for it;
    /// those on their way get 2 s to finish. Dropping the future only ends the waiting.
    ///
    /// # Errors
    /// The reason, when the next generation stops or fails before it serves.
    pub async fn restart(&self) -> Result<()> {
        self.order(Order::Restart).await?;
        ready(&mut self.subscribe()).await.map(drop)
    }

    async fn order(&self, order: fn(oneshot::Sender<()>) -> Order) -> Result<()> {
        let (done, carried_out) = oneshot::channel();
        // Either end is gone only when nobody cares for the sidecar any more: then its status says why.
        if self.0.orders.send(order(done)).await.is_err() || carried_out.await.is_err() {
            return Err(gone(&mut self.subscribe()).await);
        }
        Ok(())
    }

    /// Sends a request with a JSON body to the sidecar and reads its JSON answer. While the sidecar is starting, the
    /// request waits for it, and while it is started again; one that breaks with its generation is sent to the next if it
    /// is idempotent, or if nothing of it had been sent. Dropping the future cancels the request.
    ///
    /// # Errors
    /// The sidecar's own problem when it answers with an error status; `unavailable` when it stopped, failed or broke
    /// off; `resource_exhausted` when 1024 requests wait already; `internal` when the answer is not a `T`.
    pub async fn request<B, T>(&self, method: Method, path: &str, body: Option<&B>) -> Result<T>
    where
        B: Serialize + ?Sized + Sync,
        T: DeserializeOwned,
    {
        let name = format!("{method} {path}");
        let mut request = Request::builder().method(method).uri(path);
        let bytes = match body {
            Some(body) => {
                request = request.header(CONTENT_TYPE, "application/json");
                serde_json::to_vec(body).map_err(|error| {
                    Error::InvalidRequest(format!("the body of {name} is not JSON: {error}"))
                })?
            }
            None => Vec::new(),
        };
        let request = request.body(Full::from(bytes)).map_err(|error| {
            Error::InvalidRequest(format!(
                "`{path}` is not a path: {error}; begin it with `/`"
            ))
        })?;
        let response = self.send(request).await?;
        if !response.status().is_success() {
            return Err(refused(name, &response));
        }
        serde_json::from_slice(response.body()).map_err(|source| Error::Decode {
            request: name,
            source,
        })
    }

    /// Sends a request whose URI is a path, once the sidecar serves. One that did not leave is sent again, and so is an
    /// idempotent one (RFC 9110, 9.2.2) that broke with its generation; ends early when there will be no other.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>> {
        let idempotent =
            request.method().is_idempotent() || request.headers().contains_key(IDEMPOTENCY_KEY);
        let mut resends = if idempotent { RESENDS } else { 0 };
        let mut unsent_resends = UNSENT_RESENDS;
        loop {
            let outcome = self.send_once(request.clone()).await;
            let Err(Error::Transport { sent, source, .. }) = &outcome else {
                return outcome;
            };
            let left = if *sent {
                &mut resends
            } else {
                &mut unsent_resends
            };
            if *left == 0 {
                return outcome;
            }
            *left -= 1;
            let (method, uri) = (request.method(), request.uri());
            log::debug!("{method} {uri} is sent again: {source}");
        }
    }

    async fn send_once(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>> {
        let mut status = self.subscribe();
        let (generation, _in_flight) = self.admitted(&mut status).await?;
        let Some(client) = &self.0.client else {
            return Err(gone(&mut status).await);
        };
        tokio::select! {
            biased;
            response = client.send(generation, request) => response,
            error = gone(&mut status) => Err(error),
        }
    }

    /// Waits until the sidecar serves, if there is a place to wait, and makes the request count as on its way.
    async fn admitted(
        &self,
        status: &mut watch::Receiver<Status>,
    ) -> Result<(u32, TaskTrackerToken)> {
        let mut place = None;
        loop {
            let serves = ready(status).now_or_never();
            if let Some(generation) = serves.transpose()? {
                // Whoever closes the intake changes the status first and counts then.
                let in_flight = self.0.in_flight.token();
                if !status.has_changed().unwrap_or(true) {
                    return Ok((generation, in_flight));
                }
                continue;
            }
            if place.is_none() {
                place = Some(
                    self.0
                        .places
                        .try_acquire()
                        .map_err(|_| Error::TooManyWaiting {
                            sidecar: self.status().sidecar,
                            limit: WAITING_REQUESTS,
                        })?,
                );
            }
            ready(status).await?;
        }
    }
}

/// An answer with an error status: the problem in it, or one around it.
fn refused(request: String, response: &Response<Bytes>) -> Error {
    if let Ok(problem) = serde_json::from_slice::<Problem>(response.body()) {
        return problem.into();
    }
    let status = response.status().as_u16();
    let data = serde_json::from_slice(response.body()).ok();
    Error::Answered {
        request,
        status,
        data,
    }
}
