//! What the connection file says, see `docs/wire.md`, and its end.

use std::{collections::BTreeMap, fs, io, path::Path};

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

/// Removes the file of an instance that ends, unless its name means the file of a later instance by now.
pub(super) fn remove(path: &Path, is_ours: io::Result<bool>) {
    let removed = match is_ours {
        Ok(true) => fs::remove_file(path),
        Ok(false) => Ok(()),
        Err(error) => Err(error),
    };
    if let Err(error) = removed {
        log::debug!("{} was not removed: {error}", path.display());
    }
}
