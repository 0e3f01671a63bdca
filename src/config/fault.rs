//! What is wrong with values that Rust code gave, until somebody can be told.

use std::fmt;

/// The wrong values, each under the key that it has in `tauri.conf.json`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Faults(Vec<Fault>);

#[derive(Clone, Debug, PartialEq)]
struct Fault {
    key: String,
    wrong: String,
}

impl Faults {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn add(&mut self, key: impl Into<String>, wrong: String) {
        let key = key.into();
        self.0.push(Fault { key, wrong });
    }

    /// Gives a value that is right, and remembers what is wrong with another.
    pub(super) fn right<T>(&mut self, key: &str, value: Result<T, String>) -> Option<T> {
        value.map_err(|wrong| self.add(key, wrong)).ok()
    }

    /// Takes over what is wrong with a part under a key, and tells whether anything is.
    pub(super) fn take_over(&mut self, key: &str, part: &Self) -> bool {
        for fault in &part.0 {
            self.add(format!("{key}.{}", fault.key), fault.wrong.clone());
        }
        !part.is_empty()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, Fault { key, wrong }) in self.0.iter().enumerate() {
            let between = if place == 0 { "" } else { "; " };
            write!(f, "{between}`{key}`: {wrong}")?;
        }
        Ok(())
    }
}
