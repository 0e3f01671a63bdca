//! The loop over the generations of one sidecar.

use std::{pin::pin, time::Duration};

use tokio::time::{Instant, sleep};

use super::{
    attach::Attached,
    control::Control,
    end::End,
    generation::Spawned,
    order::{Done, Joining, Order},
    restart::{MAX_CRASHES, Restarts, WINDOW},
};
use crate::{
    error::{Error, Failure, Kind, Reason},
    output::Exit,
    status::{Change, State},
};

/// Where the generations come from: processes that the host starts, or a server that already runs.
pub(crate) enum Source {
    Spawn(Box<Spawned>),
    Attach(Box<Attached>),
}

/// How the next generation begins.
#[derive(Default)]
struct Next {
    /// The sidecar that was started by hand.
    joined: Option<Joining>,
    done: Option<Done>,
}

impl Next {
    /// The generation that an order begins. A stop begins none: then this gives back the channel that tells its caller.
    fn of(order: Order) -> Result<Self, Done> {
        match order {
            Order::Start(done) | Order::Restart(done) => Ok(Self {
                done: Some(done),
                joined: None,
            }),
            Order::Reload | Order::Heal => Ok(Self::default()),
            Order::Join(joining) => Ok(Self {
                joined: Some(joining),
                done: None,
            }),
            Order::Stop(done) => Err(done),
        }
    }
}

/// Runs one generation of a sidecar after the other, until the app ends.
///
/// The sidecar's listening socket stays open all the time, so that requests between two generations wait for the next one.
pub(crate) struct Supervisor {
    name: String,
    source: Source,
    control: Control,
    restarts: Restarts,
}

impl Supervisor {
    pub(crate) fn new(name: String, source: Source, control: Control) -> Self {
        Self {
            name,
            source,
            control,
            restarts: Restarts::default(),
        }
    }

    pub(crate) async fn run(mut self) {
        let mut next = Next::default();
        loop {
            if let Some(done) = next.done.take() {
                let _ = done.send(());
            }
            let end = match (&mut self.source, next.joined.take()) {
                (Source::Spawn(spawned), joined) => spawned.live(joined, &mut self.control).await,
                (Source::Attach(attached), _) => attached.live(&mut self.control).await,
            };
            let Some(following) = self.after(end).await else {
                break;
            };
            // The app's end goes before an order that came at the same moment.
            if self.control.stop.is_cancelled() {
                break;
            }
            next = following;
            self.control.status.apply(Change::Started);
        }
        self.control.status.apply(Change::Stopped);
    }

    /// The generation that follows an end; `None` when the app ends.
    async fn after(&mut self, end: End) -> Option<Next> {
        match end {
            End::AppEnds => None,
            End::Ordered(order) => self.follow(order).await,
            End::Failed(failure, exit) => self.fail(failure, exit).await,
            End::Exited {
                reason,
                exit,
                served,
            } => {
                let crashed = exit.as_ref().is_none_or(Exit::is_crash) || served.is_none();
                let pause = if self.restarts_by_itself() {
                    let now = Instant::now();
                    let pause = self.restarts.ended(now, served, crashed, chance());
                    pause.ok_or_else(|| {
                        let seconds = WINDOW.as_secs();
                        let given_up =
                            format!("; given up after {MAX_CRASHES} crashes in {seconds} s");
                        reason.clone().and(&given_up)
                    })
                } else {
                    Err(reason.clone())
                };
                match pause {
                    Ok(pause) => {
                        let failure = Some(self.unavailable(reason));
                        let change = Change::Restarting { failure, exit };
                        self.control.status.apply(change);
                        self.pause(pause).await
                    }
                    Err(reason) => {
                        let failure = self.unavailable(reason);
                        self.fail(failure, exit).await
                    }
                }
            }
        }
    }

    async fn fail(&mut self, failure: Failure, exit: Option<Exit>) -> Option<Next> {
        let heals = self.restarts_by_itself().then(|| {
            let cool_down = self.restarts.cool_down();
            Instant::now() + cool_down
        });
        self.control.status.heal_at(heals);
        self.control.status.apply(Change::Failed { failure, exit });
        self.rest().await
    }

    fn restarts_by_itself(&self) -> bool {
        match &self.source {
            Source::Spawn(spawned) => spawned.launch.restart,
            Source::Attach(_) => true,
        }
    }

    fn unavailable(&self, reason: Reason) -> Failure {
        let sidecar = self.name.clone();
        Error::from(Kind::Unavailable { sidecar, reason }).into()
    }

    /// Waits before a restart. An order cuts the pause short.
    async fn pause(&mut self, pause: Duration) -> Option<Next> {
        let mut over = pin!(sleep(pause));
        loop {
            let order = tokio::select! {
                () = self.control.stop.cancelled() => return None,
                Some(order) = self.control.orders.recv() => order,
                () = &mut over => return Some(Next::default()),
            };
            // A request that would start a failed sidecar came too late: it starts already.
            if !matches!(order, Order::Heal) {
                return self.follow(order).await;
            }
        }
    }

    /// Carries out an order while no generation is alive.
    async fn follow(&mut self, order: Order) -> Option<Next> {
        match self.begin(order) {
            Ok(next) => Some(next),
            Err(done) => {
                self.control.status.apply(Change::Stopped);
                let _ = done.send(());
                self.rest().await
            }
        }
    }

    /// Carries out an order. Starts before the order no longer count: its caller has a reason to expect another result.
    fn begin(&mut self, order: Order) -> Result<Next, Done> {
        match order {
            Order::Heal => self.restarts.heal(),
            _ => self.restarts = Restarts::default(),
        }
        Next::of(order)
    }

    /// Stays stopped or failed until an order starts the sidecar again.
    async fn rest(&mut self) -> Option<Next> {
        loop {
            let order = tokio::select! {
                () = self.control.stop.cancelled() => return None,
                Some(order) = self.control.orders.recv() => order,
            };
            let status = &self.control.status;
            let stopped = status.current().state == State::Stopped;
            let is_void = match order {
                Order::Reload => stopped,
                // One of many requests that came at once is enough.
                Order::Heal => !status.may_heal(Instant::now()),
                _ => false,
            };
            if is_void {
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

/// A random number from 0 to 1; 0 on a system without randomness, where equal pauses do no harm.
fn chance() -> f64 {
    f64::from(getrandom::u32().unwrap_or_default()) / f64::from(u32::MAX)
}
