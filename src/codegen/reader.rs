//! What reading types has found so far; each kind of type is read in a file of its own.

use std::collections::{BTreeMap, BTreeSet};

use specta::Types;

use super::schema::{Key, Named, Shape};

/// The shapes that type parameters stand for.
pub(super) type Arguments = BTreeMap<String, Shape>;

/// Reads types into what is defined.
pub(super) struct Reader<'a> {
    pub(super) types: &'a Types,
    pub(super) defined: BTreeMap<Key, Named>,
    /// The types that are being read: nothing can be said yet of what they hold.
    pub(super) reading: BTreeSet<Key>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(types: &'a Types) -> Self {
        Self {
            types,
            defined: BTreeMap::new(),
            reading: BTreeSet::new(),
        }
    }
}
