//! A sidecar that the host starts: its sockets, its watched files and its server.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use futures_util::future::{BoxFuture, FutureExt, OptionFuture};
use tauri::{AppHandle, Manager, Runtime};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::{Shared, SidecarBridge};
use crate::{
    config::{SidecarName, Spawn},
    contract::Contracts,
    endpoint::{self, CurrentToken, Listener, Location, Sockets},
    error::Result,
    launch,
    output::OutputLog,
    pool::Pool,
    server,
    shutdown::Shutdown,
    status::{Change, StatusCell},
    supervisor::{
        Admission, BEYOND_STOP_TIMEOUT, Control, Intake, Launch, Order, Reception, Room, Source,
        Spawned, Supervisor, watch_files,
    },
};

/// All that the life of one sidecar is made of.
pub(super) struct Starting<R: Runtime> {
    app: AppHandle<R>,
    name: SidecarName,
    spawn: Spawn,
    orders: mpsc::Sender<Order>,
    output: Arc<OutputLog>,
    shutdown: Shutdown,
    max_body_bytes: usize,
    contracts: Contracts,
    webviews: server::Webviews,
    in_place: server::InPlace,
    pool: Arc<OnceLock<Pool>>,
}

/// What the system may refuse, such as for want of space or of descriptors.
struct Ground {
    launch: Launch,
    sockets: Sockets,
    reload: Option<BoxFuture<'static, ()>>,
}

impl<R: Runtime> Starting<R> {
    /// Starts the sidecar in the background, and gives the place of its pool. A sidecar whose ground cannot be laid is `failed`;
    /// an order to start lays the ground again.
    pub(super) fn begin(
        bridge: &SidecarBridge,
        app: &AppHandle<R>,
        spawn: Spawn,
        shared: Shared,
        locations: &mut BTreeMap<SidecarName, Location>,
    ) -> Arc<OnceLock<Pool>> {
        let Shared {
            name,
            orders,
            output,
            control,
        } = shared;
        let starting = Self {
            app: app.clone(),
            name,
            spawn,
            orders,
            output,
            shutdown: bridge.shutdown.clone(),
            max_body_bytes: bridge.max_body_bytes,
            contracts: bridge.contracts.clone(),
            webviews: bridge.webviews.clone(),
            in_place: bridge.in_place.clone(),
            pool: Arc::default(),
        };
        let pool = starting.pool.clone();
        match starting.lay_ground() {
            Ok(ground) => {
                if tauri::is_dev() {
                    let Sockets { lease, serving, .. } = &ground.sockets;
                    let (join, listen) = (lease.address(), serving.address());
                    locations.insert(starting.name.clone(), Location::Spawned { join, listen });
                }
                bridge.shutdown.run(starting.live(ground, control));
            }
            Err(error) => {
                control.status.failed(&error);
                bridge.shutdown.run(starting.live_once_started(control));
            }
        }
        pool
    }

    fn lay_ground(&self) -> Result<Ground> {
        let watched = launch::watched(&self.app, &self.spawn.dev)?;
        let launch = launch::launch(&self.app, self.spawn.clone())?;
        let ends_within = launch.stop_timeout.saturating_add(BEYOND_STOP_TIMEOUT);
        self.shutdown.allow(ends_within);
        let sockets = endpoint::bind()?;
        let reload = (!watched.is_empty())
            .then(|| watch_files(&watched, self.orders.clone()))
            .transpose()?;
        Ok(Ground {
            launch,
            sockets,
            reload: reload.map(FutureExt::boxed),
        })
    }

    /// Waits for an order to start, then lays the ground anew. A sidecar that was started by hand does not find such an app: its
    /// addresses were not there when the app wrote its connection file.
    async fn live_once_started(self, mut control: Control) {
        loop {
            let order = tokio::select! {
                () = control.stop.cancelled() => return,
                Some(order) = control.orders.recv() => order,
            };
            let done = match order {
                Order::Start(done) | Order::Restart(done) => done,
                Order::Stop(done) => {
                    let _ = done.send(());
                    continue;
                }
                Order::Heal | Order::Reload | Order::Join(_) => continue,
            };
            control.status.apply(Change::Started);
            match self.lay_ground() {
                Ok(ground) => {
                    let _ = done.send(());
                    return self.live(ground, control).await;
                }
                Err(error) => {
                    control.status.failed(&error);
                    let _ = done.send(());
                }
            }
        }
    }

    /// Runs the sidecar, and what listens to it, until the app ends.
    async fn live(self, ground: Ground, control: Control) {
        let Ground {
            launch,
            sockets:
                Sockets {
                    host,
                    lease,
                    serving,
                    dialled,
                    // Dropped at the end, after the sockets.
                    directory: _directory,
                },
            reload,
        } = ground;
        let admission = Arc::new(Admission::default());
        let reception = Reception {
            sidecar: self.name.clone(),
            admission: admission.clone(),
            joining: tauri::is_dev().then_some(self.orders.clone()),
        };
        let token = Arc::new(CurrentToken::default());
        let reactors = self.shutdown.runtime().reactors();
        let pool = match serving.address() {
            Some(address) => Pool::endpoint(self.name.clone(), address, reactors),
            None => Pool::dialled(self.name.clone(), reactors),
        };
        let pool = self.pool.get_or_init(|| pool).clone();
        let intake = Intake {
            sidecar: self.name.clone(),
            token: token.clone(),
            status: control.status.clone(),
            pool,
        };
        let launch = Arc::new(launch);
        let (imports, told) = watch::channel(None);
        let room = Room {
            name: self.name.clone(),
            launch: launch.clone(),
            lease: lease.address(),
            admission: admission.clone(),
            status: control.status.clone(),
            in_flight: control.in_flight.clone(),
            output: self.output.clone(),
            imports: told,
        };
        let (standby, keeping) = room.open().unzip();
        let context = self.context(token.clone(), control.status.clone(), imports);
        let router = server::router(context.clone());
        let source = Source::Spawn(Box::new(Spawned {
            name: self.name.clone(),
            identifier: self.app.config().identifier.clone(),
            launch,
            host: host.address(),
            lease: lease.address(),
            admission,
            token,
            serving,
            dial: dialled.as_ref().map(Listener::address),
            output: self.output,
            standby,
            undo: Box::new(move || context.clone().undo_all().boxed()),
        }));
        let supervisor = Supervisor::new(self.name.to_string(), source, control);
        let taking_in = dialled.map(|listener| intake.receive(listener));
        let ended = CancellationToken::new();
        let living = async {
            supervisor.run().await;
            ended.cancel();
        };
        tokio::join!(
            living,
            server::serve(host, router, ended.clone()),
            ended.run_until_cancelled(reception.receive(lease)),
            ended.run_until_cancelled(OptionFuture::from(taking_in)),
            ended.run_until_cancelled(OptionFuture::from(reload)),
            OptionFuture::from(keeping),
        );
    }

    fn context(
        &self,
        token: Arc<CurrentToken>,
        status: Arc<StatusCell>,
        imports: watch::Sender<Option<Arc<server::Imports>>>,
    ) -> Arc<server::Context<R>> {
        Arc::new(server::Context {
            app: self.app.clone(),
            principal: self.name.principal(),
            sidecar: self.name.clone(),
            token,
            status,
            max_body_bytes: self.max_body_bytes,
            contracts: self.contracts.clone(),
            imports,
            channels: self.app.state::<server::Channels>().inner().clone(),
            journals: server::Journals::new(self.app.clone()),
            undos: server::Undos::default(),
            webviews: self.webviews.clone(),
            home: server::Home {
                window: self.spawn.window.clone(),
                agent: self.spawn.agent,
            },
            in_place: self.in_place.clone(),
            main_thread_waits: self.shutdown.main_thread_waits().clone(),
        })
    }
}
