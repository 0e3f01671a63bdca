//! What a connection and the requests on it tell each other.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use hyper::upgrade::OnUpgrade;

/// Who is at the other end of a connection. Each request has a copy as its extension: one, for the table of extensions grows with a
/// fourth one.
#[derive(Clone, Debug, Default)]
pub(super) struct Caller(Arc<Connection>);

#[derive(Debug, Default)]
struct Connection {
    is_known: AtomicBool,
    upgrade: OnceLock<OnUpgrade>,
}

impl Caller {
    /// Notes that the caller has shown the token. Until then the caller is a stranger.
    pub(super) fn set_known(&self) {
        self.0.is_known.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_known(&self) -> bool {
        self.0.is_known.load(Ordering::Relaxed)
    }

    /// Has the connection carry calls in place of HTTP after the answer that agrees to that.
    pub(super) fn switch(&self, upgrade: OnUpgrade) {
        self.0.upgrade.set(upgrade).ok();
    }

    /// What the connection carries in place of HTTP, if that was agreed.
    pub(super) fn switched(&self) -> Option<OnUpgrade> {
        self.0.upgrade.get().cloned()
    }
}
