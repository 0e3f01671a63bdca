use std::{collections::BTreeMap, env, io, path::PathBuf, process::Stdio, time::Duration};

use process_wrap::tokio::ChildWrapper;
use tokio::process::Command;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as system;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as system;

use super::{environment::is_left_out, fork::on_lasting_thread, tie::Tie};
use crate::{
    config::{Sha256Digest, Watchdog},
    endpoint::{Address, ProcessGroup},
};

/// The variable with the address that a sidecar, and each process that the sidecar starts, dials.
const ADDRESS: &str = "SIDECAR_BRIDGE";

/// The variable with which Python writes what it prints at once, see python(1).
const UNBUFFERED: &str = "PYTHONUNBUFFERED";

/// The variable with Python's encoding of what it reads and prints, see python(1). On Windows a pipe has the system's code page
/// otherwise, in which `print("✓")` raises, also in what runs before `serve` does.
const ENCODING: (&str, &str) = ("PYTHONIOENCODING", "utf-8:backslashreplace");

/// A command with its paths resolved.
#[derive(Debug)]
pub(crate) struct Launch {
    pub program: PathBuf,
    pub arguments: Vec<String>,
    pub cwd: PathBuf,
    pub env: BTreeMap<String, String>,
    pub keep_env: Vec<String>,
    /// The directories of the app, of which the sidecar hears in its hello.
    pub directories: BTreeMap<&'static str, PathBuf>,
    pub sha256: Option<Sha256Digest>,
    pub ready_timeout: Duration,
    pub stop_timeout: Duration,
    pub restart: bool,
    pub watchdog: Watchdog,
    pub dead_after: Duration,
}

/// A process that the host started, and the group of processes that it begins.
pub(super) struct Started {
    pub child: Box<dyn ChildWrapper>,
    pub group: ProcessGroup,
    /// Ends the group with the host, however the host ends.
    pub tie: Tie,
}

/// Starts the process as the first one of a new group. The process finds `address` in its environment, and dials it for
/// its lease.
pub(super) async fn start(launch: &Launch, address: &Address) -> io::Result<Started> {
    let mut command = Command::new(&launch.program);
    command
        .args(&launch.arguments)
        .current_dir(&launch.cwd)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, _) in env::vars_os() {
        if is_left_out(&name, &launch.keep_env) {
            command.env_remove(name);
        }
    }
    // Python keeps lines back that go into a pipe, and a crash would lose them.
    command.env(UNBUFFERED, "1");
    if cfg!(windows) {
        command.env(ENCODING.0, ENCODING.1);
    }
    command.envs(&launch.env).env(ADDRESS, address.to_string());
    let started = on_lasting_thread(move || {
        let mut tie = Tie::new(&mut command);
        match system::spawn(command) {
            Ok((child, group)) => Ok(Started { child, group, tie }),
            Err(error) => {
                tie.undo();
                Err(error)
            }
        }
    });
    started.await
}
