//! The headers of a request and of an answer, as a page has them.

use hyper::{
    HeaderMap,
    header::{HeaderName, HeaderValue},
};

use super::FetchRequest;
use crate::error::{Kind, Result};

/// The request headers that a page cannot set: those of one connection (RFC 9110, section 7.6.1), those that the HTTP client
/// sets, `origin`, and `cookie`, since the page's own cookies are not for the sidecar.
pub(super) const NOT_SENT: [&str; 12] = [
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
pub(super) const NOT_SHOWN: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "set-cookie",
    "set-cookie2",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// How many bytes the headers of a request may have. Servers have different limits, so the host has one of its own.
const MAX_HEADER_BYTES: usize = 64 * 1024;

pub(super) fn check_length(head: &FetchRequest) -> Result<()> {
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

pub(in crate::guest) fn to_headers(pairs: &[(String, String)]) -> Result<HeaderMap> {
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

/// Encodes a header's value as JavaScript has it, where each character is one byte (Fetch Standard, "isomorphic encode").
fn encode(value: &str) -> Option<HeaderValue> {
    let bytes: Result<Vec<u8>, _> = value.chars().map(u8::try_from).collect();
    HeaderValue::from_bytes(&bytes.ok()?).ok()
}

/// Decodes it so.
pub(super) fn decode(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
