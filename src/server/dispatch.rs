//! Dispatches a command into Tauri, as the sidecar, the way a page would.

use std::{mem, sync::Arc};

// There it has the methods of an `AppHandle`.
#[cfg(tauri_3)]
use tauri::Manager as _;
use tauri::{
    Runtime, WebviewWindow,
    ipc::{CallbackFn, InvokeError, InvokeResponse, InvokeResponseBody},
    webview::InvokeRequest,
};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
};

use super::{Context, message::Message, refusal::classify, webviews::Choices};
use crate::error::{Kind, Result};

/// Plugins of Tauri's core whose commands are all `async fn`s, as Tauri's source says (2.12.5): the commands run on Tauri's
/// runtime, whatever thread they are dispatched on. Most of them wait for the main thread there.
const ASKING: [&str; 2] = ["plugin:window|", "plugin:webview|"];

/// The plugin whose commands are such `async fn`s, too, and never wait for the main thread.
const EVENTS: &str = "plugin:event|";

/// The places of asynchronous commands that are dispatched on the thread of their request.
///
/// Such a command blocks a thread of Tauri's runtime while it waits for the main thread, so one thread has to stay free
/// for pages. When no place is free, a command goes through the main thread first. Once the main thread has time to dispatch
/// the command, it also has time for what the command asks of it.
#[derive(Clone, Debug)]
pub(crate) struct InPlace(Arc<Semaphore>);

impl InPlace {
    /// One place less than that runtime has threads.
    pub(crate) fn beside(tauri: &Handle) -> Self {
        let free = tauri.metrics().num_workers().saturating_sub(1);
        Self(Arc::new(Semaphore::new(free)))
    }

    /// Where to dispatch that command.
    fn thread_for(&self, command: &str) -> Thread {
        if command.starts_with(EVENTS) {
            return Thread::OfRequest(None);
        }
        let asks = ASKING.iter().any(|plugin| command.starts_with(plugin));
        let place = asks.then(|| self.0.clone().try_acquire_owned().ok());
        place
            .flatten()
            .map_or(Thread::Main, |place| Thread::OfRequest(Some(place)))
    }
}

/// The thread on which a command is dispatched.
enum Thread {
    /// The thread of the command's request, with the place that the command takes there.
    OfRequest(Option<OwnedSemaphorePermit>),
    Main,
}

impl<R: Runtime> Context<R> {
    /// Runs a Tauri command in a webview as this sidecar, the way a page would: Tauri's ACL decides, then the app, core
    /// or plugin command answers.
    ///
    /// The main thread dispatches the command, since synchronous commands run there. Commands that are known to be asynchronous
    /// are dispatched at once, see [`InPlace`]. Dropping the future stops only a command that the main thread has not begun
    /// yet. `settle` sees the answer before the caller does, on the thread of the command; it is dropped if there is no answer.
    ///
    /// # Errors
    /// Tauri's refusal, typed; the command's own error; `unavailable` when the app ends and its main thread runs no command
    /// any more.
    pub(super) async fn dispatch(
        &self,
        webview: WebviewWindow<R>,
        command: &str,
        Message { body, headers }: Message,
        settle: impl FnOnce(&InvokeResponse) + Send + 'static,
    ) -> Result<InvokeResponseBody> {
        if self.is_too_late(command) {
            return Err(Kind::AppEnds.into());
        }
        let (answer, answered) = oneshot::channel();
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: self.principal.clone(),
            body,
            headers,
            invoke_key: self.app.invoke_key().to_owned(),
        };
        let (place, in_place) = match self.in_place.thread_for(command) {
            Thread::OfRequest(place) => (place, true),
            Thread::Main => (None, false),
        };
        let window = webview.label().to_owned();
        let run = move || {
            if answer.is_closed() {
                return;
            }
            webview.on_message(
                request,
                Box::new(move |_, _, response, _, _| {
                    settle(&response);
                    drop(place);
                    // The caller may be gone, and then needs no answer.
                    drop(answer.send(response));
                }),
            );
        };
        if in_place {
            run();
        } else {
            self.app.run_on_main_thread(run)?;
        }
        let answered = tokio::select! {
            biased;
            answered = answered => answered,
            () = self.main_thread_waits.cancelled(), if !command.starts_with(EVENTS) => {
                return Err(Kind::Unanswered(command.to_owned()).into());
            }
        };
        match answered {
            Ok(InvokeResponse::Ok(body)) => Ok(body),
            Ok(InvokeResponse::Err(InvokeError(value))) => {
                Err(classify(command, &self.principal, &window, value))
            }
            Err(_dropped) => Err(Kind::Unanswered(command.to_owned()).into()),
        }
    }

    /// Whether the app ends, so that this command cannot run any more.
    fn is_too_late(&self, command: &str) -> bool {
        self.main_thread_waits.is_cancelled() && !command.starts_with(EVENTS)
    }

    /// Runs a Tauri command as [`dispatch`](Self::dispatch) does, in the first of these webviews in which the ACL grants the
    /// command.
    ///
    /// Tauri has no public way to ask its ACL, so this reads its refusals. Nothing has run of a command that is refused.
    ///
    /// # Errors
    /// The refusal in the first webview, if all refuse; else as `dispatch`.
    pub(super) async fn dispatch_in(
        &self,
        webviews: Choices<R>,
        command: &str,
        mut message: Message,
    ) -> Result<InvokeResponseBody> {
        let mut webviews = webviews.into_iter();
        let mut refusal = None;
        while let Some(webview) = webviews.next() {
            // Most calls have one choice, and need no copy.
            let is_last = webviews.len() == 0;
            let message = if is_last {
                mem::take(&mut message)
            } else {
                message.clone()
            };
            match self.dispatch(webview, command, message, drop_answer).await {
                Err(error) if error.kind().is_denied() => drop(refusal.get_or_insert(error)),
                answer => return answer,
            }
        }
        Err(refusal.unwrap_or_else(|| Kind::NoWindow.into()))
    }

    /// See [`super::webviews::Webviews::choose`]. Nothing is waited for once the app ends, for the main thread makes windows.
    pub(super) async fn webviews(&self, label: Option<&str>) -> Result<Choices<R>> {
        tokio::select! {
            biased;
            chosen = self.webviews.choose(&self.app, label, &self.home) => chosen,
            () = self.main_thread_waits.cancelled() => Err(Kind::AppEnds.into()),
        }
    }
}

/// What settles a command that nothing depends on.
pub(super) const fn drop_answer(_: &InvokeResponse) {}
