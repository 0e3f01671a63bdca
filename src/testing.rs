//! A sidecar for `cargo test` of an app's commands (feature `testing`): it answers as the test says, without Python.

mod answer;
mod route;
mod server;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    panic::resume_unwind,
    sync::{Arc, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use serde_json::json;
use tauri::{
    Manager, Runtime, async_runtime,
    plugin::{self, TauriPlugin},
};
use tokio::runtime;
use tokio_util::sync::CancellationToken;

pub use self::{answer::Answer, route::Request};
use self::{
    route::Route,
    server::{HEALTH, Script, lock, serve},
};
use crate::{
    bridge::SidecarBridge,
    config::{Config, SidecarConfig, SidecarName},
    server::Webviews,
};

/// How long a step may take that should take no time. Only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(10);

/// The plugin with the sidecars of a test, for [`tauri::test::mock_builder`] in place of [`init`](crate::init).
///
/// The client, the status and the orders are the real ones. The sidecars in `tauri.conf.json` do not exist, pages have none of
/// the plugin's commands, and SIGINT ends the test as usual.
///
/// # Panics
/// If two sidecars have the same name.
///
/// [`tauri::test::mock_builder`]: https://docs.rs/tauri/latest/tauri/test/fn.mock_builder.html
#[must_use]
pub fn plugin<R: Runtime, const N: usize>(
    sidecars: [&FakeSidecar; N],
) -> TauriPlugin<R, Option<Config>> {
    let mut config = Config::default();
    let scripts = sidecars.map(|sidecar| {
        let attached = sidecar.config();
        let other = config.sidecars.insert(sidecar.name.clone(), attached);
        assert!(other.is_none(), "two sidecars are named `{}`", sidecar.name);
        sidecar.script.clone()
    });
    plugin::Builder::new("sidecar-bridge")
        .setup(move |app, _| {
            let bridge = SidecarBridge::start(app, config, Vec::new(), Webviews::default())?;
            app.manage(bridge);
            for script in scripts {
                let app = app.clone();
                let end = move || {
                    let bridge = app.state::<SidecarBridge>();
                    async_runtime::block_on(bridge.prepare_for_update());
                };
                lock(&script.ends).push(Box::new(end));
            }
            Ok(())
        })
        .build()
}

/// A sidecar of a test: an HTTP server on loopback, in a thread of this process, that [`plugin()`] attaches an app to.
///
/// ```
/// use serde_json::{Value, json};
/// use tauri::test::{mock_builder, mock_context, noop_assets};
/// use tauri::{AppHandle, Runtime, async_runtime::block_on};
/// use tauri_plugin_sidecar_bridge::testing::{self, Answer, FakeSidecar};
/// use tauri_plugin_sidecar_bridge::{ErrorCode, Result, SidecarBridgeExt, StatusCode};
///
/// // The command under test. It takes any runtime, so that it also runs on that of the test.
/// #[tauri::command]
/// async fn rename<R: Runtime>(app: AppHandle<R>, id: u32, name: String) -> Result<Value> {
///     let python = app.sidecar_bridge().client("python")?;
///     let request = python.post(format!("/users/{id}")).json(&json!({ "name": name }));
///     request.send().await?.json().await
/// }
///
/// let python = FakeSidecar::new("python");
/// python.route("POST /users/{id}", |request| match &*request.params["id"] {
///     "7" => Answer::json(&request.json::<Value>()),
///     _ => Answer::json(&json!({ "detail": "no such user" })).status(StatusCode::NOT_FOUND),
/// });
/// let app = mock_builder()
///     .plugin(testing::plugin([&python]))
///     .build(mock_context(noop_assets()))
///     .expect("the app builds");
/// let rename = |id| block_on(rename(app.handle().clone(), id, "Ada".into()));
///
/// assert_eq!(rename(7).expect("there is one"), json!({ "name": "Ada" }));
/// assert_eq!(rename(8).expect_err("there is none").code(), ErrorCode::NotFound);
/// assert_eq!(python.requests()[1].path, "/users/8");
/// ```
///
/// Dropping the `FakeSidecar` does what the end of the app does: the status of the app's sidecars becomes `stopped`, and
/// connections break. A panic in a function that was given to [`route`](Self::route), such as a failed assertion, then goes on
/// in the thread that drops it.
pub struct FakeSidecar {
    name: SidecarName,
    address: SocketAddr,
    script: Arc<Script>,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl FakeSidecar {
    /// A sidecar of that name, which serves from now on. Without routes it answers 404, as FastAPI does.
    ///
    /// # Panics
    /// If a sidecar cannot have that name, or the system has no port or thread left.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let name = SidecarName::try_from(name.to_owned()).unwrap_or_else(|error| panic!("{error}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let address = listener.local_addr().expect("a socket has an address");
        listener
            .set_nonblocking(true)
            .expect("every socket can be set so");
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("the system has an event queue left");
        let (script, stop) = (Arc::new(Script::default()), CancellationToken::new());
        let serving = serve(listener, script.clone(), stop.clone());
        let thread = thread::Builder::new().name("fake-sidecar".to_owned());
        let thread = thread.spawn(move || runtime.block_on(serving));
        Self {
            name,
            address,
            script,
            stop,
            thread: Some(thread.expect("the system has a thread left")),
        }
    }

    /// Adds a route, such as `GET /users/{id}`, and the function that answers its requests; a route that is there already gets
    /// the new function. The first route that fits answers a request. If only the method is another, the answer is 405; if no
    /// route fits, 404.
    ///
    /// The function runs in the sidecar's thread. It runs again for a request that broke off and is sent again.
    ///
    /// # Panics
    /// If `route` is not a method, a space and a path.
    pub fn route(
        &self,
        route: &str,
        answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) -> &Self {
        let new = Route::parse(route, Arc::new(answer)).unwrap_or_else(|| {
            panic!("`{route}` is not a route; write it like `GET /users/{{id}}`")
        });
        let mut routes = lock(&self.script.routes);
        let known = routes
            .iter_mut()
            .find(|known| (&known.method, &known.path) == (&new.method, &new.path));
        match known {
            Some(known) => *known = new,
            None => routes.push(new),
        }
        self
    }

    /// All requests that have come so far, the oldest first, with those that no route fits.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.script.requests).clone()
    }

    /// Waits until `holds` is true of the requests that have come, and gives them. It is for commands that send requests in the
    /// background: `python.wait_until(|requests| requests.len() == 2)`. It blocks the thread.
    ///
    /// # Panics
    /// If `holds` is still false after 10 s.
    pub fn wait_until(&self, holds: impl Fn(&[Request]) -> bool) -> Vec<Request> {
        let requests = lock(&self.script.requests);
        let waited = self
            .script
            .received
            .wait_timeout_while(requests, PATIENCE, |requests| !holds(requests));
        let (requests, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        let came = requests.clone();
        drop(requests);
        assert!(
            !waited.timed_out(),
            "not so within {} s; what came is {came:#?}",
            PATIENCE.as_secs()
        );
        came
    }

    /// Leaves requests without an answer from now on, until [`release`](Self::release).
    pub fn hold(&self) {
        self.script.held.send_replace(true);
    }

    /// Answers the requests that came since [`hold`](Self::hold), and all later ones.
    pub fn release(&self) {
        self.script.held.send_replace(false);
    }

    fn config(&self) -> SidecarConfig {
        let attach = json!({ "url": format!("http://{}", self.address), "healthPath": HEALTH });
        let config = serde_json::from_value(json!({ "attach": attach }));
        config.expect("a valid configuration")
    }
}

impl Drop for FakeSidecar {
    fn drop(&mut self) {
        let ends = std::mem::take(&mut *lock(&self.script.ends));
        // On a thread of its own, since a test may be asynchronous, and its runtime does not let itself be blocked.
        thread::scope(|scope| drop(scope.spawn(|| ends.into_iter().for_each(|end| end()))));
        self.stop.cancel();
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
            lock(&self.script.panicked).get_or_insert(panic);
        }
        let panicked = lock(&self.script.panicked).take();
        if let Some(panic) = panicked
            && !thread::panicking()
        {
            resume_unwind(panic);
        }
    }
}

impl fmt::Debug for FakeSidecar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("FakeSidecar");
        fields
            .field("name", &self.name)
            .field("address", &self.address);
        fields.finish_non_exhaustive()
    }
}
