use std::{sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{sync::Semaphore, task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::endpoint::Listener;

/// A connection that has not sent a whole header by then is closed; so is one that idles for that long.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_HEADERS: usize = 64;
const MAX_HEADER_BYTES: usize = 64 * 1024;
const MAX_CONNECTIONS: usize = 256;
/// Pause after an accept that failed, such as for want of descriptors, see accept(2).
const BACK_OFF: Duration = Duration::from_millis(100);

/// Serves the router until `stop` is cancelled; then every connection is closed.
///
/// `axum::serve` has no header timeout, so this is hyper's connection under a loop of our own.
pub(crate) async fn serve(listener: Listener, router: Router, stop: CancellationToken) {
    let listener = match listener.accepting() {
        Ok(listener) => listener,
        Err(error) => return log::error!("the host endpoint cannot accept: {error}"),
    };
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEADER_BYTES);
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    let accept = async {
        loop {
            let place = places.clone().acquire_owned().await;
            match listener.accept().await {
                Ok(stream) => {
                    let service = TowerToHyperService::new(router.clone());
                    let connection = http.serve_connection(TokioIo::new(stream), service);
                    connections.spawn(async move {
                        if let Err(error) = connection.await {
                            log::debug!("a connection to the host endpoint ended: {error}");
                        }
                        drop(place);
                    });
                }
                Err(error) => {
                    log::warn!("the host endpoint could not accept: {error}");
                    sleep(BACK_OFF).await;
                }
            }
            while connections.try_join_next().is_some() {}
        }
    };
    stop.run_until_cancelled(accept).await;
}
