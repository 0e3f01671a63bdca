//! Files of this machine that a page names: what a download is saved to, and what a form sends.

mod chosen;
mod form;
mod saved;
#[cfg(test)]
mod tests;

use std::{
    fs::Metadata,
    io,
    time::{Duration, Instant},
};

pub(crate) use chosen::ChosenFiles;
pub(crate) use form::Form;
pub(crate) use saved::save;

/// How long a progress may be old: a page shows no more than that.
const PAUSE: Duration = Duration::from_millis(100);

/// Refuses a folder, and what else is no file.
fn require_file(known: &Metadata) -> io::Result<()> {
    if known.is_file() {
        Ok(())
    } else if known.is_dir() {
        Err(io::ErrorKind::IsADirectory.into())
    } else {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Tells how much is done, now and then, and at the end.
struct Telling<F> {
    tell: F,
    done_bytes: u64,
    told: Option<(Instant, u64)>,
}

impl<F: FnMut(u64)> Telling<F> {
    const fn new(tell: F) -> Self {
        Self {
            tell,
            done_bytes: 0,
            told: None,
        }
    }

    fn add(&mut self, bytes: usize) {
        self.done_bytes += bytes as u64;
        let recently = |(at, _): (Instant, u64)| at.elapsed() < PAUSE;
        if !self.told.is_some_and(recently) {
            self.now();
        }
    }

    /// Tells the end, unless that is told.
    fn end(&mut self) {
        if self.told.is_none_or(|(_, bytes)| bytes != self.done_bytes) {
            self.now();
        }
    }

    fn now(&mut self) {
        self.told = Some((Instant::now(), self.done_bytes));
        (self.tell)(self.done_bytes);
    }
}
