//! What commands send over Tauri's channels while they run, on its way to the sidecar that called them.

use std::{
    collections::HashMap,
    convert::Infallible,
    str::FromStr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::response::sse::Event;
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::{Stream, stream};
use serde_json::{Value, json};
use tauri::{
    Runtime, Webview, WebviewWindow,
    ipc::{CallbackFn, Channel, InvokeResponseBody, JavaScriptChannelId},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{Error, Problem, Result};

/// How many messages wait for a slow reader; then the call ends, so that it knows that it lost some.
const WAITING_MESSAGES: usize = 4096;

/// The channels that sidecars listen on, all of one app.
///
/// Tauri knows a channel by the number of a callback in a page. These have numbers that no page has given out, and an
/// interceptor takes what is sent to them before it reaches the page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Channels(Arc<Mutex<HashMap<Id, Ears>>>);

/// A callback's number, in the webview of that label.
type Id = (String, u32);

/// Where the messages of one channel go.
#[derive(Debug)]
struct Ears {
    argument: Arc<str>,
    messages: mpsc::Sender<(Arc<str>, InvokeResponseBody)>,
    /// Cancelled when a message found no place.
    overflow: CancellationToken,
}

impl Channels {
    /// Takes what was sent to a channel, if a sidecar listens on it.
    pub(crate) fn take<R: Runtime>(
        &self,
        webview: &Webview<R>,
        callback: CallbackFn,
        body: &InvokeResponseBody,
    ) -> bool {
        let id = (webview.label().to_owned(), callback.0);
        let listening = self.lock();
        let Some(ears) = listening.get(&id) else {
            return false;
        };
        let message = (ears.argument.clone(), body.clone());
        if ears.messages.try_send(message).is_err() {
            ears.overflow.cancel();
        }
        true
    }

    /// Opens a channel for each of the arguments, and puts its number among them.
    ///
    /// # Errors
    /// When one has a value already, or the app has no interceptor.
    pub(super) fn open<R: Runtime>(
        &self,
        webview: &WebviewWindow<R>,
        command: &str,
        names: &[&str],
        arguments: &mut serde_json::Map<String, Value>,
    ) -> Result<Open> {
        let mut open = self.listen(webview, names)?;
        for (name, id) in names.iter().zip(&open.ids) {
            if arguments.insert((*name).to_owned(), id.as_json()).is_some() {
                return Err(Error::InvalidRequest(format!(
                    "`{name}` is a channel and an argument of command `{command}`; leave it out of the body"
                )));
            }
        }
        if !open.hears(webview)? {
            return Err(Error::NoInterceptor(command.to_owned()));
        }
        Ok(open)
    }

    fn listen<R: Runtime>(&self, webview: &WebviewWindow<R>, names: &[&str]) -> Result<Open> {
        let (sender, messages) = mpsc::channel(WAITING_MESSAGES);
        let overflow = CancellationToken::new();
        let mut open = Open {
            channels: self.clone(),
            ids: Vec::new(),
            messages,
            overflow,
        };
        for name in names {
            let number =
                getrandom::u32().map_err(|error| Error::io("making a number")(error.into()))?;
            let id = (webview.label().to_owned(), number);
            quiet(webview, number)?;
            let ears = Ears {
                argument: (*name).into(),
                messages: sender.clone(),
                overflow: open.overflow.clone(),
            };
            self.lock().insert(id.clone(), ears);
            open.ids.push(ChannelId(id));
        }
        Ok(open)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Id, Ears>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives the page a callback of that number, for Tauri tells the page when Rust lets go of a channel, and the page would
/// write to its console that it knows none.
fn quiet<R: Runtime>(webview: &WebviewWindow<R>, number: u32) -> Result<()> {
    Ok(webview.eval(format!(
        "window.__TAURI_INTERNALS__?.callbacks?.set({number}, () => window.__TAURI_INTERNALS__.callbacks.delete({number}))"
    ))?)
}

struct ChannelId(Id);

impl ChannelId {
    /// As Tauri reads it.
    fn text(&self) -> String {
        format!("__CHANNEL__:{}", self.0.1)
    }

    fn as_json(&self) -> Value {
        json!(self.text())
    }
}

/// The channels of one call. Dropped, it listens no more.
pub(super) struct Open {
    channels: Channels,
    ids: Vec<ChannelId>,
    messages: mpsc::Receiver<(Arc<str>, InvokeResponseBody)>,
    overflow: CancellationToken,
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut listening = self.channels.lock();
        for ChannelId(id) in &self.ids {
            listening.remove(id);
        }
    }
}

impl Open {
    /// Whether what is sent over a channel comes here, which nothing but sending can tell.
    fn hears<R: Runtime>(&mut self, webview: &WebviewWindow<R>) -> Result<bool> {
        let Some(first) = self.ids.first() else {
            return Ok(true);
        };
        let id = JavaScriptChannelId::from_str(&first.text());
        let id = id.map_err(|error| Error::InvalidRequest(error.to_owned()))?;
        let channel: Channel<()> = id.channel_on(webview.as_ref().clone());
        channel.send(())?;
        Ok(self.messages.try_recv().is_ok())
    }

    /// The messages as they come, then what becomes of the call.
    pub(super) fn stream(
        self,
        answer: impl Future<Output = Result<InvokeResponseBody>> + Send + 'static,
    ) -> impl Stream<Item = std::result::Result<Event, Infallible>> {
        let state = Some((self, Box::pin(answer)));
        stream::unfold(state, async |state| {
            let (mut open, mut answer) = state?;
            tokio::select! {
                // All that was sent before the answer comes before it.
                biased;
                Some((argument, body)) = open.messages.recv() => {
                    let event = event(&body, &format!("message:{argument}"), &format!("bytes:{argument}"));
                    Some((Ok(event), Some((open, answer))))
                }
                () = open.overflow.cancelled() => Some((Ok(problem(Error::SlowReader)), None)),
                answered = &mut answer => {
                    let event = answered.map(|body| event(&body, "result", "result-bytes"));
                    Some((Ok(event.unwrap_or_else(problem)), None))
                }
            }
        })
    }
}

fn event(body: &InvokeResponseBody, json: &str, raw: &str) -> Event {
    match body {
        InvokeResponseBody::Json(text) => Event::default().event(json).data(text),
        InvokeResponseBody::Raw(bytes) => Event::default().event(raw).data(STANDARD.encode(bytes)),
    }
}

fn problem(error: Error) -> Event {
    let problem = serde_json::to_string(&Problem::from(error)).expect("a problem is plain JSON");
    Event::default().event("problem").data(problem)
}
