//! The ten codes, and the HTTP statuses that carry them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What went wrong, by kind: gRPC's canonical names, each with one HTTP status.
///
/// Source: <https://grpc.github.io/grpc/core/md_doc_statuscodes.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
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

    pub(super) const fn title(self) -> &'static str {
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
