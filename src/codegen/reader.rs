//! The state of reading types. Each kind of type is read in a file of its own: `types`, `records`, `enums`.

use std::collections::{BTreeMap, BTreeSet};

use specta::Types;

use super::schema::{Key, Named, Shape};

/// The shapes of a type's parameters, by the parameters' names.
pub(super) type Arguments = BTreeMap<String, Shape>;

/// Reads types, and keeps their definitions.
pub(super) struct Reader<'a> {
    pub(super) types: &'a Types,
    pub(super) defined: BTreeMap<Key, Named>,
    /// The types that are being read, whose bodies are not known yet.
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
