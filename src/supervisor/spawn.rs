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

use super::{environment::is_left_out, fork::on_lasting_thread, priority, tie::Tie};
use crate::{
    config::{Sha256Digest, Standby, Watchdog},
    endpoint::{Address, ProcessGroup},
    error::{Kind, Result},
    server::Imports,
};

/// The variable with the address that a sidecar, and each process that the sidecar starts, dials.
const ADDRESS: &str = "SIDECAR_BRIDGE";

/// The variable that makes a process a spare.
const STANDBY: &str = "SIDECAR_BRIDGE_STANDBY";

/// What runs a Python program after it has imported what that program will import.
const AHEAD: [&str; 2] = ["-m", "sidecar_bridge._serve.ahead"];

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
    pub standby: Standby,
    /// Modules that a spare does not import ahead.
    pub standby_without: Vec<String>,
    /// The folders with the app's own modules.
    pub sources: Vec<String>,
}

/// What makes a process a spare: other arguments, and the word for what it does ahead.
pub(super) struct Ahead {
    arguments: Vec<String>,
    what: &'static str,
}

impl Ahead {
    /// The spare of that command.
    ///
    /// # Errors
    /// When the program is started in a way in which nothing can come before it, such as by a script that knows its name.
    pub(super) fn of(launch: &Launch, imports: Option<&Imports>) -> Result<Self> {
        let mut arguments = launch.arguments.clone();
        if launch.standby != Standby::Imports {
            let what = "app";
            return Ok(Self { arguments, what });
        }
        let program = imports.map_or(&[][..], |imports| &imports.program);
        if program.is_empty() || !arguments.ends_with(program) {
            return Err(Kind::InvalidRequest(format!(
                "the command `{}` does not end with the program and its arguments, `{}`, so that nothing can be imported \
                 before it; set `standby` to `app` or `off`",
                arguments.join(" "),
                program.join(" ")
            ))
            .into());
        }
        let place = arguments.len() - program.len();
        arguments.splice(place..place, AHEAD.map(str::to_owned));
        let what = "imports";
        Ok(Self { arguments, what })
    }
}

/// A process that the host started, and the group of processes that it begins.
pub(super) struct Started {
    pub child: Box<dyn ChildWrapper>,
    pub group: ProcessGroup,
    /// Ends the group with the host, however the host ends.
    pub tie: Tie,
}

/// Starts the process as the first one of a new group. The process finds `address` in its environment, and dials it for
/// its lease, or as a spare.
pub(super) async fn start(
    launch: &Launch,
    address: &Address,
    ahead: Option<Ahead>,
) -> io::Result<Started> {
    let mut command = Command::new(&launch.program);
    command
        .args(
            ahead
                .as_ref()
                .map_or(&launch.arguments, |ahead| &ahead.arguments),
        )
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
    if let Some(ahead) = &ahead {
        command.env(STANDBY, ahead.what);
        priority::lower(&mut command);
    } else {
        // The app may have it from another app's spare; the sidecar would wait to be called.
        command.env_remove(STANDBY);
    }
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

#[cfg(test)]
pub(super) mod tests;
