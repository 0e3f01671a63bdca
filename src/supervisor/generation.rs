//! One generation: a sidecar that the host started, or that was started by hand and has joined.

use std::{
    io,
    process::ExitStatus,
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::{
    sync::oneshot,
    time::{Instant, timeout},
};

use super::{
    admission::Admission,
    control::{Control, Reloads},
    diagnosis::{self, Reached},
    digest,
    drain::Voice,
    end::End,
    environment::left_out,
    lease::{Hello, Lease, Listen, PROTOCOL, Word},
    order::Joining,
    process::Process,
    redaction::Redaction,
    spawn::{Launch, Started, start},
    standby::{Caller, Candidate, Go},
    stop::{self, drain, end_group, kill},
    watchdog::{BEAT_MS, Hang, watch},
};
use crate::{
    config::{SidecarName, Watchdog},
    endpoint::{Address, CurrentToken, ProcessGroup, ServingSocket, Stream, Token},
    error::{Error, Failure, Kind, Reason, Result},
    output::{Exit, OutputLog},
    status::{State, StatusCell},
};

/// How many of the last lines of stderr an [`Exit`] has.
const LAST_ERRORS: usize = 20;

/// How long the next generation waits until what this one made is undone.
const UNDONE_WITHIN: Duration = Duration::from_secs(2);

/// All that the generations of one sidecar share.
pub(crate) struct Spawned {
    pub name: SidecarName,
    /// The app's identifier, such as `com.example.app`.
    pub identifier: String,
    pub launch: Arc<Launch>,
    /// The address of the host endpoint.
    pub host: Address,
    /// The address that the sidecar dials for its lease.
    pub lease: Address,
    pub admission: Arc<Admission>,
    pub token: Arc<CurrentToken>,
    pub serving: ServingSocket,
    /// What the sidecar dials in order to serve, if it gets no socket.
    pub dial: Option<Address>,
    pub output: Arc<OutputLog>,
    /// Gives the process that stands ready as the next generation; none where there is no such process.
    pub standby: Option<Caller>,
    /// Undoes what a generation made in the app, once it has ended.
    pub undo: Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>,
}

/// The parts of a living generation.
struct Running {
    /// None if the sidecar was started by hand.
    process: Option<Process>,
    /// None until the sidecar has dialled.
    lease: Option<Lease>,
}

/// What ends a generation.
enum Cause {
    Wanted(End),
    Exited(io::Result<ExitStatus>),
    /// A sidecar that was started by hand has closed its lease.
    LetGo,
    NotReady,
    Hung(Hang),
    Refused(Failure),
}

impl Cause {
    /// Whether the process ended by itself and not with exit code 0, or the host ended it because nothing in it answered.
    fn is_crash(&self) -> bool {
        match self {
            Self::Exited(Ok(status)) => !status.success(),
            Self::Hung(_) => true,
            _ => false,
        }
    }
}

impl Spawned {
    /// Starts a generation, or takes the sidecar that has joined, and runs until its end.
    pub(super) async fn live(&self, joined: Option<Joining>, control: &mut Control) -> End {
        let end = match joined {
            None => self.start_and_live(control).await,
            Some(joining) => self.join_and_live(joining, control).await,
        };
        self.admission.close();
        self.token.revoke();
        // The next generation may want what this one had, such as a shortcut. What takes longer goes on beside it.
        drop(timeout(UNDONE_WITHIN, tokio::spawn((self.undo)())).await);
        end.unwrap_or_else(End::from)
    }

    async fn start_and_live(&self, control: &mut Control) -> Result<End> {
        let token = self.token.renew()?;
        let generation = control.status.current().generation;
        let spare = tokio::select! {
            spare = self.spare() => spare,
            end = control.wanted_end(Reloads::Obeyed) => return Ok(end),
        };
        let voice = Voice {
            sidecar: self.name.as_str().into(),
            generation,
            redaction: Arc::new(Redaction::new(&token, &self.launch.env)),
        };
        let (process, group, go) = self.spare_or_new(spare, voice).await?;
        let hello = Hello {
            listen: Some(self.listen()),
            beat_ms: (self.launch.watchdog != Watchdog::Off).then_some(BEAT_MS),
            stop_timeout_ms: Some(self.launch.stop_timeout.into()),
            process_group: group.id(),
            // Nobody else asks what was imported: where there is no spare, as under Windows, the sidecar need not look.
            sources: self.standby.is_some().then_some(&*self.launch.sources),
            ..self.hello(generation, &token)
        };
        let calls = self.hello(generation, &token).line();
        let dialled = self.admission.open(group, calls);
        if let Some(go) = go {
            go.say().await;
        }
        let mut running = Running {
            process: Some(process),
            lease: None,
        };
        let (status, ready_at) = (control.status.clone(), OnceLock::new());
        let lease = &mut running.lease;
        let cause = tokio::select! {
            end = control.wanted_end(Reloads::Obeyed) => Cause::Wanted(end),
            exit = wait(running.process.as_mut()) => Cause::Exited(exit),
            () = late(&status, self.launch.ready_timeout, &ready_at) => Cause::NotReady,
            hang = self.attend(dialled, &hello, lease, &status) => Cause::Hung(hang),
            failure = refused(&status) => Cause::Refused(failure),
        };
        Ok(self.end(cause, running, &ready_at, control).await)
    }

    async fn spare(&self) -> Option<Candidate> {
        self.standby.as_ref()?.take().await
    }

    /// The process of this generation and its group: the spare, which waits until it may go, or a new process.
    async fn spare_or_new(
        &self,
        spare: Option<Candidate>,
        voice: Voice,
    ) -> Result<(Process, ProcessGroup, Option<Go>)> {
        let spare = spare.and_then(Candidate::promoted);
        self.admission.forget_spare();
        if let Some((process, group, go)) = spare {
            log::info!("sidecar `{}`: its spare is the next generation", self.name);
            process.output.speak_for(voice);
            return Ok((process, group, Some(go)));
        }
        let started = self.start().await?;
        let (process, group) = Process::of(started, voice, self.output.clone());
        Ok((process, group, None))
    }

    /// Starts the process, after a check of the program's digest if one is configured.
    async fn start(&self) -> Result<Started> {
        let launch = &self.launch;
        digest::check_program(launch).await?;
        self.admission.begin();
        let started = start(launch, &self.lease, None).await;
        started.map_err(|error| {
            Kind::Unavailable {
                sidecar: self.name.to_string(),
                reason: diagnosis::of_start(&launch.program, &launch.cwd, &error),
            }
            .into()
        })
    }

    /// Waits until the sidecar dials, sends the hello, and listens to the sidecar until the host has to end it.
    async fn attend(
        &self,
        dialled: oneshot::Receiver<Stream>,
        hello: &Hello<'_>,
        lease: &mut Option<Lease>,
        status: &StatusCell,
    ) -> Hang {
        let Ok(stream) = dialled.await else {
            return std::future::pending().await;
        };
        if let Err(error) = self.serving.pass(&stream, &hello.line()).await {
            // The exit of the sidecar will say more.
            log::debug!("sidecar `{}` did not read its hello: {error}", self.name);
        }
        let lease = lease.insert(Lease::new(stream));
        let Launch {
            watchdog,
            dead_after,
            ..
        } = *self.launch;
        watch(lease, status, watchdog, dead_after).await
    }

    async fn join_and_live(&self, joining: Joining, control: &mut Control) -> Result<End> {
        let Joining { stream, group } = joining;
        let token = self.token.renew()?;
        let generation = control.status.current().generation;
        if let Some(group) = group {
            let calls = self.hello(generation, &token).line();
            self.admission.open_for_calls(group, calls);
        }
        let hello = Hello {
            listen: Some(self.listen()),
            stop_timeout_ms: Some(self.launch.stop_timeout.into()),
            ..self.hello(generation, &token)
        };
        if let Err(error) = self.serving.pass(&stream, &hello.line()).await {
            log::warn!("sidecar `{}` could not join: {error}", self.name);
        }
        let mut lease = Lease::new(stream);
        let (status, ready_at) = (control.status.clone(), OnceLock::new());
        let cause = tokio::select! {
            end = control.wanted_end(Reloads::Ignored) => Cause::Wanted(end),
            () = lease.closed() => Cause::LetGo,
            () = late(&status, self.launch.ready_timeout, &ready_at) => Cause::NotReady,
            failure = refused(&status) => Cause::Refused(failure),
        };
        let running = Running {
            process: None,
            lease: Some(lease),
        };
        Ok(self.end(cause, running, &ready_at, control).await)
    }

    fn listen(&self) -> Listen<'_> {
        self.dial.as_ref().map_or(Listen::Passed, Listen::Dial)
    }

    /// The members that every hello has.
    fn hello<'a>(&'a self, generation: u32, token: &'a Token) -> Hello<'a> {
        Hello {
            protocol: PROTOCOL,
            sidecar: &self.name,
            generation,
            identifier: &self.identifier,
            host: &self.host,
            directories: &self.launch.directories,
            listen: None,
            beat_ms: None,
            stop_timeout_ms: None,
            process_group: None,
            sources: None,
            // Only for what is a pipe to dial.
            host_pid: self.dial.as_ref().map(|_| std::process::id()),
            token,
        }
    }

    /// Ends the rest of a generation, in one order for every cause: its requests, its process and group, its output.
    async fn end(
        &self,
        cause: Cause,
        mut running: Running,
        ready_at: &OnceLock<Instant>,
        control: &Control,
    ) -> End {
        let refusal = self.admission.close();
        let generation = control.status.current().generation;
        let dialled = running.lease.is_some();
        match running.process.as_mut() {
            Some(process) => {
                let child = &mut *process.child;
                match &cause {
                    Cause::Exited(_) => end_group(child),
                    Cause::Hung(_) => kill(child).await,
                    _ => {
                        let (lease, limit) = (running.lease.as_mut(), self.launch.stop_timeout);
                        stop::end(child, lease, &control.in_flight, limit).await;
                    }
                }
                process.tie.undo();
                if cause.is_crash() {
                    // Now, for a child that lives on may keep the output open.
                    control.status.note_crash(generation);
                }
                process.output.finish().await;
            }
            None => let_go(&mut running, &cause, control, self.launch.stop_timeout).await,
        }
        let served = ready_at.get().map(Instant::elapsed);
        let errors = self.output.last_errors(generation, LAST_ERRORS);
        let ended_by_host = Exit {
            code: None,
            signal: None,
            stderr: errors.clone(),
        };
        match cause {
            Cause::Wanted(wanted) => wanted,
            Cause::Exited(Ok(status)) => {
                let exit = diagnosis::exit(status, errors);
                let reached = match (&refusal, dialled, served) {
                    (_, _, Some(_)) => Reached::Service,
                    (_, true, None) => Reached::Lease,
                    (Some(reason), false, None) => Reached::Refusal(reason),
                    (None, false, None) => Reached::Start,
                };
                let left_out = left_out(&self.launch.keep_env);
                End::Exited {
                    reason: diagnosis::of_exit(&exit, reached, &left_out),
                    exit: Some(exit),
                    served,
                }
            }
            Cause::Exited(Err(error)) => End::Exited {
                reason: Reason::new(
                    "it cannot be waited for",
                    format!("it cannot be waited for: {error}"),
                ),
                exit: None,
                served,
            },
            Cause::LetGo => End::Exited {
                reason: "it was started by hand and has ended".into(),
                exit: None,
                served,
            },
            Cause::NotReady => self.never_ready(control, ended_by_host, dialled),
            Cause::Hung(hang) => End::Exited {
                reason: Reason::open(hang.to_string()),
                exit: Some(ended_by_host),
                served,
            },
            Cause::Refused(failure) => {
                let exit = running.process.map(|_| ended_by_host);
                End::Failed(failure, exit)
            }
        }
    }

    fn never_ready(&self, control: &Control, exit: Exit, dialled: bool) -> End {
        let activity = match control.status.current().state {
            State::Starting { activity } => activity,
            _ => None,
        };
        let limit = self.launch.ready_timeout;
        let error = Error::from(Kind::NeverReady {
            sidecar: self.name.to_string(),
            reason: diagnosis::of_silence(limit, dialled, activity.as_ref(), &exit.stderr),
        });
        End::Failed(error.into(), Some(exit))
    }
}

/// Waits for the end of the process. Never ends without a process that the host started.
async fn wait(process: Option<&mut Process>) -> io::Result<ExitStatus> {
    match process {
        Some(process) => process.child.wait().await,
        None => std::future::pending().await,
    }
}

/// Asks a sidecar that was started by hand to stop. If it does not stop in time, the end of its lease makes it.
async fn let_go(running: &mut Running, cause: &Cause, control: &Control, limit: Duration) {
    let Some(lease) = running.lease.as_mut() else {
        return;
    };
    if !matches!(cause, Cause::LetGo) {
        drain(&control.in_flight).await;
        lease.say(Word::Stop);
        drop(timeout(limit, lease.closed()).await);
    }
}

/// Ends when the host has refused the sidecar's announcement and so made the sidecar `failed`. Gives the reason.
async fn refused(status: &StatusCell) -> Failure {
    let mut changes = status.subscribe();
    loop {
        let failure = changes.borrow_and_update().state.failure();
        if let Some(failure) = failure {
            return failure;
        }
        if changes.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

/// Ends when the sidecar is not ready and has reported nothing new for `limit`. Never ends once the sidecar is ready; then
/// `ready_at` has the time of that.
async fn late(status: &StatusCell, limit: Duration, ready_at: &OnceLock<Instant>) {
    let mut changes = status.subscribe();
    loop {
        if changes.borrow_and_update().serves() {
            ready_at.get_or_init(Instant::now);
            return std::future::pending().await;
        }
        if timeout(limit, changes.changed()).await.is_err() {
            return;
        }
    }
}
