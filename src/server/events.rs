use std::{cell::RefCell, convert::Infallible, sync::Arc};

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::StatusCode,
    response::sse::{Event, Sse},
};
use futures_util::{Stream, StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tauri::{AppHandle, EventId, Listener, Runtime, ipc::InvokeBody};
use tokio::sync::mpsc;

use super::{Context, payload::Payload};
use crate::{Error, Result};

/// How many events wait for a slow reader; then its stream ends, so that it knows that it lost some.
const WAITING_EVENTS: usize = 4096;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EmitQuery {
    target: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListenQuery {
    name: String,
}

/// `POST /v1/events/{name}`: emits, as Tauri's own `emit` or `emit_to` command.
pub(super) async fn emit<R: Runtime>(
    State(context): State<Arc<Context<R>>>,
    name: Result<Path<String>, PathRejection>,
    query: Result<Query<EmitQuery>, QueryRejection>,
    payload: Payload,
) -> Result<StatusCode> {
    let (Path(name), Query(EmitQuery { target })) = (name?, query?);
    let payload = payload.value_or(Value::Null)?;
    let (command, arguments) = match target {
        None => (
            "plugin:event|emit",
            json!({ "event": name, "payload": payload }),
        ),
        Some(label) => {
            let target = json!({ "kind": "AnyLabel", "label": label });
            (
                "plugin:event|emit_to",
                json!({ "target": target, "event": name, "payload": payload }),
            )
        }
    };
    context
        .dispatch(
            context.webview(None).await?,
            command,
            InvokeBody::Json(arguments),
            (),
        )
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/events?name=…`: Server-Sent Events, one per Tauri event of that name, whatever its target.
///
/// It takes the permission of Tauri's `listen` command.
pub(super) async fn listen<R: Runtime>(
    State(context): State<Arc<Context<R>>>,
    query: Result<Query<ListenQuery>, QueryRejection>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let Query(ListenQuery { name }) = query?;
    check_name(&name)?;
    judge_listen(&context).await?;
    let (subscription, mut receiver) = Subscription::new(context.app.clone(), name);
    let events = stream::poll_fn(move |cx| {
        let _held_as_long_as_the_stream = &subscription;
        receiver.poll_recv(cx)
    });
    let events = events.map(|payload| Event::default().data(payload));
    let opening = stream::iter([Event::default().comment("subscribed")]);
    Ok(Sse::new(opening.chain(events).map(Ok)))
}

/// Tauri's rule for event names; its `listen_any` panics on others.
fn check_name(name: &str) -> Result<()> {
    let valid = |c: char| c.is_alphanumeric() || matches!(c, '-' | '/' | ':' | '_');
    if !name.is_empty() && name.chars().all(valid) {
        return Ok(());
    }
    Err(Error::InvalidRequest(format!(
        "`{name}` is not an event name; use letters, digits, -, /, : and _"
    )))
}

/// Asks the ACL, which can only be asked by running a command: `listen` without its arguments does nothing, and is
/// refused for the permission first and for the arguments after.
async fn judge_listen<R: Runtime>(context: &Context<R>) -> Result<()> {
    let no_arguments = InvokeBody::Json(json!({}));
    match context
        .dispatch(
            context.webview(None).await?,
            "plugin:event|listen",
            no_arguments,
            (),
        )
        .await
    {
        Ok(_) | Err(Error::InvalidArguments { .. }) => Ok(()),
        Err(refused) => Err(refused),
    }
}

/// Listens for as long as it lives.
struct Subscription<R: Runtime> {
    app: AppHandle<R>,
    id: EventId,
}

impl<R: Runtime> Subscription<R> {
    fn new(app: AppHandle<R>, name: String) -> (Self, mpsc::Receiver<String>) {
        let (sender, receiver) = mpsc::channel(WAITING_EVENTS);
        let sender = RefCell::new(Some(sender));
        let id = app.listen_any(name, move |event| {
            let payload = event.payload().to_owned();
            let lost = sender
                .borrow()
                .as_ref()
                .is_some_and(|sender| sender.try_send(payload).is_err());
            if lost {
                sender.take();
            }
        });
        (Self { app, id }, receiver)
    }
}

impl<R: Runtime> Drop for Subscription<R> {
    fn drop(&mut self) {
        self.app.unlisten(self.id);
    }
}
