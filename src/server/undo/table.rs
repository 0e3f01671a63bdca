//! What is to be undone of one generation, until it is.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

use crate::{
    endpoint::Generation,
    error::{Kind, Result},
    server::webviews::OpenWebview,
};

/// How many commands of one generation may be left to undo.
const MOST: usize = 4096;

/// One thing to undo: a command in the window of the command that it undoes.
#[derive(Debug)]
pub(super) struct Undo {
    pub window: OpenWebview,
    pub command: String,
    pub arguments: Value,
    /// Whether another window will do when that one is gone.
    pub anywhere: bool,
}

/// All that is to be undone of the present generation of one sidecar.
#[derive(Clone, Debug, Default)]
pub(crate) struct Undos(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    /// By their numbers, which no generation has twice.
    left: BTreeMap<u64, Undo>,
    /// How many commands run that will be added.
    reserved: usize,
    newest: u64,
}

impl Undos {
    /// A place for one more.
    ///
    /// # Errors
    /// `resource_exhausted` when there is none.
    pub(super) fn reserve(&self) -> Result<Reservation> {
        let mut table = self.lock();
        if table.is_full() {
            // What was made in a window that is gone went with it.
            table.left.retain(|_, undo| undo.is_there());
        }
        if table.is_full() {
            return Err(Kind::TooManyUndos { most: MOST }.into());
        }
        table.reserved += 1;
        Ok(Reservation(self.clone()))
    }

    /// Adds one, and gives its number; gives it back if its generation has ended.
    pub(super) fn add(&self, undo: Undo, generation: &Generation) -> Result<u64, Undo> {
        let mut table = self.lock();
        // The end of a generation takes all, and comes before that, so none is left behind.
        if generation.has_ended() {
            return Err(undo);
        }
        table.newest += 1;
        let id = table.newest;
        table.left.insert(id, undo);
        Ok(id)
    }

    /// Takes one out.
    ///
    /// # Errors
    /// `not_found` when it is not there.
    pub(super) fn take(&self, id: &str) -> Result<Undo> {
        let number = id.parse().ok();
        let undo = number.and_then(|number| self.lock().left.remove(&number));
        undo.filter(Undo::is_there)
            .ok_or_else(|| Kind::UnknownUndo(id.to_owned()).into())
    }

    /// Takes the newest out.
    pub(super) fn take_newest(&self) -> Option<Undo> {
        self.lock().left.pop_last().map(|(_, undo)| undo)
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Undo {
    /// Whether what was made may still be there: it goes with its window, unless it is the app's.
    fn is_there(&self) -> bool {
        self.anywhere || self.window.is_open()
    }
}

impl Table {
    fn is_full(&self) -> bool {
        self.left.len() + self.reserved >= MOST
    }
}

/// A place that is kept free until this is dropped.
#[derive(Debug)]
pub(super) struct Reservation(Undos);

impl Drop for Reservation {
    fn drop(&mut self) {
        self.0.lock().reserved -= 1;
    }
}
