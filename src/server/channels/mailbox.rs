//! The messages of a lasting channel that wait for its reader.

use base64::{Engine, engine::general_purpose::STANDARD};
use tauri::ipc::InvokeResponseBody;

use crate::server::events::{Batch, Cursor, Journal, push_data};

/// The messages that wait for a reader, each as the text of an event.
///
/// To send never waits, since the app's main thread may do it. So a reader that lags too far loses the oldest messages.
#[derive(Debug)]
pub(super) struct Mailbox(Journal);

impl Mailbox {
    pub(super) fn new() -> Self {
        Self(Journal::new())
    }

    pub(super) fn push(&self, body: &InvokeResponseBody) {
        self.0.append(&frame(body));
    }

    pub(super) async fn take(&self, cursor: &mut Cursor) -> Batch {
        self.0.take(cursor).await
    }

    pub(super) fn take_now(&self, cursor: &mut Cursor) -> Option<Batch> {
        self.0.take_now(cursor)
    }

    pub(super) fn push_json(&self, json: &str) {
        let mut text = String::new();
        push_data(&mut text, json);
        self.0.append(&text);
    }
}

/// A message as an event. To readers (WHATWG HTML, section 9.2.6), an event without data is none. So empty JSON is sent as
/// `null`, and no bytes as a line break, which base64 skips.
fn frame(body: &InvokeResponseBody) -> String {
    let mut text = String::new();
    match body {
        InvokeResponseBody::Json(json) if json.is_empty() => push_data(&mut text, "null"),
        InvokeResponseBody::Json(json) => push_data(&mut text, json),
        InvokeResponseBody::Raw(bytes) => {
            text.push_str("event: raw\n");
            let encoded = STANDARD.encode(bytes);
            push_data(&mut text, if encoded.is_empty() { "\n" } else { &encoded });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_events_and_none_is_without_data() {
        let json = |text: &str| frame(&InvokeResponseBody::Json(text.into()));
        assert_eq!(json("[1,\n2]"), "data: [1,\ndata: 2]\n\n");
        assert_eq!(json(""), "data: null\n\n");
        let raw = |bytes: &[u8]| frame(&InvokeResponseBody::Raw(bytes.into()));
        assert_eq!(raw(&[7, 7, 7]), "event: raw\ndata: BwcH\n\n");
        assert_eq!(raw(&[]), "event: raw\ndata: \ndata: \n\n");
    }
}
