//! How long the main thread lets others wait.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tauri::{AppHandle, Runtime, State};

const PAUSE: Duration = Duration::from_millis(1);

/// What runs between [`watch`] and [`stalls`].
#[derive(Default)]
pub struct Stalls(Mutex<Option<Watcher>>);

struct Watcher {
    over: Arc<AtomicBool>,
    thread: JoinHandle<Vec<f64>>,
}

/// Begins to ask the main thread for nothing, again and again.
#[tauri::command]
pub fn watch<R: Runtime>(app: AppHandle<R>, state: State<'_, Stalls>) {
    let over = Arc::new(AtomicBool::new(false));
    let until = over.clone();
    let thread = thread::spawn(move || {
        let mut waits = Vec::new();
        let (answer, answered) = mpsc::channel();
        while !until.load(Ordering::Relaxed) {
            let (asked, answer) = (Instant::now(), answer.clone());
            let now = move || {
                let _ = answer.send(asked.elapsed());
            };
            if app.run_on_main_thread(now).is_err() {
                break;
            }
            let Ok(waited) = answered.recv() else { break };
            waits.push(waited.as_secs_f64() * 1000.0);
            thread::sleep(PAUSE);
        }
        waits
    });
    *state.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Watcher { over, thread });
}

/// Answers with how long each question has waited, in ms.
#[tauri::command]
pub async fn stalls(state: State<'_, Stalls>) -> Result<Vec<f64>, String> {
    let watcher = state
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    let Some(Watcher { over, thread }) = watcher else {
        return Err("nobody watches; call `watch` first".into());
    };
    over.store(true, Ordering::Relaxed);
    thread.join().map_err(|_| "the watcher panicked".into())
}
