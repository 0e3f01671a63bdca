//! What the connection file says, see `docs/wire.md`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Location;
use crate::config::SidecarName;

#[derive(Serialize)]
struct Connection<'a> {
    protocol: u32,
    identifier: &'a str,
    pid: u32,
    sidecars: &'a BTreeMap<SidecarName, Location>,
}

pub(super) fn file_name(identifier: &str) -> String {
    format!("sidecar-bridge-{identifier}.json")
}

pub(super) fn content(identifier: &str, sidecars: &BTreeMap<SidecarName, Location>) -> Vec<u8> {
    let connection = Connection {
        protocol: 2,
        identifier,
        pid: std::process::id(),
        sidecars,
    };
    serde_json::to_vec(&connection).expect("addresses are plain JSON")
}
