//! How long calls of the window take in the app itself.

use std::{
    thread,
    time::{Duration, Instant},
};

use tauri::{Runtime, WebviewWindow, async_runtime};

/// Makes the same call again and again on a thread that is not the main thread, and answers with the time that each took,
/// in ns. `what` is `is_maximized` or `toggle_maximize`, which does what Tauri's command of that name does.
#[tauri::command]
pub async fn time_window<R: Runtime>(
    window: WebviewWindow<R>,
    what: String,
    calls: usize,
    pause_ms: u64,
) -> Result<Vec<u128>, String> {
    let one = move || {
        thread::sleep(Duration::from_millis(pause_ms));
        let begun = Instant::now();
        if what == "is_maximized" {
            window.is_maximized()?;
        } else if window.is_maximized()? {
            window.unmaximize()?;
        } else {
            window.maximize()?;
        }
        Ok(begun.elapsed().as_nanos())
    };
    let all = move || (0..calls).map(|_| one()).collect::<tauri::Result<_>>();
    let times = async_runtime::spawn_blocking(all).await;
    times
        .and_then(|times| times)
        .map_err(|error| error.to_string())
}
