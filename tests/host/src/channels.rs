//! Commands with channels.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde::Deserialize;
use serde_json::Value;
use tauri::{
    Manager, State, Webview,
    ipc::{CallbackFn, Channel, InvokeResponseBody, JavaScriptChannelId, Response},
    test::MockRuntime,
};

/// How many messages over channels no sidecar took, so that the page got them.
#[derive(Debug, Default)]
pub struct Page(AtomicUsize);

impl Page {
    /// How many so far.
    pub fn messages(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// The bridge's interceptor and, behind it, one of the app's own.
pub(crate) fn interceptor()
-> impl Fn(&Webview<MockRuntime>, CallbackFn, usize, &InvokeResponseBody) -> bool + Send + Sync {
    let bridge = tauri_plugin_sidecar_bridge::channels();
    move |webview, callback, index, body| {
        let taken = bridge(webview, callback, index, body);
        if !taken {
            webview.state::<Page>().0.fetch_add(1, Ordering::SeqCst);
        }
        taken
    }
}

/// The last channel that a command kept.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Option<Channel<Value>>>);

/// What `tell` sends.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Message {
    /// Over `onText`.
    Text(Value),
    /// JSON as it is, over `onBytes`.
    Json(String),
    /// That many bytes, over `onBytes`.
    Bytes(usize),
}

/// How `tell` ends.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Answer {
    Json(Value),
    Bytes(usize),
    Error(Value),
}

/// Sends the messages, so many times over, and answers.
#[tauri::command]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
pub(crate) fn tell(
    messages: Vec<Message>,
    times: usize,
    answer: Answer,
    on_text: Channel<Value>,
    on_bytes: Channel<InvokeResponseBody>,
) -> Result<Response, Value> {
    for message in std::iter::repeat_n(&messages, times).flatten() {
        let sent = match message {
            Message::Text(value) => on_text.send(value.clone()),
            Message::Json(text) => on_bytes.send(InvokeResponseBody::Json(text.clone())),
            Message::Bytes(count) => on_bytes.send(InvokeResponseBody::Raw(vec![7; *count])),
        };
        sent.expect("it is sent");
    }
    match answer {
        Answer::Json(value) => Ok(Response::new(value.to_string())),
        Answer::Bytes(count) => Ok(Response::new(vec![7; count])),
        Answer::Error(value) => Err(value),
    }
}

/// Keeps the channel, says so over it, and never answers.
#[tauri::command]
pub(crate) async fn hold(kept: State<'_, Kept>, on_text: Channel<Value>) -> Result<(), ()> {
    on_text.send("held".into()).expect("it is sent");
    *kept.0.lock().expect("no panic") = Some(on_text);
    std::future::pending().await
}

/// Keeps the channel and answers.
#[tauri::command]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
pub(crate) fn keep(kept: State<'_, Kept>, on_text: Channel<Value>) {
    on_text.send("kept".into()).expect("it is sent");
    *kept.0.lock().expect("no panic") = Some(on_text);
}

/// Where `tell_from_thread` finds its channel, as the options of a menu have theirs.
#[derive(Deserialize)]
pub(crate) struct Options {
    handler: JavaScriptChannelId,
}

/// Answers, and then sends the numbers from 0, so many each second, from a thread of its own.
#[tauri::command]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
pub(crate) fn tell_from_thread(
    webview: Webview<MockRuntime>,
    options: Options,
    count: u32,
    per_second: u32,
) {
    let channel: Channel<u32> = options.handler.channel_on(webview);
    std::thread::spawn(move || {
        let begun = Instant::now();
        for number in 0..count {
            // The clock is looked at once for all messages of a millisecond.
            if number % per_second.div_ceil(1000) == 0 {
                let due = begun + Duration::from_secs(1) * number / per_second;
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
            channel.send(number).expect("it is sent");
        }
    });
}

/// Sends over the channel that was kept.
#[tauri::command]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
pub(crate) fn tell_late(kept: State<'_, Kept>, message: Value) {
    let kept = kept.0.lock().expect("no panic");
    let channel = kept.as_ref().expect("a channel was kept");
    channel.send(message).expect("it is sent");
}
