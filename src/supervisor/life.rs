use std::{sync::OnceLock, time::Duration};

use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{
    lease::{Introduction, say_hello},
    output::Output,
    restart::{MAX_STARTS, Restarts, WINDOW},
    spawn::{Launch, not_started, start},
    stop::{end, end_group, exit_in_words},
};
use crate::{
    Error,
    endpoint::{CurrentToken, SidecarListener},
    status::{StatusCell, ready},
};

/// How one generation came to its end.
enum End {
    /// The host asked for it.
    Stopped,
    /// Another one would do no better.
    Failed(Error),
    /// It ended by itself, after it had served that long.
    Exited {
        reason: String,
        served: Option<Duration>,
    },
}

/// Starts the sidecar, again and again while it ends by itself, until `stop` is cancelled or there is no use. The
/// outcome is in `status`.
///
/// Its listening socket stays open all the time, so that requests of the time between wait for the next generation.
pub(crate) async fn supervise(
    launch: &Launch,
    introduction: &Introduction<'_>,
    token: &CurrentToken,
    listener: &SidecarListener,
    status: &StatusCell,
    stop: CancellationToken,
) {
    let mut restarts = Restarts::default();
    loop {
        restarts.started(Instant::now());
        let ended = live(launch, introduction, token, listener, status, &stop).await;
        token.revoke();
        let (reason, served) = match ended {
            End::Stopped => return status.stopped(),
            End::Failed(error) => return status.failed(&error),
            End::Exited { reason, served } => (reason, served),
        };
        let unavailable = |reason| Error::Unavailable {
            sidecar: introduction.sidecar.to_string(),
            reason,
        };
        if !launch.restart {
            return status.failed(&unavailable(reason));
        }
        let Some(pause) = restarts.ended(Instant::now(), served, chance()) else {
            let given_up = format!(
                "; given up after {MAX_STARTS} starts in {} s",
                WINDOW.as_secs()
            );
            return status.failed(&unavailable(reason + &given_up));
        };
        status.restarting(&unavailable(reason));
        if stop.run_until_cancelled(sleep(pause)).await.is_none() {
            return status.stopped();
        }
        status.starting_again();
    }
}

/// From 0 to 1; a system without randomness has worse troubles than equal pauses.
fn chance() -> f64 {
    f64::from(getrandom::u32().unwrap_or_default()) / f64::from(u32::MAX)
}

async fn live(
    launch: &Launch,
    introduction: &Introduction<'_>,
    token: &CurrentToken,
    listener: &SidecarListener,
    status: &StatusCell,
    stop: &CancellationToken,
) -> End {
    let name = introduction.sidecar;
    let token = match token.renew() {
        Ok(token) => token,
        Err(error) => return End::Failed(error),
    };
    let mut child = match start(launch, listener).await {
        Ok(child) => child,
        Err(error) => {
            let (sidecar, reason) = (name.to_string(), not_started(launch, &error));
            return End::Failed(Error::Unavailable { sidecar, reason });
        }
    };
    let mut output = Output::of(&mut *child, name);
    let mut lease = child.stdin().take();
    say_hello(
        lease.as_mut(),
        introduction,
        status.current().generation,
        &token,
    )
    .await;

    let ready_at = OnceLock::new();
    tokio::select! {
        () = stop.cancelled() => {
            end(&mut *child, lease).await;
            End::Stopped
        }
        exit = child.wait() => {
            end_group(&mut *child);
            let served = ready_at.get().map(Instant::elapsed);
            let when = if served.is_some() { "" } else { " before it was ready" };
            let reason = format!("it {}{when}{}", exit_in_words(exit), output.last_words().await);
            End::Exited { reason, served }
        }
        () = late(status, launch.ready_timeout, &ready_at) => {
            end(&mut *child, lease).await;
            End::Failed(Error::ReadyTimeout { sidecar: name.to_string(), timeout: launch.ready_timeout })
        }
    }
}

/// Ends when the sidecar is not ready in time; never ends when it is, and notes when that was.
async fn late(status: &StatusCell, limit: Duration, ready_at: &OnceLock<Instant>) {
    if timeout(limit, ready(&mut status.subscribe())).await.is_ok() {
        ready_at.get_or_init(Instant::now);
        std::future::pending::<()>().await;
    }
}
