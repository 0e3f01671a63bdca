//! A page's `fetch`: its request to a sidecar, and the answer.

mod headers;
#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt, Stream, stream};
use hyper::{
    Method, Response, Uri,
    ext::ReasonPhrase,
    header::{
        ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, ORIGIN,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tauri::async_runtime;
use tokio::time::timeout;

pub(super) use self::headers::to_headers;
use self::headers::{NOT_SHOWN, check_length, decode};
use super::{cookies::Jar, exchange::PageLink, files::Form};
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
/// The statuses that lead elsewhere (Fetch Standard, "redirect status"); 304, for one, does not.
const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];
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

/// A request whose answer goes to a file.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct DownloadRequest {
    /// The request.
    pub request: FetchRequest,
    /// The path of the file, if the page knows it already: one that the page may not name is refused before anything is sent.
    pub to: Option<String>,
}

/// A request with a form of fields and files.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UploadRequest {
    /// The request, which has no body of its own.
    pub request: FetchRequest,
    /// The fields, which come first: names and values; a name may repeat.
    pub fields: Vec<(String, String)>,
    /// The files: names of fields, and the paths of the files; a name may repeat.
    pub files: Vec<(String, String)>,
}

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

/// The body of a page's request.
enum Carried {
    /// What the page has.
    Page(Bytes),
    /// What is on the disk, and what hears how much of it was sent.
    Form(Form, Box<dyn FnMut(u64) + Send>),
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
    let response = send(sidecar, jar, head, Carried::Page(body), wait, &mut page).await?;
    give(sidecar, response, page).await
}

/// The same for a request with a form.
pub(crate) async fn upload(
    sidecar: &Sidecar,
    jar: Option<&Jar>,
    head: FetchRequest,
    form: Form,
    tell: impl FnMut(u64) + Send + 'static,
    wait: Duration,
    mut page: PageLink,
) -> Result<(FetchResponse, Bytes)> {
    let failure = form.failure();
    let form = Carried::Form(form, Box::new(tell));
    let outcome = send(sidecar, jar, head, form, wait, &mut page).await;
    match outcome {
        Ok(response) => give(sidecar, response, page).await,
        // The connection knows only that the body broke off.
        Err(error) => Err(failure.take().unwrap_or(error)),
    }
}

/// Sends a page's request, and gives the head of the answer. The body of a good answer stays for [`Exchanges::take`].
///
/// # Errors
/// Those of [`Sidecar::deliver`]; for an error status a problem with the code of the status, and the body as `data`;
/// `failed_precondition` for a body that would have to be decoded.
///
/// [`Exchanges::take`]: super::Exchanges::take
pub(crate) async fn download(
    sidecar: &Sidecar,
    jar: Option<&Jar>,
    mut head: FetchRequest,
    body: Bytes,
    wait: Duration,
    mut page: PageLink,
) -> Result<FetchResponse> {
    let accept = ACCEPT_ENCODING.as_str();
    head.headers
        .retain(|(name, _)| !name.eq_ignore_ascii_case(accept));
    head.headers.push((accept.into(), "identity".into()));
    let request = format!("{} {}", head.method, head.path);
    let response = send(sidecar, jar, head, Carried::Page(body), wait, &mut page).await?;
    let mut shown = to_head(&response, sidecar.origin());
    if REDIRECTS.contains(&shown.status) {
        return Ok(shown);
    }
    if !response.status().is_success() {
        let status = shown.status;
        let whole = page.unless_cancelled(whole(response.into_body())).await?;
        let data = serde_json::from_slice(&whole).ok();
        return Err(Kind::Answered {
            request,
            status,
            data,
        }
        .into());
    }
    if let Some(coding) = response.headers().get(CONTENT_ENCODING)
        && coding != "identity"
    {
        let coding = decode(coding.as_bytes());
        return Err(Kind::Encoded { request, coding }.into());
    }
    shown.streams = true;
    async_runtime::spawn(page.pump(rest(response.into_body())));
    Ok(shown)
}

/// The body of an answer; no more of it than goes to a page at once.
async fn whole(mut answer: Answer) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while bytes.len() < WHOLE_BYTES
        && let Some(chunk) = answer.body.chunk().await?
    {
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn send(
    sidecar: &Sidecar,
    jar: Option<&Jar>,
    head: FetchRequest,
    carried: Carried,
    wait: Duration,
    page: &mut PageLink,
) -> Result<Response<Answer>> {
    let (method, uri) = head.target()?;
    check_length(&head)?;
    let mut headers = to_headers(&head.headers)?;
    let jar = jar.filter(|_| head.cookies);
    if let Some(jar) = jar {
        jar.add_to(&mut headers, &uri);
    }
    let is_read_only = method == Method::GET || method == Method::HEAD;
    if !is_read_only {
        headers.insert(ORIGIN, origin_of(sidecar)?);
    }
    let body = match carried {
        Carried::Page(_) if head.streams => {
            if let Some(length) = head.body_bytes {
                headers.insert(CONTENT_LENGTH, length.into());
            }
            Body::Stream(Box::pin(page.body()))
        }
        Carried::Page(body) => {
            // As in the Fetch Standard, "HTTP-network-or-cache fetch".
            if body.is_empty() && (method == Method::POST || method == Method::PUT) {
                headers.insert(CONTENT_LENGTH, 0.into());
            }
            Body::Whole(body)
        }
        Carried::Form(_, _) if is_read_only => {
            return Err(Kind::InvalidRequest(format!(
                "{method} sends no form; use POST, PUT or PATCH"
            ))
            .into());
        }
        Carried::Form(form, tell) => {
            headers.insert(CONTENT_LENGTH, form.length().into());
            let kind = HeaderValue::try_from(form.content_type());
            headers.insert(CONTENT_TYPE, kind.expect("a boundary is ASCII"));
            Body::Stream(form.into_stream(tell))
        }
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
    Ok(response)
}

/// Gives an answer to the page.
async fn give(
    sidecar: &Sidecar,
    response: Response<Answer>,
    page: PageLink,
) -> Result<(FetchResponse, Bytes)> {
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
