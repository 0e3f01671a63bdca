use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::Arc,
    time::Duration,
};

use tauri::{AppHandle, Manager, Runtime, Webview, WebviewWindow, async_runtime};
use tokio::{sync::watch, time::timeout};

use super::self_test;
use crate::error::{Kind, Problem, Result};

/// How long a call waits for the app's first window. After that the call fails.
const FIRST_WINDOW: Duration = Duration::from_secs(5);

/// The open webviews, in which sidecars' calls run once the self-test in the first webview has passed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Webviews(Arc<watch::Sender<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    /// The labels of the webviews. Tauri itself would clone all webviews to give the first one.
    labels: BTreeSet<String>,
    /// Whether the self-test has begun.
    tested: bool,
    /// The result of the self-test.
    verdict: Option<Result<(), Problem>>,
}

impl Webviews {
    /// Notes an open webview. The first one begins the self-test in a task, since Tauri holds its lock on the plugins here.
    pub(crate) fn opened<R: Runtime>(&self, webview: Webview<R>) {
        let mut is_first = false;
        self.0.send_modify(|seen| {
            seen.labels.insert(webview.label().to_owned());
            is_first = !mem::replace(&mut seen.tested, true);
        });
        if is_first {
            let webviews = self.clone();
            async_runtime::spawn(async move {
                let verdict = self_test::run(webview).await.map_err(Problem::from);
                webviews.0.send_modify(|seen| seen.verdict = Some(verdict));
            });
        }
    }

    pub(crate) fn closed(&self, label: &str) {
        self.0.send_modify(|seen| {
            seen.labels.remove(label);
        });
    }

    /// Waits for the result of the self-test; for ever in an app that opens no window.
    ///
    /// # Errors
    /// When Tauri does not judge sidecars' calls.
    pub(crate) async fn judged(&self) -> Result<()> {
        let mut seen = self.0.subscribe();
        let seen = seen.wait_for(|seen| seen.verdict.is_some()).await;
        let verdict = seen.ok().and_then(|seen| seen.verdict.clone());
        verdict.unwrap_or(Ok(())).map_err(Into::into)
    }

    /// The webview with that label; without a label, the first by label. A sidecar may start before the app opens its first
    /// window, so this waits for that window. Once the app has closed its last window, this fails at once.
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
        // A webview of a window with several webviews has a label too, but commands cannot run in it.
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

    /// The first label, if any window is open still. This waits for the self-test, and fails for ever if the self-test failed:
    /// so no call reaches a Tauri that does not judge sidecars.
    async fn first(&self) -> Result<Option<String>> {
        let mut seen = self.0.subscribe();
        let judged = timeout(FIRST_WINDOW, seen.wait_for(|seen| seen.verdict.is_some()));
        let Ok(Ok(seen)) = judged.await else {
            return Err(Kind::NoWindow.into());
        };
        match &seen.verdict {
            Some(Err(problem)) => Err(problem.clone().into()),
            _ => Ok(seen.labels.first().cloned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tauri::{WebviewUrl, WebviewWindowBuilder, test::mock_app};

    use super::*;

    #[tokio::test]
    async fn only_the_first_window_is_waited_for() {
        let (webviews, app) = (Webviews::default(), mock_app());
        let now = |label| webviews.get(app.handle(), label).now_or_never();
        assert!(now(None).is_none());
        webviews.0.send_modify(|seen| seen.verdict = Some(Ok(())));
        assert!(matches!(now(None), Some(Err(error)) if matches!(error.kind(), Kind::NoWindow)));
        assert!(matches!(
            now(Some("main")),
            Some(Err(error)) if matches!(error.kind(), Kind::UnknownWindow { .. })
        ));
    }

    #[tokio::test]
    async fn a_window_is_given_once_the_acl_is_known_to_judge() {
        let (webviews, app) = (Webviews::default(), mock_app());
        let window = WebviewWindowBuilder::new(&app, "main", WebviewUrl::default());
        let window = window.build().expect("a window");
        webviews.opened(window.as_ref().clone());
        let found = webviews.get(app.handle(), None).await.expect("it is open");
        assert_eq!(found.label(), "main");
        webviews.judged().await.expect("the ACL refuses");
    }

    #[tokio::test]
    async fn no_window_is_given_by_a_tauri_that_does_not_judge() {
        let (webviews, app) = (Webviews::default(), mock_app());
        let error = Kind::OpenAcl {
            version: "2.11.0",
            answer: "with success".into(),
        };
        webviews.0.send_modify(|seen| {
            seen.labels.insert("main".into());
            seen.verdict = Some(Err(Problem::from(crate::Error::from(error))));
        });
        for label in [None, Some("main")] {
            let error = webviews.get(app.handle(), label).await.expect_err("none");
            assert!(error.to_string().contains("2.11.0"), "{error}");
        }
    }
}
