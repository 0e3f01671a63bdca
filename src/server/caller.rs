//! What a connection and the requests on it tell each other.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use hyper::upgrade::OnUpgrade;

/// Whether the caller at the other end of a connection has shown the token. Until then the caller is a stranger.
#[derive(Clone, Debug, Default)]
pub(super) struct Known(Arc<AtomicBool>);

impl Known {
    pub(super) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a connection carries after the answer that agrees to switch from HTTP to calls, if there is such an answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Switch(Arc<OnceLock<OnUpgrade>>);

impl Switch {
    pub(super) fn set(&self, upgrade: OnUpgrade) {
        self.0.set(upgrade).ok();
    }

    pub(super) fn get(&self) -> Option<OnUpgrade> {
        self.0.get().cloned()
    }
}
