//! The only composer: a sidecar is an endpoint, a supervisor, a client and a server.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::future::OptionFuture;
use log::Level;
use tauri::{AppHandle, Emitter, Manager, Resource, Runtime, async_runtime};
use tokio::{sync::mpsc, task::block_in_place, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    client::Client,
    config::{Attach, Config, SidecarConfig, SidecarName, Spawn},
    contract::{Contract, Contracts},
    endpoint::{ConnectionFile, CurrentToken, Http, Listener, Meeting, RunDirectory},
    error::{Error, Kind, Result},
    guest::{Exchanges, Jar, Pages},
    output::OutputLog,
    pool::Pool,
    server,
    sidecar::Sidecar,
    status::{State, StatusCell},
    supervisor::{Attached, Launch, Order, Source, Spawned, Supervisor, tell, watch_files},
};

/// The Tauri event that carries each new [`Status`](crate::Status) to the pages.
pub(crate) const STATUS_CHANGED: &str = "plugin:sidecar-bridge:status-changed";

/// How long the app's end may take; a sidecar's takes at most 3 s, unless the system cannot kill it.
const STOP: Duration = Duration::from_secs(5);

/// How many orders wait for a sidecar that is busy with one; who gives more waits.
const WAITING_ORDERS: usize = 16;

/// Every sidecar of the app. Get it with [`SidecarBridgeExt::sidecar_bridge`](crate::SidecarBridgeExt::sidecar_bridge).
#[derive(Debug)]
pub struct SidecarBridge {
    sidecars: BTreeMap<SidecarName, Sidecar>,
    max_body_bytes: usize,
    pages: Pages,
    lives: Lives,
    contracts: Contracts,
    webviews: server::Webviews,
}

/// Everything that runs for the sidecars, until it is stopped.
#[derive(Clone, Debug)]
struct Lives {
    stop: CancellationToken,
    /// Cancelled when the sidecars end for good: with all else, or before it.
    sidecars: CancellationToken,
    tasks: TaskTracker,
}

impl Default for Lives {
    fn default() -> Self {
        let stop = CancellationToken::new();
        Self {
            sidecars: stop.child_token(),
            stop,
            tasks: TaskTracker::new(),
        }
    }
}

impl Lives {
    fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        async_runtime::spawn(self.tasks.track_future(task));
    }

    /// Stops every sidecar and waits for their ends, see `supervisor::stop`.
    async fn stop(&self) {
        self.stop.cancel();
        if timeout(STOP, self.tasks.wait()).await.is_err() {
            log::error!("a sidecar has not ended after {} s", STOP.as_secs());
        }
    }
}

/// Stops every sidecar when the app ends.
///
/// Tauri drops an app's resources on each of its ways out: after `RunEvent::Exit`, before it starts itself again from
/// the main thread, where there is no event, and when an updater calls `AppHandle::cleanup_before_exit`.
struct EndWithApp(Lives);

impl Resource for EndWithApp {}

impl Drop for EndWithApp {
    fn drop(&mut self) {
        // An app may restart from inside its async runtime, which does not let itself be blocked otherwise.
        block_in_place(|| async_runtime::block_on(self.0.stop()));
    }
}

/// What both ends of one sidecar's handle and its supervisor share.
struct Parts {
    name: SidecarName,
    status: Arc<StatusCell>,
    orders: mpsc::Sender<Order>,
    taken: mpsc::Receiver<Order>,
    in_flight: TaskTracker,
    output: Arc<OutputLog>,
}

impl SidecarBridge {
    /// Begins the lives of all configured sidecars and returns at once; a sidecar that cannot start is `failed`.
    pub(crate) fn start<R: Runtime>(
        app: &AppHandle<R>,
        config: Config,
        contracts: Vec<Contract>,
        webviews: server::Webviews,
    ) -> Self {
        let mut bridge = Self {
            sidecars: BTreeMap::new(),
            max_body_bytes: config.max_body_bytes.0,
            pages: Pages {
                exchanges: Exchanges::default(),
                jars: jars(&config),
                wait: config.wait(),
            },
            lives: Lives::default(),
            contracts: Contracts {
                held: contracts,
                stale: config.stale_bindings(),
            },
            webviews,
        };
        let mut meetings = BTreeMap::new();
        for (name, config) in config.sidecars {
            let sidecar = bridge.begin(app, name.clone(), config, &mut meetings);
            bridge.sidecars.insert(name, sidecar);
        }
        if !meetings.is_empty() {
            bridge.publish(&app.config().identifier, &meetings);
        }
        bridge.end_unless_judged();
        bridge.lives.tasks.close();
        app.resources_table().add(EndWithApp(bridge.lives.clone()));
        bridge
    }

    /// The sidecar of that name.
    ///
    /// # Errors
    /// `not_found` when none is configured under it.
    pub fn sidecar(&self, name: &str) -> Result<Sidecar> {
        let found = self.sidecars.get(name).cloned();
        found.ok_or_else(|| {
            Kind::UnknownSidecar {
                name: name.to_owned(),
                known: self.names(),
            }
            .into()
        })
    }

    /// HTTP to the sidecar of that name.
    ///
    /// # Errors
    /// `not_found` when none is configured under it.
    pub fn client(&self, name: &str) -> Result<Client> {
        self.sidecar(name).map(|sidecar| sidecar.client())
    }

    /// Ends all sidecars in an orderly way and waits for it, so that an updater can replace the files that they use. It
    /// takes at most 5 s. They do not start again in this process: restart the app afterwards.
    ///
    /// The app's own end and its restart do the same by themselves.
    pub async fn prepare_for_update(&self) {
        self.lives.stop().await;
    }

    /// The named sidecar, or the only one.
    pub(crate) fn sidecar_or_only(&self, name: Option<&str>) -> Result<Sidecar> {
        if let Some(name) = name {
            return self.sidecar(name);
        }
        let mut sidecars = self.sidecars.values();
        match (sidecars.next(), sidecars.next()) {
            (Some(only), None) => Ok(only.clone()),
            _ => Err(Kind::UnnamedSidecar {
                known: self.names(),
            }
            .into()),
        }
    }

    fn names(&self) -> String {
        let names: Vec<_> = self.sidecars.keys().map(SidecarName::as_str).collect();
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        }
    }

    pub(crate) const fn pages(&self) -> &Pages {
        &self.pages
    }

    fn begin<R: Runtime>(
        &self,
        app: &AppHandle<R>,
        name: SidecarName,
        config: SidecarConfig,
        meetings: &mut BTreeMap<SidecarName, Meeting>,
    ) -> Sidecar {
        let status = Arc::new(StatusCell::new(&name));
        self.tell_pages(app, &status);
        let (orders, taken) = mpsc::channel(WAITING_ORDERS);
        let (in_flight, output) = (TaskTracker::new(), Arc::new(OutputLog::default()));
        let parts = Parts {
            name,
            status: status.clone(),
            orders: orders.clone(),
            taken,
            in_flight: in_flight.clone(),
            output: output.clone(),
        };
        let pool = match config {
            SidecarConfig::Attach(attach) => {
                if tauri::is_dev() {
                    let http = attach.url.clone();
                    let meeting = Meeting::Attached {
                        listen: Http { http },
                    };
                    meetings.insert(parts.name.clone(), meeting);
                }
                Ok(self.attach(attach, parts))
            }
            SidecarConfig::Spawn(spawn) => self.spawn(app, spawn, parts, meetings),
        };
        let pool = pool.map_err(|error| status.failed(&error)).ok();
        Sidecar::new(status, pool, orders, in_flight, output, self.max_body_bytes)
    }

    fn attach(&self, attach: Attach, parts: Parts) -> Pool {
        let pool = Pool::attached(parts.name.clone(), attach.url.clone());
        let source = Source::Attach(Box::new(Attached {
            name: parts.name.clone(),
            attach,
            pool: pool.clone(),
        }));
        self.lives.run(self.supervisor(source, parts).run());
        pool
    }

    fn spawn<R: Runtime>(
        &self,
        app: &AppHandle<R>,
        spawn: Spawn,
        parts: Parts,
        meetings: &mut BTreeMap<SidecarName, Meeting>,
    ) -> Result<Pool> {
        let watched = spawn.dev.reload.clone();
        let launch = resolve(app, spawn)?;
        let directory = RunDirectory::create()?;
        let (host, listener) = (directory.bind_host()?, directory.bind_sidecar()?);
        let joins = tauri::is_dev().then(|| directory.bind_join()).transpose()?;
        if let Some(joins) = &joins {
            let (join, listen) = (joins.address(), listener.address());
            meetings.insert(parts.name.clone(), Meeting::Spawned { join, listen });
        }
        let reload = (tauri::is_dev() && !watched.is_empty())
            .then(|| watch_files(&watched, parts.orders.clone()))
            .transpose()?;
        let joining = take_joins(joins, parts.orders.clone());
        let (name, token) = (parts.name.clone(), Arc::new(CurrentToken::default()));
        let pool = Pool::endpoint(name.clone(), listener.address());
        let router = server::router(Arc::new(server::Context {
            app: app.clone(),
            principal: name.principal(),
            sidecar: name.clone(),
            token: token.clone(),
            status: parts.status.clone(),
            max_body_bytes: self.max_body_bytes,
            contracts: self.contracts.clone(),
            channels: app.state::<server::Channels>().inner().clone(),
            journals: server::Journals::new(app.clone()),
            webviews: self.webviews.clone(),
        }));
        let source = Source::Spawn(Box::new(Spawned {
            name,
            identifier: app.config().identifier.clone(),
            launch,
            host: host.address(),
            token,
            listener,
            output: parts.output.clone(),
        }));
        let supervisor = self.supervisor(source, parts);
        self.lives.run(async move {
            let ended = CancellationToken::new();
            let living = async {
                supervisor.run().await;
                ended.cancel();
            };
            tokio::join!(
                living,
                server::serve(host, router, ended.clone()),
                ended.run_until_cancelled(joining),
                ended.run_until_cancelled(OptionFuture::from(reload)),
            );
            drop(directory);
        });
        Ok(pool)
    }

    fn supervisor(&self, source: Source, parts: Parts) -> Supervisor {
        let Parts {
            name,
            status,
            taken,
            in_flight,
            ..
        } = parts;
        let stop = self.lives.sidecars.child_token();
        Supervisor::new(name.to_string(), source, status, taken, in_flight, stop)
    }

    /// Ends all sidecars, which are `failed` then and cannot be started again, if it turns out that Tauri does not judge their
    /// calls.
    fn end_unless_judged(&self) {
        let sidecars: Vec<_> = self.sidecars.values().cloned().collect();
        let (lives, webviews) = (self.lives.clone(), self.webviews.clone());
        self.lives.run(async move {
            let judged = lives.stop.run_until_cancelled(webviews.judged()).await;
            if let Some(Err(error)) = judged {
                for sidecar in sidecars {
                    sidecar.0.status.failed(&error);
                }
                lives.sidecars.cancel();
            }
        });
    }

    /// Keeps the connection file until the app stops.
    fn publish(&self, identifier: &str, meetings: &BTreeMap<SidecarName, Meeting>) {
        match ConnectionFile::publish(identifier, meetings) {
            Ok(file) => {
                let stop = self.lives.stop.child_token();
                self.lives.run(async move {
                    stop.cancelled().await;
                    drop(file);
                });
            }
            Err(error) => log::warn!("a sidecar that is started by hand cannot join: {error}"),
        }
    }

    /// Emits each new status to the pages until the app stops.
    fn tell_pages<R: Runtime>(&self, app: &AppHandle<R>, status: &StatusCell) {
        let (app, mut status, stop) = (
            app.clone(),
            status.subscribe(),
            self.lives.stop.child_token(),
        );
        self.lives.run(async move {
            while let Some(Ok(())) = stop.run_until_cancelled(status.changed()).await {
                let now = status.borrow_and_update().clone();
                match &now.state {
                    State::Failed { problem, .. } => {
                        tell(Level::Error, &now.sidecar, &problem.detail);
                    }
                    state => log::info!("sidecar `{}`: {state:?}", now.sidecar),
                }
                if let Err(error) = app.emit(STATUS_CHANGED, now) {
                    log::error!("the status could not be emitted: {error}");
                }
            }
        });
    }
}

/// An empty jar for each sidecar that has one.
fn jars(config: &Config) -> BTreeMap<String, Jar> {
    let with_cookies = config
        .sidecars
        .iter()
        .filter(|(_, config)| config.cookies());
    with_cookies
        .map(|(name, _)| (name.to_string(), Jar::default()))
        .collect()
}

/// Passes on each connection to the join socket, as an order to let that one take over.
async fn take_joins(joins: Option<Listener>, orders: mpsc::Sender<Order>) {
    let Some(joins) = joins else { return };
    let joins = match joins.accepting() {
        Ok(joins) => joins,
        Err(error) => return log::error!("no sidecar can join: {error}"),
    };
    loop {
        match joins.accept().await {
            Ok(lease) => drop(orders.send(Order::Join(lease)).await),
            Err(error) => return log::error!("no other sidecar can join: {error}"),
        }
    }
}

fn resolve<R: Runtime>(app: &AppHandle<R>, spawn: Spawn) -> Result<Launch> {
    let (ready_timeout, mut sha256) = (spawn.ready_timeout(), spawn.sha256);
    let (mut command, mut cwd) = (spawn.command, app.path().parse(spawn.cwd)?);
    if tauri::is_dev() {
        if let Some(own) = spawn.dev.command {
            (command, sha256) = (own, None);
        }
        if let Some(own) = spawn.dev.cwd {
            cwd =
                std::path::absolute(own).map_err(Error::io("looking up the working directory"))?;
        }
    }
    let mut command = command.into_iter();
    let program = command.next().ok_or_else(|| {
        Kind::InvalidRequest("`command` is empty; name the sidecar's program in it".into())
    })?;
    if sha256.is_some() && !program.contains(['/', '\\']) {
        return Err(Kind::InvalidRequest(format!(
            "`{program}` is looked up on PATH, so `sha256` cannot mean one file; give `command` as a path"
        )).into());
    }
    Ok(Launch {
        program: app.path().parse(program)?,
        arguments: command.collect(),
        cwd,
        env: spawn.env,
        keep_env: spawn.keep_env,
        sha256,
        ready_timeout,
        restart: spawn.restart,
        watchdog: spawn.watchdog,
    })
}
