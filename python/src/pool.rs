//! The connections of one blocking client, shared by all threads of one process.

use std::{
    collections::VecDeque,
    io::ErrorKind,
    mem, process,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;

use crate::{
    address::Address,
    connection::{Connection, Failure, LOOK, left},
};

/// How many calls are with the host at once; more wait for their turn. It is also how many connections may idle.
const MOST: usize = 64;

/// A connection that idled longer is not used again: the host closes it after 5 s, perhaps in the moment in which the next
/// request is on its way, which may then be lost.
const MOST_IDLE: Duration = Duration::from_secs(4);

/// A bounded pool; the connection that was used last is used next.
#[derive(Debug)]
pub struct Pool {
    address: Address,
    /// Replaced in a child process, see [`Pool::own`].
    connections: ArcSwap<Connections>,
}

/// What the threads of one process share.
#[derive(Debug)]
pub struct Connections {
    owner: u32,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    idle: Vec<(Arc<Connection>, Instant)>,
    /// All that there are, those of calls too.
    open: Vec<Weak<Connection>>,
    taken: usize,
    /// Those that wait for a turn, in their order. While one waits, all turns are taken.
    waiting: VecDeque<Arc<Waiter>>,
    closed: bool,
    ended: bool,
}

#[derive(Debug, Default)]
struct Waiter {
    /// Written under the lock of the state alone.
    has_turn: AtomicBool,
    given: Condvar,
}

impl Pool {
    /// A pool for the host endpoint there; nothing is connected yet.
    #[must_use]
    pub fn new(address: Address) -> Self {
        Self {
            address,
            connections: ArcSwap::new(Connections::new()),
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
            None => taken
                .connections
                .note(Connection::open(&self.address, deadline)?)?,
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

    /// Closes all connections, under the threads that wait on them too; there are no more calls.
    pub fn end(&self) {
        let connections = self.own();
        let mut state = connections.lock();
        state.closed = true;
        state.ended = true;
        let open = mem::take(&mut state.open);
        drop(state);
        for connection in open.iter().filter_map(Weak::upgrade) {
            connection.close();
        }
    }

    /// The connections of this process.
    ///
    /// Those of a parent carry its calls, so that a child begins with none; it only closes its own descriptors of them.
    /// No lock is taken, which another thread might hold in the moment of a fork, and in the child for ever.
    #[must_use]
    pub fn own(&self) -> Arc<Connections> {
        self.of(process::id())
    }

    fn of(&self, process: u32) -> Arc<Connections> {
        loop {
            let found = self.connections.load_full();
            if found.owner == process {
                return found;
            }
            // One thread of the child wins, and all take what it put there.
            self.connections
                .compare_and_swap(&found, Connections::of(process));
        }
    }
}

impl Connections {
    fn new() -> Arc<Self> {
        Self::of(process::id())
    }

    fn of(owner: u32) -> Arc<Self> {
        Arc::new(Self {
            owner,
            state: Mutex::default(),
        })
    }

    /// Takes a turn, and an idle connection if there is one; `None` when all turns are taken.
    #[must_use]
    pub fn try_take(self: &Arc<Self>) -> Option<Taken> {
        let state = self.lock();
        (state.taken < MOST).then(|| self.begin_turn(state))
    }

    /// The place behind all that wait for a turn, which is a turn at once if one is free.
    #[must_use]
    pub fn line_up(self: &Arc<Self>) -> Place {
        let waiter = Arc::new(Waiter::default());
        let mut state = self.lock();
        if state.taken < MOST {
            state.taken += 1;
            waiter.has_turn.store(true, Ordering::Relaxed);
        } else {
            state.waiting.push_back(waiter.clone());
        }
        drop(state);
        Place {
            connections: self.clone(),
            waiter,
        }
    }

    fn begin_turn(self: &Arc<Self>, mut state: MutexGuard<'_, State>) -> Taken {
        state.taken += 1;
        let connection = state.pop();
        Taken {
            connections: self.clone(),
            was_idle: connection.is_some(),
            connection,
            keeps: false,
        }
    }

    /// Ends a turn, and keeps its connection for the next call. Who waits longest has the turn from here on, though its thread
    /// may be slow to wake up: else the thread that ends it would take it again and again.
    fn release(&self, kept: Option<Arc<Connection>>) {
        if self.owner != process::id() {
            return; // The parent's: nobody waits for it here, and its lock may be held for ever.
        }
        let mut state = self.lock();
        if let Some(connection) = kept
            && !state.closed
        {
            state.idle.push((connection, Instant::now()));
        }
        if let Some(waiter) = state.waiting.pop_front() {
            waiter.has_turn.store(true, Ordering::Relaxed);
            drop(state);
            waiter.given.notify_one();
        } else {
            state.taken -= 1;
        }
    }

    /// Notes a new connection, for the end.
    fn note(&self, connection: Connection) -> Result<Arc<Connection>, Failure> {
        let connection = Arc::new(connection);
        let mut state = self.lock();
        if state.ended {
            return Err(Failure::Broken(ErrorKind::ConnectionAborted.into()));
        }
        state.open.retain(|other| other.strong_count() > 0);
        state.open.push(Arc::downgrade(&connection));
        drop(state);
        Ok(connection)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn pop(&mut self) -> Option<Arc<Connection>> {
        let (connection, since) = self.idle.pop()?;
        if since.elapsed() < MOST_IDLE && connection.is_quiet() {
            return Some(connection);
        }
        // Those below it are older.
        self.idle.clear();
        None
    }
}

/// A place among those that wait for a turn, kept from one look for signals to the next. When this is dropped, the turn
/// that it may have goes to the next one.
#[derive(Debug)]
pub struct Place {
    connections: Arc<Connections>,
    waiter: Arc<Waiter>,
}

impl Place {
    /// Waits for the turn.
    ///
    /// # Errors
    /// [`Failure::Deadline`] and [`Failure::Interrupted`].
    pub fn wait(&self, deadline: Option<Instant>) -> Result<(), Failure> {
        let state = self.connections.lock();
        if !self.has_turn() {
            let most = deadline.map(left).transpose()?.unwrap_or(LOOK).min(LOOK);
            let waited = self.waiter.given.wait_timeout(state, most);
            drop(waited.unwrap_or_else(PoisonError::into_inner).0);
        }
        if !self.has_turn() {
            return Err(Failure::Interrupted);
        }
        Ok(())
    }

    /// Begins the turn that this has waited for, with an idle connection if there is one.
    #[must_use]
    pub fn take(self) -> Taken {
        let connection = self.connections.lock().pop();
        self.begin(connection)
    }

    /// Begins the turn that this has waited for, and leaves the idle connections to others.
    #[must_use]
    pub fn take_bare(self) -> Taken {
        self.begin(None)
    }

    /// The turn is the `Taken`'s from here on.
    fn begin(self, connection: Option<Arc<Connection>>) -> Taken {
        debug_assert!(self.has_turn(), "a turn begins before it was given");
        self.waiter.has_turn.store(false, Ordering::Relaxed);
        Taken {
            connections: self.connections.clone(),
            was_idle: connection.is_some(),
            connection,
            keeps: false,
        }
    }

    fn has_turn(&self) -> bool {
        self.waiter.has_turn.load(Ordering::Relaxed)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.connections.lock();
        if self.has_turn() {
            drop(state);
            self.connections.release(None);
        } else {
            let waiter = &self.waiter;
            state.waiting.retain(|other| !Arc::ptr_eq(other, waiter));
        }
    }
}

/// A turn, which ends when this is dropped.
#[derive(Debug)]
pub struct Taken {
    connections: Arc<Connections>,
    connection: Option<Arc<Connection>>,
    /// Whether its connection carried a call before, so that the host may have closed it.
    pub was_idle: bool,
    /// Whether its connection may carry the next call.
    keeps: bool,
}

impl Taken {
    /// Its connection, once there is one.
    #[must_use]
    pub fn connection(&self) -> Option<&Connection> {
        self.connection.as_deref()
    }

    /// Gives the connection back, for the next call if it can carry one.
    pub fn give_back(mut self) {
        self.keeps = true;
    }

    /// Throws the connection away; another one takes its place.
    pub fn discard(&mut self) {
        self.connection = None;
        self.was_idle = false;
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let connection = self.connection.take();
        let kept = connection.filter(|connection| self.keeps && connection.is_reusable());
        self.connections.release(kept);
    }
}

#[cfg(all(test, unix))]
mod threads;
#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn waiting(place: &Place) {
        while let Err(failure) = place.wait(None) {
            assert!(matches!(failure, Failure::Interrupted), "{failure}");
        }
    }

    #[test]
    fn a_turn_goes_to_who_waits_longest_and_to_nobody_who_comes_later() {
        let connections = Connections::new();
        let mut turns: Vec<_> = (0..MOST).map_while(|_| connections.try_take()).collect();
        assert_eq!(turns.len(), MOST);
        let [first, gone, second] = std::array::from_fn(|_| connections.line_up());
        assert!(matches!(
            first.wait(Some(Instant::now())),
            Err(Failure::Deadline)
        ));
        drop(gone);
        turns.truncate(MOST - 1);
        assert!(connections.try_take().is_none(), "the turn is given away");
        thread::scope(|scope| {
            scope.spawn(|| waiting(&first));
        });
        assert!(!second.has_turn());
        drop(first.take());
        assert!(connections.try_take().is_none());
        waiting(&second);
        // Given and not taken: it goes on as well.
        let third = connections.line_up();
        drop(second);
        waiting(&third);
        drop(third.take_bare());
        assert!(connections.try_take().is_some());
        turns.clear();
        assert_eq!(connections.lock().taken, 0);
        assert!(connections.lock().waiting.is_empty());
    }

    #[test]
    fn threads_that_call_without_a_pause_keep_nobody_out() {
        const ROUNDS: usize = 200;
        let connections = Connections::new();
        thread::scope(|scope| {
            for _ in 0..MOST + 8 {
                scope.spawn(|| {
                    for _ in 0..ROUNDS {
                        let place = connections.line_up();
                        waiting(&place);
                        drop(place.take_bare());
                    }
                });
            }
        });
        assert_eq!(connections.lock().taken, 0);
    }
}
