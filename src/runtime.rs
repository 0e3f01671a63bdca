//! The runtime on which the plugin lives.
//!
//! Tauri's own runtime has a thread for each core, and a command that asks for a window's size blocks one of them until the
//! main thread answers. A few such commands hold up all that runs there: while the main thread is busy nothing moves, and
//! while it waits for the end of a sidecar nothing ever does. So supervisors, leases, endpoints and timers live here.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::runtime::{self, Handle};

/// One thread is enough: what runs here waits, or moves a few bytes.
const THREADS: usize = 1;

/// A runtime of the plugin's own; clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct Runtime {
    handle: Handle,
    owned: Arc<Mutex<Option<runtime::Runtime>>>,
}

impl Runtime {
    /// Starts the runtime's thread.
    ///
    /// # Errors
    /// When the system gives no thread or no descriptors.
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("sidecar-bridge")
            .enable_all()
            .build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            owned: Arc::new(Mutex::new(Some(runtime))),
        })
    }

    pub(crate) const fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Ends the runtime without waiting for what runs in it, which is dropped. Any thread may do this, also one of another
    /// runtime.
    pub(crate) fn end(&self) {
        let owned = self
            .owned
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(runtime) = owned {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Runtime {
    /// A runtime that is dropped as it is would wait, which a thread of another one must not.
    fn drop(&mut self) {
        if Arc::strong_count(&self.owned) == 1 {
            self.end();
        }
    }
}
