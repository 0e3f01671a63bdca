//! A connection over a named pipe.

use std::{
    io::{self, ErrorKind},
    mem::MaybeUninit,
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::{Failure, READ_BYTES, next_wait};
use crate::{
    address::Address,
    pipe::{Operation, Pipe, is_end},
};

/// A read or write that is under way when a wait ends goes on, so that nothing of it is lost.
#[derive(Debug)]
pub(super) struct Stream {
    /// Gone once it is closed.
    pipe: Mutex<Option<Arc<Pipe>>>,
    /// The same.
    halves: Mutex<Option<Halves>>,
}

#[derive(Debug)]
struct Halves {
    reading: Operation,
    /// What was read and not taken yet, as a range of the buffer.
    unread: Range<usize>,
    writing: Operation,
}

impl Stream {
    pub(super) fn open(address: &Address, deadline: Option<Instant>) -> Result<Self, Failure> {
        let opened = Pipe::open(&address.path, address.process, next_wait(deadline)?);
        let pipe = Arc::new(opened.map_err(failure)?);
        let operation = || Operation::new(pipe.clone(), READ_BYTES).map_err(Failure::Broken);
        let halves = Halves {
            reading: operation()?,
            unread: 0..0,
            writing: operation()?,
        };
        Ok(Self {
            pipe: Mutex::new(Some(pipe)),
            halves: Mutex::new(Some(halves)),
        })
    }

    /// Sends what there is room for of these parts, and says how much that was.
    pub(super) fn write(
        &self,
        parts: [&[u8]; 2],
        deadline: Option<Instant>,
    ) -> Result<usize, Failure> {
        let limit = next_wait(deadline)?;
        let mut halves = lock(&self.halves);
        let writing = &mut halves.as_mut().ok_or_else(aborted)?.writing;
        if !writing.is_pending() {
            writing.begin_write(&parts).map_err(Failure::Broken)?;
        }
        match writing.wait(limit) {
            Ok(count) => count.ok_or(Failure::Interrupted),
            Err(error) if is_end(&error) => Err(Failure::Broken(ErrorKind::BrokenPipe.into())),
            Err(error) => Err(Failure::Broken(error)),
        }
    }

    pub(super) fn read(
        &self,
        buffer: &mut [u8],
        deadline: Option<Instant>,
    ) -> Result<usize, Failure> {
        self.take(buffer.len(), deadline, |bytes| {
            buffer[..bytes.len()].copy_from_slice(bytes);
        })
    }

    pub(super) fn read_into(
        &self,
        buffer: &mut [MaybeUninit<u8>],
        deadline: Option<Instant>,
    ) -> Result<usize, Failure> {
        self.take(buffer.len(), deadline, |bytes| {
            for (place, byte) in buffer.iter_mut().zip(bytes) {
                place.write(*byte);
            }
        })
    }

    /// Takes at most so many bytes, and says how many; none at the end of the input.
    fn take(
        &self,
        most: usize,
        deadline: Option<Instant>,
        take: impl FnOnce(&[u8]),
    ) -> Result<usize, Failure> {
        let limit = next_wait(deadline)?;
        let mut halves = lock(&self.halves);
        let Some(halves) = halves.as_mut() else {
            return Ok(0);
        };
        if halves.unread.is_empty() {
            let reading = &mut halves.reading;
            match reading.begin_read().and_then(|()| reading.wait(limit)) {
                Ok(Some(count)) => halves.unread = 0..count,
                Ok(None) => return Err(Failure::Interrupted),
                Err(error) if is_end(&error) => return Ok(0),
                Err(error) => return Err(Failure::Broken(error)),
            }
        }
        let count = halves.unread.len().min(most);
        let start = halves.unread.start;
        take(&halves.reading.bytes()[start..start + count]);
        halves.unread.start += count;
        Ok(count)
    }

    pub(super) fn is_quiet(&self) -> bool {
        let halves = lock(&self.halves);
        let has_unread = halves.as_ref().is_none_or(|it| !it.unread.is_empty());
        drop(halves);
        !has_unread && lock(&self.pipe).as_ref().is_some_and(|it| it.is_quiet())
    }

    pub(super) fn close(&self) {
        let Some(pipe) = lock(&self.pipe).take() else {
            return;
        };
        // Ends the wait of a thread that has the halves. The host sees the end when both are gone.
        pipe.close();
        *lock(&self.halves) = None;
    }
}

fn aborted() -> Failure {
    Failure::Broken(ErrorKind::ConnectionAborted.into())
}

fn failure(error: io::Error) -> Failure {
    match error.kind() {
        ErrorKind::WouldBlock => Failure::Interrupted,
        _ => Failure::Broken(error),
    }
}

/// A pipe does not tell.
pub(super) const fn was_unread(_: &io::Error) -> bool {
    false
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
