//! The connections of one blocking client, shared by all threads of one process.

use std::{
    mem,
    path::PathBuf,
    process,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::connection::{Connection, Failure, LOOK, left};

/// How many calls are with the host at once; more wait for their turn. It is also how many connections may idle.
const MOST: usize = 64;

/// A connection that idled longer is not used again: the host closes it after 5 s, perhaps in the moment in which the next
/// request is on its way, which may then be lost.
const MOST_IDLE: Duration = Duration::from_secs(4);

/// A bounded pool; the connection that was used last is used next.
#[derive(Debug)]
pub struct Pool {
    path: PathBuf,
    /// Replaced in a child process, see [`Pool::own`].
    connections: Mutex<Arc<Connections>>,
}

/// What the threads of one process share.
#[derive(Debug)]
pub struct Connections {
    owner: u32,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    idle: Vec<(Connection, Instant)>,
    taken: usize,
    /// Threads that wait for a turn. To wake nobody is a system call all the same.
    waiting: usize,
    closed: bool,
}

impl Pool {
    /// A pool for the host endpoint at `path`; nothing is connected yet.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            connections: Mutex::new(Connections::new()),
        }
    }

    /// The connection of a turn, a new one if it has none.
    ///
    /// # Errors
    /// What [`Connection::open`] says.
    pub fn connect<'a>(
        &self,
        taken: &'a mut Taken,
        deadline: Option<Instant>,
    ) -> Result<&'a Connection, Failure> {
        let connection = match taken.connection.take() {
            Some(connection) => connection,
            None => Connection::open(&self.path, deadline)?,
        };
        Ok(taken.connection.insert(connection))
    }

    /// Closes the idle connections, and the others when their calls end.
    pub fn close(&self) {
        let connections = self.own();
        let mut state = connections.lock();
        state.closed = true;
        let idle = mem::take(&mut state.idle);
        drop(state);
        drop(idle);
    }

    /// The connections of this process.
    ///
    /// Those of a parent carry its calls, so that a child begins with none; it only closes its own descriptors of them.
    /// The lock of this is taken under the GIL alone, so that no fork finds it taken.
    #[must_use]
    pub fn own(&self) -> Arc<Connections> {
        let mut connections = lock(&self.connections);
        if connections.owner != process::id() {
            *connections = Connections::new();
        }
        connections.clone()
    }
}

impl Connections {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            owner: process::id(),
            state: Mutex::default(),
            freed: Condvar::new(),
        })
    }

    /// Takes a turn, and an idle connection if there is one; `None` when all turns are taken.
    #[must_use]
    pub fn try_take(self: &Arc<Self>) -> Option<Taken> {
        let state = self.lock();
        (state.taken < MOST).then(|| self.begin_turn(state))
    }

    /// The same, but waits for a turn.
    ///
    /// # Errors
    /// [`Failure::Deadline`] and [`Failure::Interrupted`].
    pub fn take(self: &Arc<Self>, deadline: Option<Instant>) -> Result<Taken, Failure> {
        Ok(self.begin_turn(self.wait(deadline)?))
    }

    /// Waits for a turn that leaves the idle connections to others.
    ///
    /// # Errors
    /// [`Failure::Deadline`] and [`Failure::Interrupted`].
    pub fn take_bare(self: &Arc<Self>, deadline: Option<Instant>) -> Result<Taken, Failure> {
        self.wait(deadline)?.taken += 1;
        Ok(Taken {
            connections: self.clone(),
            was_idle: false,
            connection: None,
        })
    }

    fn wait(&self, deadline: Option<Instant>) -> Result<MutexGuard<'_, State>, Failure> {
        let mut state = self.lock();
        if state.taken == MOST {
            let most = deadline.map(left).transpose()?.unwrap_or(LOOK).min(LOOK);
            state.waiting += 1;
            let waited = self.freed.wait_timeout(state, most);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            state.waiting -= 1;
        }
        if state.taken == MOST {
            return Err(Failure::Interrupted);
        }
        Ok(state)
    }

    fn begin_turn(self: &Arc<Self>, mut state: MutexGuard<'_, State>) -> Taken {
        state.taken += 1;
        let connection = state.pop();
        Taken {
            connections: self.clone(),
            was_idle: connection.is_some(),
            connection,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl State {
    fn pop(&mut self) -> Option<Connection> {
        let (connection, since) = self.idle.pop()?;
        if since.elapsed() < MOST_IDLE && connection.is_quiet() {
            return Some(connection);
        }
        // Those below it are older.
        self.idle.clear();
        None
    }
}

/// A turn, which ends when this is dropped.
#[derive(Debug)]
pub struct Taken {
    connections: Arc<Connections>,
    connection: Option<Connection>,
    /// Whether its connection carried a call before, so that the host may have closed it.
    pub was_idle: bool,
}

impl Taken {
    /// Its connection, once there is one.
    #[must_use]
    pub const fn connection(&self) -> Option<&Connection> {
        self.connection.as_ref()
    }

    /// Gives the connection back, for the next call if it can carry one.
    pub fn give_back(mut self) {
        let connection = self.connection.take();
        let mut state = self.connections.lock();
        if let Some(connection) = connection.filter(Connection::is_reusable)
            && !state.closed
        {
            state.idle.push((connection, Instant::now()));
        }
    }

    /// Throws the connection away; another one takes its place.
    pub fn discard(&mut self) {
        self.connection = None;
        self.was_idle = false;
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut state = self.connections.lock();
        state.taken -= 1;
        if state.waiting > 0 {
            self.connections.freed.notify_one();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
