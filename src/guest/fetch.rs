//! A page's `fetch`: its request to a sidecar, and the answer.

#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt, Stream, stream};
use hyper::{
    HeaderMap, Method, Response, Uri,
    ext::ReasonPhrase,
    header::{CONTENT_LENGTH, HeaderName, HeaderValue, ORIGIN},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tauri::async_runtime;
use tokio::time::timeout;

use super::{cookies::Jar, exchange::PageLink};
use crate::{
    delivery::{Answer, Body, Message},
    error::{Kind, Result},
    path,
    sidecar::Sidecar,
};

/// The largest body that goes to the page together with its head, in one round trip.
const WHOLE_BYTES: usize = 512 * 1024;
/// How long the host waits for the whole of such a body once the head is there: servers send the two with two calls.
const WHOLE_WITHIN: Duration = Duration::from_millis(5);
/// How long the host waits for the first bytes of a longer body.
const FIRST_WITHIN: Duration = Duration::from_millis(2);

/// The head of a request that a page sends through `fetch`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FetchRequest {
    /// What the page calls this exchange, to read, write and cancel it.
    pub exchange: String,
    /// The sidecar's name; null stands for the only one.
    pub sidecar: Option<String>,
    /// The HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// Whether the body is not in this frame, but is written by and by.
    pub streams: bool,
    /// How long a body is that is written by and by, in bytes; null where nobody knows.
    #[cfg_attr(feature = "codegen", specta(type = Option<f64>))]
    pub body_bytes: Option<u64>,
    /// Whether cookies go along and are kept, if the sidecar has a jar.
    pub cookies: bool,
    /// How long to wait for a sidecar that does not serve yet, in ms; null stands for the configured time.
    #[cfg_attr(feature = "codegen", specta(type = Option<f64>))]
    pub wait_ms: Option<u64>,
}

/// The head of the answer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub(crate) struct FetchResponse {
    /// The HTTP status.
    pub status: u16,
    /// The reason phrase.
    pub status_text: String,
    /// Names and values; a name may repeat.
    pub headers: Vec<(String, String)>,
    /// What the sidecar takes for its own origin; a redirect may lead there.
    pub origin: String,
    /// Whether the body has an end that is not in this frame, and is read by and by.
    pub streams: bool,
}

/// The request headers that a page cannot set: those of one connection (RFC 9110, section 7.6.1), those that the HTTP client
/// sets, `origin`, and `cookie`, since the page's own cookies are not for the sidecar.
const NOT_SENT: [&str; 12] = [
    "connection",
    "content-length",
    "cookie",
    "host",
    "keep-alive",
    "origin",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The response headers that a page does not see: those of one connection, and cookies (Fetch Standard, "forbidden
/// response-header name").
const NOT_SHOWN: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "set-cookie",
    "set-cookie2",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

impl FetchRequest {
    /// The method and the path, which the scope judges.
    pub(crate) fn target(&self) -> Result<(Method, Uri)> {
        let method = Method::from_bytes(self.method.as_bytes());
        let method = method.map_err(|_| {
            Kind::InvalidRequest(format!("`{}` is not an HTTP method", self.method))
        })?;
        Ok((method, path::parse(&self.path)?))
    }
}

/// Sends a page's request, and gives the head of the answer with the bytes of the body that are there already. The page reads
/// the other bytes through `page`.
pub(crate) async fn fetch(
    sidecar: &Sidecar,
    jar: Option<&Jar>,
    head: FetchRequest,
    body: Bytes,
    wait: Duration,
    mut page: PageLink,
) -> Result<(FetchResponse, Bytes)> {
    let (method, uri) = head.target()?;
    check_length(&head)?;
    let mut headers = to_headers(&head.headers)?;
    let jar = jar.filter(|_| head.cookies);
    if let Some(jar) = jar {
        jar.add_to(&mut headers, &uri);
    }
    if method != Method::GET && method != Method::HEAD {
        headers.insert(ORIGIN, origin_of(sidecar)?);
    }
    // As in the Fetch Standard, "HTTP-network-or-cache fetch".
    if body.is_empty() && !head.streams && (method == Method::POST || method == Method::PUT) {
        headers.insert(CONTENT_LENGTH, 0.into());
    }
    let body = if head.streams {
        if let Some(length) = head.body_bytes {
            headers.insert(CONTENT_LENGTH, length.into());
        }
        Body::Stream(Box::pin(page.body()))
    } else {
        Body::Whole(body)
    };
    let message = Message {
        method,
        uri: uri.clone(),
        headers,
        body,
    };
    let delivery = sidecar.deliver(message, Some(wait));
    let response = page.unless_cancelled(delivery).await?;
    if let Some(jar) = jar {
        jar.take_from(response.headers(), &uri);
    }
    let mut shown = to_head(&response, sidecar.origin());
    let mut answer = response.into_body();
    let start = page.unless_cancelled(start(&mut answer)).await?;
    shown.streams = !start.whole;
    if shown.streams {
        async_runtime::spawn(page.pump(rest(answer)));
    }
    Ok((shown, start.bytes))
}

/// The origin of a page, in the eyes of its sidecar: the sidecar's own, as that of a page that it served. Servers check it
/// against forged requests (Fetch Standard, "append a request `Origin` header").
pub(super) fn origin_of(sidecar: &Sidecar) -> Result<HeaderValue> {
    let origin = sidecar.origin();
    HeaderValue::try_from(&origin)
        .map_err(|_| Kind::InvalidRequest(format!("`{origin}` is not an origin")).into())
}

/// The beginning of an answer's body, which goes to the page with the head.
struct Start {
    bytes: Bytes,
    whole: bool,
}

/// Waits a moment for the whole of a short body, or for the first bytes of a longer one, and gives what is there by then.
async fn start(answer: &mut Answer) -> Result<Start> {
    let is_short = |length| length <= WHOLE_BYTES as u64;
    let short = answer.body.length().is_some_and(is_short);
    let mut bytes = Vec::new();
    loop {
        let chunk = if short {
            timeout(WHOLE_WITHIN, answer.body.chunk()).await.ok()
        } else if bytes.is_empty() {
            timeout(FIRST_WITHIN, answer.body.chunk()).await.ok()
        } else {
            answer.body.chunk().now_or_never()
        };
        match chunk.transpose()? {
            None => return Ok(Start::of(bytes, false)),
            Some(None) => return Ok(Start::of(bytes, true)),
            Some(Some(chunk)) => bytes.extend_from_slice(&chunk),
        }
        if bytes.len() >= WHOLE_BYTES {
            return Ok(Start::of(bytes, false));
        }
    }
}

impl Start {
    fn of(bytes: Vec<u8>, whole: bool) -> Self {
        Self {
            bytes: bytes.into(),
            whole,
        }
    }
}

fn rest(answer: Answer) -> impl Stream<Item = Result<Bytes>> + Send {
    stream::try_unfold(answer, async |mut answer| {
        let chunk = answer.body.chunk().await?;
        Ok(chunk.map(|chunk| (chunk, answer)))
    })
}

/// How many bytes the headers of a request may have. Servers have different limits, so the host has one of its own.
const MAX_HEADER_BYTES: usize = 64 * 1024;

fn check_length(head: &FetchRequest) -> Result<()> {
    let lengths = head
        .headers
        .iter()
        .map(|(name, value)| name.len() + value.len());
    let length: usize = lengths.sum();
    if length <= MAX_HEADER_BYTES {
        return Ok(());
    }
    let (method, path) = (&head.method, &head.path);
    Err(Kind::InvalidRequest(format!(
        "the headers of {method} {path} take {length} bytes and may take at most {MAX_HEADER_BYTES}; send less, or as a body"
    )).into())
}

pub(crate) fn to_headers(pairs: &[(String, String)]) -> Result<HeaderMap> {
    let mut headers = HeaderMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        let parsed = HeaderName::try_from(name).ok().zip(encode(value));
        let (name, value) = parsed
            .ok_or_else(|| Kind::InvalidRequest(format!("`{name}: {value}` is not a header")))?;
        if !NOT_SENT.contains(&name.as_str()) {
            headers.append(name, value);
        }
    }
    Ok(headers)
}

fn to_head<T>(response: &Response<T>, origin: String) -> FetchResponse {
    let reason = response.extensions().get::<ReasonPhrase>();
    let canonical = response.status().canonical_reason().unwrap_or_default();
    let headers = response.headers().iter();
    FetchResponse {
        status: response.status().as_u16(),
        status_text: reason
            .map_or_else(|| canonical.to_owned(), |reason| decode(reason.as_bytes())),
        headers: headers
            .filter(|(name, _)| !NOT_SHOWN.contains(&name.as_str()))
            .map(|(name, value)| (name.to_string(), decode(value.as_bytes())))
            .collect(),
        origin,
        streams: false,
    }
}

/// Encodes a header's value as JavaScript has it, where each character is one byte (Fetch Standard, "isomorphic encode").
fn encode(value: &str) -> Option<HeaderValue> {
    let bytes: Result<Vec<u8>, _> = value.chars().map(u8::try_from).collect();
    HeaderValue::from_bytes(&bytes.ok()?).ok()
}

fn decode(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
