//! How a generation comes to its end.

use std::time::Duration;

use super::order::Order;
use crate::{
    error::{Error, Failure, Reason},
    output::Exit,
};

/// How one generation came to its end.
pub(super) enum End {
    /// The app ends.
    AppEnds,
    /// An order ended the generation.
    Ordered(Order),
    /// Another generation would fail the same way.
    Failed(Failure, Option<Exit>),
    /// The sidecar ended by itself, after it had served for `served`.
    Exited {
        reason: Reason,
        exit: Option<Exit>,
        served: Option<Duration>,
    },
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Failed(error.into(), None)
    }
}
