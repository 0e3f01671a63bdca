//! How long the main thread is busy with something else.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::Duration,
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

/// The processor time of a thread: the time for which it is not scheduled is nobody's fault here.
#[derive(Clone, Copy)]
struct CpuClock(libc::clockid_t);

impl CpuClock {
    fn of_this_thread() -> Self {
        let mut clock = 0;
        // SAFETY: the thread is alive, and `clock` is valid for the write, see pthread_getcpuclockid(3).
        unsafe { libc::pthread_getcpuclockid(libc::pthread_self(), &raw mut clock) };
        Self(clock)
    }

    fn now_ms(self) -> f64 {
        let mut now = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: `now` is valid for the write, see clock_gettime(2).
        unsafe { libc::clock_gettime(self.0, &raw mut now) };
        #[expect(clippy::cast_precision_loss, reason = "an app does not run for years")]
        let ms = now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6;
        ms
    }
}

/// Begins to ask the main thread for nothing, again and again.
#[tauri::command]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
pub fn watch<R: Runtime>(app: AppHandle<R>, state: State<'_, Stalls>) {
    let over = Arc::new(AtomicBool::new(false));
    let until = over.clone();
    // Commands that are not `async` run on the main thread.
    let clock = CpuClock::of_this_thread();
    let thread = thread::spawn(move || {
        let mut busy = Vec::new();
        let (answer, answered) = mpsc::channel();
        while !until.load(Ordering::Relaxed) {
            let (asked, answer) = (clock.now_ms(), answer.clone());
            let now = move || {
                let _ = answer.send(clock.now_ms() - asked);
            };
            if app.run_on_main_thread(now).is_err() {
                break;
            }
            let Ok(spent) = answered.recv() else { break };
            busy.push(spent);
            thread::sleep(PAUSE);
        }
        busy
    });
    *state.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Watcher { over, thread });
}

/// Answers with the processor time that the main thread has spent each time before it came to the question, in ms.
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
