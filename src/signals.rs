//! SIGTERM and SIGINT end the app as its user would, so that no process, socket or directory is left behind.

use tauri::{AppHandle, Runtime};

use crate::runtime;

/// Handles both signals of the process. The first signal asks the app to exit. The second ends the process at once, with the
/// status that a shell gives for it: 128 plus the signal's number (POSIX.1-2024, 2.8.2).
#[cfg(unix)]
pub(crate) fn end_app_on_signal<R: Runtime>(app: AppHandle<R>, runtime: &runtime::Runtime) {
    use tokio::signal::unix::{SignalKind, signal};

    runtime.handle().spawn(async move {
        let signals = signal(SignalKind::terminate()).and_then(|terminate| {
            signal(SignalKind::interrupt()).map(|interrupt| (terminate, interrupt))
        });
        let (mut terminate, mut interrupt) = match signals {
            Ok(signals) => signals,
            Err(error) => return log::warn!("SIGTERM and SIGINT end the app abruptly: {error}"),
        };
        let mut next = async || {
            tokio::select! {
                _ = terminate.recv() => SignalKind::terminate(),
                _ = interrupt.recv() => SignalKind::interrupt(),
            }
        };
        next().await;
        app.exit(0);
        let again = next().await;
        std::process::exit(128 + again.as_raw_value());
    });
}

#[cfg(not(unix))]
pub(crate) fn end_app_on_signal<R: Runtime>(_: AppHandle<R>, _: &runtime::Runtime) {}
