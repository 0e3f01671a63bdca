//! What goes with a command into Tauri: its arguments, and headers beside them.

use axum::http::{HeaderMap, HeaderName};
use serde_json::Value;
use tauri::ipc::InvokeBody;

use crate::error::{Kind, Result};

/// What a header of the request begins with that is one for the command.
const PREFIX: &str = "bridge-header-";

/// Headers that belong to the IPC of pages, to the connection or to who calls. A command that reads one of them asks Tauri,
/// not its caller.
const REFUSED: [&str; 15] = [
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The beginnings of such headers.
const REFUSED_PREFIXES: [&str; 5] = ["access-control-", "bridge-", "proxy-", "sec-", "tauri-"];

/// The arguments of a command, and the headers that it may read.
#[derive(Clone, Debug, Default)]
pub(super) struct Message {
    pub body: InvokeBody,
    pub headers: HeaderMap,
}

impl Message {
    /// A message with the headers that a request has for the command.
    pub(super) fn new(body: InvokeBody, headers: HeaderMap) -> Self {
        Self { body, headers }
    }
}

impl From<Value> for Message {
    fn from(arguments: Value) -> Self {
        Self::new(InvokeBody::Json(arguments), HeaderMap::new())
    }
}

/// The headers for the command: `Bridge-Header-Path` of the request is `Path` to the command.
///
/// # Errors
/// `invalid_argument` for a header that belongs to IPC or the transport, and for a value that is not visible ASCII.
pub(super) fn command_headers(request: &HeaderMap) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in request {
        let Some(name) = name.as_str().strip_prefix(PREFIX) else {
            continue;
        };
        let is_refused = REFUSED.contains(&name)
            || REFUSED_PREFIXES
                .iter()
                .any(|prefix| name.starts_with(prefix));
        if is_refused {
            return Err(Kind::InvalidRequest(format!(
                "header `{name}` belongs to the IPC of pages or to the connection, and is not for a caller to set; give what the \
                 command reads under another name, or as an argument"
            )).into());
        }
        // The name is a token already, unless nothing is left of it.
        let parsed: HeaderName = name.parse().map_err(|_| {
            Kind::InvalidRequest(format!(
                "`{PREFIX}{name}` names no header for the command; send such as `{PREFIX}path`"
            ))
        })?;
        if value.to_str().is_err() {
            return Err(Kind::InvalidRequest(format!(
                "header `{name}` is not visible ASCII; percent-encode its value"
            ))
            .into());
        }
        headers.append(parsed, value.clone());
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn request(name: &'static str, value: &'static [u8]) -> HeaderMap {
        let value = HeaderValue::from_bytes(value).expect("a value");
        HeaderMap::from_iter([(HeaderName::from_static(name), value)])
    }

    #[test]
    fn what_is_for_the_command_loses_its_prefix_and_the_rest_stays() {
        let mut sent = request("bridge-header-path", b"/a%20b");
        sent.extend(request("bridge-window", b"main"));
        sent.extend(request("content-type", b"application/json"));
        let headers = command_headers(&sent).expect("allowed");
        assert_eq!(headers.len(), 1);
        assert_eq!(headers["path"], "/a%20b");
    }

    #[test]
    fn what_belongs_to_ipc_or_the_transport_is_refused_by_name() {
        for name in [
            "bridge-header-origin",
            "bridge-header-content-type",
            "bridge-header-transfer-encoding",
            "bridge-header-tauri-invoke-key",
            "bridge-header-bridge-window",
            "bridge-header-sec-fetch-site",
        ] {
            let refused = command_headers(&request(name, b"x")).expect_err(name);
            let name = name.strip_prefix(PREFIX).expect("it has the prefix");
            assert!(
                refused.to_string().contains(&format!("`{name}`")),
                "{refused}"
            );
        }
    }

    #[test]
    fn a_header_without_a_name_and_a_value_beyond_ascii_are_refused() {
        let refused = command_headers(&request("bridge-header-", b"x")).expect_err("no name");
        assert!(refused.to_string().contains("names no header"), "{refused}");
        let refused = command_headers(&request("bridge-header-path", b"\xc3\xa9"));
        let refused = refused.expect_err("not ASCII").to_string();
        assert!(refused.contains("percent-encode"), "{refused}");
    }
}
