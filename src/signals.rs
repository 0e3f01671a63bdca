//! The signals that end a process end the app as its user would, so that no process, socket or directory is left behind.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as system;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as system;

use tauri::{AppHandle, Runtime};
use tokio::time::timeout;

use crate::shutdown::Shutdown;

/// Handles the signals of the process: SIGTERM and SIGINT, or on Windows what its console says. The first signal asks the app
/// to exit, with the status that its process would end with. An app that prevents its exit, such as one that lives on in the
/// tray, has as long as its sidecars have to stop; then the sidecars end, and the process with that status. The second signal
/// ends the process at once.
pub(crate) fn end_app_on_signal<R: Runtime>(app: AppHandle<R>, shutdown: Shutdown) {
    let runtime = shutdown.runtime().handle().clone();
    runtime.spawn(async move {
        let mut signals = match system::Signals::listen() {
            Ok(signals) => signals,
            Err(error) => return log::warn!("signals end the app abruptly: {error}"),
        };
        let status = signals.next().await;
        app.exit(status);
        let begins = timeout(shutdown.limit(), shutdown.stopping().cancelled());
        let status = tokio::select! {
            again = signals.next() => again,
            begun = begins => {
                if begun.is_err() {
                    log::warn!("the app prevented its exit after a signal, and ends all the same");
                    shutdown.end().await;
                    status
                } else {
                    signals.next().await
                }
            }
        };
        std::process::exit(status);
    });
}
