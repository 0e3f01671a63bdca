use serde::Serialize;
use tokio::{io::AsyncWriteExt, process::ChildStdin};

use super::spawn::LISTEN_FD;
use crate::{
    config::SidecarName,
    endpoint::{Address, Token},
};

/// The first line of the lease, see `docs/wire.md`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Hello<'a> {
    protocol: u32,
    sidecar: &'a SidecarName,
    generation: u32,
    identifier: &'a str,
    host: &'a Address,
    listen: Listen,
    token: &'a Token,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Listen {
    Fd(i32),
}

/// What the sidecar needs to know of its host.
#[derive(Debug)]
pub(crate) struct Introduction<'a> {
    pub sidecar: &'a SidecarName,
    pub identifier: &'a str,
    pub host: &'a Address,
}

/// A sidecar that ended already cannot read; its exit tells more than this write's error.
pub(super) async fn say_hello(
    lease: Option<&mut ChildStdin>,
    introduction: &Introduction<'_>,
    generation: u32,
    token: &Token,
) {
    let hello = Hello {
        protocol: 1,
        sidecar: introduction.sidecar,
        generation,
        identifier: introduction.identifier,
        host: introduction.host,
        listen: Listen::Fd(LISTEN_FD),
        token,
    };
    let mut line = serde_json::to_vec(&hello).expect("a hello is plain JSON");
    line.push(b'\n');
    if let Some(lease) = lease
        && let Err(error) = lease.write_all(&line).await
    {
        log::debug!(
            "sidecar `{}` did not read its hello: {error}",
            introduction.sidecar
        );
    }
}
