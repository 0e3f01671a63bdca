//! Events: the routes by which a sidecar emits one and listens to those of one name.

mod batch;
mod id;
mod journal;
mod journals;
mod put_off;

use std::{convert::Infallible, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{
        HeaderMap, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tauri::Runtime;

use self::id::Id;
pub(crate) use self::journals::Journals;
pub(super) use self::{
    batch::{Batch, push_data},
    journal::{Cursor, Journal},
    journals::Place,
    put_off::Sweep,
};
use super::{Context, invoke::window_header, payload::Payload};
use crate::error::{Kind, Result};

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
    headers: HeaderMap,
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
    let webviews = context.webviews(window_header(&headers)?).await?;
    let emission = context.dispatch_in(webviews, command, arguments.into());
    context.journals.emit(emission).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/events?name=…`: Server-Sent Events, one per Tauri event of that name, whatever its target.
///
/// The sidecar needs the permission of Tauri's `listen` command.
pub(super) async fn listen<R: Runtime>(
    State(context): State<Arc<Context<R>>>,
    query: Result<Query<ListenQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response> {
    let Query(ListenQuery { name }) = query?;
    check_name(&name)?;
    let last = last_event_id(&headers)?;
    judge_listen(&context, window_header(&headers)?).await?;
    let reader = context.journals.subscribe(name, last).await?;
    let opening = stream::iter([Bytes::from(reader.opening())]);
    let events = stream::unfold(reader, async |mut reader| {
        let events = reader.next().await;
        Some((Bytes::from(events), reader))
    });
    let body = Body::from_stream(opening.chain(events).map(Ok::<_, Infallible>));
    Ok(event_stream(body))
}

/// The answer that such a body is.
pub(super) fn event_stream(body: Body) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, body).into_response()
}

/// The last event that the sidecar has got before its connection was cut (WHATWG HTML, section 9.2.4).
fn last_event_id(headers: &HeaderMap) -> Result<Option<Id>> {
    let sent = headers.get("last-event-id");
    sent.map(|id| String::from_utf8_lossy(id.as_bytes()).parse())
        .transpose()
}

/// Tauri's rule for event names; its `listen_any` panics on others.
pub(super) fn check_name(name: &str) -> Result<()> {
    let valid = |c: char| c.is_alphanumeric() || matches!(c, '-' | '/' | ':' | '_');
    if !name.is_empty() && name.chars().all(valid) {
        return Ok(());
    }
    Err(Kind::InvalidRequest(format!(
        "`{name}` is not an event name; use letters, digits, -, /, : and _"
    ))
    .into())
}

/// Asks the ACL whether the sidecar may listen. It can only be asked by running a command: `listen` without its arguments does
/// nothing, and Tauri refuses it first for a missing permission, then for the missing arguments.
pub(super) async fn judge_listen<R: Runtime>(
    context: &Context<R>,
    window: Option<&str>,
) -> Result<()> {
    let webviews = context.webviews(window).await?;
    let no_arguments = json!({}).into();
    let judged = context.dispatch_in(webviews, "plugin:event|listen", no_arguments);
    match judged.await {
        Err(refused) if !matches!(refused.kind(), Kind::InvalidArguments { .. }) => Err(refused),
        _ => Ok(()),
    }
}
