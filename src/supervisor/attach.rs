use std::time::Duration;

use axum::body::Bytes;
use http_body_util::Full;
use hyper::{Request, Uri};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    Error,
    client::Client,
    config::{Attach, SidecarName},
    status::StatusCell,
};

/// A server that has accepted and does not answer for that long is asked again.
const LOOK: Duration = Duration::from_secs(2);

/// Looks at the health path of a server that somebody else runs until it answers 2xx, then calls it ready.
///
pub(crate) async fn attach(
    name: SidecarName,
    attach: Attach,
    client: Client,
    status: &StatusCell,
    stop: CancellationToken,
) {
    let path = Uri::from(attach.health_path.clone());
    let healthy = async {
        while !is_healthy(&client, &path).await {
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

async fn is_healthy(client: &Client, path: &Uri) -> bool {
    let mut request = Request::new(Full::<Bytes>::default());
    *request.uri_mut() = path.clone();
    match timeout(LOOK, client.send(1, request)).await {
        Ok(Ok(response)) => response.status().is_success(),
        Ok(Err(error)) => {
            log::debug!("not healthy yet: {error}");
            false
        }
        Err(_elapsed) => false,
    }
}
