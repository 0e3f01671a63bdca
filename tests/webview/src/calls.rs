//! Commands that tell how calls are carried out: how long those of the window take in the app itself, and which of those
//! that wait for the main thread begin.

use std::{
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use tauri::{AppHandle, Emitter, Listener, Runtime, State, WebviewWindow, async_runtime};

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

/// How often [`tick`] ran.
#[derive(Default)]
pub struct Ticks(AtomicU32);

/// Counts its calls; it runs on the main thread, as every synchronous command does.
#[tauri::command]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
pub fn tick(ticks: State<'_, Ticks>) -> u32 {
    ticks.0.fetch_add(1, Ordering::Relaxed) + 1
}

/// Emits `held`, then keeps the main thread until `release` is emitted.
#[tauri::command]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
pub fn hold_main_thread<R: Runtime>(app: AppHandle<R>) -> Result<(), String> {
    let (release, released) = mpsc::channel();
    app.once("release", move |_| release.send(()).unwrap_or_default());
    app.emit("held", ()).map_err(|error| error.to_string())?;
    released
        .recv_timeout(Duration::from_secs(20))
        .map_err(|error| error.to_string())
}
