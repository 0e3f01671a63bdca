//! SIGTERM and SIGINT end the app as its user would, so that no process, socket or directory is left behind.

use tauri::{AppHandle, Runtime};

use crate::shutdown::Shutdown;

/// Handles both signals of the process. The first signal asks the app to exit, with the status that a shell gives for the signal:
/// 128 plus its number (POSIX.1-2024, 2.8.2). An app that prevents its exit, such as one that lives on in the tray, has as long
/// as its sidecars have to stop; then the sidecars end, and the process with that status. The second signal ends the process at
/// once.
#[cfg(unix)]
pub(crate) fn end_app_on_signal<R: Runtime>(app: AppHandle<R>, shutdown: Shutdown) {
    use tokio::{
        signal::unix::{SignalKind, signal},
        time::timeout,
    };

    let runtime = shutdown.runtime().handle().clone();
    runtime.spawn(async move {
        let signals = signal(SignalKind::terminate()).and_then(|terminate| {
            signal(SignalKind::interrupt()).map(|interrupt| (terminate, interrupt))
        });
        let (mut terminate, mut interrupt) = match signals {
            Ok(signals) => signals,
            Err(error) => return log::warn!("SIGTERM and SIGINT end the app abruptly: {error}"),
        };
        let mut next = async || {
            let signal = tokio::select! {
                _ = terminate.recv() => SignalKind::terminate(),
                _ = interrupt.recv() => SignalKind::interrupt(),
            };
            128 + signal.as_raw_value()
        };
        let status = next().await;
        app.exit(status);
        let begins = timeout(shutdown.limit(), shutdown.stopping().cancelled());
        let status = tokio::select! {
            again = next() => again,
            begun = begins => {
                if begun.is_err() {
                    log::warn!("the app prevented its exit after a signal, and ends all the same");
                    shutdown.end().await;
                    status
                } else {
                    next().await
                }
            }
        };
        std::process::exit(status);
    });
}

#[cfg(not(unix))]
pub(crate) fn end_app_on_signal<R: Runtime>(_: AppHandle<R>, _: Shutdown) {}
