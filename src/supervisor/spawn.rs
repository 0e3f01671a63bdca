use std::{collections::BTreeMap, io, path::PathBuf, process::Stdio, time::Duration};

use process_wrap::tokio::{ChildWrapper, CommandWrap};
use tokio::process::Command;

use super::fork::on_lasting_thread;
use crate::endpoint::SidecarListener;

/// The descriptor under which the child finds its listening socket.
pub(super) const LISTEN_FD: i32 = 3;

/// A command with its paths resolved.
#[derive(Debug)]
pub(crate) struct Launch {
    pub program: PathBuf,
    pub arguments: Vec<String>,
    pub cwd: PathBuf,
    pub env: BTreeMap<String, String>,
    pub ready_timeout: Duration,
    pub restart: bool,
}

/// Starts the process, as the leader of a process group of its own.
pub(super) async fn start(
    launch: &Launch,
    listener: &SidecarListener,
) -> io::Result<Box<dyn ChildWrapper>> {
    let mut command = Command::new(&launch.program);
    command
        .args(&launch.arguments)
        .current_dir(&launch.cwd)
        .envs(&launch.env)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    inherit(&mut command, listener)?;
    #[cfg(target_os = "linux")]
    end_with_host(&mut command);
    on_lasting_thread(move || {
        let mut command = CommandWrap::from(command);
        #[cfg(unix)]
        command.wrap(process_wrap::tokio::ProcessGroup::leader());
        #[cfg(windows)]
        command.wrap(process_wrap::tokio::JobObject);
        command.spawn()
    })
    .await
}

/// Until the sidecar watches its lease, the kernel kills it when the host dies.
#[cfg(target_os = "linux")]
fn end_with_host(command: &mut Command) {
    use rustix::{
        io::Errno,
        process::{Signal, getpid, getppid, set_parent_process_death_signal},
    };
    let host = getpid();
    // SAFETY: a child of a process with threads may only make async-signal-safe calls before exec, see fork(2). These
    // are bare system calls, and nothing here allocates.
    unsafe {
        command.pre_exec(move || {
            set_parent_process_death_signal(Some(Signal::KILL))?;
            // The host may have died before the signal was set.
            if getppid() == Some(host) {
                Ok(())
            } else {
                Err(Errno::SRCH.into())
            }
        });
    }
}

#[cfg(unix)]
fn inherit(command: &mut Command, listener: &SidecarListener) -> io::Result<()> {
    use command_fds::{CommandFdExt, FdMapping};
    let mapping = FdMapping {
        parent_fd: listener.for_child()?,
        child_fd: LISTEN_FD,
    };
    command
        .fd_mappings(vec![mapping])
        .map_err(io::Error::other)?;
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "fails on the other systems")]
fn inherit(_: &mut Command, _: &SidecarListener) -> io::Result<()> {
    Ok(())
}

/// Why the process could not be started, in words.
pub(super) fn not_started(launch: &Launch, error: &io::Error) -> String {
    let program = launch.program.display();
    let cwd = launch.cwd.display();
    match error.kind() {
        _ if !launch.cwd.is_dir() => {
            format!("its working directory {cwd} does not exist; correct `cwd`")
        }
        io::ErrorKind::NotFound => {
            format!("its program `{program}` was not found; correct `command` or `PATH`")
        }
        io::ErrorKind::PermissionDenied => {
            format!("its program `{program}` is not executable; `chmod +x` it")
        }
        _ => format!("its program `{program}` could not be started: {error}"),
    }
}
