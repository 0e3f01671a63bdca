//! The async runtime on which the plugin runs.
//!
//! Tauri's own runtime has one thread for each core. A command that asks for a window's size blocks such a thread until the main
//! thread answers, and a few such commands block all threads. Tasks on that runtime then wait while the main thread is busy, and
//! wait for ever while the main thread waits for the end of a sidecar. So supervisors, leases, endpoints and timers run here.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use tauri::async_runtime;
use tokio::runtime::{self, Handle, worker_index};
use tokio_util::context::TokioContext;

/// One thread is enough: the tasks here wait, or move a few bytes.
const THREADS: usize = 1;

/// The plugin's own runtime. Clones share it.
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

    pub(crate) fn reactors(&self) -> Reactors {
        Reactors::new(self.handle.clone(), async_runtime::handle().inner().clone())
    }

    /// Ends the runtime and drops its tasks without waiting for them. Any thread may call this, also a thread of another
    /// runtime.
    fn end(&self) {
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

/// The runtime whose reactor has a socket. Its thread hears first that the socket can be read, then wakes whoever waits for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reactor {
    Plugin,
    App,
}

/// The runtimes that can have a socket: the plugin's, and the one on which the app's commands run.
#[derive(Clone, Debug)]
pub(crate) struct Reactors {
    plugin: Handle,
    app: Handle,
}

impl Reactors {
    pub(crate) const fn new(plugin: Handle, app: Handle) -> Self {
        Self { plugin, app }
    }

    /// The reactor that is best for what this caller waits for. A task of the app's runtime is woken soonest by its own reactor. While
    /// all threads of that runtime are blocked the reactor stands still, but so does the task. Everybody else has to get on
    /// without that runtime: the main thread may block until its request is answered, or a blocking thread's.
    pub(crate) fn of_caller(&self) -> Reactor {
        let here = || Handle::try_current().is_ok_and(|here| here.id() == self.app.id());
        if worker_index().is_some() && here() {
            Reactor::App
        } else {
            Reactor::Plugin
        }
    }

    /// Waits with the timers of that reactor's runtime, so that a deadline comes while the app's runtime stands still.
    pub(crate) fn wait<F: Future>(&self, waiting: F) -> TokioContext<F> {
        TokioContext::new(waiting, self.handle(self.of_caller()).clone())
    }

    pub(crate) const fn handle(&self, reactor: Reactor) -> &Handle {
        match reactor {
            Reactor::Plugin => &self.plugin,
            Reactor::App => &self.app,
        }
    }
}

impl Drop for Runtime {
    /// The drop of tokio's runtime waits for its threads, and panics in a thread of another runtime. So end it first.
    fn drop(&mut self) {
        if Arc::strong_count(&self.owned) == 1 {
            self.end();
        }
    }
}
