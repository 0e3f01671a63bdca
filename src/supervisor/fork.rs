//! One thread that never ends starts all processes.
//!
//! For the kernel, the parent of a process is the thread that forked it. With a thread of a pool, the parent-death signal
//! would come when the pool ends that thread, see PR_SET_PDEATHSIG(2const).

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
        // If the app has ended meanwhile, nobody receives this.
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
