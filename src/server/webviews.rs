use std::{mem, sync::Arc, time::Duration};

use tauri::{AppHandle, Manager, Runtime, Webview, WebviewWindow, async_runtime};
use tokio::{sync::watch, time::timeout};

use super::{
    agent::{self, Agent},
    self_test,
};
use crate::error::{Kind, Problem, Result};

/// How long a call waits for a window that has just been made, or for the first one of an app that runs.
const FIRST_WINDOW: Duration = Duration::from_secs(5);

/// How long a call waits before that for the app to run: on a busy machine the first window takes its time.
const SETUP: Duration = Duration::from_secs(10);

/// The open webviews, in which sidecars' calls run once the self-test in the first webview has passed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Webviews {
    seen: Arc<watch::Sender<Seen>>,
    agent: Agent,
    patience: Patience,
}

#[derive(Clone, Copy, Debug)]
struct Patience {
    setup: Duration,
    first_window: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            setup: SETUP,
            first_window: FIRST_WINDOW,
        }
    }
}

#[derive(Debug, Default)]
struct Seen {
    /// The labels of the app's own webviews, the oldest first.
    labels: Vec<Arc<str>>,
    /// The label of the agent while that is open.
    agent: Option<Arc<str>>,
    /// Whether Tauri's event loop runs. All windows of the configuration and of the app's setup are open then.
    runs: bool,
    /// Whether the self-test has begun.
    tested: bool,
    /// The result of the self-test.
    verdict: Option<Result<(), Problem>>,
}

impl Seen {
    fn has(&self, label: &Arc<str>) -> bool {
        self.all().any(|open| Arc::ptr_eq(open, label))
    }

    fn all(&self) -> impl Iterator<Item = &Arc<str>> {
        self.labels.iter().chain(&self.agent)
    }
}

/// Labels in words.
fn in_words(mut labels: Vec<&str>) -> String {
    if labels.is_empty() {
        return "none".to_owned();
    }
    labels.sort_unstable();
    format!("`{}`", labels.join("`, `"))
}

/// One webview that was open.
#[derive(Clone, Debug)]
pub(super) struct OpenWebview {
    label: Arc<str>,
    seen: watch::Receiver<Seen>,
}

impl OpenWebview {
    pub(super) fn label(&self) -> &str {
        &self.label
    }

    pub(super) fn is_open(&self) -> bool {
        self.seen.borrow().has(&self.label)
    }

    /// Waits until it is closed.
    pub(super) async fn closed(&mut self) {
        let label = &self.label;
        // An error means that the app is gone.
        drop(self.seen.wait_for(|seen| !seen.has(label)).await);
    }
}

/// Where a sidecar's calls run that name no window.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    /// The label of the window that is chosen if it is open.
    pub window: String,
    /// Whether the agent is made for calls while no window is open.
    pub agent: bool,
}

/// The webviews in which a call may run, the best first.
pub(super) type Choices<R> = Vec<WebviewWindow<R>>;

impl Webviews {
    /// Notes an open webview, and gives its label for [`closed`](Self::closed). The first webview begins the self-test in a
    /// task, since Tauri holds its lock on the plugins here.
    pub(crate) fn opened<R: Runtime>(&self, webview: Webview<R>) -> Arc<str> {
        let label: Arc<str> = webview.label().into();
        let is_agent = *label == *agent::LABEL;
        let (mut is_first, mut is_beside_agent) = (false, false);
        self.seen.send_modify(|seen| {
            if is_agent {
                seen.agent = Some(label.clone());
            } else {
                seen.labels.retain(|other| *other != label);
                seen.labels.push(label.clone());
            }
            is_first = !mem::replace(&mut seen.tested, true);
            is_beside_agent = !seen.labels.is_empty();
        });
        if is_beside_agent {
            agent::close(webview.app_handle());
        }
        if is_first {
            let seen = self.seen.clone();
            async_runtime::spawn(async move {
                let verdict = self_test::run(webview).await.map_err(Problem::from);
                seen.send_modify(|seen| seen.verdict = Some(verdict));
            });
        }
        label
    }

    /// Forgets a webview, and says whether it was known. A later one of that label is another one.
    pub(crate) fn closed(&self, label: &Arc<str>) -> bool {
        self.remove(|other| Arc::ptr_eq(other, label))
    }

    /// Forgets the webview of a window that is gone.
    pub(crate) fn window_closed(&self, label: &str) {
        self.remove(|other| **other == *label);
    }

    fn remove(&self, is_gone: impl Fn(&Arc<str>) -> bool) -> bool {
        self.seen.send_if_modified(|seen| {
            let before = seen.labels.len();
            seen.labels.retain(|label| !is_gone(label));
            let is_agent = seen.agent.take_if(|label| is_gone(label)).is_some();
            is_agent || seen.labels.len() < before
        })
    }

    /// Notes that Tauri's event loop runs.
    pub(crate) fn app_runs(&self) {
        self.seen.send_modify(|seen| seen.runs = true);
    }

    /// The webview that is open under that label. A later one of that label is another one. One that has just been made is
    /// waited for, since it is not seen yet.
    ///
    /// # Errors
    /// `not_found` when none is open.
    pub(super) async fn open_one(&self, label: &str) -> Result<OpenWebview> {
        let mut seen = self.seen.subscribe();
        let find = |seen: &Seen| seen.all().find(|open| ***open == *label).cloned();
        let is_seen = seen.wait_for(|seen| find(seen).is_some());
        drop(timeout(FIRST_WINDOW, is_seen).await);
        let found = find(&seen.borrow());
        let label = found.ok_or_else(|| Kind::UnknownWindow {
            label: label.to_owned(),
            open: in_words(seen.borrow().labels.iter().map(|label| &**label).collect()),
        })?;
        Ok(OpenWebview { label, seen })
    }

    /// Waits for the result of the self-test; for ever in an app that opens no window.
    ///
    /// # Errors
    /// When Tauri does not judge sidecars' calls.
    pub(crate) async fn judged(&self) -> Result<()> {
        let mut seen = self.seen.subscribe();
        let seen = seen.wait_for(|seen| seen.verdict.is_some()).await;
        let verdict = seen.ok().and_then(|seen| seen.verdict.clone());
        verdict.unwrap_or(Ok(())).map_err(Into::into)
    }

    /// The webviews for a call: the one with that label, or without a label the sidecar's home if it is open, else all
    /// windows, the oldest first. The agent is the only choice while no window is open, for a sidecar that may have it.
    ///
    /// A sidecar may start before the app opens its first window, so this waits for that window. Once the app has closed its
    /// last window, and there is no agent, this fails at once.
    pub(super) async fn choose<R: Runtime>(
        &self,
        app: &AppHandle<R>,
        label: Option<&str>,
        home: &Home,
    ) -> Result<Choices<R>> {
        self.first(app, home).await?;
        // Tauri would clone all webviews to give their labels, and nearly all calls end here.
        let wanted = label.unwrap_or(&home.window);
        if wanted != agent::LABEL
            && let Some(found) = app.get_webview_window(wanted)
        {
            return Ok(vec![found]);
        }
        let windows = self.windows(app);
        if windows.is_empty() && home.agent && label.is_none_or(|label| label == agent::LABEL) {
            return Ok(vec![self.agent.get(app).await?]);
        }
        match label {
            None if windows.is_empty() => Err(Kind::NoWindow.into()),
            None => Ok(windows),
            Some(label) => {
                let open = windows.iter().map(WebviewWindow::label).collect();
                Err(Kind::UnknownWindow {
                    label: label.to_owned(),
                    open: in_words(open),
                }
                .into())
            }
        }
    }

    /// The open windows, the oldest first. A webview of a window with several webviews has a label too, but commands cannot
    /// run in it.
    fn windows<R: Runtime>(&self, app: &AppHandle<R>) -> Choices<R> {
        let mut windows = app.webview_windows();
        windows.remove(agent::LABEL);
        let mut windows: Vec<_> = windows.into_values().collect();
        let seen = self.seen.borrow();
        // One that has just been made is not seen yet, and is the newest.
        let age = |label: &str| seen.labels.iter().position(|seen| **seen == *label);
        windows.sort_by_cached_key(|window| age(window.label()).unwrap_or(usize::MAX));
        windows
    }

    /// Waits for the self-test in the first webview, and fails for ever if it failed: so no call reaches a Tauri that does not
    /// judge sidecars. In an app that runs without a window, the agent is the first webview.
    async fn first<R: Runtime>(&self, app: &AppHandle<R>, home: &Home) -> Result<()> {
        // Of all calls but the first ones, which need no clock.
        if matches!(self.seen.borrow().verdict, Some(Ok(()))) {
            return Ok(());
        }
        let needs_agent = |seen: &Seen| home.agent && seen.runs && !seen.tested;
        let mut seen = self.seen.subscribe();
        let begun = seen.wait_for(|seen| seen.verdict.is_some() || seen.runs);
        drop(timeout(self.patience.setup, begun).await);
        let known = seen.wait_for(|seen| seen.verdict.is_some() || needs_agent(seen));
        let known = timeout(self.patience.first_window, known)
            .await
            .is_ok_and(|seen| seen.is_ok_and(|seen| seen.verdict.is_some()));
        if !known && home.agent {
            self.agent.get(app).await?;
            let known = seen.wait_for(|seen| seen.verdict.is_some());
            drop(timeout(self.patience.first_window, known).await);
        }
        let verdict = seen.borrow().verdict.clone();
        match verdict {
            None => Err(Kind::NoWindow.into()),
            Some(verdict) => verdict.map_err(Into::into),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt;
    use tauri::{
        App, WebviewUrl, WebviewWindowBuilder,
        test::{MockRuntime, mock_app},
    };

    use super::*;

    fn home() -> Home {
        Home {
            window: "main".into(),
            agent: false,
        }
    }

    fn open(webviews: &Webviews, app: &App<MockRuntime>, label: &str) -> Arc<str> {
        let window = WebviewWindowBuilder::new(app, label, WebviewUrl::default());
        let window = window.build().expect("a window");
        webviews.opened(window.as_ref().clone())
    }

    async fn chosen(webviews: &Webviews, app: &App<MockRuntime>) -> Vec<String> {
        let chosen = webviews.choose(app.handle(), None, &home()).await;
        let chosen = chosen.expect("some are open");
        chosen.iter().map(|window| window.label().into()).collect()
    }

    #[tokio::test]
    async fn only_the_first_window_is_waited_for() {
        let (webviews, app, home) = (Webviews::default(), mock_app(), home());
        let now = |label| {
            webviews
                .choose(app.handle(), label, &home)
                .now_or_never()
                .map(|chosen| chosen.expect_err("none is open"))
        };
        assert!(now(None).is_none());
        webviews.app_runs();
        assert!(now(None).is_none(), "a window may come later, too");
        let pass = |seen: &mut Seen| seen.verdict = Some(Ok(()));
        webviews.seen.send_modify(pass);
        let error = now(None).expect("at once");
        assert!(matches!(error.kind(), Kind::NoWindow), "{error}");
        let error = now(Some("main")).expect("at once");
        assert!(
            matches!(error.kind(), Kind::UnknownWindow { .. }),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_call_is_patient_with_an_app_that_has_not_begun() {
        let waiting_for = |setup| Webviews {
            patience: Patience {
                setup,
                first_window: Duration::ZERO,
            },
            ..Webviews::default()
        };
        let (app, home) = (mock_app(), home());
        let webviews = waiting_for(Duration::MAX);
        let mut call = pin!(webviews.choose(app.handle(), None, &home));
        assert!((&mut call).now_or_never().is_none(), "it sets itself up");
        webviews.app_runs();
        let error = call.await.expect_err("none is open");
        assert!(matches!(error.kind(), Kind::NoWindow), "{error}");
        // One that never begins holds up no call for ever.
        let refused = waiting_for(Duration::ZERO)
            .choose(app.handle(), None, &home)
            .await;
        refused.expect_err("none is open");
    }

    #[tokio::test]
    async fn a_window_is_given_once_the_acl_is_known_to_judge() {
        let (webviews, app) = (Webviews::default(), mock_app());
        open(&webviews, &app, "main");
        assert_eq!(chosen(&webviews, &app).await, ["main"]);
        webviews.judged().await.expect("the ACL refuses");
    }

    #[tokio::test]
    async fn the_home_is_the_only_choice_and_else_the_oldest_is_the_best() {
        let (webviews, app) = (Webviews::default(), mock_app());
        let b = open(&webviews, &app, "b");
        open(&webviews, &app, "a");
        assert_eq!(chosen(&webviews, &app).await, ["b", "a"]);
        // One that was opened anew is the newest, and the end of the old one is none of its own.
        let newer = webviews.opened(app.webview_windows()["b"].as_ref().clone());
        assert!(!webviews.closed(&b));
        assert_eq!(chosen(&webviews, &app).await, ["a", "b"]);
        assert!(webviews.closed(&newer));
        open(&webviews, &app, "main");
        assert_eq!(chosen(&webviews, &app).await, ["main"]);
    }

    #[tokio::test]
    async fn an_app_that_runs_without_a_window_has_the_agent_at_once() {
        let (webviews, app) = (Webviews::default(), mock_app());
        let home = Home {
            agent: true,
            ..home()
        };
        webviews.app_runs();
        let get = webviews.agent.get(app.handle()).await;
        // The mock app has no plugin that would tell.
        webviews.opened(get.expect("the agent").as_ref().clone());
        for label in [None, Some(agent::LABEL)] {
            let chosen = webviews.choose(app.handle(), label, &home).await;
            assert_eq!(chosen.expect("the agent")[0].label(), agent::LABEL);
        }
        let error = webviews.choose(app.handle(), Some("main"), &home).await;
        let error = error.expect_err("only the agent is open");
        assert!(error.to_string().ends_with("open: none"), "{error}");
        open(&webviews, &app, "about");
        let chosen = webviews.choose(app.handle(), None, &home).await;
        assert_eq!(chosen.expect("a window")[0].label(), "about");
    }

    #[tokio::test]
    async fn no_window_is_given_by_a_tauri_that_does_not_judge() {
        let (webviews, app) = (Webviews::default(), mock_app());
        let error = Kind::OpenAcl {
            version: "2.11.0",
            answer: "with success".into(),
        };
        webviews.seen.send_modify(|seen| {
            seen.labels.push("main".into());
            seen.verdict = Some(Err(Problem::from(crate::Error::from(error))));
        });
        for label in [None, Some("main")] {
            let error = webviews.choose(app.handle(), label, &home()).await;
            let error = error.expect_err("none");
            assert!(error.to_string().contains("2.11.0"), "{error}");
        }
    }
}
