//! Host → sidecar: HTTP/1.1 over connections that are used again.

mod connection;
mod incoming;
mod queue;
mod source;
#[cfg(all(test, unix))]
mod tests;
mod traffic;

use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::{
    Request, Response,
    header::{HOST, HeaderValue},
};
use tokio::{
    runtime::Handle,
    sync::Semaphore,
    time::{Instant, timeout, timeout_at},
};

use self::{
    connection::{Break, Connection, Sent},
    queue::{Queue, Taken},
    source::Source,
    traffic::{Counted, Place},
};
use crate::{
    config::{LoopbackUrl, SidecarName},
    endpoint::{Address, most_pooled_connections},
    error::{Error, Kind, Progress, Result},
};

pub(crate) use self::{incoming::Incoming, traffic::Duplex};

/// Pauses between attempts to connect that may succeed a moment later.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// The body of a request on its way.
pub(crate) type Outgoing = UnsyncBoxBody<Bytes, BoxError>;

/// The connections to one sidecar. They are made when needed, kept alive and used again within one generation. At most `most`
/// are open at once. Requests and WebSockets that need another connection wait in the order in which they came.
#[derive(Clone)]
pub(crate) struct Pool(Arc<Shared>);

struct Shared {
    sidecar: SidecarName,
    source: Source,
    host: HeaderValue,
    /// The plugin's own runtime, on which the connections run: Tauri's window getters block threads of Tauri's runtime.
    runtime: Handle,
    most: usize,
    places: Arc<Semaphore>,
    queue: Queue,
}

/// A connection that was taken or made.
enum Opened {
    Used(Connection),
    Fresh {
        socket: Counted,
        number: u64,
        made_now: bool,
    },
}

impl Pool {
    pub(crate) fn endpoint(sidecar: SidecarName, address: Address, runtime: Handle) -> Self {
        let source = Source::Endpoint(address);
        Self::new(sidecar, source, runtime, most_pooled_connections())
    }

    pub(crate) fn attached(sidecar: SidecarName, url: LoopbackUrl, runtime: Handle) -> Self {
        let source = Source::Attached(url);
        Self::new(sidecar, source, runtime, most_pooled_connections())
    }

    /// A pool whose connections come with [`come`](Self::come).
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "on Windows the sidecar dials, which is still to come"
        )
    )]
    pub(crate) fn dialled(sidecar: SidecarName, runtime: Handle) -> Self {
        Self::new(sidecar, Source::Dialled, runtime, most_pooled_connections())
    }

    fn new(sidecar: SidecarName, source: Source, runtime: Handle, most: usize) -> Self {
        let host = HeaderValue::from_str(source.authority());
        Self(Arc::new(Shared {
            sidecar,
            source,
            host: host.unwrap_or_else(|_| HeaderValue::from_static("localhost")),
            runtime,
            most,
            places: Arc::new(Semaphore::new(most)),
            queue: Queue::default(),
        }))
    }

    /// Adds a connection that a sidecar of that generation has dialled, and on which it serves. The connection is closed if a
    /// newer generation lives by now.
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "on Windows the sidecar dials, which is still to come"
        )
    )]
    pub(crate) fn come(&self, generation: u32, stream: Box<dyn Duplex>) {
        self.0.queue.come(generation, stream);
    }

    /// Sends one request, whose URI is a path with an optional query, and waits for the head of the answer. The request goes to
    /// `generation` of the sidecar, or to the present generation, if that is newer. It waits for a connection at most for
    /// `patience`.
    ///
    /// # Errors
    /// `resource_exhausted` when no connection is free in time; `unavailable` when the connection fails: the error says whether
    /// any byte of the request may have left; `cancelled` when the request's body breaks off.
    /// Dropping the future closes the connection, which the sidecar sees as a disconnect.
    pub(crate) async fn send(
        &self,
        generation: u32,
        mut request: Request<Outgoing>,
        patience: Option<Duration>,
    ) -> Result<Response<Incoming>> {
        if request.uri().authority().is_some() || !request.uri().path().starts_with('/') {
            let uri = request.uri();
            return Err(
                Kind::InvalidRequest(format!("`{uri}` is not a path; begin it with `/`")).into(),
            );
        }
        request.headers_mut().insert(HOST, self.0.host.clone());
        let mut place = None;
        loop {
            let connection = match self.open(generation, false, place, patience).await? {
                Opened::Used(connection) => connection,
                Opened::Fresh {
                    socket,
                    number,
                    made_now,
                } => Connection::over(socket, number, made_now, &self.0.runtime)
                    .await
                    .map_err(|error| self.unsent(error.into()))?,
            };
            let (number, made_now) = (connection.number(), connection.made_now());
            let broken = match connection.send(request).await {
                Sent::Answered(response, connection) => {
                    return Ok(response.map(|body| Incoming::new(body, connection, self.clone())));
                }
                // The sidecar may close an idle connection at any time. That is no fault.
                Sent::GivenBack(again, freed, _) if !made_now => {
                    (request, place) = (again, freed);
                    continue;
                }
                Sent::GivenBack(_, _, error) => (Break::Unsent, error),
                Sent::Broken(reason, error) => (reason, error),
            };
            let (reason, error) = broken;
            let progress = if reason == Break::Unsent {
                Progress::NotSent
            } else {
                Progress::PerhapsCarriedOut
            };
            return Err(self.broken(Some(number), reason, progress, error.into()));
        }
    }

    /// Opens a separate connection, for a WebSocket. The connection counts as one of the pool's until it is dropped.
    ///
    /// # Errors
    /// `resource_exhausted` when none is free in time, `unavailable` when it cannot be made.
    pub(crate) async fn connect(
        &self,
        generation: u32,
        patience: Option<Duration>,
    ) -> Result<Box<dyn Duplex>> {
        match self.open(generation, true, None, patience).await? {
            Opened::Fresh { socket, .. } => Ok(Box::new(socket)),
            Opened::Used(_) => unreachable!("a fresh one was asked for"),
        }
    }

    /// The `Host` that the sidecar sees as its own.
    pub(crate) fn authority(&self) -> &str {
        self.0.source.authority()
    }

    /// Waits for a place, at most for `patience`, then for a connection.
    async fn open(
        &self,
        generation: u32,
        fresh_only: bool,
        place: Option<Place>,
        patience: Option<Duration>,
    ) -> Result<Opened> {
        let (pool, until) = (&*self.0, patience.and_then(until));
        let busy = || Kind::Busy {
            sidecar: pool.sidecar.to_string(),
            most: pool.most,
            patience: patience.unwrap_or_default(),
        };
        let mut place = if let Some(place) = place {
            place
        } else {
            let free = within(until, pool.places.clone().acquire_owned()).await;
            let free = free.ok_or_else(busy)?;
            free.map_err(|closed| self.unsent(closed.into()))?
        };
        let mut pause = FIRST_PAUSE;
        loop {
            let taken = match pool.queue.try_take(generation, fresh_only) {
                Ok(taken) => taken,
                Err(_) if !pool.source.makes() => {
                    let taken = within(until, pool.queue.take(generation, fresh_only)).await;
                    taken.ok_or_else(busy)?
                }
                Err(number) => {
                    if fresh_only {
                        pool.queue.shrink(pool.places.available_permits());
                    }
                    let refused = match pool.source.connect(&pool.runtime, place).await {
                        Ok(socket) => {
                            return Ok(Opened::Fresh {
                                socket,
                                number,
                                made_now: true,
                            });
                        }
                        Err(refused) => refused,
                    };
                    place = match refused.place {
                        Some(place) if pool.source.may_pass(&refused.error) => place,
                        _ => return Err(self.unsent(refused.error.into())),
                    };
                    // Another exchange may end, and free its connection, before a new connection can be made.
                    let pausing = timeout(pause, pool.queue.take(generation, fresh_only));
                    pause = LONGEST_PAUSE.min(pause * 2);
                    match within(until, pausing).await {
                        Some(Ok(taken)) => taken,
                        Some(Err(_elapsed)) => continue,
                        None => return Err(self.unsent(refused.error.into())),
                    }
                }
            };
            match taken {
                Taken::Used(mut connection) => {
                    if connection.is_settled().await {
                        connection.occupy(place);
                        return Ok(Opened::Used(connection));
                    }
                }
                Taken::Fresh(stream, number) => {
                    return Ok(Opened::Fresh {
                        socket: Counted::new(stream, place),
                        number,
                        made_now: false,
                    });
                }
            }
        }
    }

    fn put_back(&self, connection: Connection) {
        if connection.is_over() {
            self.0.queue.put_back(connection);
        }
    }

    /// The error of an exchange that broke, on a connection of the set `number`.
    fn broken(
        &self,
        number: Option<u64>,
        reason: Break,
        progress: Progress,
        source: BoxError,
    ) -> Error {
        if reason == Break::Aborted {
            log::debug!(
                "a request to sidecar `{}` broke off: {source}",
                self.0.sidecar
            );
            return Kind::Cancelled(
                "the request's body was not given to its end, so the request was broken off".into(),
            )
            .into();
        }
        if let Some(number) = number {
            self.0.queue.broken(number);
        }
        self.failed(progress, source)
    }

    fn unsent(&self, source: BoxError) -> Error {
        self.failed(Progress::NotSent, source)
    }

    fn failed(&self, progress: Progress, source: BoxError) -> Error {
        Kind::Transport {
            sidecar: self.0.sidecar.to_string(),
            progress,
            source,
        }
        .into()
    }
}

/// The moment at which a patience ends; `None` for a patience that is too long for the clock.
fn until(patience: Duration) -> Option<Instant> {
    Instant::now().checked_add(patience)
}

async fn within<T>(until: Option<Instant>, waiting: impl Future<Output = T>) -> Option<T> {
    match until {
        Some(until) => timeout_at(until, waiting).await.ok(),
        None => Some(waiting.await),
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("sidecar", &self.0.sidecar)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}
