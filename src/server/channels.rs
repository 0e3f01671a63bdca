//! Commands with `tauri::ipc::Channel` arguments, called by a sidecar: what they send while they run.
//!
//! Tauri knows a channel by the number of a callback in a page. The channels of sidecars have numbers that no page has
//! given out, and an interceptor takes what is sent to them before it reaches the page. It is called in the thread that
//! sends, so that one thread's messages come in its order without Tauri's index; several threads have no order.

mod inbox;

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    str::FromStr,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
};

use axum::response::{IntoResponse, Response, sse::Sse};
use serde_json::{Map, Value};
use tauri::{
    Runtime, Webview, WebviewWindow,
    ipc::{CallbackFn, Channel, InvokeBody, InvokeResponseBody, JavaScriptChannelId},
};

use self::inbox::Inbox;
use super::Context;
use crate::error::{Error, Kind, Result};

/// How many channels are remembered whose command has answered, so that late messages do not reach the page. It drops
/// those of older ones, see [`hush`].
const MOST_ENDED: usize = 1024;

/// The channels that sidecars listen on, all of one app.
#[derive(Clone, Debug, Default)]
pub(crate) struct Channels(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    lines: Mutex<Lines>,
    /// Whether the app has the interceptor, once that is known; Tauri takes one when the app is built and never after.
    is_intercepted: OnceLock<bool>,
}

#[derive(Debug, Default)]
struct Lines {
    /// By the callback's number.
    known: HashMap<u32, Line>,
    /// Those whose command has answered, the oldest first.
    ended: VecDeque<u32>,
}

/// Where the messages of one channel go. An inbox that is gone has no reader any more.
#[derive(Debug)]
struct Line {
    /// The label of the webview that the command runs in: pages draw their numbers at random too.
    webview: String,
    argument: Arc<str>,
    inbox: Weak<Inbox>,
}

impl Channels {
    /// Takes what was sent to a channel, if it is a sidecar's. What nobody reads is dropped.
    pub(crate) fn take<R: Runtime>(
        &self,
        webview: &Webview<R>,
        callback: CallbackFn,
        body: &InvokeResponseBody,
    ) -> bool {
        let (argument, inbox) = {
            let lines = self.lock();
            match lines.known.get(&callback.0) {
                Some(line) if line.webview == webview.label() => {
                    (line.argument.clone(), line.inbox.upgrade())
                }
                _ => return false,
            }
        };
        if let Some(inbox) = inbox {
            inbox.push(argument, body.clone());
        }
        true
    }

    /// Opens a channel for each name.
    fn open(&self, webview: &str, names: &[&str], inbox: &Arc<Inbox>) -> Result<Open> {
        let mut open = Open {
            channels: self.clone(),
            ids: Vec::new(),
        };
        for name in names {
            // What is open already ends if this fails.
            open.ids.push(self.connect(webview, name, inbox)?);
        }
        Ok(open)
    }

    /// Gives a channel a number that no other has.
    fn connect(&self, webview: &str, name: &str, inbox: &Arc<Inbox>) -> Result<u32> {
        loop {
            let id = getrandom::u32()
                .map_err(|error| Error::io("drawing a channel's number")(error.into()))?;
            if let Entry::Vacant(place) = self.lock().known.entry(id) {
                place.insert(Line {
                    webview: webview.to_owned(),
                    argument: name.into(),
                    inbox: Arc::downgrade(inbox),
                });
                return Ok(id);
            }
        }
    }

    /// Whether the app has the interceptor. Only sending over a channel tells: without it, a callback of the page that
    /// does nothing is called.
    fn is_intercepted<R: Runtime>(&self, webview: &WebviewWindow<R>) -> Result<bool> {
        if let Some(known) = self.0.is_intercepted.get() {
            return Ok(*known);
        }
        let inbox = Arc::new(Inbox::new(usize::MAX));
        let open = self.open(webview.label(), &["probe"], &inbox)?;
        hush(webview, &open.ids);
        for id in &open.ids {
            let Ok(probe) = JavaScriptChannelId::from_str(&channel(*id)) else {
                continue;
            };
            let probe: Channel<()> = probe.channel_on(webview.as_ref().clone());
            // A page that is gone cannot be told, which is not what is asked.
            drop(probe.send(()));
        }
        Ok(*self.0.is_intercepted.get_or_init(|| inbox.take().is_some()))
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The channels of one call. When this is dropped, which is when the command answers, they have ended.
struct Open {
    channels: Channels,
    ids: Vec<u32>,
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut lines = self.channels.lock();
        for id in &self.ids {
            if let Some(line) = lines.known.get_mut(id) {
                line.inbox = Weak::new();
            }
            lines.ended.push_back(*id);
        }
        while lines.ended.len() > MOST_ENDED {
            if let Some(oldest) = lines.ended.pop_front() {
                lines.known.remove(&oldest);
            }
        }
    }
}

impl<R: Runtime> Context<R> {
    /// Runs a command whose arguments of these names are channels, and answers with a stream of what it sends over them,
    /// in order, and of its answer at the end.
    ///
    /// # Errors
    /// When a name is given twice or also as an argument, or the app has no interceptor. What fails after that is the
    /// last event of the stream.
    pub(super) fn dispatch_with_channels(
        self: Arc<Self>,
        webview: WebviewWindow<R>,
        command: String,
        names: &[&str],
        mut arguments: Map<String, Value>,
    ) -> Result<Response> {
        if !self.channels.is_intercepted(&webview)? {
            return Err(Kind::NoInterceptor(command).into());
        }
        let inbox = Arc::new(Inbox::new(self.max_body_bytes));
        let open = self.channels.open(webview.label(), names, &inbox)?;
        for (name, id) in names.iter().zip(&open.ids) {
            let argument = Value::String(channel(*id));
            if arguments.insert((*name).to_owned(), argument).is_some() {
                return Err(Kind::InvalidRequest(format!(
                    "argument `{name}` of command `{command}` is a channel and given as well; name it once in \
                     `bridge-channels`, and leave it out of the body"
                )).into());
            }
        }
        let called = command.clone();
        let answer = async move {
            let (page, ids) = (webview.clone(), open.ids.clone());
            hush(&page, &ids);
            let body = InvokeBody::Json(arguments.into());
            let answer = self.dispatch(webview, &command, body, open).await;
            if answer.as_ref().is_err_and(is_refusal) {
                forget(&page, &ids);
            }
            answer
        };
        Ok(Sse::new(inbox::stream(called, inbox, answer)).into_response())
    }
}

/// A channel's number, as Tauri reads it.
fn channel(id: u32) -> String {
    format!("__CHANNEL__:{id}")
}

/// Gives the page callbacks of these numbers, which do nothing until the channel's end.
///
/// When a command lets go of a channel, Tauri says so to the page, whatever an interceptor does; and a page that knows no
/// such callback warns on its console. `callbacks` is where Tauri's own script keeps them, in the open "for debugging
/// purposes"; an older Tauri has none, and warns.
fn hush<R: Runtime>(webview: &WebviewWindow<R>, ids: &[u32]) {
    let script = format!(
        "((callbacks) => {ids:?}.forEach((id) => callbacks?.set(id, (sent) => 'end' in sent && callbacks.delete(id))))\
         (window.__TAURI_INTERNALS__?.callbacks)"
    );
    // A page that is gone needs no quiet.
    drop(webview.eval(script));
}

/// Takes the callbacks back whose command never had the channels.
fn forget<R: Runtime>(webview: &WebviewWindow<R>, ids: &[u32]) {
    let script =
        format!("{ids:?}.forEach((id) => window.__TAURI_INTERNALS__?.callbacks?.delete(id))");
    drop(webview.eval(script));
}

/// Whether the command was not run.
fn is_refusal(error: &Error) -> bool {
    matches!(
        error.kind(),
        Kind::NotGranted { .. }
            | Kind::UndeclaredCommand { .. }
            | Kind::UndeclaredPluginCommand { .. }
            | Kind::UnknownCommand(_)
            | Kind::InvalidArguments { .. }
    )
}
