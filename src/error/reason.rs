//! Why a sidecar does not serve, in two lengths.

use std::{borrow::Cow, fmt};

use super::{Error, Problem};

/// Why a sidecar does not serve: a sentence for everybody, and all that is known of it. The [`Display`](fmt::Display) has all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    short: Cow<'static, str>,
    /// None where there is no more to say.
    whole: Option<String>,
}

impl Reason {
    /// A reason that everybody may read: it has no line that a sidecar wrote, and no path.
    pub(crate) fn open(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            short: text.into(),
            whole: None,
        }
    }

    /// A reason of which only `short` is for everybody.
    pub(crate) fn new(short: impl Into<Cow<'static, str>>, whole: String) -> Self {
        Self {
            short: short.into(),
            whole: Some(whole),
        }
    }

    /// The part for everybody alone.
    pub(crate) fn shortened(&self) -> Self {
        Self::open(self.short.clone())
    }

    /// The reason with more words at the end of both lengths.
    pub(crate) fn and(self, words: &str) -> Self {
        Self {
            short: format!("{}{words}", self.short).into(),
            whole: self.whole.map(|whole| whole + words),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.whole.as_deref().unwrap_or(&self.short))
    }
}

impl From<&'static str> for Reason {
    /// What is written in this crate is for everybody.
    fn from(text: &'static str) -> Self {
        Self::open(text)
    }
}

impl From<&Error> for Reason {
    fn from(error: &Error) -> Self {
        let whole = error.to_string();
        match error.kind().shortened() {
            Some(short) => Self::new(short, whole),
            None => Self::open(whole),
        }
    }
}

/// Why a sidecar has failed or is started again: what everybody may read, and the whole of it for the app's own code, the log
/// and pages that may read the log.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    pub problem: Problem,
    pub details: String,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            problem: Problem::unlogged(error),
            details: error.to_string(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.details)
    }
}
