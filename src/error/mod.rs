//! One error type for the crate, one problem for every wire.

mod code;
mod kind;
mod problem;
mod reason;
#[cfg(test)]
mod tests;

use std::{error::Error as StdError, fmt};

use serde::{Serialize, Serializer};

pub use code::ErrorCode;
pub(crate) use kind::{Kind, Progress};
pub use problem::Problem;
pub(crate) use reason::{Failure, Reason};

/// Why something failed. Tell errors apart by their [`code`](Self::code), which is the same in Rust, TypeScript and
/// Python; the text is for people. On a wire an error is a [`Problem`].
#[derive(Debug)]
pub struct Error(Box<Kind>);

impl Error {
    /// The kind of error, the same in all three languages.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.0.code()
    }

    /// The error as it is on a wire: without paths and without what a sidecar wrote, which the error's own text has. Each call
    /// makes another `instance`, and writes what is left out to the log under it.
    #[must_use]
    pub fn problem(&self) -> Problem {
        Problem::from(self)
    }

    /// Whether the same request may succeed later, and has done nothing yet: nothing of it reached whoever would have
    /// carried it out. `false` says that it is not safe to send the request again unasked, not that it was carried out.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.is_retryable()
    }

    pub(crate) fn kind(&self) -> &Kind {
        &self.0
    }

    /// Whether the error was a problem before, of which the log has heard then.
    fn is_told(&self) -> bool {
        matches!(self.kind(), Kind::Problem(_) | Kind::Failed(_))
    }

    /// Makes the error of an attempt that the operating system refused.
    pub(crate) fn io(attempt: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let attempt = attempt.into();
        move |source| Kind::Io { attempt, source }.into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self(Box::new(kind))
    }
}

impl From<tauri::Error> for Error {
    fn from(error: tauri::Error) -> Self {
        Kind::Tauri(error).into()
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Kind::Problem(Box::new(problem)).into()
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Kind::Failed(Box::new(failure)).into()
    }
}

impl From<&Error> for Problem {
    /// What the other side must not see goes to the log, under the problem's `instance`.
    fn from(error: &Error) -> Self {
        let problem = Self::unlogged(error);
        let instance = &problem.instance;
        if error.is_told() {
            // The log has it already.
        } else if let Some(source) = error.source() {
            log::warn!("{instance} {error} ({source:?})");
        } else if error.kind().shortened().is_some() {
            log::warn!("{instance} {error}");
        }
        problem
    }
}

impl Problem {
    /// The error as it is on a wire. The log hears nothing of what the problem leaves out.
    fn unlogged(error: &Error) -> Self {
        match error.kind() {
            Kind::Problem(problem) => return Self::clone(problem),
            Kind::Failed(failure) => return failure.problem.clone(),
            _ => {}
        }
        let code = error.code();
        let detail = error.kind().shortened();
        let detail = detail.unwrap_or_else(|| error.to_string());
        let instance = format!("urn:uuid:{}", uuid::Uuid::new_v4());
        let data = match error.kind() {
            Kind::Command { data, .. } => Some(data.clone()),
            Kind::Answered { data, .. } => data.clone(),
            _ => None,
        };
        Self {
            r#type: "about:blank".into(),
            title: code.title().into(),
            status: code.status(),
            detail,
            instance,
            code,
            retryable: error.is_retryable(),
            data,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl Serialize for Error {
    /// A Tauri command rejects with the serialized error: the problem.
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.problem().serialize(serializer)
    }
}

/// In exported types an error is what it is on the wire: a problem.
#[cfg(feature = "codegen")]
impl specta::Type for Error {
    fn definition(types: &mut specta::Types) -> specta::datatype::DataType {
        <Problem as specta::Type>::definition(types)
    }
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
