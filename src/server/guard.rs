use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap,
        header::{AUTHORIZATION, HOST, ORIGIN},
    },
    middleware::Next,
    response::Response,
};
use tauri::Runtime;
use tokio::time::timeout;

use super::{Context, caller::Caller};
use crate::{
    endpoint::{CurrentToken, Generation},
    error::{Kind, Result},
};

/// Lets requests of the present generation of the sidecar through, and refuses every request that a web page could have made a
/// browser send.
///
/// The `Host` and `Origin` rules are those of Tailscale's `LocalAPI`: a page cannot leave out `Origin` or `Sec-Fetch-*`
/// (Fetch Metadata, W3C), and DNS rebinding shows in a foreign `Host`.
pub(super) async fn guard<R: Runtime>(
    State(context): State<Arc<Context<R>>>,
    mut request: Request,
    next: Next,
) -> Result<Response> {
    let generation = check(request.headers(), &context.token)?;
    request.extensions_mut().insert(generation);
    if let Some(caller) = request.extensions().get::<Caller>() {
        caller.set_known();
    }
    let Some(limit) = time_limit(request.headers())? else {
        return Ok(next.run(request).await);
    };
    let (method, path) = (request.method().clone(), request.uri().clone());
    let answered = timeout(limit, next.run(request)).await;
    answered.map_err(|_elapsed| {
        Kind::Expired {
            request: format!("{method} {}", path.path()),
            timeout: limit,
        }
        .into()
    })
}

/// How long the caller waits for the head of the answer. After that the host gives the request up, and a command that has not
/// begun by then never begins.
fn time_limit(headers: &HeaderMap) -> Result<Option<Duration>> {
    let Some(value) = headers.get("bridge-timeout-ms") else {
        return Ok(None);
    };
    let millis = value.to_str().ok().and_then(|digits| digits.parse().ok());
    let millis = millis.ok_or_else(|| {
        Kind::InvalidRequest(format!(
            "`bridge-timeout-ms` is `{}`; send whole milliseconds, or leave the header out",
            String::from_utf8_lossy(value.as_bytes())
        ))
    })?;
    Ok(Some(Duration::from_millis(millis)))
}

fn check(headers: &HeaderMap, token: &CurrentToken) -> Result<Generation> {
    if let Some(name) = headers
        .keys()
        .find(|name| **name == ORIGIN || name.as_str().starts_with("sec-fetch-"))
    {
        let detail = format!(
            "a request with the header `{name}` comes from a browser; call from the sidecar itself"
        );
        return Err(Kind::Forbidden(detail).into());
    }
    let host = headers
        .get(HOST)
        .map(|host| String::from_utf8_lossy(host.as_bytes()));
    if host.as_deref() != Some("localhost") {
        let detail = format!(
            "host `{}` is not this endpoint; send `Host: localhost`",
            host.unwrap_or_default()
        );
        return Err(Kind::Forbidden(detail).into());
    }
    let sent = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    let generation = sent.and_then(|sent| token.generation_of(sent));
    generation.ok_or_else(|| Kind::Unauthenticated.into())
}
