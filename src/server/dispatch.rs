use tauri::{
    Runtime, WebviewWindow,
    http::HeaderMap,
    ipc::{CallbackFn, InvokeBody, InvokeError, InvokeResponse, InvokeResponseBody},
    webview::InvokeRequest,
};
use tokio::sync::oneshot;

use super::{Context, refusal::classify};
use crate::error::{Kind, Result};

/// Plugins of Tauri's core whose commands are all `async fn`s, as its source says (2.12.5): they run on Tauri's runtime, whatever
/// thread they are dispatched on.
const ASYNCHRONOUS: [&str; 3] = ["plugin:window|", "plugin:webview|", "plugin:event|"];

impl<R: Runtime> Context<R> {
    /// Runs a Tauri command in a webview as this sidecar, the way a page would: Tauri's ACL decides, then the app, core
    /// or plugin command answers.
    ///
    /// The request goes in on the main thread, where synchronous commands run, except for those that are known to be
    /// asynchronous. Dropping the future stops it before that thread gets to it, and not after. What the call needs is
    /// dropped just before the answer is given, or when there is none.
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
        let run = move || {
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
        };
        if ASYNCHRONOUS
            .iter()
            .any(|plugin| command.starts_with(plugin))
        {
            run();
        } else {
            self.app.run_on_main_thread(run)?;
        }
        match answered.await {
            Ok(InvokeResponse::Ok(body)) => Ok(body),
            Ok(InvokeResponse::Err(InvokeError(value))) => {
                Err(classify(command, &self.principal, value))
            }
            Err(_dropped) => Err(Kind::Unanswered(command.to_owned()).into()),
        }
    }

    /// See [`super::webviews::Webviews::get`].
    pub(super) async fn webview(&self, label: Option<&str>) -> Result<WebviewWindow<R>> {
        self.webviews.get(&self.app, label).await
    }
}
