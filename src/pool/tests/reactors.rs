//! Which runtime a connection depends on.

use std::{
    future::pending,
    sync::{Barrier, mpsc},
    thread,
};

use tokio::runtime::Builder;

use super::*;

/// The app's runtime, with one thread, and the plugin's, on which the server runs too.
struct Runtimes {
    app: Runtime,
    plugin: Runtime,
}

impl Runtimes {
    fn start() -> Self {
        let runtime = || {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(1).enable_all();
            builder.build().expect("a runtime")
        };
        Self {
            app: runtime(),
            plugin: runtime(),
        }
    }

    fn pool(&self, path: PathBuf, most: usize) -> Pool {
        let reactors = Reactors::new(self.plugin.handle().clone(), self.app.handle().clone());
        Pool::new(
            name(),
            Source::Endpoint(Address::unix(path)),
            reactors,
            most,
        )
    }

    /// An exchange in a task of the app's, such as a command's.
    fn in_task(&self, pool: &Pool) -> Bytes {
        let pool = pool.clone();
        let task = self
            .app
            .spawn(async move { exchange(&pool, 1, get("/a")).await });
        let answer = self.app.block_on(async { timeout(LIMIT, task).await });
        answer
            .expect("in time")
            .expect("no panic")
            .expect("an answer")
    }

    /// Begins something while no task of the app's can go on, and gives what it sends.
    fn while_the_app_stands_still<T>(&self, begin: impl FnOnce(mpsc::Sender<T>)) -> T {
        let (stands_still, goes_on) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let blocked = self.app.spawn({
            let (stands_still, goes_on) = (stands_still.clone(), goes_on.clone());
            async move {
                stands_still.wait();
                goes_on.wait();
            }
        });
        stands_still.wait();
        let (done, sent) = mpsc::channel();
        begin(done);
        let sent = sent.recv_timeout(LIMIT);
        goes_on.wait();
        self.app.block_on(blocked).expect("no panic");
        sent.expect("in time")
    }

    /// An exchange of a thread that blocks until its end, such as the main thread.
    fn blocking(&self, pool: &Pool) -> Bytes {
        let exchange = async { timeout(LIMIT, exchange(pool, 1, get("/b"))).await };
        let answer = self.app.block_on(exchange);
        answer.expect("in time").expect("an answer")
    }
}

fn serve_on(runtime: &Runtime) -> (TempDir, PathBuf, Arc<AtomicUsize>) {
    let (directory, path) = path();
    let _inside = runtime.enter();
    let connections = serve(UnixListener::bind(&path).expect("bound"));
    (directory, path, connections)
}

#[test]
fn a_task_of_the_app_and_a_thread_that_blocks_keep_a_connection_each() {
    let runtimes = Runtimes::start();
    let (_directory, path, connections) = serve_on(&runtimes.plugin);
    let pool = runtimes.pool(path, 8);
    for _ in 0..3 {
        assert_eq!(runtimes.in_task(&pool), "/a");
        assert_eq!(runtimes.blocking(&pool), "/b");
    }
    assert_eq!(connections.load(Ordering::Relaxed), 2);
}

/// Tauri's window getters block the threads of the app's runtime until the main thread answers them.
#[test]
fn a_thread_that_blocks_is_answered_while_the_runtime_of_the_app_stands_still() {
    let runtimes = Arc::new(Runtimes::start());
    let (_directory, path, _) = serve_on(&runtimes.plugin);
    let pool = runtimes.pool(path, 8);
    runtimes.in_task(&pool);
    let answer = runtimes.while_the_app_stands_still(|done| {
        let runtimes = runtimes.clone();
        thread::spawn(move || done.send(runtimes.blocking(&pool)));
    });
    assert_eq!(answer, "/b");
}

/// A blocking thread's task has a number too, and the main thread may wait for that thread.
#[test]
fn so_is_a_blocking_thread_of_that_runtime_and_its_deadline_comes() {
    let runtimes = Runtimes::start();
    let (_directory, path, _) = serve_on(&runtimes.plugin);
    let pool = runtimes.pool(path, 8);
    runtimes.in_task(&pool);
    let app = runtimes.app.handle().clone();
    let (answer, missed) = runtimes.while_the_app_stands_still(|done| {
        runtimes.app.spawn_blocking(move || {
            let answer = app.block_on(exchange(&pool, 1, get("/b")));
            let at_once = Some(Deadline::after(Duration::from_millis(1)));
            let waiting = Deadline::within(at_once, pending::<()>());
            done.send((answer, app.block_on(pool.0.reactors.wait(waiting))))
        });
    });
    assert_eq!(answer.expect("an answer"), "/b");
    missed.expect_err("nothing came before");
}

#[test]
fn an_idle_connection_goes_when_the_other_kind_needs_its_place() {
    let runtimes = Runtimes::start();
    let (_directory, path) = path();
    let listener = {
        let _inside = runtimes.plugin.enter();
        UnixListener::bind(&path).expect("bound")
    };
    // It serves a connection only once the one before is closed.
    runtimes.plugin.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            answer(stream, || {}).await;
        }
    });
    let pool = runtimes.pool(path, 1);
    for _ in 0..3 {
        assert_eq!(runtimes.in_task(&pool), "/a");
        assert_eq!(runtimes.blocking(&pool), "/b");
    }
}
