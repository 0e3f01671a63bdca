//! What pages want of sidecars: requests, judged by a scope, their bodies piece by piece, and WebSockets.

mod cookies;
mod exchange;
mod fetch;
mod frame;
mod scope;
mod websocket;

use std::{collections::BTreeMap, time::Duration};

pub(crate) use cookies::Jar;
pub(crate) use exchange::{Exchanges, Key, WriteRequest};
pub(crate) use fetch::{FetchRequest, FetchResponse, fetch};
pub(crate) use frame::{join, split};
pub(crate) use scope::{Rule, judge};
pub(crate) use websocket::{ConnectRequest, ConnectResponse, connect};

/// What the pages of the app share.
#[derive(Debug)]
pub(crate) struct Pages {
    pub exchanges: Exchanges,
    /// The cookies of those sidecars that have some, by name.
    pub jars: BTreeMap<String, Jar>,
    /// How long a request waits for a sidecar that does not serve yet.
    pub wait: Duration,
}

impl Pages {
    pub(crate) fn jar(&self, sidecar: &str) -> Option<&Jar> {
        self.jars.get(sidecar)
    }

    /// How long a request waits that asks for so many ms, or for nothing in particular.
    pub(crate) fn wait(&self, millis: Option<u64>) -> Duration {
        millis.map_or(self.wait, Duration::from_millis)
    }
}
