use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tauri::{AppHandle, Manager, Runtime, WebviewWindow};
use tokio::{sync::watch, time::timeout};

use crate::{Error, Result};

/// How long a call waits for an app that has not opened any window yet; one without windows answers after that.
const FIRST_WINDOW: Duration = Duration::from_secs(5);

/// The labels of the webviews that are open. Tauri has no way to the first one that does not clone them all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Webviews(Arc<watch::Sender<BTreeSet<String>>>);

impl Webviews {
    pub(crate) fn opened(&self, label: &str) {
        self.0
            .send_if_modified(|labels| labels.insert(label.to_owned()));
    }

    pub(crate) fn closed(&self, label: &str) {
        self.0.send_if_modified(|labels| labels.remove(label));
    }

    /// The webview with that label; without one, the first by label. A sidecar may start faster than the app opens its
    /// first window, so that one is waited for.
    pub(super) async fn get<R: Runtime>(
        &self,
        app: &AppHandle<R>,
        label: Option<&str>,
    ) -> Result<WebviewWindow<R>> {
        let mut open = self.0.subscribe();
        let any = open.wait_for(|labels| !labels.is_empty());
        let first = match timeout(FIRST_WINDOW, any).await {
            Ok(Ok(labels)) => labels.first().cloned(),
            // The sender lives as long as this.
            Ok(Err(_)) | Err(_) => None,
        };
        let Some(first) = first else {
            return Err(Error::NoWindow);
        };
        if let Some(found) = app.get_webview_window(label.unwrap_or(&first)) {
            return Ok(found);
        }
        // One that is part of a window with several webviews has a label, and is none that commands can run in.
        let windows = app.webview_windows();
        match label {
            None => {
                let first = windows.into_iter().min_by(|(a, _), (b, _)| a.cmp(b));
                first.map(|(_, window)| window).ok_or(Error::NoWindow)
            }
            Some(label) => {
                let mut labels: Vec<_> = windows.into_keys().collect();
                labels.sort();
                Err(Error::UnknownWindow {
                    label: label.to_owned(),
                    open: format!("`{}`", labels.join("`, `")),
                })
            }
        }
    }
}
