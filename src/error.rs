//! One error type for the crate, one problem for every wire.

use std::{fmt, io, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// What went wrong, by kind: gRPC's canonical names, each with one HTTP status.
///
/// Source: <https://grpc.github.io/grpc/core/md_doc_statuscodes.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The request itself is wrong; sending it again cannot help (422).
    InvalidArgument,
    /// No token, or not the one of this generation (401).
    Unauthenticated,
    /// The caller is known and may not do this (403).
    PermissionDenied,
    /// No such command, window, sidecar or route (404).
    NotFound,
    /// The sidecar is starting, stopped or gone; try again later (503).
    Unavailable,
    /// Understood and refused by the callee in its present state (412).
    FailedPrecondition,
    /// Over a limit of size or number (429).
    ResourceExhausted,
    /// The caller gave up (499).
    Cancelled,
    /// Too late (504).
    DeadlineExceeded,
    /// A fault on this side (500).
    Internal,
}

impl ErrorCode {
    /// The HTTP status that carries this code.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidArgument => 422,
            Self::Unauthenticated => 401,
            Self::PermissionDenied => 403,
            Self::NotFound => 404,
            Self::Unavailable => 503,
            Self::FailedPrecondition => 412,
            Self::ResourceExhausted => 429,
            Self::Cancelled => 499,
            Self::DeadlineExceeded => 504,
            Self::Internal => 500,
        }
    }

    /// The code that an HTTP error status stands for, as far as a status can tell.
    #[must_use]
    pub const fn from_status(status: u16) -> Self {
        match status {
            401 => Self::Unauthenticated,
            403 => Self::PermissionDenied,
            404 | 410 => Self::NotFound,
            409 | 412 => Self::FailedPrecondition,
            413 | 429 => Self::ResourceExhausted,
            499 => Self::Cancelled,
            408 | 504 => Self::DeadlineExceeded,
            502 | 503 => Self::Unavailable,
            400..=498 => Self::InvalidArgument,
            _ => Self::Internal,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid argument",
            Self::Unauthenticated => "unauthenticated",
            Self::PermissionDenied => "permission denied",
            Self::NotFound => "not found",
            Self::Unavailable => "unavailable",
            Self::FailedPrecondition => "failed precondition",
            Self::ResourceExhausted => "resource exhausted",
            Self::Cancelled => "cancelled",
            Self::DeadlineExceeded => "deadline exceeded",
            Self::Internal => "internal",
        }
    }
}

/// The only error shape on any wire: RFC 9457 `application/problem+json` with a [`code`](Self::code).
///
/// A command of this plugin rejects with it, the host endpoint answers with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// A URI for the kind of problem; `about:blank`, since `code` says it.
    pub r#type: String,
    /// The code in words.
    pub title: String,
    /// The HTTP status, also inside the body.
    pub status: u16,
    /// What happened: the offending value and the remedy.
    pub detail: String,
    /// Names this one occurrence; the log has the details under it.
    pub instance: String,
    /// What kind of problem it is.
    pub code: ErrorCode,
    /// Whether the same request may succeed later, and has done nothing yet.
    pub retryable: bool,
    /// The error value of the app's own command, or of FastAPI's answer, whole; absent for every other problem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "codegen", specta(type = Option<specta_typescript::Unknown>))]
    pub data: Option<Value>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.title, self.detail)
    }
}

/// Everything that can fail in this crate. On a wire it becomes a [`Problem`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No sidecar has that name.
    #[error(
        "no sidecar `{name}`; configured: {known}; add it under plugins > sidecar-bridge > sidecars"
    )]
    UnknownSidecar {
        /// The name that was asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// No name was given, and there is more than one sidecar, or none.
    #[error("which sidecar? name one; configured: {known}")]
    UnnamedSidecar {
        /// The names that exist.
        known: String,
    },
    /// The sidecar does not serve now.
    #[error("sidecar `{sidecar}` is unavailable: {reason}")]
    Unavailable {
        /// Its name.
        sidecar: String,
        /// Its state in words.
        reason: String,
    },
    /// The sidecar's program is not the file that the configuration means.
    #[error(
        "{program} has the SHA-256 {found} and not {expected}; install the right file, or correct `sha256`"
    )]
    WrongDigest {
        /// The file.
        program: String,
        /// What the configuration says.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// So many requests wait for the sidecar already.
    #[error(
        "sidecar `{sidecar}` does not serve yet and {limit} requests wait for it; wait until it is ready, or send fewer"
    )]
    TooManyWaiting {
        /// Its name.
        sidecar: String,
        /// How many may wait.
        limit: usize,
    },
    /// The sidecar was not ready in time.
    #[error("sidecar `{sidecar}` was not ready after {} ms; raise the timeout or look at its output in the log", timeout.as_millis())]
    ReadyTimeout {
        /// Its name.
        sidecar: String,
        /// How long was waited.
        timeout: Duration,
    },
    /// The sidecar never became ready, and was given up.
    #[error("sidecar `{sidecar}` was never ready: {reason}")]
    NeverReady {
        /// Its name.
        sidecar: String,
        /// What is known of why.
        reason: String,
    },
    /// A request is malformed: method, path, header, frame or JSON.
    #[error("{0}")]
    InvalidRequest(String),
    /// The token is missing or wrong.
    #[error(
        "no valid token; send `Authorization: Bearer <token>` with the token of this generation's lease"
    )]
    Unauthenticated,
    /// The request may not be made at all.
    #[error("{0}")]
    Forbidden(String),
    /// Tauri's ACL does not grant the command to the sidecar.
    #[error(
        "command `{command}` is not granted to `{principal}`; grant `{permission}` in a capability with that remote url"
    )]
    NotGranted {
        /// The Tauri command.
        command: String,
        /// The origin that the ACL saw.
        principal: String,
        /// The permission that is missing.
        permission: String,
    },
    /// Neither the app nor any plugin has the command.
    #[error("no command `{0}`; register it in the app's invoke handler or add its plugin")]
    UnknownCommand(String),
    /// A command's arguments do not fit it.
    #[error("command `{command}`: {reason}")]
    InvalidArguments {
        /// The Tauri command.
        command: String,
        /// Tauri's explanation.
        reason: String,
    },
    /// The app's own command answered with an error.
    #[error("command `{command}` answered with an error: {data}")]
    Command {
        /// The Tauri command.
        command: String,
        /// Its error value.
        data: Value,
    },
    /// A sidecar calls a command with a channel, and the app lets no channel's messages through.
    #[error(
        "command `{0}` has a channel, and the app gives no sidecar what is sent over one; \
         add `.channel_interceptor(tauri_plugin_sidecar_bridge::channels())` to its `tauri::Builder`"
    )]
    NoInterceptor(String),
    /// A sidecar read what a command sent over its channels too slowly.
    #[error(
        "over {limit_bytes} bytes that command `{command}` sent over its channels wait, since the sidecar reads too \
         slowly; read faster, send less, or raise `maxBodyBytes` in the plugin's configuration"
    )]
    SlowReader {
        /// The Tauri command, which may run on.
        command: String,
        /// The limit.
        limit_bytes: usize,
    },
    /// The sidecar's bindings were made from other commands, events or types than the app has.
    #[error(
        "the bindings of sidecar `{sidecar}` were not made from this app: they have contract {theirs}, the app's have {ours}; \
         generate them anew, and ship both together"
    )]
    StaleBindings {
        /// Its name.
        sidecar: String,
        /// The contract of its bindings.
        theirs: String,
        /// The app's.
        ours: String,
    },
    /// The sidecar announced itself when nobody waited for it.
    #[error("sidecar `{0}` is not starting; announce readiness once in each generation")]
    NotStarting(String),
    /// No webview has that label.
    #[error("no window `{label}`; open: {open}")]
    UnknownWindow {
        /// The label that was asked for.
        label: String,
        /// The labels that exist.
        open: String,
    },
    /// The app has no webview for a command to run in.
    #[error("no window is open for the command to run in; open one first")]
    NoWindow,
    /// No such route or method on the host endpoint.
    #[error("no route {0}; see GET /openapi.json")]
    UnknownRoute(String),
    /// A body is larger than `maxBodyBytes`.
    #[error(
        "the body is over the limit of {limit_bytes} bytes; raise `maxBodyBytes` in the plugin's configuration"
    )]
    BodyTooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// The other side answered with a problem.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// The sidecar answered with an error status.
    #[error("{request} was answered with status {status}")]
    Answered {
        /// Method and path.
        request: String,
        /// The status.
        status: u16,
        /// The answer's body, if it is JSON.
        data: Option<Value>,
    },
    /// The connection to the sidecar broke.
    #[error("the connection to sidecar `{sidecar}` broke; {}", if *sent { "it may have carried the request out" } else { "the request was not sent" })]
    Transport {
        /// Its name.
        sidecar: String,
        /// Whether any of the request may have reached it.
        sent: bool,
        /// What the connection says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The sidecar's answer is not the JSON that the caller asked for.
    #[error("the answer to {request} is not the expected JSON: {source}")]
    Decode {
        /// Method and path.
        request: String,
        /// Where and why.
        #[source]
        source: serde_json::Error,
    },
    /// The operating system refused something that the endpoint needs.
    #[error("{attempt}: {source}")]
    Io {
        /// What was attempted, with the path.
        attempt: String,
        /// Its answer.
        #[source]
        source: io::Error,
    },
    /// Tauri refused something that should always work.
    #[error("tauri: {0}")]
    Tauri(#[from] tauri::Error),
    /// A request was not answered within the time that its caller gave it.
    #[error("{request} was not answered within {} ms; give it more time, or look at the sidecar's output", timeout.as_millis())]
    Deadline {
        /// Method and path.
        request: String,
        /// The time.
        timeout: Duration,
    },
    /// A sidecar's request was not answered within the time that it gave.
    #[error(
        "{request} was not answered within {} ms, the time that its caller gave it; give it more, or see what the app is \
         busy with", timeout.as_millis()
    )]
    Expired {
        /// Method and path.
        request: String,
        /// The time.
        timeout: Duration,
    },
    /// The page gave up what it asks for, or was left.
    #[error("{0}")]
    Cancelled(String),
    /// The command's task ended without an answer.
    #[error("command `{0}` ended without an answer")]
    Unanswered(String),
    /// This operating system has no endpoint yet.
    #[error(
        "sidecar-bridge does not run on {} yet; use Linux or macOS",
        std::env::consts::OS
    )]
    UnsupportedPlatform,
}

impl Error {
    /// The kind of error, the same in all three languages.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::UnnamedSidecar { .. }
            | Self::InvalidRequest(_)
            | Self::InvalidArguments { .. } => ErrorCode::InvalidArgument,
            Self::Unauthenticated => ErrorCode::Unauthenticated,
            Self::Forbidden(_) | Self::NotGranted { .. } => ErrorCode::PermissionDenied,
            Self::UnknownSidecar { .. }
            | Self::UnknownCommand(_)
            | Self::UnknownWindow { .. }
            | Self::UnknownRoute(_) => ErrorCode::NotFound,
            Self::Unavailable { .. } | Self::NoWindow | Self::Transport { .. } => {
                ErrorCode::Unavailable
            }
            Self::Command { .. }
            | Self::NotStarting(_)
            | Self::NoInterceptor(_)
            | Self::StaleBindings { .. }
            | Self::WrongDigest { .. } => ErrorCode::FailedPrecondition,
            Self::BodyTooLarge { .. } | Self::SlowReader { .. } | Self::TooManyWaiting { .. } => {
                ErrorCode::ResourceExhausted
            }
            Self::ReadyTimeout { .. }
            | Self::NeverReady { .. }
            | Self::Deadline { .. }
            | Self::Expired { .. } => ErrorCode::DeadlineExceeded,
            Self::Cancelled(_) => ErrorCode::Cancelled,
            Self::Problem(problem) => problem.code,
            Self::Answered { status, .. } => ErrorCode::from_status(*status),
            Self::Decode { .. }
            | Self::Io { .. }
            | Self::Tauri(_)
            | Self::Unanswered(_)
            | Self::UnsupportedPlatform => ErrorCode::Internal,
        }
    }

    pub(crate) fn io(attempt: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let attempt = attempt.into();
        move |source| Self::Io { attempt, source }
    }
}

impl From<&Error> for Problem {
    /// What the other side must not see goes to the log, under the problem's `instance`.
    fn from(error: &Error) -> Self {
        if let Error::Problem(problem) = error {
            return Self::clone(problem);
        }
        let code = error.code();
        let detail = error.to_string();
        let instance = format!("urn:uuid:{}", uuid::Uuid::new_v4());
        if let Some(source) = std::error::Error::source(error) {
            log::warn!("{instance} {detail} ({source:?})");
        }
        let data = match error {
            Error::Command { data, .. } => Some(data.clone()),
            Error::Answered { data, .. } => data.clone(),
            _ => None,
        };
        Self {
            r#type: "about:blank".into(),
            title: code.title().into(),
            status: code.status(),
            detail,
            instance,
            code,
            retryable: match error {
                Error::Transport { sent, .. } => !sent,
                Error::TooManyWaiting { .. } => true,
                _ => matches!(code, ErrorCode::Unavailable | ErrorCode::DeadlineExceeded),
            },
            data,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl Serialize for Error {
    /// A Tauri command rejects with the serialized error: the problem.
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        Problem::from(self).serialize(serializer)
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
