//! What pages may do with sidecars: send requests, which a scope judges, read and write bodies piece by piece, have answers saved
//! and files sent, and open WebSockets.

mod cookies;
mod exchange;
mod fetch;
mod files;
mod frame;
mod media;
mod scope;
mod websocket;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

pub(crate) use cookies::{CookieFile, Jar};
pub(crate) use exchange::{Exchanges, Key, WriteRequest};
pub(crate) use fetch::FetchResponse;
pub(crate) use fetch::{DownloadRequest, FetchRequest, UploadRequest, download, fetch, upload};
pub(crate) use files::{ChosenFiles, Form, save};
pub(crate) use frame::{join, split};
pub(crate) use media::{Pass, Passes, SCHEME, answer, is_of_scheme};
pub(crate) use scope::{Rule, judge};
pub(crate) use websocket::{ConnectRequest, ConnectResponse, PIECE_BYTES, connect};

/// What the pages of the app share.
#[derive(Clone, Debug)]
pub(crate) struct Pages {
    pub exchanges: Exchanges,
    pub passes: Passes,
    /// The jars of the sidecars that have one, by the sidecars' names.
    pub jars: BTreeMap<String, Arc<Jar>>,
    /// How long a request waits for a sidecar that does not serve yet.
    pub wait: Duration,
}

impl Pages {
    /// Ends what a webview's page has under way, since the page is gone.
    pub(crate) fn leave(&self, webview: &str) {
        self.exchanges.cancel_all(webview);
        self.passes.end(webview);
    }

    pub(crate) fn jar(&self, sidecar: &str) -> Option<&Jar> {
        self.jars.get(sidecar).map(AsRef::as_ref)
    }

    /// How long a request waits: as many ms as it asks for, or as long as the configuration says.
    pub(crate) fn wait(&self, millis: Option<u64>) -> Duration {
        millis.map_or(self.wait, Duration::from_millis)
    }
}
