use std::{collections::BTreeSet, convert::Infallible, mem, sync::Arc};

use axum::{
    extract::{
        Extension, FromRequestParts, Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, header::CONTENT_TYPE, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tauri::{
    Runtime,
    ipc::{InvokeBody, InvokeResponseBody},
};

use super::{
    Context,
    message::{Message, command_headers},
    payload::Payload,
    undo::Undoing,
    webviews::Choices,
};
use crate::{
    endpoint::Generation,
    error::{Kind, Result},
};

const BYTES: &str = "application/octet-stream";

/// `POST /v1/invoke/{command}`: any Tauri command.
pub(super) async fn invoke<R: Runtime>(
    State(context): State<Arc<Context<R>>>,
    command: Result<Path<String>, PathRejection>,
    query: Result<Query<InvokeQuery>, QueryRejection>,
    Extension(generation): Extension<Generation>,
    Headers(headers): Headers,
    payload: Payload,
) -> Result<Response> {
    let (Path(command), Query(query)) = (command?, query?);
    let aliases = query.aliases()?;
    let window = window_header(&headers)?;
    let channels = channels_header(&headers)?;
    let for_command = command_headers(&headers)?;
    let undoing = Undoing::of(&context, &headers, generation)?;
    let is_raw = headers
        .get(CONTENT_TYPE)
        .is_some_and(|value| value == BYTES);
    if is_raw && channels.is_empty() {
        let webviews = context.webviews(window).await?;
        let message = Message::new(InvokeBody::Raw(payload.0.into()), for_command);
        return run(context, webviews, &command, message, undoing).await;
    }
    if is_raw {
        return Err(Kind::InvalidRequest(
            "raw bytes have no arguments by name, and so no channels; send JSON, or leave out `bridge-channels`"
                .into(),
        ).into());
    }
    let Value::Object(mut arguments) = payload.value_or(json!({}))? else {
        return Err(Kind::InvalidRequest(
            "the body does not fit: expected a map from the arguments' names to their values; see GET /openapi.json"
                .into(),
        ).into());
    };
    let webviews = context
        .webviews_with(window, &payload.0, &arguments)
        .await?;
    if channels.is_empty() {
        add_aliases(&mut arguments, &aliases);
        let message = Message::new(InvokeBody::Json(arguments.into()), for_command);
        return run(context, webviews, &command, message, undoing).await;
    }
    if undoing.is_some() {
        return Err(Kind::InvalidRequest(
            "a call with `bridge-channels` cannot be undone; give the command a channel of `GET /v1/channel`, or leave out \
             `bridge-undo`"
                .into(),
        ).into());
    }
    context.dispatch_with_channels(
        webviews,
        command,
        &channels,
        arguments,
        &aliases,
        for_command,
    )
}

async fn run<R: Runtime>(
    context: Arc<Context<R>>,
    webviews: Choices<R>,
    command: &str,
    message: Message,
    undoing: Option<Undoing>,
) -> Result<Response> {
    match undoing {
        None => Ok(answer(
            context.dispatch_in(webviews, command, message).await?,
        )),
        Some(undoing) => {
            context
                .dispatch_undoably(webviews, command, message, undoing, answer)
                .await
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InvokeQuery {
    alias: Option<String>,
}

impl InvokeQuery {
    /// The names of arguments, each with a second one.
    fn aliases(&self) -> Result<Vec<(&str, &str)>> {
        let Some(aliases) = &self.alias else {
            return Ok(vec![]);
        };
        let mut seen = BTreeSet::new();
        let pairs = aliases.split(',').map(|alias| {
            let pair = alias.split_once(':');
            pair.filter(|(name, _)| seen.insert(*name)).ok_or_else(|| {
                Kind::InvalidRequest(format!(
                    "`{alias}` in the query `alias` does not fit; send pairs of names, such as `taskId:task_id`, and each name \
                     once"
                ))
                .into()
            })
        });
        pairs.collect()
    }
}

/// Gives arguments under a second name, too, unless the caller has used that name. Tauri takes the name that the command has,
/// and leaves the other one alone.
pub(super) fn add_aliases(arguments: &mut Map<String, Value>, aliases: &[(&str, &str)]) {
    // Copied before any is added, so that no alias makes a copy of a copy.
    let copies = aliases.iter();
    let copies = copies.filter_map(|(name, alias)| Some((*alias, arguments.get(*name)?.clone())));
    let copies: Vec<(&str, Value)> = copies.collect();
    for (alias, value) in copies {
        arguments.entry(alias).or_insert(value);
    }
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
