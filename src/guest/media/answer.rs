//! The answer to a request of an element.

use bytes::Bytes;
use hyper::{
    HeaderMap, Request, Response, StatusCode,
    header::{
        ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_DISPOSITION,
        CONTENT_ENCODING, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName,
        HeaderValue, LAST_MODIFIED, X_CONTENT_TYPE_OPTIONS,
    },
};

use super::{Pass, Passes, kind::is_media, request::Asked};
use crate::{
    delivery::{Answer, Body, Message},
    error::Error,
    guest::judge,
};

/// The longest answer. A webview takes the answer of a scheme whole.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// The headers of the sidecar's that an element sees.
const SHOWN: [HeaderName; 6] = [
    ACCEPT_RANGES,
    CACHE_CONTROL,
    CONTENT_RANGE,
    CONTENT_TYPE,
    ETAG,
    LAST_MODIFIED,
];

/// Answers a request of a webview: as the sidecar does, if the page's pass and scope allow that, and else with a status and nothing.
pub(crate) async fn answer<T>(
    passes: Passes,
    webview: String,
    request: Request<T>,
) -> Response<Vec<u8>> {
    let outcome = match Asked::read(&request) {
        Ok(asked) => judged(&passes, &webview, asked).await,
        Err(status) => Err(status),
    };
    let mut answer = outcome.unwrap_or_else(|status| {
        let mut refusal = Response::default();
        *refusal.status_mut() = status;
        refusal
    });
    let harmless = [
        (CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (CONTENT_DISPOSITION, "attachment"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in harmless {
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    answer
}

async fn judged(
    passes: &Passes,
    webview: &str,
    asked: Asked,
) -> Result<Response<Vec<u8>>, StatusCode> {
    let pass = passes.of(webview, &asked.secret);
    let pass = pass.ok_or(StatusCode::FORBIDDEN)?;
    if asked
        .origin
        .as_ref()
        .is_some_and(|origin| *origin != pass.origin)
    {
        return Err(StatusCode::FORBIDDEN);
    }
    let path = asked.uri.path().to_owned();
    judge(&pass.scope, &pass.name, &asked.method, &asked.uri)
        .map_err(|error| told(&path, &error, StatusCode::FORBIDDEN))?;
    let work = async {
        let turn = passes.turns.acquire().await;
        let _turn = turn.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
        delivered(&pass, asked).await
    };
    let outcome = pass.left.run_until_cancelled(work).await;
    outcome.unwrap_or(Err(StatusCode::SERVICE_UNAVAILABLE))
}

async fn delivered(pass: &Pass, asked: Asked) -> Result<Response<Vec<u8>>, StatusCode> {
    let uri = asked.uri;
    let mut headers = asked.headers;
    if let Some(jar) = &pass.jar {
        jar.add_to(&mut headers, &uri);
    }
    let message = Message {
        method: asked.method,
        uri: uri.clone(),
        headers,
        body: Body::Whole(Bytes::new()),
    };
    let broken = |error| told(uri.path(), &error, StatusCode::BAD_GATEWAY);
    let delivery = pass.sidecar.deliver(message, Some(pass.wait));
    let (head, body) = delivery.await.map_err(broken)?.into_parts();
    if let Some(jar) = &pass.jar {
        jar.take_from(&head.headers, &uri);
    }
    if head.status.is_redirection() {
        // The scope would have to judge its target.
        return Err(StatusCode::BAD_GATEWAY);
    }
    if !head.status.is_success() {
        return Err(head.status);
    }
    let content_type = head.headers.get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(is_media) || head.headers.contains_key(CONTENT_ENCODING) {
        log::warn!(
            "{} of sidecar `{}` is no picture, sound, film or font; get it with `fetch`",
            uri.path(),
            pass.name
        );
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let bytes = whole(body).await.map_err(broken)?;
    let mut answer = Response::new(bytes.ok_or(StatusCode::PAYLOAD_TOO_LARGE)?);
    *answer.status_mut() = head.status;
    *answer.headers_mut() = shown(&head.headers, &pass.origin);
    Ok(answer)
}

/// Notes why an element gets nothing: it sees no more than that.
fn told(path: &str, error: &Error, status: StatusCode) -> StatusCode {
    log::warn!("an element of a page does not get {path}: {error}");
    status
}

fn shown(headers: &HeaderMap, origin: &str) -> HeaderMap {
    let mut shown = HeaderMap::new();
    for name in SHOWN {
        if let Some(value) = headers.get(&name) {
            shown.insert(name, value.clone());
        }
    }
    // Fonts, and pictures whose pixels the page reads, need it.
    if let Ok(origin) = HeaderValue::try_from(origin) {
        shown.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    shown
}

/// The whole body; none of one that is too long.
async fn whole(mut answer: Answer) -> Result<Option<Vec<u8>>, Error> {
    let is_too_long = |length| length > MOST_BYTES;
    if answer.body.length().is_some_and(is_too_long) {
        return Ok(None);
    }
    let mut whole = Vec::new();
    while let Some(chunk) = answer.body.chunk().await? {
        whole.extend_from_slice(&chunk);
        if is_too_long(whole.len() as u64) {
            return Ok(None);
        }
    }
    Ok(Some(whole))
}
