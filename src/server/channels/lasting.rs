//! Channels with a life of their own: `GET /v1/channel` opens one, and its messages are the answer, until its reader leaves.
//!
//! Commands get such a channel among their arguments, as a page's: `"__CHANNEL__:<id>"`, at any depth. Tauri counts the
//! messages of each command from 0; here they have the order in which they come.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{Extension, Query, State, rejection::QueryRejection},
    http::HeaderMap,
    response::Response,
};
use futures_util::stream;
use memchr::memmem;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tauri::{EventId, Listener, Manager, Runtime, WebviewWindow};

use super::{
    Channels, OpenChannels, PREFIX, Reader, Until, add_silent_callbacks,
    closing::{Closings, Hold},
    mailbox::Mailbox,
    remove_callbacks,
};
use crate::{
    endpoint::Generation,
    error::{Kind, Result},
    server::{
        Context,
        events::{Cursor, Place, Sweep, check_name, event_stream, judge_listen},
        invoke::window_header,
        webviews::{Choices, OpenWebview},
    },
};

/// What else a channel has than what commands send.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::server) struct ChannelQuery {
    /// The names of events of the channel's window, with commas between them.
    events: Option<String>,
    /// How long the window stays open, when it is to close, for the sidecar to say whether it does.
    closing_ms: Option<u64>,
}

impl ChannelQuery {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.events.iter().flat_map(|names| names.split(','))
    }
}

/// `GET /v1/channel`: opens a channel in the window of a call without or with `Bridge-Window`.
///
/// With `events` it has the events of these names that are sent to that window or to all, with `closingMs` the requests to close
/// the window, which then stays open until it is answered, or for so long. Either needs the permission to listen.
///
/// # Errors
/// `failed_precondition` when the app has no interceptor; `resource_exhausted` when as many subscriptions and channels are open
/// as may be; else as of a call.
pub(in crate::server) async fn open<R: Runtime>(
    State(context): State<Arc<Context<R>>>,
    Extension(generation): Extension<Generation>,
    query: Result<Query<ChannelQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response> {
    let Query(query) = query?;
    query.names().try_for_each(check_name)?;
    let place = context.journals.place()?;
    let mut webviews = context.webviews(window_header(&headers)?).await?;
    if webviews.is_empty() {
        return Err(Kind::NoWindow.into());
    }
    let page = webviews.swap_remove(0);
    let webview = context.webviews.open_one(page.label()).await?;
    if query.events.is_some() || query.closing_ms.is_some() {
        judge_listen(&context, Some(page.label())).await?;
    } else if !context.channels.is_intercepted(&page)? {
        return Err(Kind::NoInterceptor("a channel is to be opened".into()).into());
    }
    let mut lasting = Lasting::open(&context.channels, page)?;
    if query.events.is_some() {
        lasting.listen(query.names());
        lasting.sweep = Some(context.journals.heed().await);
    }
    if let Some(limit) = query.closing_ms {
        lasting.hold(&context, Duration::from_millis(limit));
    }
    let stream = Messages {
        cursor: Cursor::start(),
        lasting: Some(lasting),
        webview,
        generation,
        has_begun: false,
        _place: place,
    };
    let messages = stream::unfold(stream, async |mut messages| {
        let text = messages.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(text)), messages))
    });
    Ok(event_stream(Body::from_stream(messages)))
}

/// An open channel, which ends when this is dropped.
struct Lasting<R: Runtime> {
    channels: Channels,
    page: WebviewWindow<R>,
    id: u32,
    mailbox: Arc<Mailbox>,
    open: Option<OpenChannels>,
    listeners: Vec<EventId>,
    /// While there are listeners.
    sweep: Option<Arc<Sweep>>,
    hold: Option<Hold>,
}

impl<R: Runtime> Lasting<R> {
    fn open(channels: &Channels, page: WebviewWindow<R>) -> Result<Self> {
        let mailbox = Arc::new(Mailbox::new());
        let reader = Reader::Lasting(Arc::downgrade(&mailbox), false);
        let id = channels.open_one(page.label(), reader)?;
        add_silent_callbacks(&page, &[id], Until::Further);
        let open = OpenChannels {
            channels: channels.clone(),
            ids: vec![id],
        };
        Ok(Self {
            channels: channels.clone(),
            page,
            id,
            mailbox,
            open: Some(open),
            listeners: Vec::new(),
            sweep: None,
            hold: None,
        })
    }

    /// Takes in the events of these names that are sent to the window or to all.
    fn listen<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        for name in names {
            let head = json!(name).to_string();
            let mailbox = Arc::downgrade(&self.mailbox);
            let listener = self.page.listen(name, move |event| {
                if let Some(mailbox) = mailbox.upgrade() {
                    let payload = Some(event.payload()).filter(|payload| !payload.is_empty());
                    let payload = payload.unwrap_or("null");
                    mailbox.push_json(&format!(r#"{{"event":{head},"payload":{payload}}}"#));
                }
            });
            self.listeners.push(listener);
        }
    }

    /// Lets the window stay open for so long, when it is to close, and takes in that it is.
    fn hold(&mut self, context: &Context<R>, limit: Duration) {
        let label = self.page.label().to_owned();
        let mailbox = Arc::downgrade(&self.mailbox);
        let closings = self.page.state::<Closings>();
        self.hold = Some(closings.hold(context.sidecar.clone(), label, mailbox, limit));
    }
}

impl<R: Runtime> Drop for Lasting<R> {
    fn drop(&mut self) {
        for listener in self.listeners.drain(..) {
            self.page.unlisten(listener);
        }
        let was_given = matches!(
            self.channels.reader(self.id),
            Some((_, Reader::Lasting(_, true)))
        );
        drop(self.open.take());
        if was_given {
            // A command that still has the channel tells the page when it drops the channel.
            add_silent_callbacks(&self.page, &[self.id], Until::Drop);
        } else {
            remove_callbacks(&self.page, &[self.id]);
        }
    }
}

/// The part of a channel's stream that is not sent yet.
struct Messages<R: Runtime> {
    cursor: Cursor,
    /// None once the channel has ended.
    lasting: Option<Lasting<R>>,
    webview: OpenWebview,
    generation: Generation,
    has_begun: bool,
    _place: Place,
}

impl<R: Runtime> Messages<R> {
    async fn next(&mut self) -> Option<String> {
        let lasting = self.lasting.as_ref()?;
        if !self.has_begun {
            self.has_begun = true;
            return Some(event(
                "open",
                &json!({ "id": lasting.id, "window": self.webview.label() }),
            ));
        }
        let mailbox = lasting.mailbox.clone();
        let reason = tokio::select! {
            () = self.webview.closed() => "windowClosed",
            () = self.generation.ended() => "generationEnded",
            batch = mailbox.take(&mut self.cursor) => return Some(batch.frames()),
        };
        // From here on nothing is taken; what was sent before still goes out.
        self.lasting = None;
        let mut rest = String::new();
        while let Some(batch) = mailbox.take_now(&mut self.cursor) {
            rest.push_str(&batch.frames());
        }
        rest.push_str(&event("end", &json!({ "reason": reason })));
        Some(rest)
    }
}

fn event(name: &str, data: &Value) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

impl Channels {
    /// The webview of a channel and who reads it.
    fn reader(&self, id: u32) -> Option<(String, Reader)> {
        let registry = self.lock();
        let target = registry.channels.get(&id)?;
        Some((target.webview.clone(), target.reader.clone()))
    }

    /// Notes that a command is given a lasting channel, and gives the label of the channel's window. None for a number that no
    /// sidecar's channel has.
    ///
    /// # Errors
    /// `failed_precondition` when the channel has ended.
    fn give(&self, id: u32) -> Result<Option<String>> {
        let mut registry = self.lock();
        let Some(target) = registry.channels.get_mut(&id) else {
            return Ok(None);
        };
        match &mut target.reader {
            Reader::Lasting(_, was_given) => *was_given = true,
            _ => return Err(Kind::EndedChannel(id).into()),
        }
        Ok(Some(target.webview.clone()))
    }
}

impl<R: Runtime> Context<R> {
    /// The webviews for a call with these arguments: with lasting channels among them, the one in which those were opened,
    /// else as without arguments. `body` is what the arguments were read from.
    ///
    /// # Errors
    /// `failed_precondition` for a channel that has ended, `invalid_argument` for channels of another window or of several.
    pub(in crate::server) async fn webviews_with(
        &self,
        label: Option<&str>,
        body: &[u8],
        arguments: &Map<String, Value>,
    ) -> Result<Choices<R>> {
        // Nearly all calls have none, and looking through bytes is much quicker than through values.
        let mut ids = Vec::new();
        if memmem::find(body, PREFIX.as_bytes()).is_some() {
            arguments
                .values()
                .for_each(|value| find_ids(value, &mut ids));
        }
        let mut home: Option<String> = None;
        for id in ids {
            let Some(webview) = self.channels.give(id)? else {
                continue;
            };
            let wanted = label.or(home.as_deref()).unwrap_or(&webview);
            if *wanted != *webview {
                return Err(Kind::InvalidRequest(format!(
                    "channel {id} was opened in window `{webview}`, and the command is to run in `{wanted}`; open the channel in the \
                     window of the call"
                )).into());
            }
            home = Some(webview);
        }
        self.webviews(home.as_deref().or(label)).await
    }
}

/// The numbers of the channels in a value, in the form that Tauri reads.
fn find_ids(value: &Value, ids: &mut Vec<u32>) {
    match value {
        Value::String(text) => {
            let number = text.strip_prefix(PREFIX);
            ids.extend(number.and_then(|id| id.parse::<u32>().ok()));
        }
        Value::Array(items) => items.iter().for_each(|item| find_ids(item, ids)),
        Value::Object(members) => members.values().for_each(|member| find_ids(member, ids)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{super::channel, *};

    #[test]
    fn channels_are_found_at_any_depth() {
        let mut ids = Vec::new();
        let options = json!({ "action": channel(7), "items": [{ "handler": channel(8) }] });
        find_ids(&options, &mut ids);
        find_ids(&json!(["__CHANNEL__:", "__CHANNEL__:x", "7"]), &mut ids);
        assert_eq!(ids, [7, 8]);
    }
}
