use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tauri::{AppHandle, Manager, Runtime, WebviewWindow};
use tokio::{sync::watch, time::timeout};

use crate::error::{Kind, Result};

/// How long a call waits for an app that has not opened any window yet; one without windows answers after that.
const FIRST_WINDOW: Duration = Duration::from_secs(5);

/// The labels of the webviews that are open, once there was one. Tauri has no way to the first one that does not clone them
/// all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Webviews(Arc<watch::Sender<Option<BTreeSet<String>>>>);

impl Webviews {
    pub(crate) fn opened(&self, label: &str) {
        self.0.send_modify(|labels| {
            labels.get_or_insert_default().insert(label.to_owned());
        });
    }

    pub(crate) fn closed(&self, label: &str) {
        self.0.send_modify(|labels| {
            labels.get_or_insert_default().remove(label);
        });
    }

    /// The webview with that label; without one, the first by label. A sidecar may start faster than the app opens its
    /// first window, so that one is waited for; an app that has closed its last one answers at once.
    pub(super) async fn get<R: Runtime>(
        &self,
        app: &AppHandle<R>,
        label: Option<&str>,
    ) -> Result<WebviewWindow<R>> {
        let first = self.first().await?;
        if let Some(found) = label
            .or(first.as_deref())
            .and_then(|label| app.get_webview_window(label))
        {
            return Ok(found);
        }
        // One that is part of a window with several webviews has a label, and is none that commands can run in.
        let mut windows: BTreeMap<_, _> = app.webview_windows().into_iter().collect();
        match label {
            None => windows
                .pop_first()
                .map(|(_, window)| window)
                .ok_or(Kind::NoWindow.into()),
            Some(label) => {
                let labels: Vec<_> = windows.into_keys().collect();
                Err(Kind::UnknownWindow {
                    label: label.to_owned(),
                    open: format!("`{}`", labels.join("`, `")),
                }
                .into())
            }
        }
    }

    /// The first label, if any window is open still.
    async fn first(&self) -> Result<Option<String>> {
        let mut labels = self.0.subscribe();
        let opened = timeout(FIRST_WINDOW, labels.wait_for(Option::is_some));
        let Ok(Ok(labels)) = opened.await else {
            return Err(Kind::NoWindow.into());
        };
        Ok(labels.as_ref().and_then(|labels| labels.first().cloned()))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tauri::test::mock_app;

    use super::*;

    #[test]
    fn only_the_first_window_is_waited_for() {
        let (webviews, app) = (Webviews::default(), mock_app());
        let now = |label| webviews.get(app.handle(), label).now_or_never();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime");
        let _inside = runtime.enter();
        assert!(now(None).is_none());
        webviews.opened("main");
        webviews.closed("main");
        assert!(matches!(now(None), Some(Err(error)) if matches!(error.kind(), Kind::NoWindow)));
        assert!(matches!(
            now(Some("main")),
            Some(Err(error)) if matches!(error.kind(), Kind::UnknownWindow { .. })
        ));
    }
}
