use std::{
    collections::BTreeMap, io, path::PathBuf, process::ExitStatus, process::Stdio, time::Duration,
};

use process_wrap::tokio::{ChildWrapper, CommandWrap};
use serde::Serialize;
use tokio::{
    io::AsyncWriteExt,
    process::{ChildStdin, Command},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::output::{Tail, drain};
use crate::{
    Error, Result,
    config::SidecarName,
    endpoint::{Address, SidecarListener, Token},
    status::{StatusCell, ready},
};

/// How long a sidecar may take to finish what it does, once it was asked to stop.
const DRAIN: Duration = Duration::from_secs(2);
/// How long its process group may take to end after that, once it was told to.
#[cfg(unix)]
const TERMINATE: Duration = Duration::from_secs(1);
/// How long the last output of an ended sidecar is waited for; a grandchild may hold the pipe open for ever.
const LAST_OUTPUT: Duration = Duration::from_millis(200);

/// The descriptor under which the child finds its listening socket.
const LISTEN_FD: i32 = 3;

/// A command with its paths resolved.
#[derive(Debug)]
pub(crate) struct Launch {
    pub program: PathBuf,
    pub arguments: Vec<String>,
    pub cwd: PathBuf,
    pub env: BTreeMap<String, String>,
    pub ready_timeout: Duration,
}

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
    pub token: &'a Token,
}

/// Starts the sidecar, watches it, and ends it once `stop` is cancelled. The outcome is in `status`.
pub(crate) async fn supervise(
    launch: &Launch,
    introduction: &Introduction<'_>,
    listener: &SidecarListener,
    status: &StatusCell,
    stop: CancellationToken,
) {
    match run(launch, introduction, listener, status, stop).await {
        Ok(()) => status.stopped(),
        Err(error) => status.failed(&error),
    }
}

async fn run(
    launch: &Launch,
    introduction: &Introduction<'_>,
    listener: &SidecarListener,
    status: &StatusCell,
    stop: CancellationToken,
) -> Result<()> {
    let name = introduction.sidecar;
    let unavailable = |reason| Error::Unavailable {
        sidecar: name.to_string(),
        reason,
    };
    let mut child =
        start(launch, listener).map_err(|error| unavailable(not_started(launch, &error)))?;
    let mut output = Output::of(&mut *child, name);
    let mut lease = child.stdin().take();
    say_hello(lease.as_mut(), introduction, status.current().generation).await;

    tokio::select! {
        () = stop.cancelled() => {
            end(&mut *child, lease).await;
            Ok(())
        }
        exit = child.wait() => {
            let was_ready = matches!(status.current().state, crate::State::Ready { .. });
            let when = if was_ready { "" } else { " before it was ready" };
            end_group(&mut *child);
            Err(unavailable(format!("it {}{when}{}", exit_in_words(exit), output.last_words().await)))
        }
        () = late(status, launch.ready_timeout) => {
            end(&mut *child, lease).await;
            Err(Error::ReadyTimeout { sidecar: name.to_string(), timeout: launch.ready_timeout })
        }
    }
}

fn start(launch: &Launch, listener: &SidecarListener) -> io::Result<Box<dyn ChildWrapper>> {
    let mut command = Command::new(&launch.program);
    command
        .args(&launch.arguments)
        .current_dir(&launch.cwd)
        .envs(&launch.env)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    inherit(&mut command, listener)?;
    let mut command = CommandWrap::from(command);
    #[cfg(unix)]
    command.wrap(process_wrap::tokio::ProcessGroup::leader());
    #[cfg(windows)]
    command.wrap(process_wrap::tokio::JobObject);
    command.spawn()
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

fn not_started(launch: &Launch, error: &io::Error) -> String {
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

/// A sidecar that ended already cannot read; its exit tells more than this write's error.
async fn say_hello(
    lease: Option<&mut ChildStdin>,
    introduction: &Introduction<'_>,
    generation: u32,
) {
    let hello = Hello {
        protocol: 1,
        sidecar: introduction.sidecar,
        generation,
        identifier: introduction.identifier,
        host: introduction.host,
        listen: Listen::Fd(LISTEN_FD),
        token: introduction.token,
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

/// Ends when the sidecar is not ready in time; never ends when it is.
async fn late(status: &StatusCell, limit: Duration) {
    if timeout(limit, ready(&mut status.subscribe())).await.is_ok() {
        std::future::pending::<()>().await;
    }
}

/// Asks the sidecar to stop, then tells its process group to, then makes it.
async fn end(child: &mut dyn ChildWrapper, lease: Option<ChildStdin>) {
    if let Some(mut lease) = lease
        && lease.write_all(b"stop\n").await.is_ok()
        && timeout(DRAIN, child.wait()).await.is_ok()
    {
        return end_group(child);
    }
    #[cfg(unix)]
    if child.signal(rustix::process::Signal::TERM.as_raw()).is_ok()
        && timeout(TERMINATE, child.wait()).await.is_ok()
    {
        return end_group(child);
    }
    end_group(child);
    if let Err(error) = child.wait().await {
        log::error!("the sidecar could not be ended: {error}");
    }
}

/// Kills what is left of the process group: children of the sidecar that outlived it.
fn end_group(child: &mut dyn ChildWrapper) {
    if let Err(error) = child.start_kill() {
        log::debug!("nothing left of the sidecar's process group: {error}");
    }
}

fn exit_in_words(exit: io::Result<ExitStatus>) -> String {
    match exit {
        Ok(status) => match status.code() {
            Some(code) => format!("exited with code {code}"),
            None => format!("was ended by {status}"),
        },
        Err(error) => format!("cannot be waited for: {error}"),
    }
}

/// The tasks that drain the sidecar's output.
struct Output {
    drains: JoinSet<()>,
    errors: Tail,
}

impl Output {
    fn of(child: &mut dyn ChildWrapper, name: &SidecarName) -> Self {
        let (mut drains, errors) = (JoinSet::new(), Tail::default());
        if let Some(pipe) = child.stdout().take() {
            drains.spawn(drain(
                pipe,
                name.to_string(),
                log::Level::Info,
                Tail::default(),
            ));
        }
        if let Some(pipe) = child.stderr().take() {
            drains.spawn(drain(
                pipe,
                name.to_string(),
                log::Level::Warn,
                errors.clone(),
            ));
        }
        Self { drains, errors }
    }

    /// What the sidecar said last on stderr, as the end of a sentence.
    async fn last_words(&mut self) -> String {
        let all = async { while self.drains.join_next().await.is_some() {} };
        drop(timeout(LAST_OUTPUT, all).await);
        self.errors
            .last_line()
            .map(|line| format!("; it last said: {line}"))
            .unwrap_or_default()
    }
}
