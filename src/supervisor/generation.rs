//! One life of a sidecar that the host starts, or that was started by hand and has joined.

use std::{
    io,
    process::ExitStatus,
    sync::{Arc, OnceLock},
    time::Duration,
};

use process_wrap::tokio::ChildWrapper;
use tokio::{
    task::spawn_blocking,
    time::{Instant, timeout},
};

use super::{
    diagnosis, digest,
    lease::{Hello, Lease, Listen, Word},
    life::{End, Surroundings},
    output::{Destination, Output},
    redaction::Redaction,
    spawn::{LISTEN_FD, Launch, start},
    stop::{FINISH, drain, end, end_group, kill},
    watchdog::{BEAT_MS, Hang, watch},
};
use crate::{
    config::{SidecarName, Watchdog},
    endpoint::{Address, CurrentToken, SidecarListener, Stream, Token},
    error::{Error, Kind, Problem, Result},
    output::{Exit, OutputLog},
    status::{State, StatusCell},
};

/// How many last lines of stderr come with an exit.
const LAST_ERRORS: usize = 20;

/// What all generations of one sidecar share.
pub(crate) struct Spawned {
    pub name: SidecarName,
    /// The app's.
    pub identifier: String,
    pub launch: Launch,
    /// Where the sidecar reaches the host.
    pub host: Address,
    pub token: Arc<CurrentToken>,
    pub listener: SidecarListener,
    pub output: Arc<OutputLog>,
}

/// What comes first in a generation's life.
enum Fate {
    Wanted(End),
    Exited(io::Result<ExitStatus>),
    Late,
    Hung(Hang),
    Refused(Problem),
}

impl Spawned {
    /// Starts the sidecar and stays with it to its end.
    pub(super) async fn live(&self, around: &mut Surroundings) -> End {
        let end = self.start_and_live(around).await;
        self.token.revoke();
        end.unwrap_or_else(End::from)
    }

    /// Introduces the sidecar at the other end of a connection and stays with it until it lets go.
    pub(super) async fn live_joined(&self, lease: Stream, around: &mut Surroundings) -> End {
        let end = self.introduce_and_live(lease, around).await;
        self.token.revoke();
        end.unwrap_or_else(End::from)
    }

    async fn start_and_live(&self, around: &mut Surroundings) -> Result<End> {
        let token = self.token.renew()?;
        let generation = around.status.current().generation;
        let (mut child, lease) = self.start().await?;
        let destination = Destination {
            sidecar: self.name.to_string(),
            generation,
            redaction: Arc::new(Redaction::new(&token, &self.launch.env)),
            log: self.output.clone(),
        };
        let mut output = Output::of(&mut *child, &destination);
        let mut lease = Lease::new(lease);
        let hello = self.hello(around, Listen::Fd(LISTEN_FD), child.id(), &token);
        if let Err(error) = lease.say_hello(&hello).await {
            // Its exit tells more.
            log::debug!("sidecar `{}` did not read its hello: {error}", self.name);
        }
        let (status, ready_at) = (around.status.clone(), OnceLock::new());
        let fate = tokio::select! {
            end = around.wanted_end() => Fate::Wanted(end),
            exit = child.wait() => Fate::Exited(exit),
            () = late(&status, self.launch.ready_timeout, &ready_at) => Fate::Late,
            hang = watch(&mut lease, &status, self.launch.watchdog) => Fate::Hung(hang),
            problem = refused(&status) => Fate::Refused(problem),
        };
        let served = ready_at.get().map(Instant::elapsed);
        Ok(match fate {
            Fate::Wanted(wanted) => {
                end(&mut *child, &lease, &around.in_flight).await;
                wanted
            }
            Fate::Exited(exited) => {
                end_group(&mut *child);
                output.finish().await;
                let errors = self.output.last_errors(generation, LAST_ERRORS);
                let (reason, exit) = match exited {
                    Ok(status) => {
                        let exit = diagnosis::exit(status, errors);
                        (diagnosis::of_exit(&exit, served.is_some()), Some(exit))
                    }
                    Err(error) => (format!("it cannot be waited for: {error}"), None),
                };
                End::Exited {
                    reason,
                    exit,
                    served,
                }
            }
            Fate::Late => {
                end(&mut *child, &lease, &around.in_flight).await;
                output.finish().await;
                self.never_ready(around, self.ended_by_host(generation))
            }
            Fate::Refused(problem) => {
                end(&mut *child, &lease, &around.in_flight).await;
                output.finish().await;
                End::Failed(problem, Some(self.ended_by_host(generation)))
            }
            Fate::Hung(hang) => {
                kill(&mut *child).await;
                output.finish().await;
                End::Exited {
                    reason: hang.to_string(),
                    exit: Some(self.ended_by_host(generation)),
                    served,
                }
            }
        })
    }

    /// Starts the process, if it is the right one.
    async fn start(&self) -> Result<(Box<dyn ChildWrapper>, Stream)> {
        let launch = &self.launch;
        if let Some(expected) = launch.sha256.clone() {
            let program = launch.program.clone();
            let checked = spawn_blocking(move || digest::check(&program, &expected));
            checked
                .await
                .map_err(io::Error::from)
                .map_err(Error::io("checking its SHA-256"))??;
        }
        let started = start(launch, &self.listener).await;
        started.map_err(|error| {
            Kind::Unavailable {
                sidecar: self.name.to_string(),
                reason: diagnosis::of_start(&launch.program, &launch.cwd, &error),
            }
            .into()
        })
    }

    async fn introduce_and_live(&self, lease: Stream, around: &mut Surroundings) -> Result<End> {
        let token = self.token.renew()?;
        let hello = self.hello(around, Listen::Passed, None, &token);
        if let Err(error) = self.listener.pass(&lease, &hello.line()).await {
            log::warn!("sidecar `{}` could not join: {error}", self.name);
        }
        let mut lease = Lease::new(lease);
        let (status, ready_at) = (around.status.clone(), OnceLock::new());
        let fate = tokio::select! {
            end = around.wanted_end() => Some(end),
            () = lease.closed() => None,
            () = late(&status, self.launch.ready_timeout, &ready_at) => {
                let exit = self.ended_by_host(status.current().generation);
                Some(self.never_ready(around, exit))
            }
            problem = refused(&status) => Some(End::Failed(problem, None)),
        };
        let Some(wanted) = fate else {
            let served = ready_at.get().map(Instant::elapsed);
            let reason = "it was started by hand and has ended".to_owned();
            return Ok(End::Exited {
                reason,
                exit: None,
                served,
            });
        };
        drain(&around.in_flight).await;
        lease.say(Word::Stop);
        // One that does not heed it learns from the end of its lease, when this is dropped.
        drop(timeout(FINISH, lease.closed()).await);
        Ok(wanted)
    }

    fn hello<'a>(
        &'a self,
        around: &Surroundings,
        listen: Listen,
        process_group: Option<u32>,
        token: &'a Token,
    ) -> Hello<'a> {
        Hello {
            protocol: 1,
            sidecar: &self.name,
            generation: around.status.current().generation,
            identifier: &self.identifier,
            host: &self.host,
            listen,
            beat_ms: (self.launch.watchdog != Watchdog::Off && process_group.is_some())
                .then_some(BEAT_MS),
            process_group,
            token,
        }
    }

    fn never_ready(&self, around: &Surroundings, exit: Exit) -> End {
        let activity = match around.status.current().state {
            State::Starting { activity } => activity,
            _ => None,
        };
        let limit = self.launch.ready_timeout;
        let error = Error::from(Kind::NeverReady {
            sidecar: self.name.to_string(),
            reason: diagnosis::of_silence(limit, activity.as_ref(), &exit.stderr),
        });
        End::Failed(error.into(), Some(exit))
    }

    fn ended_by_host(&self, generation: u32) -> Exit {
        Exit {
            code: None,
            signal: None,
            stderr: self.output.last_errors(generation, LAST_ERRORS),
        }
    }
}

/// Ends when the host's own refusal of what the sidecar announced has made it fail, and says why.
async fn refused(status: &StatusCell) -> Problem {
    let mut changes = status.subscribe();
    loop {
        if let State::Failed { problem, .. } = &changes.borrow_and_update().state {
            return problem.clone();
        }
        if changes.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

/// Ends when the sidecar has said nothing new for so long and is not ready; never ends when it is, and notes when that
/// was.
async fn late(status: &StatusCell, limit: Duration, ready_at: &OnceLock<Instant>) {
    let mut changes = status.subscribe();
    loop {
        let now = changes.borrow_and_update().state.clone();
        if matches!(now, State::Ready { .. } | State::Unresponsive { .. }) {
            ready_at.get_or_init(Instant::now);
            return std::future::pending().await;
        }
        if timeout(limit, changes.changed()).await.is_err() {
            return;
        }
    }
}
