//! The idle connections, and the callers that wait for one.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use super::{connection::Connection, traffic::Duplex};
use crate::runtime::Reactor;

/// First come, first served. The connections form sets: a new set begins with each generation, and when a connection breaks.
/// Connections of an earlier set are never given out, for they may be dead too. `number` is that of the present set.
#[derive(Default)]
pub(super) struct Queue(Mutex<State>);

#[derive(Default)]
struct State {
    generation: u32,
    number: u64,
    /// Idle connections that were used before, the latest last.
    idle: Vec<Connection>,
    /// Connections that the sidecar dialled and nobody has used, the oldest first. They carry no HTTP yet, so a WebSocket can
    /// use them, too.
    fresh: VecDeque<Box<dyn Duplex>>,
    /// The callers that wait. None of them could use a connection that is in the queue.
    waiting: VecDeque<Waiter>,
}

struct Waiter {
    wanted: Wanted,
    hand: oneshot::Sender<Taken>,
}

/// What a caller can use.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted {
    /// A connection that carries no HTTP yet.
    Fresh,
    /// A fresh connection, or one whose socket has this reactor: with another one, an answer might wait for a runtime that stands still.
    Any(Reactor),
}

impl Wanted {
    /// The reactor that a new connection gets.
    pub(super) const fn reactor(self) -> Reactor {
        match self {
            Self::Fresh => Reactor::Plugin,
            Self::Any(reactor) => reactor,
        }
    }

    fn includes(self, connection: &Connection) -> bool {
        matches!(self, Self::Any(reactor) if connection.reactor() == reactor)
    }
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
    /// Takes an idle connection, or else a fresh one, of `generation` or of the present generation, if that is newer. Without a
    /// connection, the error is the number of the set that a new connection would belong to.
    pub(super) fn try_take(&self, generation: u32, wanted: Wanted) -> Result<Taken, u64> {
        let mut state = self.lock();
        state.begin(generation);
        state.take(wanted).ok_or(state.number)
    }

    /// The same as [`try_take`](Self::try_take), but waits for a connection. Dropping the future leaves the queue.
    pub(super) async fn take(&self, generation: u32, wanted: Wanted) -> Taken {
        let mut receiver = {
            let mut state = self.lock();
            state.begin(generation);
            if let Some(taken) = state.take(wanted) {
                return taken;
            }
            let (hand, receiver) = oneshot::channel();
            state.waiting.push_back(Waiter { wanted, hand });
            receiver
        };
        loop {
            let mut waiting = Waiting {
                queue: self,
                receiver,
            };
            // The queue keeps the other end of the channel until it hands over a connection.
            let handed = (&mut waiting.receiver).await;
            let mut state = self.lock();
            if let Some(taken) = handed.ok().or_else(|| state.take(wanted))
                && taken.number() == state.number
            {
                return taken;
            }
            // The set of that connection ended just now. This caller was first, and is first again.
            let (hand, again) = oneshot::channel();
            state.waiting.push_front(Waiter { wanted, hand });
            receiver = again;
        }
    }

    /// Keeps a connection whose exchange is over, or gives the connection to the first caller that waits.
    pub(super) fn put_back(&self, connection: Connection) {
        let mut state = self.lock();
        if connection.number() == state.number {
            // Free the place only after the connection can be taken, so that no caller makes a new connection instead.
            let place = connection.vacate();
            state.put(Taken::Used(connection));
            drop(state);
            drop(place);
        }
    }

    /// Adds a connection that a sidecar of that generation has dialled.
    pub(super) fn take_in(&self, generation: u32, stream: Box<dyn Duplex>) {
        let mut state = self.lock();
        state.begin(generation);
        if generation == state.generation {
            let number = state.number;
            state.put(Taken::Fresh(stream, number));
        }
    }

    /// Drops the set with that number, of which a connection broke, unless the set is gone already.
    pub(super) fn broken(&self, number: u64) {
        let mut state = self.lock();
        if state.number == number {
            state.renew();
        }
    }

    /// Closes idle connections, longest idle first, until `most` are left.
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

    fn take(&mut self, wanted: Wanted) -> Option<Taken> {
        self.idle.retain(|connection| !connection.is_closed());
        let last = |ready: bool| {
            let fits = |c: &Connection| wanted.includes(c) && (!ready || c.is_ready());
            self.idle.iter().rposition(fits)
        };
        // The connection that was used last may still be busy with the end of its exchange.
        if let Some(at) = last(true).or_else(|| last(false)) {
            return Some(Taken::Used(self.idle.remove(at)));
        }
        let stream = self.fresh.pop_front()?;
        Some(Taken::Fresh(stream, self.number))
    }

    fn put(&mut self, mut taken: Taken) {
        let fits = |waiter: &Waiter, taken: &Taken| match taken {
            Taken::Used(connection) => waiter.wanted.includes(connection),
            Taken::Fresh(..) => true,
        };
        while let Some(at) = self.waiting.iter().position(|w| fits(w, &taken)) {
            let Some(waiter) = self.waiting.remove(at) else {
                break;
            };
            match waiter.hand.send(taken) {
                Ok(()) => return,
                // That caller has given up.
                Err(back) => taken = back,
            }
        }
        match taken {
            Taken::Used(connection) => self.idle.push(connection),
            Taken::Fresh(stream, _) => self.fresh.push_back(stream),
        }
    }
}

/// A caller's place in the queue.
struct Waiting<'a> {
    queue: &'a Queue,
    receiver: oneshot::Receiver<Taken>,
}

impl Drop for Waiting<'_> {
    /// A connection that was handed to a caller who has given up meanwhile goes to the next caller.
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
