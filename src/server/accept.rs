use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use axum::{
    Router,
    http::{HeaderValue, header::CONNECTION},
};
use hyper::{Request, StatusCode, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    runtime,
    sync::{Semaphore, oneshot},
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;
use tower_service::Service;

use super::{caller::Caller, calls};
use crate::endpoint::{Listener, Stream, most_connections};

/// How long a header may take, and how long a connection may idle. After that the connection is closed.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_HEADERS: usize = 64;
const MAX_HEADER_BYTES: usize = 64 * 1024;
/// How long a stranger at least has to send a header, even while others wait for its place. A Python process with busy threads
/// may be 20 ms late: the threads take turns of 5 ms, see `sys.setswitchinterval`. As long, a connection has to have idled before it
/// makes room: one that is used more often may be used in the moment in which it is closed, and closes behind its next answer.
const PATIENCE: Duration = Duration::from_millis(25);
/// Pause after an accept that failed, such as for want of descriptors, see accept(2).
const BACK_OFF: Duration = Duration::from_millis(100);

/// Serves the router until `stop` is cancelled; then every connection is closed.
///
/// The router runs on a separate thread. Tauri's runtime has many threads, and for each request wakes one more to wait for the
/// next request: that costs more than the request does, see `docs/performance.md`.
pub(crate) async fn serve(listener: Listener, router: Router, stop: CancellationToken) {
    let (served, ended) = oneshot::channel();
    let thread = thread::Builder::new().name("host-endpoint".to_owned());
    let started = thread.spawn(move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        match runtime {
            Ok(runtime) => runtime.block_on(accept(listener, router, most_connections(), stop)),
            Err(error) => log::error!("the host endpoint has no event loop: {error}"),
        }
        served.send(()).ok();
    });
    match started {
        // The sender is dropped, too, if the thread panics.
        Ok(_) => {
            ended.await.ok();
        }
        Err(error) => log::error!("the host endpoint has no thread: {error}"),
    }
}

/// Accepts connections and serves each with hyper: `axum::serve` has no header timeout.
async fn accept(listener: Listener, router: Router, most: usize, stop: CancellationToken) {
    let mut listener = match listener.accepting() {
        Ok(listener) => listener,
        Err(error) => return log::error!("the host endpoint cannot accept: {error}"),
    };
    let mut connections = Connections::new(router, most);
    let accept = async {
        loop {
            match listener.accept().await {
                Ok(accepted) => connections.take(accepted.stream).await,
                Err(error) => {
                    log::warn!("the host endpoint could not accept: {error}");
                    sleep(BACK_OFF).await;
                }
            }
        }
    };
    stop.run_until_cancelled(accept).await;
}

/// An open connection.
struct Open {
    caller: Caller,
    since: Instant,
    task: AbortHandle,
}

/// The open connections of one endpoint, at most `most`.
///
/// When there is no room for another connection, the oldest stranger leaves. So a process that opens connections and sends nothing
/// keeps no other process out. With no stranger the connection leaves that has idled longest, and those that answer close behind the
/// answer: so a client that keeps connections for later keeps no other client out, and no request is lost.
struct Connections {
    http: http1::Builder,
    router: Router,
    most: usize,
    /// How many more may carry calls in place of HTTP.
    of_calls: Arc<Semaphore>,
    /// Whether another connection waits for a place.
    is_full: Arc<AtomicBool>,
    running: JoinSet<()>,
    /// Oldest first.
    open: VecDeque<Open>,
}

impl Connections {
    fn new(router: Router, most: usize) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .max_headers(MAX_HEADERS)
            .max_buf_size(MAX_HEADER_BYTES);
        Self {
            http,
            router,
            most,
            of_calls: Arc::new(Semaphore::new(calls::most_of_calls(most))),
            is_full: Arc::default(),
            running: JoinSet::new(),
            open: VecDeque::new(),
        }
    }

    /// Makes room, then serves the connection in a separate task.
    async fn take(&mut self, stream: Stream) {
        while self.running.try_join_next().is_some() {}
        self.make_room().await;
        let caller = Caller::new(self.of_calls.clone());
        let connection = serve_connection(
            stream,
            self.http.clone(),
            self.router.clone(),
            caller.clone(),
            self.is_full.clone(),
        );
        let task = self.running.spawn(connection);
        self.forget_those_that_ended();
        self.open.push_back(Open {
            caller,
            since: Instant::now(),
            task,
        });
    }

    async fn make_room(&mut self) {
        while self.running.len() >= self.most {
            self.is_full.store(true, Ordering::Relaxed);
            let next_look = self.ask_one_to_leave();
            tokio::select! {
                _ = self.running.join_next() => {}
                () = sleep_until(next_look) => {}
            }
        }
        self.is_full.store(false, Ordering::Relaxed);
    }

    /// Asks a connection to leave, and says when to look again if none has left by then.
    fn ask_one_to_leave(&mut self) -> Instant {
        self.forget_those_that_ended();
        let now = Instant::now();
        let stranger = self.open.iter().find(|open| !open.caller.is_known());
        if let Some(stranger) = stranger {
            let patient_until = stranger.since + PATIENCE;
            if now < patient_until {
                return patient_until;
            }
            stranger.caller.ask_to_leave();
        } else {
            let callers = self.open.iter().map(|open| &open.caller);
            let idle = callers.filter_map(|caller| Some((caller.idle_since()?, caller)));
            if let Some((since, caller)) = idle.min_by_key(|(since, _)| *since) {
                if now < since + PATIENCE {
                    return since + PATIENCE;
                }
                caller.ask_to_leave();
            }
        }
        now + PATIENCE
    }

    fn forget_those_that_ended(&mut self) {
        self.open.retain(|open| !open.task.is_finished());
    }
}

/// Serves HTTP, then calls if the client has asked for that.
async fn serve_connection(
    stream: Stream,
    http: http1::Builder,
    router: Router,
    caller: Caller,
    is_full: Arc<AtomicBool>,
) {
    let (of_requests, of_http) = (caller.clone(), router.clone());
    let service = service_fn(move |mut request: Request<Incoming>| {
        let exchange = of_requests.begin();
        request.extensions_mut().insert(of_requests.clone());
        let answering = of_http.clone().call(request);
        let is_full = is_full.clone();
        async move {
            let mut answer = answering.await?;
            if is_full.load(Ordering::Relaxed) && answer.status() != StatusCode::SWITCHING_PROTOCOLS
            {
                let close = HeaderValue::from_static("close");
                answer.headers_mut().insert(CONNECTION, close);
            }
            Ok::<_, Infallible>(exchange.until_sent(answer))
        }
    });
    let connection = http.serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection.with_upgrades());
    let ended = tokio::select! {
        // First, so that what has come is seen before the connection leaves.
        biased;
        ended = &mut connection => ended,
        () = caller.leaving(PATIENCE) => {
            if !caller.is_known() {
                return;
            }
            // The last answer may be on its way still.
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        return log::debug!("a connection to the host endpoint ended: {error}");
    }
    if let Some(upgrade) = caller.switched()
        && let Err(error) = calls::serve(upgrade, router, caller).await
    {
        log::debug!("a connection of calls ended: {error}");
    }
}

#[cfg(test)]
mod tests;
