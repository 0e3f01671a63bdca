//! Host → sidecar: HTTP/1.1 over connections that are used again.

mod connection;
mod driver;
mod incoming;
mod queue;
mod reserved;
mod source;
#[cfg(all(test, unix))]
mod tests;
mod traffic;
mod upload;

use std::{
    error::Error as StdError,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Waker},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::{Request, Response, header::HeaderValue};
use tokio::{io::ReadBuf, sync::Semaphore, time::timeout};

use self::{
    connection::Connection,
    queue::{Queue, Taken, Wanted},
    source::Source,
    traffic::{Counted, Place},
};
use crate::{
    config::{LoopbackUrl, SidecarName},
    deadline::Deadline,
    endpoint::{Address, most_pooled_connections},
    error::{Error, Kind, Progress, Result},
    runtime::{Reactor, Reactors},
};

pub(crate) use self::{incoming::Incoming, reserved::Reserved, traffic::Duplex};

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
    reactors: Reactors,
    most: usize,
    places: Arc<Semaphore>,
    /// The turns of WebSockets. They are fewer than the places, so that open WebSockets never keep every request waiting.
    websockets: Arc<Semaphore>,
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
    pub(crate) fn endpoint(sidecar: SidecarName, address: Address, reactors: Reactors) -> Self {
        let source = Source::Endpoint(address);
        Self::new(sidecar, source, reactors, most_pooled_connections())
    }

    pub(crate) fn attached(sidecar: SidecarName, url: LoopbackUrl, reactors: Reactors) -> Self {
        let source = Source::Attached(url);
        Self::new(sidecar, source, reactors, most_pooled_connections())
    }

    /// A pool whose connections come with [`take_in`](Self::take_in).
    pub(crate) fn dialled(sidecar: SidecarName, reactors: Reactors) -> Self {
        Self::new(
            sidecar,
            Source::Dialled,
            reactors,
            most_pooled_connections(),
        )
    }

    fn new(sidecar: SidecarName, source: Source, reactors: Reactors, most: usize) -> Self {
        let host = HeaderValue::from_str(source.authority());
        Self(Arc::new(Shared {
            sidecar,
            source,
            host: host.unwrap_or_else(|_| HeaderValue::from_static("localhost")),
            reactors,
            most,
            places: Arc::new(Semaphore::new(most)),
            websockets: Arc::new(Semaphore::new((most - most / 4).max(1))),
            queue: Queue::default(),
        }))
    }

    /// Adds a connection that a sidecar of that generation has dialled, and on which it serves. The connection is closed if a
    /// newer generation lives by now.
    pub(crate) fn take_in(&self, generation: u32, stream: Box<dyn Duplex>) {
        self.0.queue.take_in(generation, stream);
    }

    /// Sends one request, as [`reserve`](Self::reserve) and [`Reserved::send`] do.
    pub(crate) async fn send(
        &self,
        generation: u32,
        request: Request<Outgoing>,
        deadline: Option<Deadline>,
    ) -> Result<Response<Incoming>> {
        self.reserve(generation, deadline)
            .await?
            .send(request)
            .await
    }

    /// Waits, at most until `deadline`, for a connection to `generation` of the sidecar, or to the present generation, if that is
    /// newer. Dropping the future leaves the queue.
    ///
    /// # Errors
    /// `resource_exhausted` when none is free in time, `unavailable` when none can be made.
    pub(crate) async fn reserve(
        &self,
        generation: u32,
        deadline: Option<Deadline>,
    ) -> Result<Reserved> {
        let connection = self.connection(generation, None, deadline).await?;
        Ok(Reserved::new(
            self.clone(),
            generation,
            connection,
            deadline,
        ))
    }

    /// Opens a separate connection, for a WebSocket. The connection counts as one of the pool's until it is dropped.
    ///
    /// # Errors
    /// `resource_exhausted` when none is free in time, `unavailable` when it cannot be made.
    pub(crate) async fn connect(
        &self,
        generation: u32,
        deadline: Option<Deadline>,
    ) -> Result<Box<dyn Duplex>> {
        let turn = self.0.websockets.clone().acquire_owned();
        let turn = Deadline::within(deadline, turn).await;
        let turn = turn.map_err(|missed| self.busy(missed))?;
        let turn = turn.map_err(|closed| self.unsent(closed.into()))?;
        let place = self.place(deadline).await?;
        match self
            .open(generation, Wanted::Fresh, place, deadline)
            .await?
        {
            Opened::Fresh { mut socket, .. } => {
                socket.hold(turn);
                Ok(Box::new(socket))
            }
            Opened::Used(_) => unreachable!("a fresh one was asked for"),
        }
    }

    /// The error of a caller whose deadline came before its turn.
    fn busy(&self, missed: Deadline) -> Kind {
        Kind::Busy {
            sidecar: self.0.sidecar.to_string(),
            most: self.0.most,
            patience: missed.timeout(),
        }
    }

    /// The `Host` that the sidecar sees as its own.
    pub(crate) fn authority(&self) -> &str {
        self.0.source.authority()
    }

    /// Waits for a place, at most until `deadline`.
    async fn place(&self, deadline: Option<Deadline>) -> Result<Place> {
        let free = Deadline::within(deadline, self.0.places.clone().acquire_owned()).await;
        let free = free.map_err(|missed| self.busy(missed))?;
        free.map_err(|closed| self.unsent(closed.into()))
    }

    /// The reactor for the connection of the present caller, who has a place. What a sidecar dials is accepted by the plugin.
    fn reactor(&self) -> Reactor {
        let pool = &*self.0;
        if pool.source.makes() {
            pool.reactors.of_caller()
        } else {
            Reactor::Plugin
        }
    }

    async fn connection(
        &self,
        generation: u32,
        place: Option<Place>,
        deadline: Option<Deadline>,
    ) -> Result<Connection> {
        let place = match place {
            Some(place) => place,
            None => self.place(deadline).await?,
        };
        let reactor = self.reactor();
        let wanted = Wanted::Any(reactor);
        match self.open(generation, wanted, place, deadline).await? {
            Opened::Used(connection) => Ok(connection),
            Opened::Fresh {
                socket,
                number,
                made_now,
            } => Connection::over(socket, number, reactor, made_now)
                .await
                .map_err(|error| self.unsent(error.into())),
        }
    }

    /// Waits for a connection, at most until `deadline`.
    async fn open(
        &self,
        generation: u32,
        wanted: Wanted,
        mut place: Place,
        deadline: Option<Deadline>,
    ) -> Result<Opened> {
        let pool = &*self.0;
        let busy = |missed| self.busy(missed);
        let mut pause = FIRST_PAUSE;
        loop {
            let taken = match pool.queue.try_take(generation, wanted) {
                Ok(taken) => taken,
                Err(_) if !pool.source.makes() => {
                    let taken = pool.queue.take(generation, wanted);
                    let taken = Deadline::within(deadline, taken).await;
                    taken.map_err(busy)?
                }
                Err(number) => {
                    // The idle connections are none that this caller could use.
                    pool.queue.shrink(pool.places.available_permits());
                    let runtime = pool.reactors.handle(wanted.reactor());
                    let refused = match pool.source.connect(runtime, place).await {
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
                    // Those that are idle have descriptors, and so has an exchange that may end meanwhile.
                    pool.queue.shrink(0);
                    let pausing = timeout(pause, pool.queue.take(generation, wanted));
                    pause = LONGEST_PAUSE.min(pause * 2);
                    match Deadline::within(deadline, pausing).await {
                        Ok(Ok(taken)) => taken,
                        Ok(Err(_elapsed)) => continue,
                        Err(_missed) => return Err(self.unsent(refused.error.into())),
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
                Taken::Fresh(mut stream, number) => {
                    if is_quiet(&mut *stream) {
                        return Ok(Opened::Fresh {
                            socket: Counted::new(stream, place),
                            number,
                            made_now: false,
                        });
                    }
                }
            }
        }
    }

    fn put_back(&self, mut connection: Connection) {
        if connection.is_over() {
            self.0.queue.put_back(connection);
        }
    }

    /// The error of an exchange that broke. Drops the set of its connection, since the others may be dead too.
    fn broken(&self, number: u64, progress: Progress, source: BoxError) -> Error {
        self.0.queue.broken(number);
        self.failed(progress, source)
    }

    /// The error of a request whose body broke off on the host's side. That is no fault of the sidecar.
    fn aborted(&self, source: &hyper::Error) -> Error {
        let sidecar = &self.0.sidecar;
        log::debug!("a request to sidecar `{sidecar}` was broken off: {source:?}");
        Kind::Cancelled(
            "the request was broken off, since its body was not given to the end".to_owned(),
        )
        .into()
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

/// Whether a connection that nobody has used is open still. A sidecar that has died leaves closed ones; and on Windows a closed
/// pipe takes bytes that nobody will read.
fn is_quiet(stream: &mut dyn Duplex) -> bool {
    let mut byte = [0];
    let mut nobody_waits = Context::from_waker(Waker::noop());
    let read = Pin::new(stream).poll_read(&mut nobody_waits, &mut ReadBuf::new(&mut byte));
    read.is_pending()
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("sidecar", &self.0.sidecar)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}
