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
    /// The version of the document that was hashed, a hyphen and the hash.
    digest: String,
}

impl Contract {
    #[cfg(feature = "codegen")]
    pub(crate) const fn new(plugin: Option<String>, digest: String) -> Self {
        Self { plugin, digest }
    }

    /// The version of the document that was hashed.
    fn version(&self) -> Option<&str> {
        self.digest.split_once('-').map(|(version, _)| version)
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
    /// are not compared. If the bindings are stale, gives the warning that the configuration asks for, if any. Contracts of two
    /// versions of the document may be those of one app, so they are no reason to refuse a sidecar.
    ///
    /// # Errors
    /// `failed_precondition` when the bindings are stale, and the configuration says to refuse them.
    pub(crate) fn judge(&self, sidecar: &str, announced: &[Contract]) -> Result<Option<String>> {
        let mut warning = None;
        for theirs in announced {
            let ours: Vec<_> = self
                .held
                .iter()
                .filter(|ours| ours.plugin == theirs.plugin)
                .collect();
            let (Some(first), false) = (ours.first(), ours.contains(&theirs)) else {
                continue;
            };
            let is_comparable = theirs.version().is_none()
                || ours.iter().any(|ours| ours.version() == theirs.version());
            let stale = Kind::StaleBindings {
                sidecar: sidecar.to_owned(),
                theirs: theirs.to_string(),
                ours: first.to_string(),
            };
            match self.stale {
                StaleBindings::Ignore => {}
                StaleBindings::Refuse if is_comparable => return Err(stale.into()),
                StaleBindings::Warn | StaleBindings::Refuse => {
                    warning.get_or_insert_with(|| stale.to_string());
                }
            }
        }
        Ok(warning)
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

    #[test]
    fn contracts_of_two_versions_are_no_reason_to_refuse_a_sidecar() {
        let judged =
            |announced: &[&str]| judge(&["2-a", "tasks:2-x"], StaleBindings::Refuse, announced);
        let warning = judged(&["1-b"]).expect("not refused").expect("a warning");
        assert!(
            warning.contains("contract 1-b, the app's have 2-a"),
            "{warning}"
        );
        assert!(
            judged(&["2-a", "tasks:1-x"])
                .expect("not refused")
                .is_some()
        );
        judged(&["1-b", "tasks:2-y"]).expect_err("the other is stale");
        judged(&["2-b"]).expect_err("it is stale");
        // Bindings from before there were versions.
        judged(&["b"]).expect_err("it is stale");
        let ignored = judge(&["2-a"], StaleBindings::Ignore, &["1-b"]);
        assert_eq!(ignored.expect("ignored"), None);
    }
}
