//! The loop over the generations of one sidecar.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    attach::Attached,
    generation::Spawned,
    order::{Done, Order, next_for_living},
    restart::{MAX_STARTS, Restarts, WINDOW},
};
use crate::{
    endpoint::Stream,
    error::{Error, Kind, Problem},
    output::Exit,
    status::{Change, State, StatusCell},
};

/// Where the generations come from.
pub(crate) enum Source {
    Spawn(Box<Spawned>),
    Attach(Box<Attached>),
}

/// How one generation came to its end.
pub(super) enum End {
    /// The app ends.
    AppEnds,
    /// Somebody wanted it.
    Ordered(Order),
    /// Another one would do no better.
    Failed(Problem, Option<Exit>),
    /// It ended by itself, after it had served that long.
    Exited {
        reason: String,
        exit: Option<Exit>,
        served: Option<Duration>,
    },
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Failed(error.into(), None)
    }
}

/// What a generation begins with.
#[derive(Default)]
struct Next {
    /// The lease of a sidecar that was started by hand.
    joined: Option<Stream>,
    done: Option<Done>,
}

impl Next {
    /// What an order begins; a stop begins nothing, and wants only to be told when it is done.
    fn of(order: Order) -> Result<Self, Done> {
        match order {
            Order::Start(done) | Order::Restart(done) => Ok(Self {
                done: Some(done),
                joined: None,
            }),
            Order::Reload => Ok(Self::default()),
            Order::Join(lease) => Ok(Self {
                joined: Some(lease),
                done: None,
            }),
            Order::Stop(done) => Err(done),
        }
    }
}

/// What a generation needs to know of the world around it.
pub(super) struct Surroundings {
    pub status: Arc<StatusCell>,
    pub orders: mpsc::Receiver<Order>,
    /// The requests that are on their way to the sidecar.
    pub in_flight: TaskTracker,
    /// Cancelled when the app ends.
    pub stop: CancellationToken,
}

impl Surroundings {
    /// Ends when the generation has to, because the app ends or somebody wants it; the intake is closed by then.
    pub(super) async fn wanted_end(&mut self) -> End {
        tokio::select! {
            () = self.stop.cancelled() => {
                self.status.apply(Change::Stopping);
                End::AppEnds
            }
            order = next_for_living(&mut self.orders) => {
                let change = match order {
                    Order::Stop(_) => Change::Stopping,
                    _ => Change::Restarting { problem: None, exit: None },
                };
                self.status.apply(change);
                End::Ordered(order)
            }
        }
    }
}

/// Lives the lives of one sidecar, until the app ends.
///
/// Its listening socket stays open all the time, so that requests of the time between wait for the next generation.
pub(crate) struct Supervisor {
    name: String,
    source: Source,
    around: Surroundings,
    restarts: Restarts,
}

impl Supervisor {
    pub(crate) fn new(
        name: String,
        source: Source,
        status: Arc<StatusCell>,
        orders: mpsc::Receiver<Order>,
        in_flight: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let around = Surroundings {
            status,
            orders,
            in_flight,
            stop,
        };
        Self {
            name,
            source,
            around,
            restarts: Restarts::default(),
        }
    }

    pub(crate) async fn run(mut self) {
        let mut next = Next::default();
        loop {
            if let Some(done) = next.done.take() {
                let _ = done.send(());
            }
            self.restarts.started(Instant::now());
            let end = match (&mut self.source, next.joined.take()) {
                (Source::Spawn(spawned), None) => spawned.live(&mut self.around).await,
                (Source::Spawn(spawned), Some(lease)) => {
                    spawned.live_joined(lease, &mut self.around).await
                }
                (Source::Attach(attached), _) => attached.live(&mut self.around).await,
            };
            let Some(following) = self.after(end).await else {
                break;
            };
            // For good, whatever order came at the same moment.
            if self.around.stop.is_cancelled() {
                break;
            }
            next = following;
            self.around.status.apply(Change::Started);
        }
        self.around.status.apply(Change::Stopped);
    }

    /// What follows a generation's end; `None` when the app ends.
    async fn after(&mut self, end: End) -> Option<Next> {
        match end {
            End::AppEnds => None,
            End::Ordered(order) => self.obey(order).await,
            End::Failed(problem, exit) => self.fail(problem, exit).await,
            End::Exited {
                reason,
                exit,
                served,
            } => {
                let pause = if self.restarts_by_itself() {
                    let pause = self.restarts.ended(Instant::now(), served, chance());
                    pause.ok_or_else(|| {
                        let seconds = WINDOW.as_secs();
                        format!("{reason}; given up after {MAX_STARTS} starts in {seconds} s")
                    })
                } else {
                    Err(reason.clone())
                };
                match pause {
                    Ok(pause) => {
                        let problem = Some(self.unavailable(reason));
                        let change = Change::Restarting { problem, exit };
                        self.around.status.apply(change);
                        self.pause(pause).await
                    }
                    Err(reason) => {
                        let problem = self.unavailable(reason);
                        self.fail(problem, exit).await
                    }
                }
            }
        }
    }

    async fn fail(&mut self, problem: Problem, exit: Option<Exit>) -> Option<Next> {
        self.around.status.apply(Change::Failed { problem, exit });
        self.rest().await
    }

    const fn restarts_by_itself(&self) -> bool {
        match &self.source {
            Source::Spawn(spawned) => spawned.launch.restart,
            Source::Attach(_) => true,
        }
    }

    fn unavailable(&self, reason: String) -> Problem {
        let sidecar = self.name.clone();
        Error::from(Kind::Unavailable { sidecar, reason }).into()
    }

    /// Waits before a restart; an order comes first.
    async fn pause(&mut self, pause: Duration) -> Option<Next> {
        tokio::select! {
            () = self.around.stop.cancelled() => None,
            Some(order) = self.around.orders.recv() => self.obey(order).await,
            () = sleep(pause) => Some(Next::default()),
        }
    }

    /// What an order means once no generation is alive.
    async fn obey(&mut self, order: Order) -> Option<Next> {
        match self.begin(order) {
            Ok(next) => Some(next),
            Err(done) => {
                self.around.status.apply(Change::Stopped);
                let _ = done.send(());
                self.rest().await
            }
        }
    }

    /// Who wants a sidecar has a reason to: what went before no longer counts.
    fn begin(&mut self, order: Order) -> Result<Next, Done> {
        self.restarts = Restarts::default();
        Next::of(order)
    }

    /// Stays stopped or failed until somebody wants the sidecar again.
    async fn rest(&mut self) -> Option<Next> {
        loop {
            let order = tokio::select! {
                () = self.around.stop.cancelled() => return None,
                Some(order) = self.around.orders.recv() => order,
            };
            let stopped = self.around.status.current().state == State::Stopped;
            if stopped && matches!(order, Order::Reload) {
                continue;
            }
            match self.begin(order) {
                Ok(next) => return Some(next),
                Err(done) => {
                    let _ = done.send(());
                }
            }
        }
    }
}

/// From 0 to 1; a system without randomness has worse troubles than equal pauses.
fn chance() -> f64 {
    f64::from(getrandom::u32().unwrap_or_default()) / f64::from(u32::MAX)
}
