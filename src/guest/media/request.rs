//! A request of an element, read from its URL and headers.

#[cfg(test)]
mod tests;

use hyper::{
    HeaderMap, Method, Request, StatusCode, Uri,
    header::{
        ACCEPT, ACCEPT_LANGUAGE, HeaderName, HeaderValue, IF_RANGE, ORIGIN, RANGE, USER_AGENT,
    },
};
use url::Url;

use super::{HOST, SCHEME};
use crate::path;

/// The headers that go on to the sidecar.
const PASSED_ON: [HeaderName; 4] = [ACCEPT, ACCEPT_LANGUAGE, IF_RANGE, USER_AGENT];

/// For what a webview may want an answer, in words of `Sec-Fetch-Dest`; not for a document, a frame, a script or a style. `WebKit`
/// says nothing of it here.
const USES: [&str; 6] = ["audio", "empty", "font", "image", "track", "video"];

/// How many bytes an answer to a request for a range has at most: films are asked for to their ends.
const PIECE_BYTES: u64 = 4 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Asked {
    pub method: Method,
    /// What the page's pass has.
    pub secret: String,
    /// Path and query at the sidecar.
    pub uri: Uri,
    /// The origin of the page or frame that asks, if the webview tells.
    pub origin: Option<HeaderValue>,
    /// For the sidecar.
    pub headers: HeaderMap,
}

impl Asked {
    /// Reads a request.
    ///
    /// # Errors
    /// The status of the answer to what no element of a page would ask.
    pub(super) fn read<T>(request: &Request<T>) -> Result<Self, StatusCode> {
        let method = request.method();
        if method != Method::GET && method != Method::HEAD {
            return Err(StatusCode::METHOD_NOT_ALLOWED);
        }
        let uri = request.uri();
        if uri.authority().is_none_or(|authority| authority != HOST) {
            return Err(StatusCode::NOT_FOUND);
        }
        let given = request.headers();
        let usage = given.get("sec-fetch-dest");
        if usage.is_some_and(|usage| !USES.iter().any(|known| usage == known)) {
            return Err(StatusCode::FORBIDDEN);
        }
        let whole = uri.path_and_query().map_or("/", |whole| whole.as_str());
        let whole = whole.strip_prefix('/').unwrap_or(whole);
        let (secret, path) = whole.split_at(whole.find('/').ok_or(StatusCode::NOT_FOUND)?);
        let mut headers = HeaderMap::new();
        for name in PASSED_ON {
            if let Some(value) = given.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        if let Some(range) = given.get(RANGE).and_then(piece) {
            headers.insert(RANGE, range);
        }
        Ok(Self {
            method: method.clone(),
            secret: secret.to_owned(),
            uri: path::parse(path).map_err(|_| StatusCode::BAD_REQUEST)?,
            origin: given.get(ORIGIN).cloned(),
            headers,
        })
    }
}

/// A range of at most [`PIECE_BYTES`] at the beginning of the one that is asked for. None of several ranges, or of the last bytes:
/// then the whole is asked for.
fn piece(range: &HeaderValue) -> Option<HeaderValue> {
    let (first, last) = range
        .to_str()
        .ok()?
        .strip_prefix("bytes=")?
        .split_once('-')?;
    let first: u64 = first.parse().ok()?;
    let most = first.checked_add(PIECE_BYTES - 1)?;
    let last = if last.is_empty() {
        most
    } else {
        last.parse::<u64>().ok()?.min(most)
    };
    HeaderValue::try_from(format!("bytes={first}-{last}")).ok()
}

/// Whether a URL is one of the scheme, which no page and no frame may have.
pub(crate) fn is_of_scheme(url: &Url) -> bool {
    if cfg!(windows) {
        let rest = url.host_str().and_then(|host| host.strip_prefix(SCHEME));
        rest.is_some_and(|rest| rest.starts_with('.'))
    } else {
        url.scheme().eq_ignore_ascii_case(SCHEME)
    }
}
