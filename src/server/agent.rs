//! The agent: a hidden webview without a page, in which sidecars' calls run while the app has no window.
//!
//! The agent is made when a call needs one and closed when a window opens. So Tauri still ends an app with the app's last
//! window: the agent never is beside a window, and what an app does at `ExitRequested` is the app's own business.

use std::sync::Arc;

use tauri::{
    AppHandle, Manager, Runtime, WebviewUrl, WebviewWindow, WebviewWindowBuilder, async_runtime,
};
use tokio::sync::Mutex;
use url::Url;

use crate::error::Result;

/// The agent's label, which capabilities name.
pub(super) const LABEL: &str = "sidecar-bridge-agent";

/// What the agent shows. To Tauri's ACL it is no page of the app.
const PAGE: &str = "about:blank";

/// Makes the agent, one at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Agent(Arc<Mutex<()>>);

impl Agent {
    /// The agent, which is made if it is not there.
    ///
    /// # Errors
    /// When Tauri cannot make a webview.
    pub(super) async fn get<R: Runtime>(&self, app: &AppHandle<R>) -> Result<WebviewWindow<R>> {
        let (making, app) = (self.0.clone(), app.clone());
        // A task of its own: a caller that leaves must not let a second one be made meanwhile.
        let made = async_runtime::spawn(async move {
            let _making = making.lock().await;
            match app.get_webview_window(LABEL) {
                Some(agent) => Ok(agent),
                // The main thread makes it, and this waits for the main thread.
                None => async_runtime::spawn_blocking(move || make(&app)).await?,
            }
        });
        Ok(made.await??)
    }
}

fn make<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<WebviewWindow<R>> {
    let page = WebviewUrl::External(Url::parse(PAGE).expect("a url"));
    WebviewWindowBuilder::new(app, LABEL, page)
        .title(LABEL)
        .visible(false)
        .focused(false)
        .skip_taskbar(true)
        .build()
}

/// Closes the agent, if it is there, from another thread: Tauri holds its lock on the plugins here.
pub(super) fn close<R: Runtime>(app: &AppHandle<R>) {
    let Some(agent) = app.get_webview_window(LABEL) else {
        return;
    };
    async_runtime::spawn(async move {
        if let Err(error) = agent.destroy() {
            log::warn!("the agent cannot be closed: {error}");
        }
    });
}
