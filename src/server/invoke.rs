use std::{convert::Infallible, mem, sync::Arc};

use axum::{
    extract::{FromRequestParts, Path, State, rejection::PathRejection},
    http::{HeaderMap, header::CONTENT_TYPE, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tauri::{
    Runtime,
    ipc::{InvokeBody, InvokeResponseBody},
};

use super::{Context, payload::Payload};
use crate::error::{Kind, Result};

const BYTES: &str = "application/octet-stream";

/// `POST /v1/invoke/{command}`: any Tauri command.
pub(super) async fn invoke<R: Runtime>(
    State(context): State<Arc<Context<R>>>,
    command: Result<Path<String>, PathRejection>,
    Headers(headers): Headers,
    payload: Payload,
) -> Result<Response> {
    let Path(command) = command?;
    let webviews = context.webviews(window_header(&headers)?).await?;
    let channels = channels_header(&headers)?;
    let is_raw = headers
        .get(CONTENT_TYPE)
        .is_some_and(|value| value == BYTES);
    if is_raw && channels.is_empty() {
        let body = InvokeBody::Raw(payload.0.into());
        return Ok(answer(context.dispatch_in(webviews, &command, body).await?));
    }
    if is_raw {
        return Err(Kind::InvalidRequest(
            "raw bytes have no arguments by name, and so no channels; send JSON, or leave out `bridge-channels`"
                .into(),
        ).into());
    }
    let Value::Object(arguments) = payload.value_or(json!({}))? else {
        return Err(Kind::InvalidRequest(
            "the body does not fit: expected a map from the arguments' names to their values; see GET /openapi.json"
                .into(),
        ).into());
    };
    if channels.is_empty() {
        let body = InvokeBody::Json(arguments.into());
        return Ok(answer(context.dispatch_in(webviews, &command, body).await?));
    }
    context.dispatch_with_channels(webviews, command, &channels, arguments)
}

/// The headers of the request, moved out of it: nothing after this extractor needs them.
pub(super) struct Headers(HeaderMap);

impl<S: Sync> FromRequestParts<S> for Headers {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(mem::take(&mut parts.headers)))
    }
}

/// The names of the arguments that are channels, in the `Bridge-Channels` header.
fn channels_header(headers: &HeaderMap) -> Result<Vec<&str>> {
    let Some(names) = headers.get("bridge-channels") else {
        return Ok(vec![]);
    };
    let names = std::str::from_utf8(names.as_bytes()).map_err(|_| {
        Kind::InvalidRequest(
            "the header `bridge-channels` is not UTF-8; send arguments' names with commas between them"
                .into(),
        )
    })?;
    Ok(names
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect())
}

/// The label in the `Bridge-Window` header, if there is one.
pub(super) fn window_header(headers: &HeaderMap) -> Result<Option<&str>> {
    let label = headers
        .get("bridge-window")
        .map(|label| std::str::from_utf8(label.as_bytes()));
    label.transpose().map_err(|_| {
        Kind::InvalidRequest(
            "the header `bridge-window` is not UTF-8; send a window's label".into(),
        )
        .into()
    })
}

fn answer(body: InvokeResponseBody) -> Response {
    match body {
        InvokeResponseBody::Json(json) => {
            ([(CONTENT_TYPE, "application/json")], json).into_response()
        }
        InvokeResponseBody::Raw(bytes) => ([(CONTENT_TYPE, BYTES)], bytes).into_response(),
    }
}
