//! The only composer: a sidecar is an endpoint, a supervisor, a client and a server.

mod starting;

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use log::Level;
use tauri::{AppHandle, Manager, Runtime, async_runtime};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::task::TaskTracker;

use self::starting::Starting;
use crate::{
    client::Client,
    config::{Attach, Config, SidecarConfig, SidecarName},
    contract::{Contract, Contracts},
    endpoint::{ConnectionFile, Http, Location},
    error::{Error, Failure, Kind, Result},
    guest::{CookieFile, Exchanges, Jar, Pages, Passes},
    output::OutputLog,
    pool::Pool,
    runtime, server,
    shutdown::{EndWithApp, Shutdown},
    sidecar::{self, Sidecar, Suspects, WAITING_REQUESTS},
    status::StatusCell,
    supervisor::{Attached, Control, Order, Source, Supervisor, log_line},
};

/// How many orders may wait while a sidecar carries one out. Further callers wait until there is room.
const WAITING_ORDERS: usize = 16;

/// Every sidecar of the app. Get it with [`SidecarBridgeExt::sidecar_bridge`](crate::SidecarBridgeExt::sidecar_bridge).
#[derive(Debug)]
pub struct SidecarBridge {
    sidecars: BTreeMap<SidecarName, Sidecar>,
    max_body_bytes: usize,
    pages: Pages,
    shutdown: Shutdown,
    in_place: server::InPlace,
    contracts: Contracts,
    webviews: server::Webviews,
}

/// What the handle of one sidecar and its supervisor share.
struct Shared {
    name: SidecarName,
    orders: mpsc::Sender<Order>,
    output: Arc<OutputLog>,
    control: Control,
}

impl SidecarBridge {
    /// Starts all configured sidecars in the background and returns at once. A sidecar that cannot start is `failed`.
    pub(crate) fn start<R: Runtime>(
        app: &AppHandle<R>,
        config: Config,
        contracts: Vec<Contract>,
        webviews: server::Webviews,
    ) -> Result<Self> {
        let runtime =
            runtime::Runtime::start().map_err(Error::io("starting the runtime of the sidecars"))?;
        let exchanges = Exchanges::default();
        let shutdown = Shutdown::new(runtime, exchanges.clone());
        let mut bridge = Self {
            sidecars: BTreeMap::new(),
            max_body_bytes: config.max_body_bytes.0,
            pages: Pages {
                exchanges,
                passes: Passes::default(),
                jars: jars(app, &config, &shutdown),
                wait: config.waiting(),
            },
            shutdown,
            in_place: server::InPlace::beside(async_runtime::handle().inner()),
            contracts: Contracts {
                held: contracts,
                stale: config.on_stale_bindings(),
            },
            webviews,
        };
        let mut locations = BTreeMap::new();
        for (name, config) in config.sidecars {
            let sidecar = bridge.begin(app, name.clone(), config, &mut locations);
            bridge.sidecars.insert(name, sidecar);
        }
        if !locations.is_empty() {
            bridge.publish_locations(&app.config().identifier, &locations);
        }
        bridge.end_unless_judged();
        app.resources_table()
            .add(EndWithApp(bridge.shutdown.clone()));
        Ok(bridge)
    }

    /// The sidecar with that name.
    ///
    /// # Errors
    /// `not_found` when no sidecar with that name is configured.
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

    /// A client that sends HTTP requests to the sidecar with that name.
    ///
    /// # Errors
    /// `not_found` when no sidecar with that name is configured.
    pub fn client(&self, name: &str) -> Result<Client> {
        self.sidecar(name).map(|sidecar| sidecar.client())
    }

    /// Ends all sidecars in an orderly way and waits for their end, at most the longest `stopTimeoutMs` and 2 s more, so that
    /// an updater can replace the files that they use. The sidecars do not start again in this process: restart the app
    /// afterwards.
    ///
    /// The end and the restart of the app do the same by themselves.
    pub async fn prepare_for_update(&self) {
        let (shutdown, runtime) = (self.shutdown.clone(), self.shutdown.runtime().handle());
        let ended = runtime.spawn(async move { shutdown.end().await });
        if let Err(error) = ended.await {
            log::debug!("the sidecars had ended already: {error}");
        }
    }

    /// The sidecar with that name; without a name, the only sidecar of the app.
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

    /// Runs the tasks of the sidecars, and ends them with the app.
    pub(crate) const fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    pub(crate) const fn pages(&self) -> &Pages {
        &self.pages
    }

    fn begin<R: Runtime>(
        &self,
        app: &AppHandle<R>,
        name: SidecarName,
        config: SidecarConfig,
        locations: &mut BTreeMap<SidecarName, Location>,
    ) -> Sidecar {
        let status = Arc::new(StatusCell::new(&name));
        self.log_changes(&status);
        let (orders, taken) = mpsc::channel(WAITING_ORDERS);
        let (in_flight, output) = (TaskTracker::new(), Arc::new(OutputLog::default()));
        let shared = Shared {
            name,
            orders: orders.clone(),
            output: output.clone(),
            control: Control {
                status: status.clone(),
                orders: taken,
                in_flight: in_flight.clone(),
                stop: self.shutdown.ending_sidecars().clone(),
            },
        };
        let pool = match config {
            SidecarConfig::Attach(attach) => {
                if tauri::is_dev() {
                    let listen = Http {
                        http: attach.url.clone(),
                    };
                    locations.insert(shared.name.clone(), Location::Attached { listen });
                }
                Arc::new(OnceLock::from(self.attach(attach, shared)))
            }
            SidecarConfig::Spawn(spawn) => Starting::begin(self, app, spawn, shared, locations),
        };
        let refusing = self.shutdown.refusing().clone();
        Sidecar(Arc::new(sidecar::Shared {
            status,
            pool,
            orders,
            in_flight,
            refusing,
            output,
            places: Semaphore::new(WAITING_REQUESTS),
            suspects: Suspects::default(),
            reactors: self.shutdown.runtime().reactors(),
            max_body_bytes: self.max_body_bytes,
        }))
    }

    fn attach(&self, attach: Attach, shared: Shared) -> Pool {
        let reactors = self.shutdown.runtime().reactors();
        let pool = Pool::attached(shared.name.clone(), attach.url.clone(), reactors);
        let source = Source::Attach(Box::new(Attached {
            name: shared.name.clone(),
            attach,
            pool: pool.clone(),
        }));
        let supervisor = Supervisor::new(shared.name.to_string(), source, shared.control);
        self.shutdown.run(supervisor.run());
        pool
    }

    /// Ends all sidecars if the self-test finds that Tauri does not judge their calls. They are `failed` then, and cannot be
    /// started again.
    fn end_unless_judged(&self) {
        let sidecars: Vec<_> = self.sidecars.values().cloned().collect();
        let (shutdown, webviews) = (self.shutdown.clone(), self.webviews.clone());
        self.shutdown.run(async move {
            let stopping = shutdown.stopping();
            if let Some(Err(error)) = stopping.run_until_cancelled(webviews.judged()).await {
                for sidecar in sidecars {
                    sidecar.0.status.failed(&error);
                }
                shutdown.ending_sidecars().cancel();
            }
        });
    }

    /// Writes the connection file, and removes it when the app stops.
    fn publish_locations(&self, identifier: &str, locations: &BTreeMap<SidecarName, Location>) {
        match ConnectionFile::publish(identifier, locations) {
            Ok(file) => {
                let stop = self.shutdown.stopping().clone();
                self.shutdown.run(async move {
                    stop.cancelled().await;
                    drop(file);
                });
            }
            Err(error) => log::warn!("a sidecar that is started by hand cannot join: {error}"),
        }
    }

    /// Logs each new status, until the app stops.
    fn log_changes(&self, status: &StatusCell) {
        let (mut status, stop) = (status.subscribe(), self.shutdown.stopping().clone());
        self.shutdown.run(async move {
            while let Some(Ok(())) = stop.run_until_cancelled(status.changed()).await {
                let now = status.borrow_and_update().clone();
                match now.state.failure() {
                    Some(Failure { problem, details }) => {
                        let line = format!("{details} ({})", problem.instance);
                        log_line(Level::Error, &now.sidecar, &line);
                    }
                    None => log::info!("sidecar `{}`: {:?}", now.sidecar, now.state),
                }
            }
        });
    }
}

/// A jar for each sidecar with `cookies` or `persistCookies`. The jars of the latter have a file.
fn jars<R: Runtime>(
    app: &AppHandle<R>,
    config: &Config,
    shutdown: &Shutdown,
) -> BTreeMap<String, Arc<Jar>> {
    let sidecars = config.sidecars.iter();
    let with_jars = sidecars.filter(|(_, config)| config.cookies() || config.persist_cookies());
    let jars = with_jars.map(|(name, config)| {
        let jar = if config.persist_cookies() {
            kept_jar(app, name.as_str(), shutdown)
        } else {
            Arc::default()
        };
        (name.to_string(), jar)
    });
    jars.collect()
}

/// A jar with the cookies of its file, which follows the jar from now on.
fn kept_jar<R: Runtime>(app: &AppHandle<R>, sidecar: &str, shutdown: &Shutdown) -> Arc<Jar> {
    let data = match app.path().app_data_dir() {
        Ok(data) => data,
        Err(error) => {
            log::warn!("the cookies of sidecar `{sidecar}` end with the app: {error}");
            return Arc::default();
        }
    };
    let file = CookieFile::of(sidecar, &data);
    let jar = Arc::new(file.load());
    shutdown.run(file.follow(jar.clone(), shutdown.stopping().clone()));
    jar
}
