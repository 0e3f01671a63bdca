//! The end of all sidecars, in one order on every way out: refuse new requests, end the exchanges of pages, stop the
//! sidecars, read the rest of their output, drop their sockets.
//!
//! The ways out are `AppHandle::exit`, the close of the last window, SIGTERM and SIGINT, a restart of the app from any
//! thread, and `prepare_for_update`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    time::Duration,
};

use tauri::Resource;
use tokio::time::timeout;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{guest::Exchanges, runtime::Runtime};

/// How long the end of all sidecars may take at least. A sidecar with a long `stopTimeoutMs` raises that, see
/// [`allow`](Shutdown::allow).
const LIMIT: Duration = Duration::from_secs(5);
/// How much longer the main thread waits, in case the runtime is stuck and does not notice the end of the limit.
const MARGIN: Duration = Duration::from_secs(1);

/// The tasks of all sidecars, and how far their end has come. Clones share both.
#[derive(Clone, Debug)]
pub(crate) struct Shutdown {
    runtime: Runtime,
    exchanges: Exchanges,
    /// Cancelled when nothing new is begun any more.
    refusing: CancellationToken,
    /// Cancelled when the main thread waits for the end, so that no command can run on it.
    main_thread_waits: CancellationToken,
    /// Cancelled when all has to end.
    stopping: CancellationToken,
    /// Cancelled when the sidecars have to end for good: with all else, or before it.
    ending_sidecars: CancellationToken,
    tasks: TaskTracker,
    limit_ms: Arc<AtomicU64>,
}

impl Shutdown {
    pub(crate) fn new(runtime: Runtime, exchanges: Exchanges) -> Self {
        let stopping = CancellationToken::new();
        Self {
            runtime,
            exchanges,
            refusing: CancellationToken::new(),
            main_thread_waits: CancellationToken::new(),
            ending_sidecars: stopping.child_token(),
            stopping,
            tasks: TaskTracker::new(),
            limit_ms: Arc::new(AtomicU64::new(millis(LIMIT))),
        }
    }

    /// Runs a task of a sidecar. The shutdown waits for the task, which has to end soon after [`stopping`](Self::stopping).
    pub(crate) fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime.handle().spawn(self.tasks.track_future(task));
    }

    /// Runs something that blocks, and gives what it gives; None when it panics. The shutdown waits for it, too.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let running = self.tasks.spawn_blocking_on(work, self.runtime.handle());
        running.await.ok()
    }

    /// Lets the end of all sidecars take as long as that, if a sidecar may.
    pub(crate) fn allow(&self, time: Duration) {
        self.limit_ms.fetch_max(millis(time), Ordering::Relaxed);
    }

    /// How long the end of all sidecars may take.
    pub(crate) fn limit(&self) -> Duration {
        Duration::from_millis(self.limit_ms.load(Ordering::Relaxed))
    }

    pub(crate) const fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Cancelled when nothing new is begun any more.
    pub(crate) const fn refusing(&self) -> &CancellationToken {
        &self.refusing
    }

    /// Cancelled when the main thread waits for the end, so that no command can run on it.
    pub(crate) const fn main_thread_waits(&self) -> &CancellationToken {
        &self.main_thread_waits
    }

    /// Cancelled when the sidecars have to end for good: with all else, or before it.
    pub(crate) const fn ending_sidecars(&self) -> &CancellationToken {
        &self.ending_sidecars
    }

    /// Cancelled when all has to end.
    pub(crate) const fn stopping(&self) -> &CancellationToken {
        &self.stopping
    }

    /// Ends all sidecars, in the order that this module names, and waits at most [`limit`](Self::limit) for their end. A second
    /// call waits with the first.
    pub(crate) async fn end(&self) {
        self.refusing.cancel();
        self.exchanges.end_all();
        self.stopping.cancel();
        self.tasks.close();
        let limit = self.limit();
        if timeout(limit, self.tasks.wait()).await.is_err() {
            log::error!("a sidecar has not ended after {} s", limit.as_secs());
        }
    }

    /// The same as [`end`](Self::end), for a thread that blocks meanwhile, inside any runtime or none.
    fn end_blocking(&self) {
        self.main_thread_waits.cancel();
        let (done, ended) = mpsc::channel();
        let shutdown = self.clone();
        self.runtime.handle().spawn(async move {
            shutdown.end().await;
            // After the limit nobody receives this.
            let _ = done.send(());
        });
        if ended
            .recv_timeout(self.limit().saturating_add(MARGIN))
            .is_err()
        {
            log::error!("the sidecars' runtime does not answer; the app ends without it");
        }
    }
}

fn millis(time: Duration) -> u64 {
    // What is longer than 2^32 s is no limit, and `recv_timeout` cannot wait for ever.
    u64::try_from(time.as_millis())
        .unwrap_or(u64::MAX)
        .min(u64::from(u32::MAX) * 1000)
}

/// Ends all sidecars when the app ends.
///
/// Tauri drops an app's resources on each of its ways out: after `RunEvent::Exit`, before the main thread restarts the app,
/// for which there is no event, and when an updater calls `AppHandle::cleanup_before_exit`.
pub(crate) struct EndWithApp(pub Shutdown);

impl Resource for EndWithApp {}

impl Drop for EndWithApp {
    fn drop(&mut self) {
        // The runtime lives on for as long as the process: it still hears a second signal.
        self.0.end_blocking();
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Instant};

    use super::*;

    fn shutdown() -> Shutdown {
        let runtime = Runtime::start().expect("a runtime");
        Shutdown::new(runtime, Exchanges::default())
    }

    #[test]
    fn it_goes_in_one_order_whatever_runtime_the_thread_is_in() {
        for inside in [false, true] {
            let shutdown = shutdown();
            let steps = Arc::new(std::sync::Mutex::new(Vec::new()));
            let (seen, tokens) = (steps.clone(), shutdown.clone());
            shutdown.run(async move {
                tokens.stopping().cancelled().await;
                let refuses = tokens.refusing().is_cancelled();
                seen.lock().expect("no panic").push(("stopping", refuses));
            });
            let end = || drop(EndWithApp(shutdown.clone()));
            if inside {
                // The main thread of an app may be inside a runtime of one thread.
                let runtime = runtime_of_one_thread();
                runtime.block_on(async { end() });
            } else {
                end();
            }
            assert_eq!(*steps.lock().expect("no panic"), [("stopping", true)]);
            assert!(shutdown.main_thread_waits().is_cancelled());
        }
    }

    #[test]
    fn a_task_that_does_not_end_holds_the_app_up_for_so_long_and_no_longer() {
        let shutdown = shutdown();
        shutdown.run(std::future::pending());
        let began = Instant::now();
        drop(EndWithApp(shutdown));
        assert!(began.elapsed() >= LIMIT, "{:?}", began.elapsed());
    }

    fn runtime_of_one_thread() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime")
    }
}
