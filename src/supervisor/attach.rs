//! An attached server: one that somebody else runs.

use std::time::Duration;

use http_body_util::{BodyExt, Empty};
use hyper::{Request, Uri};
use tokio::time::{sleep, timeout};
use url::Url;

use super::{
    control::{Control, Reloads},
    diagnosis::{self, HealthCheck},
    end::End,
};
use crate::{
    config::{Attach, SidecarName},
    error::{Error, Kind, Result},
    pool::{Outgoing, Pool},
    status::Change,
};

/// How long a server that has accepted a connection may take to answer. After that it is asked again.
const LOOK: Duration = Duration::from_secs(2);

pub(crate) struct Attached {
    pub name: SidecarName,
    pub attach: Attach,
    pub pool: Pool,
}

impl Attached {
    /// Requests the health path until the answer is 2xx, then makes the sidecar `ready`.
    pub(super) async fn live(&mut self, control: &mut Control) -> End {
        let status = control.status.clone();
        let given_up = async {
            match self.healthy().await {
                Ok(()) => {
                    status.apply(Change::Announced {
                        pid: None,
                        warning: None,
                    });
                    std::future::pending().await
                }
                Err(error) => error,
            }
        };
        tokio::select! {
            end = control.wanted_end(Reloads::Obeyed) => end,
            error = given_up => error.into(),
        }
    }

    async fn healthy(&self) -> Result<()> {
        let (path, limit) = (
            Uri::from(self.attach.health_path.clone()),
            self.attach.timeout_ms.into(),
        );
        let mut last = HealthCheck::Hung;
        let looking = async {
            loop {
                match self.look(&path).await {
                    HealthCheck::Healthy => return,
                    other => last = other,
                }
                sleep(self.attach.interval_ms.into()).await;
            }
        };
        let healthy = timeout(limit, looking).await;
        healthy.map_err(|_elapsed| {
            Kind::NeverReady {
                sidecar: self.name.to_string(),
                reason: diagnosis::of_attach(
                    &Url::from(self.attach.url.clone()),
                    &path,
                    limit,
                    &last,
                ),
            }
            .into()
        })
    }

    async fn look(&self, path: &Uri) -> HealthCheck {
        let nothing = Empty::new().map_err(|never| match never {});
        let mut request = Request::new(Outgoing::new(nothing));
        *request.uri_mut() = path.clone();
        match timeout(LOOK, self.pool.send(1, request, None)).await {
            Ok(Ok(response)) if response.status().is_success() => HealthCheck::Healthy,
            Ok(Ok(response)) => HealthCheck::Unhealthy(response.status()),
            Ok(Err(error)) => HealthCheck::Broke(innermost(&error)),
            Err(_elapsed) => HealthCheck::Hung,
        }
    }
}

/// The innermost source of an error: what the system or the parser said.
fn innermost(error: &Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
