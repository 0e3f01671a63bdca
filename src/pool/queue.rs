//! The connections that nobody uses now, and who waits for one.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use super::{connection::Connection, traffic::Duplex};

/// First come, first served. Connections of an older generation, or that are older than one that broke, are never given out:
/// they may be dead and not known to be yet. `number` counts those sets.
#[derive(Default)]
pub(super) struct Queue(Mutex<State>);

#[derive(Default)]
struct State {
    generation: u32,
    number: u64,
    /// Used ones, the latest last.
    idle: Vec<Connection>,
    /// What the sidecar dialled and nobody has used, the oldest first. No HTTP is spoken there yet, so they do for
    /// WebSockets, too.
    fresh: VecDeque<Box<dyn Duplex>>,
    /// There is nothing in the queue that any of these would take.
    waiting: VecDeque<Waiter>,
}

struct Waiter {
    fresh_only: bool,
    hand: oneshot::Sender<Taken>,
}

pub(super) enum Taken {
    Used(Connection),
    Fresh(Box<dyn Duplex>, u64),
}

impl Taken {
    const fn number(&self) -> u64 {
        match self {
            Self::Used(connection) => connection.number(),
            Self::Fresh(_, number) => *number,
        }
    }
}

impl Queue {
    /// Takes an idle connection, or else a fresh one, for that generation or the present one, if that is newer. If there is
    /// none, it gives the number of the set that a new one would belong to.
    pub(super) fn try_take(&self, generation: u32, fresh_only: bool) -> Result<Taken, u64> {
        let mut state = self.lock();
        state.begin(generation);
        state.take(fresh_only).ok_or(state.number)
    }

    /// Waits for such a connection. Dropping the future gives the place in the queue up.
    pub(super) async fn take(&self, generation: u32, fresh_only: bool) -> Taken {
        let mut receiver = {
            let mut state = self.lock();
            state.begin(generation);
            if let Some(taken) = state.take(fresh_only) {
                return taken;
            }
            let (hand, receiver) = oneshot::channel();
            state.waiting.push_back(Waiter { fresh_only, hand });
            receiver
        };
        loop {
            let mut waiting = Waiting {
                queue: self,
                receiver,
            };
            // The queue is borrowed, so the other end is there until something is handed over.
            let handed = (&mut waiting.receiver).await;
            let mut state = self.lock();
            if let Some(taken) = handed.ok().or_else(|| state.take(fresh_only))
                && taken.number() == state.number
            {
                return taken;
            }
            // Its set went just now; whoever was first is first again.
            let (hand, again) = oneshot::channel();
            state.waiting.push_front(Waiter { fresh_only, hand });
            receiver = again;
        }
    }

    /// Keeps a connection whose exchange is over, or gives it to who waits for it.
    pub(super) fn put_back(&self, connection: Connection) {
        let mut state = self.lock();
        if connection.number() == state.number {
            // Given up once somebody can have the connection, so that nobody makes another in its stead.
            let place = connection.vacate();
            state.put(Taken::Used(connection));
            drop(state);
            drop(place);
        }
    }

    /// Takes in what a sidecar of that generation has dialled.
    pub(super) fn take_in(&self, generation: u32, stream: Box<dyn Duplex>) {
        let mut state = self.lock();
        state.begin(generation);
        if generation == state.generation {
            let number = state.number;
            state.put(Taken::Fresh(stream, number));
        }
    }

    /// One of that set broke: all of it goes, unless it has gone already.
    pub(super) fn broken(&self, number: u64) {
        let mut state = self.lock();
        if state.number == number {
            state.renew();
        }
    }

    /// Closes the idle connections that are more than so many, those that have idled longest.
    pub(super) fn shrink(&self, most: usize) {
        let idle = &mut self.lock().idle;
        idle.drain(..idle.len().saturating_sub(most));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn begin(&mut self, generation: u32) {
        if self.generation < generation {
            self.generation = generation;
            self.renew();
        }
    }

    fn renew(&mut self) {
        self.number += 1;
        self.idle.clear();
        self.fresh.clear();
    }

    fn take(&mut self, fresh_only: bool) -> Option<Taken> {
        if !fresh_only {
            self.idle.retain(|connection| !connection.is_closed());
            // The one that was used last may have an end of its last exchange to see to.
            let ready = self.idle.iter().rposition(Connection::is_ready);
            if let Some(at) = ready.or(self.idle.len().checked_sub(1)) {
                return Some(Taken::Used(self.idle.remove(at)));
            }
        }
        let stream = self.fresh.pop_front()?;
        Some(Taken::Fresh(stream, self.number))
    }

    fn put(&mut self, mut taken: Taken) {
        let is_used = matches!(taken, Taken::Used(_));
        while let Some(at) = self.waiting.iter().position(|w| !(is_used && w.fresh_only)) {
            let Some(waiter) = self.waiting.remove(at) else {
                break;
            };
            match waiter.hand.send(taken) {
                Ok(()) => return,
                // That one has given up.
                Err(back) => taken = back,
            }
        }
        match taken {
            Taken::Used(connection) => self.idle.push(connection),
            Taken::Fresh(stream, _) => self.fresh.push_back(stream),
        }
    }
}

/// Somebody's place in the queue.
struct Waiting<'a> {
    queue: &'a Queue,
    receiver: oneshot::Receiver<Taken>,
}

impl Drop for Waiting<'_> {
    /// What was handed to somebody who has given up meanwhile is for the next one.
    fn drop(&mut self) {
        self.receiver.close();
        let handed = self.receiver.try_recv();
        let mut state = self.queue.lock();
        state.waiting.retain(|waiter| !waiter.hand.is_closed());
        if let Ok(taken) = handed
            && taken.number() == state.number
        {
            state.put(taken);
        }
    }
}
