//! The only composer: a sidecar is an endpoint, a supervisor, a client and a server.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::body::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, Response, header::CONTENT_TYPE};
use log::Level;
use serde::{Serialize, de::DeserializeOwned};
use tauri::{AppHandle, Emitter, Manager, Runtime, async_runtime};
use tokio::{sync::watch, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Error, Problem, Result, State, Status,
    client::Client,
    config::{Attach, Config, SidecarConfig, SidecarName, Spawn},
    endpoint::{CurrentToken, RunDirectory},
    server,
    status::{StatusCell, gone, ready},
    supervisor::{self, Introduction, Launch, tell},
};

/// The Tauri event that carries each new [`Status`] to the pages.
pub(crate) const STATUS_CHANGED: &str = "plugin:sidecar-bridge:status-changed";

/// How long the app's end may take; a sidecar's takes at most 3 s, unless the system cannot kill it.
const STOP: Duration = Duration::from_secs(5);

/// How often an idempotent request is sent again; a request that ends each sidecar it meets must come to an end too.
const RESENDS: u32 = 2;

/// Every sidecar of the app. Get it with [`SidecarBridgeExt::sidecar_bridge`](crate::SidecarBridgeExt::sidecar_bridge).
#[derive(Debug)]
pub struct SidecarBridge {
    sidecars: BTreeMap<SidecarName, Sidecar>,
    max_body_bytes: usize,
    stop: CancellationToken,
    tasks: TaskTracker,
    window_opened: CancellationToken,
}

impl SidecarBridge {
    /// Begins the lives of all configured sidecars and returns at once; a sidecar that cannot start is `failed`.
    pub(crate) fn start<R: Runtime>(
        app: &AppHandle<R>,
        config: Config,
        window_opened: CancellationToken,
    ) -> Self {
        let mut bridge = Self {
            sidecars: BTreeMap::new(),
            max_body_bytes: config.max_body_bytes.0,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            window_opened,
        };
        for (name, sidecar) in config.sidecars {
            let status = Arc::new(StatusCell::new(&name));
            bridge.tell_pages(app, &status);
            let client = match sidecar {
                SidecarConfig::Attach(attach) => Ok(bridge.attach(&name, attach, &status)),
                SidecarConfig::Spawn(spawn) => bridge.spawn(app, &name, spawn, &status),
            };
            let client = client.map_err(|error| status.failed(&error)).ok();
            bridge.sidecars.insert(name, Sidecar { status, client });
        }
        bridge.tasks.close();
        bridge
    }

    /// The sidecar of that name.
    ///
    /// # Errors
    /// `not_found` when none is configured under it.
    pub fn sidecar(&self, name: &str) -> Result<Sidecar> {
        let found = self.sidecars.get(name).cloned();
        found.ok_or_else(|| Error::UnknownSidecar {
            name: name.to_owned(),
            known: self.names(),
        })
    }

    /// The named sidecar, or the only one.
    pub(crate) fn sidecar_or_only(&self, name: Option<&str>) -> Result<Sidecar> {
        if let Some(name) = name {
            return self.sidecar(name);
        }
        let mut sidecars = self.sidecars.values();
        match (sidecars.next(), sidecars.next()) {
            (Some(only), None) => Ok(only.clone()),
            _ => Err(Error::UnnamedSidecar {
                known: self.names(),
            }),
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

    pub(crate) const fn max_body_bytes(&self) -> usize {
        self.max_body_bytes
    }

    /// Stops every sidecar and waits for their ends, see `supervisor::stop`.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        if timeout(STOP, self.tasks.wait()).await.is_err() {
            log::error!("a sidecar has not ended after {} s", STOP.as_secs());
        }
    }

    fn attach(&self, name: &SidecarName, attach: Attach, status: &Arc<StatusCell>) -> Client {
        let client = Client::attached(name.clone(), attach.url.clone(), self.max_body_bytes);
        let (name, for_health, status, stop) = (
            name.clone(),
            client.clone(),
            status.clone(),
            self.stop.child_token(),
        );
        self.run(async move { supervisor::attach(name, attach, for_health, &status, stop).await });
        client
    }

    fn spawn<R: Runtime>(
        &self,
        app: &AppHandle<R>,
        name: &SidecarName,
        spawn: Spawn,
        status: &Arc<StatusCell>,
    ) -> Result<Client> {
        let launch = resolve(app, spawn)?;
        let directory = RunDirectory::create()?;
        let (host, listener) = (directory.bind_host()?, directory.bind_sidecar()?);
        let (host_address, token) = (host.address(), Arc::new(CurrentToken::default()));
        let client = Client::endpoint(name.clone(), listener.address(), self.max_body_bytes);
        let router = server::router(Arc::new(server::Context {
            app: app.clone(),
            principal: name.principal(),
            sidecar: name.clone(),
            token: token.clone(),
            status: status.clone(),
            max_body_bytes: self.max_body_bytes,
            window_opened: self.window_opened.clone(),
        }));
        let (name, status, stop) = (name.clone(), status.clone(), self.stop.child_token());
        let identifier = app.config().identifier.clone();
        self.run(async move {
            let ended = CancellationToken::new();
            let serving = server::serve(host, router, ended.clone());
            let living = async {
                let introduction = Introduction {
                    sidecar: &name,
                    identifier: &identifier,
                    host: &host_address,
                };
                supervisor::supervise(&launch, &introduction, &token, &listener, &status, stop)
                    .await;
                ended.cancel();
            };
            tokio::join!(serving, living);
            drop(directory);
        });
        Ok(client)
    }

    /// Emits each new status to the pages until the app stops.
    fn tell_pages<R: Runtime>(&self, app: &AppHandle<R>, status: &StatusCell) {
        let (app, mut status, stop) = (app.clone(), status.subscribe(), self.stop.child_token());
        self.run(async move {
            while let Some(Ok(())) = stop.run_until_cancelled(status.changed()).await {
                let now = status.borrow_and_update().clone();
                match &now.state {
                    State::Failed { problem } => tell(Level::Error, &now.sidecar, &problem.detail),
                    state => log::info!("sidecar `{}`: {state:?}", now.sidecar),
                }
                if let Err(error) = app.emit(STATUS_CHANGED, now) {
                    log::error!("the status could not be emitted: {error}");
                }
            }
        });
    }

    fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        async_runtime::spawn(self.tasks.track_future(task));
    }
}

fn resolve<R: Runtime>(app: &AppHandle<R>, spawn: Spawn) -> Result<Launch> {
    let (ready_timeout, restart) = (spawn.ready_timeout(), spawn.restart);
    let mut command = spawn.command.into_iter();
    let program = command.next().ok_or_else(|| {
        Error::InvalidRequest("`command` is empty; name the sidecar's program in it".into())
    })?;
    Ok(Launch {
        program: app.path().parse(program)?,
        arguments: command.collect(),
        cwd: app.path().parse(spawn.cwd)?,
        env: spawn.env,
        ready_timeout,
        restart,
    })
}

/// A handle to one sidecar; clones are cheap.
#[derive(Clone, Debug)]
pub struct Sidecar {
    status: Arc<StatusCell>,
    /// None when its endpoint could not be made; the status says why.
    client: Option<Client>,
}

impl Sidecar {
    /// What is known of the sidecar now.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.current()
    }

    /// Watches the status: the receiver holds the present one, and wakes on each change.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// Waits until the sidecar serves, at most for `limit`.
    ///
    /// # Errors
    /// `deadline_exceeded` after `limit`; `unavailable` as soon as the sidecar stopped or failed.
    pub async fn wait_ready(&self, limit: Duration) -> Result<()> {
        match timeout(limit, ready(&mut self.subscribe())).await {
            Ok(outcome) => outcome.map(drop),
            Err(_elapsed) => Err(Error::ReadyTimeout {
                sidecar: self.status().sidecar,
                timeout: limit,
            }),
        }
    }

    /// Sends a request with a JSON body to the sidecar and reads its JSON answer. While the sidecar is starting, the
    /// request waits for it, and while it is started again; one that breaks with its generation is sent to the next if it
    /// is idempotent. Dropping the future cancels the request.
    ///
    /// # Errors
    /// The sidecar's own problem when it answers with an error status; `unavailable` when it stopped, failed or broke
    /// off; `internal` when the answer is not a `T`.
    pub async fn request<B, T>(&self, method: Method, path: &str, body: Option<&B>) -> Result<T>
    where
        B: Serialize + ?Sized + Sync,
        T: DeserializeOwned,
    {
        let name = format!("{method} {path}");
        let mut request = Request::builder().method(method).uri(path);
        let bytes = match body {
            Some(body) => {
                request = request.header(CONTENT_TYPE, "application/json");
                serde_json::to_vec(body).map_err(|error| {
                    Error::InvalidRequest(format!("the body of {name} is not JSON: {error}"))
                })?
            }
            None => Vec::new(),
        };
        let request = request.body(Full::from(bytes)).map_err(|error| {
            Error::InvalidRequest(format!(
                "`{path}` is not a path: {error}; begin it with `/`"
            ))
        })?;
        let response = self.send(request).await?;
        if !response.status().is_success() {
            return Err(refused(name, &response));
        }
        serde_json::from_slice(response.body()).map_err(|source| Error::Decode {
            request: name,
            source,
        })
    }

    /// Sends a request whose URI is a path, once the sidecar serves. An idempotent one (RFC 9110, 9.2.2) that breaks with
    /// its generation is sent to the next; ends early when there will be none.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>> {
        let mut resends = if request.method().is_idempotent() {
            RESENDS
        } else {
            0
        };
        loop {
            match self.send_once(request.clone()).await {
                Err(Error::Transport { source, .. }) if resends > 0 => {
                    log::debug!(
                        "{} {} is sent again: {source}",
                        request.method(),
                        request.uri()
                    );
                    resends -= 1;
                }
                outcome => return outcome,
            }
        }
    }

    async fn send_once(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>> {
        let mut status = self.subscribe();
        let generation = ready(&mut status).await?;
        let Some(client) = &self.client else {
            return Err(gone(&mut status).await);
        };
        tokio::select! {
            biased;
            response = client.send(generation, request) => response,
            error = gone(&mut status) => Err(error),
        }
    }
}

/// An answer with an error status: the problem in it, or one around it.
fn refused(request: String, response: &Response<Bytes>) -> Error {
    if let Ok(problem) = serde_json::from_slice::<Problem>(response.body()) {
        return problem.into();
    }
    let status = response.status().as_u16();
    let data = serde_json::from_slice(response.body()).ok();
    Error::Answered {
        request,
        status,
        data,
    }
}
