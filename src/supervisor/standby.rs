//! Keeps one process ready as the next generation of a sidecar, see `docs/standby.md`.

mod candidate;
mod conditions;

use std::{
    ops::ControlFlow,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::json;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::task::TaskTracker;

pub(super) use self::candidate::{Candidate, Go};
use self::{candidate::Said, conditions::Conditions};
use super::{
    admission::Admission,
    digest,
    drain::{Voice, log_line},
    lease::PROTOCOL,
    priority,
    process::Process,
    redaction::Redaction,
    spawn::{Ahead, Launch, start},
};
use crate::{
    config::{SidecarName, Standby},
    endpoint::{Address, Token},
    error::{Error, Result},
    output::OutputLog,
    server::Imports,
    status::{Spare, SparePhase, State, StatusCell},
};

/// How long a sidecar serves before a spare is started, and the pause before the next look while requests are under way.
const SETTLED: Duration = Duration::from_secs(1);
/// How often a spare is put off because requests are under way. A page may hold a stream open for as long as the app lives.
const MOST_LOOKS: u32 = 10;
/// The generation in the output of a spare.
const NONE_YET: u32 = 0;

/// Asks for the spare. It comes only if it is fit to be the next generation.
type Call = oneshot::Sender<Option<Candidate>>;

/// Takes the spare of a sidecar.
pub(crate) struct Caller(mpsc::Sender<Call>);

impl Caller {
    /// The spare, if there is one that is fit.
    pub(super) async fn take(&self) -> Option<Candidate> {
        let (call, answered) = oneshot::channel();
        self.0.send(call).await.ok()?;
        answered.await.ok().flatten()
    }
}

/// Starts the spare of one sidecar, replaces it, and gives it away.
pub(crate) struct Room {
    pub name: SidecarName,
    pub launch: Arc<Launch>,
    /// The address that a spare dials, as the sidecar does.
    pub lease: Address,
    pub admission: Arc<Admission>,
    pub status: Arc<StatusCell>,
    pub in_flight: TaskTracker,
    pub output: Arc<OutputLog>,
    /// What the last generation has imported.
    pub imports: watch::Receiver<Option<Arc<Imports>>>,
}

/// What becomes of the spare.
#[derive(Default)]
struct Present {
    candidate: Option<Candidate>,
    /// When the next one is started.
    due: Option<Instant>,
    looks: u32,
    /// The last generation whose spare was of no use, for its next one would be the same; and why it was not.
    unfit_in: u32,
    reason: String,
}

impl Present {
    fn start_soon(&mut self) {
        (self.due, self.looks) = (Some(Instant::now() + SETTLED), 0);
    }

    /// Ends the spare, and waits for its end.
    async fn end(&mut self) {
        self.due = None;
        if let Some(candidate) = self.candidate.take() {
            candidate.end().await;
        }
    }
}

impl Room {
    /// What asks for the spare, and what keeps it ready for as long as somebody may ask; nothing if there is to be none. The
    /// future ends after the spare does: an updater replaces the files of both. Dropped earlier, it would leave a process that is
    /// just being started to nobody.
    pub(crate) fn open(mut self) -> Option<(Caller, impl Future<Output = ()> + Send)> {
        if self.launch.standby == Standby::Off {
            return None;
        }
        // A spare waits on a Unix socket.
        if cfg!(windows) {
            log::info!(
                "sidecar `{}`: `standby` is not there on Windows yet; each generation starts from nothing",
                self.name
            );
            return None;
        }
        self.imports.mark_unchanged();
        let (caller, calls) = mpsc::channel(1);
        let keeping = async move {
            let mut present = Present::default();
            self.keep(&mut present, calls).await;
            present.end().await;
            self.status.set_spare(None);
        };
        Some((Caller(caller), keeping))
    }

    async fn keep(&mut self, present: &mut Present, mut calls: mpsc::Receiver<Call>) {
        let mut status = self.status.subscribe();
        loop {
            let due = present.due;
            let event = tokio::select! {
                call = calls.recv() => match call {
                    Some(call) => Event::Called(call),
                    None => return,
                },
                changed = status.changed() => match changed {
                    Ok(()) => Event::Changed,
                    Err(_) => return,
                },
                Ok(()) = self.imports.changed() => Event::Imported,
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => Event::Due,
                said = next(&mut present.candidate) => Event::Said(said),
            };
            match event {
                Event::Called(call) => {
                    present.due = None;
                    self.answer(call, present).await;
                }
                Event::Changed => {
                    let now = status.borrow_and_update().clone();
                    let may_start =
                        present.candidate.is_none() && present.unfit_in != now.generation;
                    match now.state {
                        State::Ready { .. } if may_start && self.can_start() => {
                            present.start_soon();
                        }
                        State::Stopping | State::Stopped | State::Failed { .. } => {
                            present.end().await;
                            self.status.set_spare(None);
                        }
                        _ => {}
                    }
                }
                Event::Imported => {
                    if self.status.current().serves() {
                        present.end().await;
                        present.start_soon();
                    }
                }
                Event::Due => self.begin(present).await,
                Event::Said(said) => {
                    if let ControlFlow::Break(reason) = self.hear(present, said) {
                        self.give_up(present, reason).await;
                    }
                }
            }
        }
    }

    /// Whether it is known what a spare does: what to import is told by the sidecar.
    fn can_start(&self) -> bool {
        match self.launch.standby {
            Standby::Off => false,
            Standby::Imports => self.imports.borrow().is_some(),
            Standby::App => true,
        }
    }

    async fn begin(&self, present: &mut Present) {
        present.looks += 1;
        if !self.in_flight.is_empty() && present.looks < MOST_LOOKS {
            present.due = Some(Instant::now() + SETTLED);
            return;
        }
        present.due = None;
        match self.start().await {
            Ok(candidate) => {
                self.tell(SparePhase::Preparing, candidate.pid(), None);
                present.candidate = Some(candidate);
            }
            Err(error) => self.give_up(present, error.to_string()).await,
        }
    }

    fn hear(&self, present: &mut Present, said: Said) -> ControlFlow<String> {
        match said {
            Said::Waiting => {
                let candidate = present.candidate.as_ref();
                candidate.inspect(|candidate| candidate.raise());
                self.tell(
                    SparePhase::Waiting,
                    candidate.and_then(Candidate::pid),
                    None,
                );
                ControlFlow::Continue(())
            }
            // An answer to nothing.
            Said::Fit => ControlFlow::Continue(()),
            Said::Unfit(reason) => ControlFlow::Break(reason),
        }
    }

    async fn give_up(&self, present: &mut Present, reason: String) {
        present.end().await;
        present.unfit_in = self.status.current().generation;
        // Once: each generation has the same reason until somebody does something about it.
        if present.reason != reason {
            let what = format!(
                "no spare stands ready as the next generation, which starts from nothing: {reason}; `spawn.standby` and \
                 `spawn.dev.standby` say what a spare does ahead"
            );
            log_line(log::Level::Warn, self.name.as_str(), &what);
            present.reason.clone_from(&reason);
        }
        self.tell(SparePhase::Unfit, None, Some(reason));
    }

    fn tell(&self, phase: SparePhase, pid: Option<u32>, reason: Option<String>) {
        let memory_bytes = match phase {
            SparePhase::Waiting => pid.and_then(conditions::memory_bytes),
            _ => None,
        };
        self.status.set_spare(Some(Spare {
            phase,
            pid,
            memory_bytes,
            reason,
        }));
    }

    /// Starts a process that will wait to be called.
    async fn start(&self) -> Result<Candidate> {
        digest::check_program(&self.launch).await?;
        let imports = self.imports.borrow().clone();
        let ahead = Ahead::of(&self.launch, imports.as_deref())?;
        let conditions = Conditions::now(&self.launch);
        let brief = self.brief(imports.as_deref());
        self.admission.begin_spare();
        let started = start(&self.launch, &self.lease, Some(ahead)).await;
        let started = started
            .inspect_err(|_| self.admission.forget_spare())
            .map_err(Error::io("starting a spare"))?;
        let dialled = self.admission.expect_spare(started.group.clone());
        // Of the same length as the one that it will have: that decides where lines are cut.
        let token = Token::generate()?;
        let voice = Voice {
            sidecar: format!("{} (standby)", self.name).into(),
            generation: NONE_YET,
            redaction: Arc::new(Redaction::new(&token, &self.launch.env)),
        };
        let (process, group) = Process::of(started, voice, self.output.clone());
        Ok(Candidate::new(process, group, dialled, brief, conditions))
    }

    /// The line that a spare gets first.
    fn brief(&self, imports: Option<&Imports>) -> Vec<u8> {
        let left_out = |module: &&String| {
            let mut without = self.launch.standby_without.iter();
            !without.any(|name| {
                let rest = module.strip_prefix(name.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        let modules = imports.map_or(&[][..], |imports| &imports.modules);
        let started = SystemTime::now().duration_since(UNIX_EPOCH);
        let brief = json!({
            "protocol": PROTOCOL,
            "startedMs": started.map_or(0, |started| started.as_millis()),
            "imports": modules.iter().filter(left_out).collect::<Vec<_>>(),
            "environment": imports.and_then(|imports| imports.environment.as_ref()),
            "sources": self.launch.sources,
            "directories": self.launch.directories,
            "paced": !priority::is_reversible(),
        });
        let mut line = brief.to_string().into_bytes();
        line.push(b'\n');
        line
    }

    /// Gives the spare to who asks for it, if it is fit. Else the spare ends.
    async fn answer(&self, mut call: Call, present: &mut Present) {
        let fit = match &mut present.candidate {
            Some(candidate) => tokio::select! {
                fit = self.call(candidate) => fit,
                // Somebody stops the sidecar.
                () = call.closed() => false,
            },
            None => false,
        };
        let taken = present.candidate.take_if(|_| fit);
        self.status.set_spare(None);
        if let Err(Some(candidate)) = call.send(taken) {
            candidate.end().await;
        }
        // What is unfit ends beside the generation that begins.
        present.end().await;
    }

    /// Calls the spare, and tells whether it is fit.
    async fn call(&self, candidate: &mut Candidate) -> bool {
        if let Some(changed) = candidate.conditions.changed(&self.launch) {
            log::info!(
                "sidecar `{}`: a spare was of no use, since {changed}",
                self.name
            );
            return false;
        }
        if !candidate.waits() {
            candidate.raise();
        }
        let limit = candidate.patience(self.launch.ready_timeout);
        candidate.call();
        let answer = async {
            loop {
                match candidate.next().await {
                    Said::Waiting => {}
                    Said::Fit => return Ok(()),
                    Said::Unfit(reason) => return Err(reason),
                }
            }
        };
        let answer = timeout(limit, answer).await;
        let late = format!("it did not answer within {} ms", limit.as_millis());
        match answer.unwrap_or(Err(late)) {
            Ok(()) => true,
            Err(reason) => {
                log::info!("sidecar `{}`: a spare was of no use: {reason}", self.name);
                false
            }
        }
    }
}

enum Event {
    /// The next generation begins.
    Called(Call),
    /// The sidecar has another status.
    Changed,
    /// The sidecar has told of other imports.
    Imported,
    /// It is time to start a spare.
    Due,
    Said(Said),
}

/// What the spare says next. Never ends without one.
async fn next(candidate: &mut Option<Candidate>) -> Said {
    match candidate {
        Some(candidate) => candidate.next().await,
        None => std::future::pending().await,
    }
}
