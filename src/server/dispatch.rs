use std::time::Duration;

use tauri::{
    Manager, Runtime, WebviewWindow,
    http::HeaderMap,
    ipc::{CallbackFn, InvokeBody, InvokeError, InvokeResponse, InvokeResponseBody},
    webview::InvokeRequest,
};
use tokio::{sync::oneshot, time::timeout};

use super::{Context, refusal::classify};
use crate::{Error, Result};

/// How long a call waits for an app that has not opened any window yet; one without windows answers after that.
const FIRST_WINDOW: Duration = Duration::from_secs(5);

impl<R: Runtime> Context<R> {
    /// Runs a Tauri command in a webview as this sidecar, the way a page would: Tauri's ACL decides, then the app, core
    /// or plugin command answers.
    ///
    /// The request goes in on the main thread, where synchronous commands run. Dropping the future stops it before that
    /// thread gets to it, and not after. What the call needs is dropped just before the answer is given, or when there is none.
    pub(super) async fn dispatch(
        &self,
        webview: WebviewWindow<R>,
        command: &str,
        body: InvokeBody,
        needs: impl Send + 'static,
    ) -> Result<InvokeResponseBody> {
        let (answer, answered) = oneshot::channel();
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: self.principal.clone(),
            body,
            headers: HeaderMap::new(),
            invoke_key: self.app.invoke_key().to_owned(),
        };
        self.app.run_on_main_thread(move || {
            if answer.is_closed() {
                return;
            }
            webview.on_message(
                request,
                Box::new(move |_, _, response, _, _| {
                    drop(needs);
                    // A caller that is gone needs no answer.
                    drop(answer.send(response));
                }),
            );
        })?;
        match answered.await {
            Ok(InvokeResponse::Ok(body)) => Ok(body),
            Ok(InvokeResponse::Err(InvokeError(value))) => {
                Err(classify(command, &self.principal, value))
            }
            Err(_dropped) => Err(Error::Unanswered(command.to_owned())),
        }
    }

    /// The webview with that label; without one, the first by label. A sidecar may start faster than the app opens its
    /// first window, so that one is waited for.
    pub(super) async fn webview(&self, label: Option<&str>) -> Result<WebviewWindow<R>> {
        if timeout(FIRST_WINDOW, self.window_opened.cancelled())
            .await
            .is_err()
        {
            return Err(Error::NoWindow);
        }
        let Some(label) = label else {
            let windows = self.app.webview_windows().into_iter();
            let first = windows.min_by(|(a, _), (b, _)| a.cmp(b));
            return first.map(|(_, window)| window).ok_or(Error::NoWindow);
        };
        self.app
            .get_webview_window(label)
            .ok_or_else(|| Error::UnknownWindow {
                label: label.to_owned(),
                open: self.labels(),
            })
    }

    fn labels(&self) -> String {
        let mut labels: Vec<_> = self.app.webview_windows().into_keys().collect();
        labels.sort();
        format!("`{}`", labels.join("`, `"))
    }
}
