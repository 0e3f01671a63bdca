//! What it means when the host's socket takes no connection: the backlog is full, or there is no host.

use std::{
    io::{self, ErrorKind},
    time::Duration,
};

/// How long a refusal may mean a full backlog, as on macOS. On Linux nobody listens then, see connect(2). A host that takes
/// nobody for so long has died, and its socket's name was left behind. This is less than the
/// second within which the end of an event stream counts as early, so that such streams end, too.
pub const FULL_AT_MOST: Duration = if cfg!(any(target_vendor = "apple", sidecar_bridge_portable)) {
    Duration::from_millis(500)
} else {
    Duration::ZERO
};

/// How long to wait until a backlog may have room again. Nothing tells when it has.
pub const FULL_PAUSE: Duration = Duration::from_millis(10);

/// Whether connecting, since when it has been tried for `tried`, was refused since the backlog is full.
#[must_use]
pub fn may_be_full(error: &io::Error, tried: Duration) -> bool {
    error.kind() == ErrorKind::ConnectionRefused && tried < FULL_AT_MOST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_means_a_full_backlog_for_a_while_at_most() {
        let refused = io::Error::from(ErrorKind::ConnectionRefused);
        assert!(!may_be_full(&refused, FULL_AT_MOST));
        assert_eq!(
            may_be_full(&refused, Duration::ZERO),
            FULL_AT_MOST > Duration::ZERO
        );
        let missing = io::Error::from(ErrorKind::NotFound);
        assert!(!may_be_full(&missing, Duration::ZERO));
    }
}
