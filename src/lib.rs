#![doc = include_str!("../docs/crate.md")]

mod bridge;
mod client;
#[cfg(feature = "codegen")]
pub mod codegen;
mod commands;
pub mod config;
mod contract;
mod deadline;
mod delivery;
mod endpoint;
mod error;
mod guest;
mod json;
mod launch;
mod output;
mod path;
mod pool;
mod raw_bytes;
mod runtime;
#[cfg(feature = "codegen")]
#[doc(hidden)]
pub mod schemas;
mod server;
mod shutdown;
mod sidecar;
mod signals;
mod status;
mod supervisor;
#[cfg(feature = "testing")]
pub mod testing;

pub use bridge::SidecarBridge;
pub use client::{Client, RequestBuilder, Response};
pub use config::Config;
pub use contract::Contract;
pub use error::{Error, ErrorCode, Problem, Result};
pub use hyper::{HeaderMap, Method, StatusCode};
pub use output::{Exit, OutputLine, OutputStream};
pub use raw_bytes::Bytes;
pub use sidecar::Sidecar;
pub use status::{Activity, Spare, SparePhase, State, Status};

use std::sync::Arc;

use tauri::{
    AppHandle, Listener, Manager, RunEvent, Runtime, UriSchemeContext, UriSchemeResponder, Webview,
    WindowEvent, async_runtime, http,
    ipc::{CallbackFn, InvokeResponseBody},
    plugin::{self, TauriPlugin},
    webview::PageLoadEvent,
};

/// The plugin as `tauri.conf.json` configures it.
#[must_use]
pub fn init<R: Runtime>() -> TauriPlugin<R, Option<Config>> {
    Builder::new().build()
}

/// Builds the plugin with a configuration or contracts from Rust.
#[derive(Debug)]
pub struct Builder {
    config: Option<Config>,
    contracts: Vec<Contract>,
    signals: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            config: None,
            contracts: Vec::new(),
            signals: true,
        }
    }
}

impl Builder {
    /// A builder that makes the same plugin as [`init`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Uses this configuration instead of the one in `tauri.conf.json`.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = Some(config);
        self
    }

    /// Compares the bindings of each sidecar with this contract. `staleBindings` in the configuration says what happens to a
    /// sidecar with other bindings. Call this once for each tauri-specta builder, such as those of plugins.
    #[must_use]
    pub fn contract(mut self, contract: Contract) -> Self {
        self.contracts.push(contract);
        self
    }

    /// Whether SIGTERM and SIGINT end the app as its user would, with exit status 128 plus the signal's number. An app that prevents
    /// its exit has the longest `stopTimeoutMs` and 2 s more; then the sidecars and the process end. Default: true. Without that,
    /// the app handles the signals itself: a signal that ends the process at once leaves sockets for the next start to remove.
    #[must_use]
    pub const fn signals(mut self, handled: bool) -> Self {
        self.signals = handled;
        self
    }

    /// The plugin, for [`tauri::Builder::plugin`].
    ///
    /// The plugin's setup only opens sockets; the sidecars start in the background. From then on SIGTERM and SIGINT end the
    /// app, see [`signals`](Self::signals). The setup fails, with an error that names the reason, when the configuration has an unknown
    /// key or an impossible value.
    ///
    /// When the first window is there, the plugin invokes, as a sidecar, a command that no app has. Unless Tauri's ACL
    /// refuses the command, every sidecar ends and stays [`State::Failed`], and the host carries out no call of a sidecar.
    #[must_use]
    pub fn build<R: Runtime>(self) -> TauriPlugin<R, Option<Config>> {
        let webviews = server::Webviews::default();
        let (opened, closed) = (webviews.clone(), webviews.clone());
        plugin::Builder::<R, Option<Config>>::new("sidecar-bridge")
            .invoke_handler(tauri::generate_handler![
                commands::cancel,
                commands::connect,
                commands::cookies,
                commands::diagnose,
                commands::download,
                commands::fetch,
                commands::logs,
                commands::media,
                commands::next_status,
                commands::read,
                commands::restart,
                commands::save,
                commands::start,
                commands::status,
                commands::stop,
                commands::upload,
                commands::write,
            ])
            .setup(move |app, api| {
                let config = self
                    .config
                    .or_else(|| api.config().clone())
                    .unwrap_or_default();
                config.check()?;
                app.manage(server::Channels::default());
                app.manage(server::Closings::default());
                let bridge = SidecarBridge::start(app, config, self.contracts, webviews)?;
                if self.signals {
                    signals::end_app_on_signal(app.clone(), bridge.shutdown().clone());
                }
                app.manage(bridge);
                Ok(())
            })
            .register_asynchronous_uri_scheme_protocol(
                guest::SCHEME,
                |context, request, responder| serve_media(&context, request, responder),
            )
            .on_navigation(|_, url| !guest::is_of_scheme(url))
            .on_webview_ready(move |webview| end_exchanges_with(webview, &opened))
            .on_page_load(|webview, load| {
                // The exchanges of the previous page end with it.
                if load.event() == PageLoadEvent::Started {
                    cancel_exchanges(webview.app_handle(), webview.label());
                }
            })
            .on_event(move |app, event| match event {
                RunEvent::Ready => closed.app_runs(),
                RunEvent::WindowEvent {
                    label,
                    event: WindowEvent::CloseRequested { api, .. },
                    ..
                } => {
                    let closings = app.try_state::<server::Closings>();
                    if closings.is_some_and(|closings| closings.asks(app, label)) {
                        api.prevent_close();
                    }
                }
                RunEvent::WindowEvent {
                    label,
                    event: WindowEvent::Destroyed,
                    ..
                } => {
                    closed.window_closed(label);
                    if let Some(closings) = app.try_state::<server::Closings>() {
                        closings.window_closed(label);
                    }
                    cancel_exchanges(app, label);
                }
                _ => {}
            })
            .build()
    }
}

/// An interceptor for [`tauri::Builder::channel_interceptor`]. It gives sidecars the messages that commands send over
/// `tauri::ipc::Channel` arguments. Without the interceptor, a sidecar's call of a command with a channel fails with
/// `failed_precondition`, and the command does not run.
///
/// ```no_run
/// fn with_channels<R: tauri::Runtime>(builder: tauri::Builder<R>) -> tauri::Builder<R> {
///     builder.channel_interceptor(tauri_plugin_sidecar_bridge::channels())
/// }
/// ```
///
/// Messages for a page still go to the page. Tauri takes one interceptor: an app with its own interceptor calls this one first,
/// and ignores the messages for which it returns `true`. A channel of a call ends with the command's answer, or when the sidecar
/// gives the call up; a channel that a sidecar opened ends when the sidecar leaves it. Messages that come after that are dropped.
pub fn channels<R: Runtime>()
-> impl Fn(&Webview<R>, CallbackFn, usize, &InvokeResponseBody) -> bool + Send + Sync + 'static {
    |webview, callback, _index, body| {
        let channels = webview.try_state::<server::Channels>();
        channels.is_some_and(|channels| channels.take(webview, callback, body))
    }
}

/// An event that nobody emits.
const NEVER: &str = "plugin:sidecar-bridge:never";

/// Notes an open webview, and sees to it that the webview's exchanges end when it is closed.
///
/// Tauri tells plugins of windows that close, and not of webviews, several of which may be in one window. But Tauri drops the
/// listeners that belong to a webview with it, so this listens, and what ends the exchanges belongs to the listener.
fn end_exchanges_with<R: Runtime>(webview: Webview<R>, webviews: &server::Webviews) {
    let app = webview.app_handle().clone();
    let pages = app
        .try_state::<SidecarBridge>()
        .map(|bridge| bridge.pages().clone());
    let listening = webview.clone();
    let label = webviews.opened(webview);
    let open = OpenWebview {
        webviews: webviews.clone(),
        pages,
        label,
    };
    listening.listen(NEVER, move |_| {
        let _kept = &open;
    });
}

/// A webview that is open until this is dropped.
struct OpenWebview {
    webviews: server::Webviews,
    pages: Option<guest::Pages>,
    label: Arc<str>,
}

impl Drop for OpenWebview {
    fn drop(&mut self) {
        // Tauri holds its lock on the listeners here. Another webview may have the label by now.
        if self.webviews.closed(&self.label)
            && let Some(pages) = &self.pages
        {
            pages.leave(&self.label);
        }
    }
}

/// Answers a request of an element of a page, see `guest::answer`.
fn serve_media<R: Runtime>(
    context: &UriSchemeContext<'_, R>,
    request: http::Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let passes = context
        .app_handle()
        .try_state::<SidecarBridge>()
        .map(|bridge| bridge.pages().passes.clone());
    let webview = context.webview_label().to_owned();
    // Without a bridge no page has a pass. A request that nobody answers would stay with the webview for good.
    let answer = guest::answer(passes.unwrap_or_default(), webview, request);
    async_runtime::spawn(async move { responder.respond(answer.await) });
}

/// Ends the exchanges of a webview's page, since the page is gone.
fn cancel_exchanges<R: Runtime>(app: &AppHandle<R>, webview: &str) {
    if let Some(bridge) = app.try_state::<SidecarBridge>() {
        bridge.pages().leave(webview);
    }
}

/// Reaches the bridge from anything that manages a Tauri app.
pub trait SidecarBridgeExt<R: Runtime> {
    /// The sidecars of this app.
    ///
    /// # Panics
    /// If the plugin is not registered.
    fn sidecar_bridge(&self) -> &SidecarBridge;
}

impl<R: Runtime, M: Manager<R>> SidecarBridgeExt<R> for M {
    fn sidecar_bridge(&self) -> &SidecarBridge {
        self.state::<SidecarBridge>().inner()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::stream;
    use guest::Key;
    use tauri::{
        WebviewUrl, WebviewWindowBuilder,
        test::{mock_builder, mock_context, noop_assets},
    };
    use tokio::{task::JoinHandle, time::timeout};

    use super::*;

    #[tokio::test]
    async fn the_exchanges_of_a_webview_end_with_it_though_its_window_stays() {
        let plugin = Builder::new().config(Config::new()).build();
        let app = mock_builder().plugin(plugin);
        let app = app.build(mock_context(noop_assets())).expect("an app");
        let exchanges = app.state::<SidecarBridge>().pages().exchanges.clone();
        let mut pumps = Vec::new();
        for webview in ["main", "child"] {
            let window = WebviewWindowBuilder::new(&app, webview, WebviewUrl::default());
            window.build().expect("a window");
            let key = Key {
                webview: webview.into(),
                exchange: "1".into(),
            };
            let page = exchanges.begin(key).expect("new");
            pumps.push(tokio::spawn(page.pump(stream::pending())));
        }
        let windows = app.webview_windows();
        // A command that is under way has the webview, too.
        let held = windows["child"].as_ref().clone();
        held.close().expect("it closes");
        ended(pumps.pop().expect("two")).await;
        assert!(app.get_webview_window("child").is_none());
        let main = pumps.pop().expect("one");
        assert!(!main.is_finished(), "another webview's goes on");
        windows["main"].as_ref().close().expect("it closes");
        ended(main).await;
    }

    async fn ended(pump: JoinHandle<()>) {
        let ended = timeout(Duration::from_secs(20), pump).await;
        ended.expect("it ends").expect("no panic");
    }
}
