use std::{collections::VecDeque, thread, time::Duration};

use axum::Router;
use futures_util::future::OptionFuture;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    runtime,
    sync::oneshot,
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
/// may be 20 ms late: the threads take turns of 5 ms, see `sys.setswitchinterval`.
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

/// A connection on which nobody had shown the token when it was accepted.
struct Stranger {
    caller: Caller,
    since: Instant,
    task: AbortHandle,
}

/// The open connections of one endpoint, at most `most`.
///
/// When there is no room for another connection, the oldest stranger is closed. So a process that opens connections and sends
/// nothing keeps no other process out, and a sidecar never closes its own connections.
struct Connections {
    http: http1::Builder,
    router: Router,
    most: usize,
    running: JoinSet<()>,
    /// Oldest first.
    strangers: VecDeque<Stranger>,
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
            running: JoinSet::new(),
            strangers: VecDeque::new(),
        }
    }

    /// Makes room, then serves the connection in a separate task.
    async fn take(&mut self, stream: Stream) {
        while self.running.try_join_next().is_some() {}
        self.make_room().await;
        let caller = Caller::default();
        let (of_requests, router) = (caller.clone(), self.router.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(of_requests.clone());
            router.clone().call(request)
        });
        let connection = self.http.serve_connection(TokioIo::new(stream), service);
        let (of_calls, router) = (caller.clone(), self.router.clone());
        let task = self.running.spawn(async move {
            if let Err(error) = connection.with_upgrades().await {
                return log::debug!("a connection to the host endpoint ended: {error}");
            }
            if let Some(upgrade) = of_calls.switched()
                && let Err(error) = calls::serve(upgrade, router, of_calls).await
            {
                log::debug!("a connection of calls ended: {error}");
            }
        });
        self.strangers.push_back(Stranger {
            caller,
            since: Instant::now(),
            task,
        });
        self.forget_those_known();
    }

    async fn make_room(&mut self) {
        while self.running.len() >= self.most {
            self.forget_those_known();
            let oldest = self.strangers.front();
            let patience = oldest.map(|stranger| sleep_until(stranger.since + PATIENCE));
            tokio::select! {
                _ = self.running.join_next() => {}
                Some(()) = OptionFuture::from(patience) => {
                    if let Some(stranger) = self.strangers.pop_front()
                        && !stranger.caller.is_known()
                    {
                        stranger.task.abort();
                    }
                }
            }
        }
    }

    fn forget_those_known(&mut self) {
        self.strangers
            .retain(|stranger| !stranger.caller.is_known() && !stranger.task.is_finished());
    }
}

#[cfg(test)]
mod tests;
