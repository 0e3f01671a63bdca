use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde_json::json;
use tauri::{
    Runtime,
    ipc::{InvokeBody, InvokeResponseBody},
};

use super::{Context, payload::Payload};
use crate::{Error, Result};

const BYTES: &str = "application/octet-stream";

/// `POST /v1/invoke/{command}`: any Tauri command.
pub(super) async fn invoke<R: Runtime>(
    State(context): State<Arc<Context<R>>>,
    command: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    payload: Payload,
) -> Result<Response> {
    let Path(command) = command?;
    let webview = context.webview(window_header(&headers)?).await?;
    let body = if headers
        .get(CONTENT_TYPE)
        .is_some_and(|value| value == BYTES)
    {
        InvokeBody::Raw(payload.0.into())
    } else {
        let arguments = payload.value_or(json!({}))?;
        if !arguments.is_object() {
            return Err(Error::InvalidRequest(
                "the body does not fit: expected a map from the arguments' names to their values; see GET /openapi.json"
                    .into(),
            ));
        }
        InvokeBody::Json(arguments)
    };
    Ok(answer(context.dispatch(webview, &command, body).await?))
}

/// The label in the `Bridge-Window` header, if there is one.
fn window_header(headers: &HeaderMap) -> Result<Option<&str>> {
    let label = headers
        .get("bridge-window")
        .map(|label| std::str::from_utf8(label.as_bytes()));
    label.transpose().map_err(|_| {
        Error::InvalidRequest(
            "the header `bridge-window` is not UTF-8; send a window's label".into(),
        )
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
