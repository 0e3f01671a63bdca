//! Commands with `tauri::ipc::Channel` arguments, called by a sidecar: what they send while they run.
//!
//! Tauri knows a channel by the number of a callback in a page. The channels of sidecars have numbers that no page has
//! given out. An interceptor takes the messages to them before they reach the page. Tauri calls it in the thread that sends,
//! so one thread's messages come in their order, without Tauri's index; those of several threads have no order.

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
use super::{Context, invoke::add_aliases, webviews::Choices};
use crate::error::{Error, Kind, Result};

/// How many channels are remembered whose command has answered, so that late messages do not reach the page. The page drops
/// the messages of older ones, see [`add_silent_callbacks`].
const MOST_ENDED: usize = 1024;

/// The channels that sidecars listen on, all of one app.
#[derive(Clone, Debug, Default)]
pub(crate) struct Channels(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    registry: Mutex<Registry>,
    /// Whether the app has the interceptor, once that is known; Tauri takes one when the app is built and never after.
    is_intercepted: OnceLock<bool>,
}

#[derive(Debug, Default)]
struct Registry {
    /// By the callback's number.
    channels: HashMap<u32, Target>,
    /// The channels whose command has answered, the oldest first.
    ended: VecDeque<u32>,
}

/// Where the messages of one channel go.
#[derive(Debug)]
struct Target {
    /// The label of the webview that the command runs in: pages draw their numbers at random too.
    webview: String,
    argument: Arc<str>,
    /// Empty when nobody reads any more.
    inbox: Weak<Inbox>,
}

impl Channels {
    /// Takes a message, if it was sent to a sidecar's channel, and says whether it did. A message that nobody reads is dropped.
    pub(crate) fn take<R: Runtime>(
        &self,
        webview: &Webview<R>,
        callback: CallbackFn,
        body: &InvokeResponseBody,
    ) -> bool {
        let (argument, inbox) = {
            let registry = self.lock();
            match registry.channels.get(&callback.0) {
                Some(target) if target.webview == webview.label() => {
                    (target.argument.clone(), target.inbox.upgrade())
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
    fn open(
        &self,
        webview: &str,
        names: &[impl AsRef<str>],
        inbox: &Arc<Inbox>,
    ) -> Result<OpenChannels> {
        let mut open = OpenChannels {
            channels: self.clone(),
            ids: Vec::new(),
        };
        for name in names {
            // The channels that are open already end if this fails.
            open.ids.push(self.open_one(webview, name.as_ref(), inbox)?);
        }
        Ok(open)
    }

    /// Opens a channel under a number that no other has.
    fn open_one(&self, webview: &str, name: &str, inbox: &Arc<Inbox>) -> Result<u32> {
        loop {
            let id = getrandom::u32()
                .map_err(|error| Error::io("drawing a channel's number")(error.into()))?;
            if let Entry::Vacant(place) = self.lock().channels.entry(id) {
                place.insert(Target {
                    webview: webview.to_owned(),
                    argument: name.into(),
                    inbox: Arc::downgrade(inbox),
                });
                return Ok(id);
            }
        }
    }

    /// Whether the app has the interceptor. Only a message to a channel can tell: without an interceptor, it reaches a callback
    /// of the page, which does nothing.
    fn is_intercepted<R: Runtime>(&self, webview: &WebviewWindow<R>) -> Result<bool> {
        if let Some(known) = self.0.is_intercepted.get() {
            return Ok(*known);
        }
        let inbox = Arc::new(Inbox::new(usize::MAX));
        let open = self.open(webview.label(), &["probe"], &inbox)?;
        add_silent_callbacks(webview, &open.ids);
        for id in &open.ids {
            let Ok(probe) = JavaScriptChannelId::from_str(&channel(*id)) else {
                continue;
            };
            let probe: Channel<()> = probe.channel_on(webview.as_ref().clone());
            // An error means that the page is gone, which does not matter here.
            drop(probe.send(()));
        }
        Ok(*self.0.is_intercepted.get_or_init(|| inbox.take().is_some()))
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.0
            .registry
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The channels of one call. They end when this is dropped, which is when the command answers.
struct OpenChannels {
    channels: Channels,
    ids: Vec<u32>,
}

impl Drop for OpenChannels {
    fn drop(&mut self) {
        let mut registry = self.channels.lock();
        for id in &self.ids {
            if let Some(target) = registry.channels.get_mut(id) {
                target.inbox = Weak::new();
            }
            // Room is made first: one more than are kept would double the memory for them.
            if registry.ended.len() >= MOST_ENDED
                && let Some(oldest) = registry.ended.pop_front()
            {
                registry.channels.remove(&oldest);
            }
            registry.ended.push_back(*id);
        }
    }
}

impl<R: Runtime> Context<R> {
    /// Runs a command whose arguments of these names are channels, in the first of these webviews in which the ACL grants the
    /// command. Answers with a stream: the command's messages in order, then its answer.
    ///
    /// # Errors
    /// `invalid_argument` when a name is given twice, or is an argument in the body, too; `failed_precondition` when the app
    /// has no interceptor. Any later error is the last event of the stream.
    pub(super) fn dispatch_with_channels(
        self: Arc<Self>,
        webviews: Choices<R>,
        command: String,
        names: &[&str],
        mut arguments: Map<String, Value>,
        aliases: &[(&str, &str)],
    ) -> Result<Response> {
        if let Some(webview) = webviews.first()
            && !self.channels.is_intercepted(webview)?
        {
            return Err(Kind::NoInterceptor(command).into());
        }
        for name in names {
            // The channels take these places, one after the other webview.
            if arguments.insert((*name).to_owned(), Value::Null).is_some() {
                return Err(Kind::InvalidRequest(format!(
                    "argument `{name}` of command `{command}` is a channel and given as well; name it once in \
                     `bridge-channels`, and leave it out of the body"
                )).into());
            }
        }
        let call = ChannelCall {
            inbox: Arc::new(Inbox::new(self.max_body_bytes)),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            command: command.clone(),
            aliases: owned(aliases),
            arguments,
        };
        let inbox = call.inbox.clone();
        let answer = async move {
            let mut refusal = None;
            for webview in webviews {
                match call.run(&self, webview).await {
                    Err(error) if error.kind().is_denied() => drop(refusal.get_or_insert(error)),
                    answer => return answer,
                }
            }
            Err(refusal.unwrap_or_else(|| Kind::NoWindow.into()))
        };
        Ok(Sse::new(inbox::stream(command, inbox, answer)).into_response())
    }
}

fn owned(aliases: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, alias): &(&str, &str)| ((*name).to_owned(), (*alias).to_owned());
    aliases.iter().map(owned).collect()
}

/// A call of a command with channels, wherever it runs.
struct ChannelCall {
    command: String,
    /// The arguments that are channels.
    names: Vec<String>,
    /// The arguments that the command gets under a second name, too.
    aliases: Vec<(String, String)>,
    arguments: Map<String, Value>,
    inbox: Arc<Inbox>,
}

impl ChannelCall {
    async fn run<R: Runtime>(
        &self,
        context: &Context<R>,
        webview: WebviewWindow<R>,
    ) -> Result<InvokeResponseBody> {
        let open = context
            .channels
            .open(webview.label(), &self.names, &self.inbox)?;
        let (page, ids) = (webview.clone(), open.ids.clone());
        let mut arguments = self.arguments.clone();
        let channels = ids.iter().map(|id| Value::String(channel(*id)));
        arguments.extend(self.names.iter().cloned().zip(channels));
        let aliases = self.aliases.iter();
        let aliases: Vec<(&str, &str)> = aliases.map(|(name, alias)| (&**name, &**alias)).collect();
        add_aliases(&mut arguments, &aliases);
        add_silent_callbacks(&page, &ids);
        let body = InvokeBody::Json(arguments.into());
        let answer = context.dispatch(webview, &self.command, body, open).await;
        if answer.as_ref().is_err_and(is_refusal) {
            remove_callbacks(&page, &ids);
        }
        answer
    }
}

/// A channel's number, in the form that Tauri reads.
fn channel(id: u32) -> String {
    format!("__CHANNEL__:{id}")
}

/// Gives the page callbacks of these numbers. They do nothing, and remove themselves at the channel's end.
///
/// When a command drops a channel, Tauri tells the page, whatever an interceptor does. A page without such a callback warns on
/// its console. `callbacks` is the Map in which Tauri's own script keeps them; it is public "for debugging purposes". An older
/// Tauri has no such Map, and its pages warn.
fn add_silent_callbacks<R: Runtime>(webview: &WebviewWindow<R>, ids: &[u32]) {
    let script = format!(
        "((callbacks) => {ids:?}.forEach((id) => callbacks?.set(id, (sent) => 'end' in sent && callbacks.delete(id))))\
         (window.__TAURI_INTERNALS__?.callbacks)"
    );
    // A page that is gone needs no callbacks.
    drop(webview.eval(script));
}

/// Removes the callbacks again, for a command that was refused before it had the channels.
fn remove_callbacks<R: Runtime>(webview: &WebviewWindow<R>, ids: &[u32]) {
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
