//! Everything that can fail: the words, the code, and how far a request came.
//!
//! The file is long since the three stand together: a new kind needs a line in each.

use std::{io, time::Duration};

use serde_json::Value;

use super::{ErrorCode, Failure, Problem, Reason};

/// Everything that can fail in this crate, with the words for it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Kind {
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
        reason: Reason,
    },
    /// The sidecar ended, and starts no more by itself, while a request was on its way to it.
    #[error("sidecar `{sidecar}` ended: {reason}; {}", progress.words())]
    Ended {
        /// Its name.
        sidecar: String,
        /// Why it ended.
        reason: Reason,
        /// How far the request came.
        progress: Progress,
    },
    /// The app ends, and takes nothing new.
    #[error("the app is ending; nothing new is begun")]
    AppEnds,
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
    /// All connections that a sidecar may have were in use for as long as the caller waits.
    #[error(
        "no connection to sidecar `{sidecar}` was free within {} ms, and at most {most} are open at once; end a stream or a \
         WebSocket that you do not need, or wait longer", patience.as_millis()
    )]
    Busy {
        /// Its name.
        sidecar: String,
        /// How many there may be.
        most: usize,
        /// How long was waited.
        patience: Duration,
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
        reason: Reason,
    },
    /// The configuration that Rust code built has values that cannot be.
    #[error("the configuration cannot be: {0}")]
    Config(String),
    /// A path of the configuration begins with a variable for which this system has no directory.
    #[error(
        "`{path}` cannot be looked up: this system has no directory for `{variable}`; use another one"
    )]
    NoDirectory {
        /// The path as it is configured.
        path: String,
        /// Its variable.
        variable: &'static str,
        /// What Tauri says.
        source: tauri::Error,
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
        "command `{command}` is not granted to `{principal}` in window `{window}`; grant `{permission}` in a capability with that \
         remote url and that window{also}"
    )]
    NotGranted {
        /// The Tauri command.
        command: String,
        /// The origin that the ACL saw.
        principal: String,
        /// The label of the window in which the ACL judged.
        window: String,
        /// The permission that is missing.
        permission: String,
        /// What else may be missing, when Tauri does not say.
        also: &'static str,
    },
    /// The ACL lets the sidecar call the command, and neither the app nor any plugin has it.
    #[error("no command `{0}`; register it in the app's invoke handler or add its plugin")]
    UnknownCommand(String),
    /// A name that no command has: it lacks a part of what those of plugins have.
    #[error(
        "no command `{command}`: those of a plugin are named `plugin:<plugin>|<command>`{meant}"
    )]
    MisnamedCommand {
        /// The name that was asked for.
        command: String,
        /// Which one was meant, as far as that is clear.
        meant: String,
    },
    /// The ACL knows no such command of the app, so that nobody can be granted it. The app may have it all the same.
    #[error(
        "command `{command}` cannot be granted to `{principal}`, since Tauri's ACL does not know it; if the app has it, declare \
         it in `AppManifest` of the app's `build.rs` and grant `{permission}` in a capability with that remote url; if not, \
         register it first"
    )]
    UndeclaredCommand {
        /// The Tauri command.
        command: String,
        /// The origin that the ACL saw.
        principal: String,
        /// The permission that the declaration makes.
        permission: String,
    },
    /// The ACL knows no such plugin, or no such command of it.
    #[error(
        "command `{command}` cannot be granted to `{principal}`, since Tauri's ACL does not know it; add its plugin to the app's \
         `Cargo.toml`, or a version of the plugin that has the command, and grant `{permission}` in a capability with that \
         remote url"
    )]
    UndeclaredPluginCommand {
        /// The Tauri command.
        command: String,
        /// The origin that the ACL saw.
        principal: String,
        /// The permission that the plugin would have.
        permission: String,
    },
    /// Tauri does not judge sidecars: to a command that none is granted it answered something else than its refusal.
    #[error(
        "tauri {version} does not judge by its ACL what sidecars call: it answered {answer}, which no sidecar is granted; use \
         tauri 2.12 or newer, and register no URI scheme `sidecar-bridge`"
    )]
    OpenAcl {
        /// Tauri's version.
        version: &'static str,
        /// What came back.
        answer: String,
    },
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
    /// A sidecar wants a channel, and the app lets no channel's messages through.
    #[error(
        "{0}, and the app gives no sidecar what is sent over one; \
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
    /// A sidecar gives a command a channel that has ended.
    #[error("channel {0} has ended; open another one, and give that to the command")]
    EndedChannel(u32),
    /// So much that a sidecar's calls made is left to undo.
    #[error(
        "{most} commands of this sidecar are left to undo; close what is not needed any more, such as menus and images that the \
         desktop has a copy of"
    )]
    TooManyUndos {
        /// How many there may be.
        most: usize,
    },
    /// Nothing is to be undone under that number, or it is done.
    #[error(
        "nothing is left to undo under `{0}`: it is done, or went with its window or generation"
    )]
    UnknownUndo(String),
    /// So many subscriptions to events and channels are open that calls would lack connections.
    #[error(
        "{most} subscriptions to events and channels are open, and more would leave calls no connections; end one, or let one serve \
         all who want the event or give it to several commands"
    )]
    TooManySubscriptions {
        /// How many there may be.
        most: usize,
    },
    /// So many connections carry many calls each that others would lack connections.
    #[error(
        "{most} connections carry many calls each, and more would leave others no connections; send each call over a connection of \
         its own"
    )]
    TooManyOfCalls {
        /// How many there may be.
        most: usize,
    },
    /// The sidecar's bindings were made from other commands, events or types than the app has.
    #[error(
        "the bindings of sidecar `{sidecar}` were not made from this app, or not by its version of the plugin: they have contract \
         {theirs}, the app's have {ours}; generate them anew, and ship both together"
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
    #[error(
        "no window is open for the command to run in; open one first, or set `agent` in the sidecar's configuration"
    )]
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
    /// The sidecar has failed.
    #[error("{0}")]
    Failed(Box<Failure>),
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
    #[error("the connection to sidecar `{sidecar}` broke; {}", progress.words())]
    Transport {
        /// Its name.
        sidecar: String,
        /// How far the request came.
        progress: Progress,
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
    /// A file that a person chose cannot be read or written.
    #[error("{attempt}: {source}")]
    File {
        /// What was attempted, without the path.
        attempt: &'static str,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// An answer to save came encoded, although that was not asked for.
    #[error(
        "the answer to {request} has the content coding `{coding}`, which was not asked for, and is not saved; let the sidecar \
         heed `Accept-Encoding: identity`"
    )]
    Encoded {
        /// Method and path.
        request: String,
        /// The coding.
        coding: String,
    },
    /// Tauri refused something that should always work.
    #[error("tauri: {0}")]
    Tauri(#[source] tauri::Error),
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
}

impl Kind {
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::UnnamedSidecar { .. }
            | Self::Config(_)
            | Self::InvalidRequest(_)
            | Self::InvalidArguments { .. } => ErrorCode::InvalidArgument,
            Self::Unauthenticated => ErrorCode::Unauthenticated,
            Self::Forbidden(_)
            | Self::NotGranted { .. }
            | Self::UndeclaredCommand { .. }
            | Self::UndeclaredPluginCommand { .. } => ErrorCode::PermissionDenied,
            Self::UnknownSidecar { .. }
            | Self::UnknownCommand(_)
            | Self::MisnamedCommand { .. }
            | Self::UnknownWindow { .. }
            | Self::UnknownUndo(_)
            | Self::UnknownRoute(_) => ErrorCode::NotFound,
            Self::Unavailable { .. }
            | Self::Ended { .. }
            | Self::AppEnds
            | Self::NoWindow
            | Self::Transport { .. } => ErrorCode::Unavailable,
            Self::Command { .. }
            | Self::NotStarting(_)
            | Self::NoInterceptor(_)
            | Self::EndedChannel(_)
            | Self::NoDirectory { .. }
            | Self::Encoded { .. }
            | Self::StaleBindings { .. }
            | Self::WrongDigest { .. } => ErrorCode::FailedPrecondition,
            Self::BodyTooLarge { .. }
            | Self::SlowReader { .. }
            | Self::TooManyWaiting { .. }
            | Self::TooManySubscriptions { .. }
            | Self::TooManyOfCalls { .. }
            | Self::TooManyUndos { .. }
            | Self::Busy { .. } => ErrorCode::ResourceExhausted,
            Self::ReadyTimeout { .. }
            | Self::NeverReady { .. }
            | Self::Deadline { .. }
            | Self::Expired { .. } => ErrorCode::DeadlineExceeded,
            Self::Cancelled(_) => ErrorCode::Cancelled,
            Self::Problem(problem) => problem.code,
            Self::Failed(failure) => failure.problem.code,
            Self::Answered { status, .. } => ErrorCode::from_status(*status),
            Self::File { source, .. } => file_trouble(source.kind()).0,
            Self::Decode { .. }
            | Self::Io { .. }
            | Self::Tauri(_)
            | Self::Unanswered(_)
            | Self::OpenAcl { .. } => ErrorCode::Internal,
        }
    }

    /// What may travel on a wire, where the whole text may not: no line that a sidecar wrote, no path of this machine.
    pub(crate) fn shortened(&self) -> Option<String> {
        let short = match self {
            Self::Unavailable { sidecar, reason } => Self::Unavailable {
                sidecar: sidecar.clone(),
                reason: reason.shortened(),
            },
            Self::Ended {
                sidecar,
                reason,
                progress,
            } => Self::Ended {
                sidecar: sidecar.clone(),
                reason: reason.shortened(),
                progress: *progress,
            },
            Self::NeverReady { sidecar, reason } => Self::NeverReady {
                sidecar: sidecar.clone(),
                reason: reason.shortened(),
            },
            Self::Failed(failure) => return Some(failure.problem.detail.clone()),
            Self::WrongDigest { .. } => {
                return Some(
                    "the sidecar's program has another SHA-256 than the configuration says; install the right file, or \
                     correct `sha256`"
                        .into(),
                );
            }
            Self::NoDirectory { variable, .. } => {
                return Some(format!(
                    "a path of the configuration cannot be looked up: this system has no directory for `{variable}`; use \
                     another one"
                ));
            }
            Self::Io { source, .. } => {
                let kind = source.kind();
                return Some(format!(
                    "the system refused what the host needs: {kind}; the app's log says what that is"
                ));
            }
            Self::File { attempt, source } => {
                let kind = source.kind();
                return Some(format!("{attempt}: {kind}; {}", file_trouble(kind).1));
            }
            _ => return None,
        };
        let short = short.to_string();
        (short != self.to_string()).then_some(short)
    }

    /// Whether Tauri's ACL refused the command, so that nothing of it has run.
    pub(crate) const fn is_denied(&self) -> bool {
        matches!(
            self,
            Self::NotGranted { .. }
                | Self::UndeclaredCommand { .. }
                | Self::UndeclaredPluginCommand { .. }
        )
    }

    /// How far the request came. This is the one place that knows.
    pub(crate) const fn progress(&self) -> Progress {
        match self {
            Self::UnknownSidecar { .. }
            | Self::UnnamedSidecar { .. }
            | Self::Unavailable { .. }
            | Self::AppEnds
            | Self::WrongDigest { .. }
            | Self::TooManyWaiting { .. }
            | Self::TooManySubscriptions { .. }
            | Self::TooManyOfCalls { .. }
            | Self::TooManyUndos { .. }
            | Self::UnknownUndo(_)
            | Self::Busy { .. }
            | Self::ReadyTimeout { .. }
            | Self::NeverReady { .. }
            | Self::Config(_)
            | Self::NoDirectory { .. }
            | Self::InvalidRequest(_)
            | Self::Unauthenticated
            | Self::Forbidden(_)
            | Self::NotGranted { .. }
            | Self::UnknownCommand(_)
            | Self::MisnamedCommand { .. }
            | Self::UndeclaredCommand { .. }
            | Self::UndeclaredPluginCommand { .. }
            | Self::InvalidArguments { .. }
            | Self::NoInterceptor(_)
            | Self::EndedChannel(_)
            | Self::StaleBindings { .. }
            | Self::NotStarting(_)
            | Self::UnknownWindow { .. }
            | Self::NoWindow
            | Self::UnknownRoute(_)
            | Self::BodyTooLarge { .. }
            | Self::Io { .. }
            | Self::OpenAcl { .. } => Progress::NotSent,
            Self::Transport { progress, .. } | Self::Ended { progress, .. } => *progress,
            Self::Tauri(_)
            | Self::Deadline { .. }
            | Self::Expired { .. }
            | Self::Cancelled(_)
            | Self::File { .. }
            | Self::Unanswered(_) => Progress::PerhapsCarriedOut,
            Self::Command { .. }
            | Self::SlowReader { .. }
            | Self::Problem(_)
            | Self::Failed(_)
            | Self::Answered { .. }
            | Self::Encoded { .. }
            | Self::Decode { .. } => Progress::Answered,
        }
    }

    /// Whether the same request may succeed later, and has done nothing yet.
    pub(crate) fn is_retryable(&self) -> bool {
        // Whoever made the problem knew.
        match self {
            Self::Problem(problem) => return problem.retryable,
            Self::Failed(failure) => return failure.problem.retryable,
            _ => {}
        }
        let may_pass = matches!(
            self.code(),
            ErrorCode::Unavailable | ErrorCode::DeadlineExceeded
        ) || matches!(self, Self::TooManyWaiting { .. } | Self::Busy { .. });
        may_pass && self.progress() == Progress::NotSent
    }
}

/// The code, and the remedy, of what a system says of a file.
fn file_trouble(kind: io::ErrorKind) -> (ErrorCode, &'static str) {
    use io::ErrorKind as Kind;
    match kind {
        Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => (
            ErrorCode::ResourceExhausted,
            "free some space, or choose another disk",
        ),
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => (
            ErrorCode::PermissionDenied,
            "choose a file in a folder that is yours",
        ),
        Kind::NotFound | Kind::NotADirectory => {
            (ErrorCode::NotFound, "choose a file that is there")
        }
        Kind::IsADirectory => (ErrorCode::FailedPrecondition, "choose a file"),
        Kind::Unsupported => (
            ErrorCode::FailedPrecondition,
            "choose a file, and no pipe, socket or device",
        ),
        Kind::UnexpectedEof => (
            ErrorCode::FailedPrecondition,
            "the file has changed meanwhile; choose it again once it stays as it is",
        ),
        _ => (ErrorCode::Internal, "the app's log says why"),
    }
}

/// How far a request came that ended in an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing of the request reached whoever would have carried it out.
    NotSent,
    /// Some of the request left, and no answer came: nobody here knows what became of it.
    PerhapsCarriedOut,
    /// An answer came.
    Answered,
}

impl Progress {
    /// The end of a sentence about a connection that broke.
    const fn words(self) -> &'static str {
        match self {
            Self::NotSent => "the request was not sent",
            Self::PerhapsCarriedOut => "it may have carried the request out",
            Self::Answered => "it may have carried the request out, for its answer had begun",
        }
    }
}
