use std::sync::Arc;

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

use super::{Context, accept::Known};
use crate::{Error, Result, endpoint::CurrentToken};

/// Lets through what the sidecar of this generation sent, and nothing that a browser could have been talked into.
///
/// The `Host` and `Origin` rules are those of Tailscale's `LocalAPI`: a page cannot leave out `Origin` or `Sec-Fetch-*`
/// (Fetch Metadata, W3C), and DNS rebinding shows in a foreign `Host`.
pub(super) async fn guard<R: Runtime>(
    State(context): State<Arc<Context<R>>>,
    request: Request,
    next: Next,
) -> Result<Response> {
    check(request.headers(), &context.token)?;
    if let Some(caller) = request.extensions().get::<Known>() {
        caller.set();
    }
    Ok(next.run(request).await)
}

fn check(headers: &HeaderMap, token: &CurrentToken) -> Result<()> {
    if let Some(name) = headers
        .keys()
        .find(|name| **name == ORIGIN || name.as_str().starts_with("sec-fetch-"))
    {
        let detail = format!(
            "a request with the header `{name}` comes from a browser; call from the sidecar itself"
        );
        return Err(Error::Forbidden(detail));
    }
    let host = headers
        .get(HOST)
        .map(|host| String::from_utf8_lossy(host.as_bytes()));
    if host.as_deref() != Some("localhost") {
        let detail = format!(
            "host `{}` is not this endpoint; send `Host: localhost`",
            host.unwrap_or_default()
        );
        return Err(Error::Forbidden(detail));
    }
    let sent = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    if sent.is_some_and(|sent| token.matches(sent)) {
        Ok(())
    } else {
        Err(Error::Unauthenticated)
    }
}
