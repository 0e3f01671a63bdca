//! Commands with `tauri::ipc::Channel` arguments, called by a sidecar: what they send while they run, and after it.
//!
//! Tauri knows a channel by the number of a callback in a page. The channels of sidecars have numbers that no page has
//! given out. An interceptor takes the messages to them before they reach the page. Tauri calls it in the thread that sends,
//! so one thread's messages come in their order, without Tauri's index; those of several threads have no order.
//!
//! The channels of a [`call`] end with its answer. A [`lasting`] one ends with its reader.

mod call;
pub(super) mod closing;
mod inbox;
pub(super) mod lasting;
mod mailbox;

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    str::FromStr,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
};

use tauri::{
    Runtime, Webview, WebviewWindow,
    ipc::{CallbackFn, Channel, InvokeResponseBody, JavaScriptChannelId},
};

use self::{inbox::Inbox, mailbox::Mailbox};
use crate::error::{Error, Result};

/// How many channels are remembered that have ended, so that late messages do not reach the page. The page drops
/// the messages of older ones, see [`add_silent_callbacks`].
const MOST_ENDED: usize = 1024;

/// What stands in front of a channel's number, where a command gets the channel.
const PREFIX: &str = "__CHANNEL__:";

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
    /// The channels that have ended, the oldest first.
    ended: VecDeque<u32>,
}

/// Where the messages of one channel go.
#[derive(Debug)]
struct Target {
    /// The label of the webview that the command runs in: pages draw their numbers at random too.
    webview: String,
    reader: Reader,
}

/// Who gets the messages.
#[derive(Clone, Debug)]
enum Reader {
    /// A call, of which the channel is an argument.
    Call(Arc<str>, Weak<Inbox>),
    /// Who has opened the channel; and whether a command was given it.
    Lasting(Weak<Mailbox>, bool),
    /// Nobody any more.
    Gone,
}

impl Channels {
    /// Takes a message, if it was sent to a sidecar's channel, and says whether it did. A message that nobody reads is dropped.
    pub(crate) fn take<R: Runtime>(
        &self,
        webview: &Webview<R>,
        callback: CallbackFn,
        body: &InvokeResponseBody,
    ) -> bool {
        let reader = match self.lock().channels.get(&callback.0) {
            Some(target) if target.webview == webview.label() => target.reader.clone(),
            _ => return false,
        };
        match reader {
            Reader::Call(argument, inbox) => {
                if let Some(inbox) = inbox.upgrade() {
                    inbox.push(argument, body.clone());
                }
            }
            Reader::Lasting(mailbox, _) => {
                if let Some(mailbox) = mailbox.upgrade() {
                    mailbox.push(body);
                }
            }
            Reader::Gone => {}
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
            let reader = Reader::Call(name.as_ref().into(), Arc::downgrade(inbox));
            open.ids.push(self.open_one(webview, reader)?);
        }
        Ok(open)
    }

    /// Opens a channel under a number that no other has.
    fn open_one(&self, webview: &str, reader: Reader) -> Result<u32> {
        loop {
            let id = getrandom::u32()
                .map_err(|error| Error::io("drawing a channel's number")(error.into()))?;
            if let Entry::Vacant(place) = self.lock().channels.entry(id) {
                place.insert(Target {
                    webview: webview.to_owned(),
                    reader,
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
        add_silent_callbacks(webview, &open.ids, Until::Drop);
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

/// Channels of one call, or a lasting one. They end when this is dropped.
struct OpenChannels {
    channels: Channels,
    ids: Vec<u32>,
}

impl Drop for OpenChannels {
    fn drop(&mut self) {
        let mut registry = self.channels.lock();
        for id in &self.ids {
            if let Some(target) = registry.channels.get_mut(id) {
                target.reader = Reader::Gone;
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

/// A channel's number, in the form that Tauri reads.
fn channel(id: u32) -> String {
    format!("{PREFIX}{id}")
}

/// How long a callback of the page stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    /// Until the command drops the channel.
    Drop,
    /// Until it is replaced or removed, since several commands may have the channel.
    Further,
}

/// Gives the page callbacks of these numbers, which do nothing.
///
/// When a command drops a channel, Tauri tells the page, whatever an interceptor does. A page without such a callback warns on
/// its console. `callbacks` is the Map in which Tauri's own script keeps them; it is public "for debugging purposes". An older
/// Tauri has no such Map, and its pages warn.
fn add_silent_callbacks<R: Runtime>(webview: &WebviewWindow<R>, ids: &[u32], until: Until) {
    let callback = match until {
        Until::Drop => "(sent) => 'end' in sent && callbacks.delete(id)",
        Until::Further => "() => {}",
    };
    let script = format!(
        "((callbacks) => {ids:?}.forEach((id) => callbacks?.set(id, {callback})))(window.__TAURI_INTERNALS__?.callbacks)"
    );
    // A page that is gone needs no callbacks.
    drop(webview.eval(script));
}

/// Removes the callbacks again, of channels that no command has.
fn remove_callbacks<R: Runtime>(webview: &WebviewWindow<R>, ids: &[u32]) {
    let script =
        format!("{ids:?}.forEach((id) => window.__TAURI_INTERNALS__?.callbacks?.delete(id))");
    drop(webview.eval(script));
}
