//! Processes are started by one thread that never ends.
//!
//! To the kernel the parent of a process is the thread that forked it: a parent-death signal set by a thread of a pool
//! comes when the pool ends that thread, see PR_SET_PDEATHSIG(2const).

use std::{
    io,
    sync::{OnceLock, mpsc},
    thread,
};

use tokio::{runtime::Handle, sync::oneshot};

type Job = Box<dyn FnOnce() + Send>;

/// Runs `job` on that thread, inside this runtime.
pub(super) async fn on_lasting_thread<T: Send + 'static>(
    job: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    static JOBS: OnceLock<mpsc::Sender<Job>> = OnceLock::new();

    let (answer, answered) = oneshot::channel();
    let runtime = Handle::current();
    let job = move || {
        let _inside = runtime.enter();
        // Nobody waits any more when the app has ended meanwhile.
        drop(answer.send(job()));
    };
    let ended = || io::Error::other("the thread that starts processes has ended");
    JOBS.get_or_init(start_thread)
        .send(Box::new(job))
        .map_err(|_| ended())?;
    answered.await.map_err(|_| ended())?
}

fn start_thread() -> mpsc::Sender<Job> {
    let (jobs, queue) = mpsc::channel::<Job>();
    let thread = thread::Builder::new().name("sidecar-fork".into());
    let started = thread.spawn(move || queue.into_iter().for_each(|job| job()));
    if let Err(error) = started {
        log::error!("no thread to start processes: {error}");
    }
    jobs
}
