//! How long calls of the window take in the app itself.

use std::time::Instant;

use tauri::{Runtime, WebviewWindow, async_runtime};

/// Makes the same call again and again on a thread that is not the main thread, and answers with the time that each took,
/// in ns. `what` is `is_maximized` or `toggle_maximize`, which does what Tauri's command of that name does, each time after
/// the one before has had its effect.
#[tauri::command]
pub async fn time_window<R: Runtime>(
    window: WebviewWindow<R>,
    what: String,
    calls: usize,
) -> Result<Vec<u128>, String> {
    let toggles = what == "toggle_maximize";
    let one = move || {
        let was = window.is_maximized()?;
        let begun = Instant::now();
        if !toggles {
            window.is_maximized()?;
        } else if window.is_maximized()? {
            window.unmaximize()?;
        } else {
            window.maximize()?;
        }
        let elapsed = begun.elapsed();
        while toggles && window.is_maximized()? == was {}
        Ok(elapsed.as_nanos())
    };
    let all = move || (0..calls).map(|_| one()).collect::<tauri::Result<_>>();
    let times = async_runtime::spawn_blocking(all).await;
    times
        .and_then(|times| times)
        .map_err(|error| error.to_string())
}
