use axum::body::Bytes;
use http_body_util::Full;
use hyper::Request;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    Error,
    client::Client,
    config::{Attach, SidecarName},
    status::StatusCell,
};

/// Looks at the health path of a server that somebody else runs until it answers 2xx, then calls it ready.
///
/// Each look is bounded by what is left of the timeout: a server that accepts and never answers is not waited for
/// longer than that.
pub(crate) async fn attach(
    name: SidecarName,
    attach: Attach,
    client: Client,
    status: &StatusCell,
    stop: CancellationToken,
) {
    let healthy = async {
        while !is_healthy(&client, &attach.health_path).await {
            sleep(attach.interval()).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        found = timeout(attach.timeout(), healthy) => match found {
            Ok(()) => {
                status.announce_ready(None);
                stop.cancelled().await;
            }
            Err(_elapsed) => {
                status.failed(&Error::ReadyTimeout { sidecar: name.to_string(), timeout: attach.timeout() });
            }
        },
    }
    status.stopped();
}

async fn is_healthy(client: &Client, path: &str) -> bool {
    let Ok(request) = Request::get(path).body(Full::<Bytes>::default()) else {
        return false;
    };
    match client.send(request).await {
        Ok(response) => response.status().is_success(),
        Err(error) => {
            log::debug!("not healthy yet: {error}");
            false
        }
    }
}
