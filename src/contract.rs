//! Whether a sidecar's bindings were made from this app.

use std::{fmt, str::FromStr};

use crate::{
    config::StaleBindings,
    error::{Kind, Result},
};

/// A hash of the commands, events and types of an app or a plugin, which the bindings of a sidecar carry, too.
///
/// `codegen::contract` makes it; documentation does not count. Give it to [`Builder::contract`](crate::Builder::contract).
/// Then the host compares it with the sidecar's when the sidecar announces that it serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// The Tauri plugin that the bindings are for; none for the app's own.
    plugin: Option<String>,
    digest: String,
}

impl Contract {
    #[cfg(feature = "codegen")]
    pub(crate) const fn new(plugin: Option<String>, digest: String) -> Self {
        Self { plugin, digest }
    }
}

impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(plugin) = &self.plugin {
            write!(f, "{plugin}:")?;
        }
        f.write_str(&self.digest)
    }
}

impl FromStr for Contract {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let (plugin, digest) = match text.rsplit_once(':') {
            Some((plugin, digest)) => (Some(plugin.to_owned()), digest),
            None => (None, text),
        };
        Ok(Self {
            plugin,
            digest: digest.to_owned(),
        })
    }
}

/// The app's contracts, and what happens to a sidecar that has others.
#[derive(Clone, Debug)]
pub(crate) struct Contracts {
    pub held: Vec<Contract>,
    pub stale: StaleBindings,
}

impl Contracts {
    /// Compares the contracts that a sidecar announces with the app's. Bindings of a plugin for which the app has no contract
    /// are not compared. If the bindings are stale, gives the warning that the configuration asks for, if any.
    ///
    /// # Errors
    /// `failed_precondition` when the bindings are stale, and the configuration says to refuse them.
    pub(crate) fn judge(&self, sidecar: &str, announced: &[Contract]) -> Result<Option<String>> {
        let stale = announced.iter().find_map(|theirs| {
            let mut ours = self.held.iter().filter(|ours| ours.plugin == theirs.plugin);
            let first = ours.next()?;
            let known = first == theirs || ours.any(|ours| ours == theirs);
            (!known).then(|| Kind::StaleBindings {
                sidecar: sidecar.to_owned(),
                theirs: theirs.to_string(),
                ours: first.to_string(),
            })
        });
        match (stale, self.stale) {
            (None, _) | (_, StaleBindings::Ignore) => Ok(None),
            (Some(stale), StaleBindings::Warn) => Ok(Some(stale.to_string())),
            (Some(stale), StaleBindings::Refuse) => Err(stale.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contracts(texts: &[&str]) -> Vec<Contract> {
        let parsed = texts.iter().map(|text| text.parse());
        parsed
            .collect::<std::result::Result<_, _>>()
            .expect("any text is one")
    }

    fn judge(held: &[&str], stale: StaleBindings, announced: &[&str]) -> Result<Option<String>> {
        let held = contracts(held);
        Contracts { held, stale }.judge("python", &contracts(announced))
    }

    #[test]
    fn bindings_of_the_same_build_and_none_at_all_are_fine() {
        for announced in [&["a"][..], &[], &["a", "tasks:x"], &["a", "other:y"]] {
            let verdict = judge(&["a", "tasks:x"], StaleBindings::Refuse, announced);
            assert_eq!(verdict.expect("fine"), None, "{announced:?}");
        }
        assert_eq!(
            judge(&[], StaleBindings::Refuse, &["b"]).expect("nothing to compare"),
            None
        );
    }

    #[test]
    fn others_are_warned_of_refused_or_ignored() {
        let warning = judge(&["a"], StaleBindings::Warn, &["b"])
            .expect("a warning")
            .expect("text");
        assert!(
            warning.contains("contract b, the app's have a"),
            "{warning}"
        );
        judge(&["a"], StaleBindings::Refuse, &["b"]).expect_err("refused");
        judge(&["a", "tasks:x"], StaleBindings::Refuse, &["a", "tasks:y"]).expect_err("refused");
        assert_eq!(
            judge(&["a"], StaleBindings::Ignore, &["b"]).expect("ignored"),
            None
        );
    }
}
