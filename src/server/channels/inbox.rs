//! The messages of one call, from the command's threads to the stream that answers the sidecar.

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::response::sse::Event;
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::{Stream, stream};
use tauri::ipc::InvokeResponseBody;
use tokio::sync::Notify;

use crate::error::{Kind, Problem, Result};

/// How many bytes a waiting message counts for beside its own, so that empty messages count, too.
const MESSAGE_BYTES: usize = 64;

/// The messages of one call that wait to be read, of all its channels, in the order in which they were sent.
///
/// To send never waits, since the app's main thread may do it. So messages over the limit are lost, and the call ends.
#[derive(Debug)]
pub(super) struct Inbox {
    limit_bytes: usize,
    waiting: Mutex<Waiting>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    messages: VecDeque<(Arc<str>, InvokeResponseBody)>,
    bytes: usize,
    /// Whether a message was lost. All messages after it are lost, too.
    has_lost: bool,
}

/// What a reader finds.
#[derive(Debug)]
pub(super) enum Found {
    /// A message, with its channel.
    Message(Arc<str>, InvokeResponseBody),
    /// The next message was lost.
    Loss,
}

impl Inbox {
    /// An inbox for so many bytes, or for one message of any size.
    pub(super) fn new(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            waiting: Mutex::default(),
            changed: Notify::new(),
        }
    }

    pub(super) fn push(&self, channel: Arc<str>, body: InvokeResponseBody) {
        let mut waiting = self.lock();
        let bytes = waiting.bytes.saturating_add(cost(&body));
        if bytes > self.limit_bytes && !waiting.messages.is_empty() {
            waiting.has_lost = true;
        }
        if !waiting.has_lost {
            waiting.bytes = bytes;
            waiting.messages.push_back((channel, body));
        }
        drop(waiting);
        self.changed.notify_one();
    }

    /// The next message, if one is there now. After a loss, every call finds the loss.
    pub(super) fn take(&self) -> Option<Found> {
        let mut waiting = self.lock();
        let Some((channel, body)) = waiting.messages.pop_front() else {
            return waiting.has_lost.then_some(Found::Loss);
        };
        waiting.bytes -= cost(&body);
        Some(Found::Message(channel, body))
    }

    /// Waits until there is a message or a loss.
    async fn changed(&self) {
        loop {
            {
                let waiting = self.lock();
                if waiting.has_lost || !waiting.messages.is_empty() {
                    return;
                }
            }
            self.changed.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cost(body: &InvokeResponseBody) -> usize {
    MESSAGE_BYTES
        + match body {
            InvokeResponseBody::Json(text) => text.len(),
            InvokeResponseBody::Raw(bytes) => bytes.len(),
        }
}

/// The part of a call's stream that is not sent yet.
struct CallStream {
    command: String,
    inbox: Arc<Inbox>,
    /// The command's answer; none once it has come. No message comes after it.
    answer: Option<Pin<Box<dyn Future<Output = Result<InvokeResponseBody>> + Send>>>,
    last: Option<Event>,
}

/// The messages as they come, then the command's answer or its error.
pub(super) fn stream(
    command: String,
    inbox: Arc<Inbox>,
    answer: impl Future<Output = Result<InvokeResponseBody>> + Send + 'static,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let call = CallStream {
        command,
        inbox,
        answer: Some(Box::pin(answer)),
        last: None,
    };
    stream::unfold(call, async |mut call| {
        let event = call.next().await?;
        Some((Ok(event), call))
    })
}

impl CallStream {
    async fn next(&mut self) -> Option<Event> {
        if let Some(answer) = &mut self.answer {
            tokio::select! {
                biased;
                () = self.inbox.changed() => {}
                answer = answer => {
                    self.answer = None;
                    self.last = Some(ending(answer));
                }
            }
        }
        match self.inbox.take() {
            Some(Found::Message(channel, body)) => Some(message(&channel, &body)),
            Some(Found::Loss) => {
                let (command, limit_bytes) = (self.command.clone(), self.inbox.limit_bytes);
                // With an empty inbox the stream is at its end, and the old inbox has no reader from here on.
                self.inbox = Arc::new(Inbox::new(0));
                (self.answer, self.last) = (None, None);
                Some(ending(Err(Kind::SlowReader {
                    command,
                    limit_bytes,
                }
                .into())))
            }
            None => self.last.take(),
        }
    }
}

fn message(channel: &str, body: &InvokeResponseBody) -> Event {
    event(
        body,
        &format!("channel:{channel}"),
        &format!("raw:{channel}"),
    )
}

fn ending(answer: Result<InvokeResponseBody>) -> Event {
    match answer {
        Ok(body) => event(&body, "result", "result-raw"),
        Err(error) => {
            let problem = Problem::from(error);
            let problem = serde_json::to_string(&problem).expect("a problem is plain JSON");
            Event::default().event("problem").data(problem)
        }
    }
}

/// One event. In axum, and to readers (WHATWG HTML, section 9.2.6), an event without data is none. So empty JSON is sent as
/// `null`, and no bytes as a line break, which base64 skips.
fn event(body: &InvokeResponseBody, json: &str, raw: &str) -> Event {
    match body {
        InvokeResponseBody::Json(text) if text.is_empty() => {
            Event::default().event(json).data("null")
        }
        InvokeResponseBody::Json(text) => Event::default().event(json).data(text),
        InvokeResponseBody::Raw(bytes) if bytes.is_empty() => {
            Event::default().event(raw).data("\n")
        }
        InvokeResponseBody::Raw(bytes) => Event::default().event(raw).data(STANDARD.encode(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> InvokeResponseBody {
        InvokeResponseBody::Json(text.into())
    }

    fn found(inbox: &Inbox) -> Option<String> {
        inbox.take().map(|found| match found {
            Found::Message(_, InvokeResponseBody::Json(text)) => text,
            other => format!("{other:?}"),
        })
    }

    #[test]
    fn messages_are_found_in_order_up_to_the_first_loss() {
        let inbox = Inbox::new(2 * MESSAGE_BYTES + 2);
        for text in ["1", "2", "3"] {
            inbox.push("a".into(), json(text));
        }
        assert_eq!(found(&inbox).as_deref(), Some("1"));
        inbox.push("a".into(), json("4"));
        assert_eq!(found(&inbox).as_deref(), Some("2"));
        for _ in 0..2 {
            assert_eq!(found(&inbox).as_deref(), Some("Loss"));
        }
    }

    #[test]
    fn one_message_may_have_any_size() {
        let inbox = Inbox::new(1);
        for text in ["12345", "67890"] {
            inbox.push("a".into(), json(text));
            assert_eq!(found(&inbox).as_deref(), Some(text));
        }
        assert_eq!(found(&inbox), None);
    }
}
