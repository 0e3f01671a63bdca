//! `test-host <configuration as JSON>`: an app to be driven from outside.
//!
//! It prints each status of each sidecar as a line of JSON, with the time of the monotonic clock, and does what the lines
//! on its standard input say; it ends when that does. With `TEST_HOST_NO_INTERCEPTOR` set it lacks the channel interceptor.

mod load;
mod page;

use std::{
    io::{BufRead, Write, stdin, stdout},
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Emitter, Manager, async_runtime, test::MockRuntime};
use tauri_plugin_sidecar_bridge::{Config, Sidecar, SidecarBridgeExt, Status};
use test_host::App;

use load::{Load, burst};
use page::Body;

/// What a line on standard input says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Word {
    /// Call the only sidecar from so many tasks without a pause, until told to end.
    Load { callers: usize, method: String },
    /// End the load and print what became of the calls.
    EndLoad,
    /// Call the only sidecar so often at once, and print what became of the calls.
    Burst {
        calls: usize,
        method: String,
        path: String,
    },
    /// Invoke that command as the page of the window `main` does, and print the answer.
    Page { command: String, body: Body },
    /// Restart the only sidecar.
    Restart,
    /// Start the app anew, from the main thread.
    RestartApp,
    /// End the sidecars, as an app does before its updater replaces their files, and say so once they have ended.
    PrepareForUpdate,
    /// Start and end that many threads, of the runtime's pool and others.
    Churn(usize),
    /// Print how many bytes the allocator has given out.
    InUse,
    /// Emit so many events of that name, numbered from 0, at that rate.
    Emit {
        name: String,
        count: u32,
        per_second: u32,
    },
}

/// A line of the output.
#[derive(Serialize)]
struct Line<'a> {
    at_ns: u64,
    #[serde(flatten)]
    status: &'a Status,
}

/// The monotonic clock, which all processes share.
#[cfg(unix)]
fn now_ns() -> u64 {
    use rustix::time::{ClockId, clock_gettime};

    let now = clock_gettime(ClockId::Monotonic);
    u64::try_from(now.tv_sec * 1_000_000_000 + now.tv_nsec).unwrap_or_default()
}

/// The performance counter, which all processes share: `time.perf_counter_ns` of Python.
#[cfg(windows)]
fn now_ns() -> u64 {
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn QueryPerformanceCounter(count: *mut i64) -> i32;
        fn QueryPerformanceFrequency(per_second: *mut i64) -> i32;
    }

    let (mut count, mut per_second) = (0, 0);
    // SAFETY: both pointers live for longer than the calls.
    let known = unsafe {
        QueryPerformanceCounter(&raw mut count) & QueryPerformanceFrequency(&raw mut per_second)
    };
    assert_ne!(known, 0, "every Windows has this clock");
    u64::try_from(i128::from(count) * 1_000_000_000 / i128::from(per_second)).unwrap_or_default()
}

fn say(line: &impl Serialize) {
    let line = serde_json::to_string(line).expect("plain JSON");
    writeln!(stdout(), "{line}").expect("stdout is open");
}

fn main() {
    let argument = std::env::args()
        .nth(1)
        .expect("usage: test-host <configuration as JSON>");
    let config: Config = serde_json::from_str(&argument).expect("a valid configuration");
    let names: Vec<String> = config.names().map(str::to_owned).collect();
    let shape = App {
        intercepts: std::env::var_os("TEST_HOST_NO_INTERCEPTOR").is_none(),
        ..App::default()
    };
    test_host::run(config, shape, |app| {
        for name in &names {
            let sidecar = app.sidecar_bridge().sidecar(name);
            async_runtime::spawn(print_statuses(sidecar.expect("it is configured")));
        }
        heed(app, names.first().map(String::as_str));
    });
}

fn heed(app: &AppHandle<MockRuntime>, name: Option<&str>) {
    let only = || {
        let name = name.expect("one is configured");
        app.sidecar_bridge()
            .sidecar(name)
            .expect("it is configured")
    };
    let mut load = None;
    for line in stdin().lock().lines() {
        let line = line.expect("text");
        match serde_json::from_str(&line).expect("a word that the test host knows") {
            Word::Load { callers, method } => load = Some(Load::start(&only(), callers, &method)),
            Word::EndLoad => say(&load.take().expect("a load").end()),
            Word::Burst {
                calls,
                method,
                path,
            } => {
                let sidecar = only();
                async_runtime::spawn(async move {
                    say(&burst(&sidecar, calls, &method, &path).await);
                });
            }
            Word::Page { command, body } => page::invoke(app, command, body, say),
            Word::Restart => async_runtime::block_on(only().restart()).expect("it restarts"),
            Word::RestartApp => app.restart(),
            Word::PrepareForUpdate => {
                async_runtime::block_on(app.sidecar_bridge().prepare_for_update());
                say(&serde_json::json!({ "preparedForUpdate": true }));
            }
            Word::Churn(threads) => churn(app, threads),
            Word::InUse => say(&serde_json::json!({ "inUse": in_use() })),
            Word::Emit {
                name,
                count,
                per_second,
            } => emit(app, &name, count, per_second),
        }
    }
}

/// What mallinfo(3) knows; other allocators than glibc's do not tell.
#[cfg_attr(
    all(target_os = "linux", target_env = "gnu"),
    expect(clippy::unnecessary_wraps, reason = "others do not tell")
)]
fn in_use() -> Option<usize> {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: mallinfo2(3) may be called at any time from any thread.
        let known = unsafe { libc::mallinfo2() };
        Some(known.uordblks + known.hblkhd)
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    None
}

fn churn(app: &AppHandle<MockRuntime>, threads: usize) {
    let _managed = app.webview_windows();
    for _ in 0..threads {
        let thread = thread::spawn(|| {
            async_runtime::block_on(async_runtime::spawn_blocking(|| {})).expect("no panic");
        });
        thread.join().expect("no panic");
    }
}

/// The clock is looked at once for all events of a millisecond.
fn emit(app: &AppHandle<MockRuntime>, name: &str, count: u32, per_second: u32) {
    let begun = Instant::now();
    for number in 0..count {
        if number % per_second.div_ceil(1000) == 0 {
            let due = begun + Duration::from_secs(1) * number / per_second;
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        app.emit(name, number).expect("it is emitted");
    }
}

async fn print_statuses(sidecar: Sidecar) {
    let mut status = sidecar.subscribe();
    status.mark_changed();
    while status.changed().await.is_ok() {
        let status = status.borrow_and_update();
        let at_ns = now_ns();
        say(&Line {
            at_ns,
            status: &status,
        });
    }
}
