//! A server that somebody else runs.

use std::time::Duration;

use axum::body::Bytes;
use http_body_util::Full;
use hyper::{Request, Uri};
use tokio::time::{sleep, timeout};

use super::life::{End, Surroundings};
use crate::{
    Error,
    client::Client,
    config::{Attach, SidecarName},
    status::Change,
};

/// A server that has accepted and does not answer for that long is asked again.
const LOOK: Duration = Duration::from_secs(2);

pub(crate) struct Attached {
    pub name: SidecarName,
    pub attach: Attach,
    pub client: Client,
}

impl Attached {
    /// Looks at the health path until it answers 2xx, then calls the server ready.
    pub(super) async fn live(&mut self, around: &mut Surroundings) -> End {
        let status = around.status.clone();
        let never_healthy = async {
            if timeout(self.attach.timeout(), self.is_healthy())
                .await
                .is_ok()
            {
                status.apply(Change::Announced { pid: None });
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            end = around.wanted_end() => end,
            () = never_healthy => Error::ReadyTimeout {
                sidecar: self.name.to_string(),
                timeout: self.attach.timeout(),
            }
            .into(),
        }
    }

    async fn is_healthy(&self) {
        let path = Uri::from(self.attach.health_path.clone());
        while !self.look(&path).await {
            sleep(self.attach.interval()).await;
        }
    }

    async fn look(&self, path: &Uri) -> bool {
        let mut request = Request::new(Full::<Bytes>::default());
        *request.uri_mut() = path.clone();
        match timeout(LOOK, self.client.send(1, request)).await {
            Ok(Ok(response)) => response.status().is_success(),
            Ok(Err(error)) => {
                log::debug!("not healthy yet: {error}");
                false
            }
            Err(_elapsed) => false,
        }
    }
}
