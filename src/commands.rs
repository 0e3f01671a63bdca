//! The guest's border: parse, delegate, return.

use axum::body::Bytes;
use http_body_util::Full;
use hyper::{
    HeaderMap, Method, Request, Response, Uri,
    header::{HeaderName, HeaderValue},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tauri::{
    State,
    ipc::{self, InvokeBody},
};

use crate::{Error, OutputLine, Result, SidecarBridge, Status};

/// Answers with the status of a sidecar; without a name, of the only one.
#[tauri::command]
#[cfg_attr(feature = "codegen", specta::specta)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
pub(crate) fn status(bridge: State<'_, SidecarBridge>, sidecar: Option<String>) -> Result<Status> {
    Ok(bridge.sidecar_or_only(sidecar.as_deref())?.status())
}

/// Answers with the last lines that a sidecar wrote, oldest first.
#[tauri::command]
#[cfg_attr(feature = "codegen", specta::specta)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
pub(crate) fn logs(
    bridge: State<'_, SidecarBridge>,
    sidecar: Option<String>,
) -> Result<Vec<OutputLine>> {
    Ok(bridge.sidecar_or_only(sidecar.as_deref())?.logs())
}

/// Starts a sidecar that was stopped or has failed, and answers once it serves.
#[tauri::command]
#[cfg_attr(feature = "codegen", specta::specta)]
pub(crate) async fn start(bridge: State<'_, SidecarBridge>, sidecar: Option<String>) -> Result<()> {
    bridge.sidecar_or_only(sidecar.as_deref())?.start().await
}

/// Ends a sidecar, and answers once it has ended.
#[tauri::command]
#[cfg_attr(feature = "codegen", specta::specta)]
pub(crate) async fn stop(bridge: State<'_, SidecarBridge>, sidecar: Option<String>) -> Result<()> {
    bridge.sidecar_or_only(sidecar.as_deref())?.stop().await
}

/// Ends a sidecar if it lives, starts its next generation, and answers once that serves.
#[tauri::command]
#[cfg_attr(feature = "codegen", specta::specta)]
pub(crate) async fn restart(
    bridge: State<'_, SidecarBridge>,
    sidecar: Option<String>,
) -> Result<()> {
    bridge.sidecar_or_only(sidecar.as_deref())?.restart().await
}

/// The head of a request that a page sends through `fetch`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FetchRequest {
    /// The sidecar's name; null stands for the only one.
    pub sidecar: Option<String>,
    /// The HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
}

/// The head of the answer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub(crate) struct FetchResponse {
    /// The HTTP status.
    pub status: u16,
    /// Names and values; a name may repeat.
    pub headers: Vec<(String, String)>,
}

/// Passes a page's request on to a sidecar. One frame each way: the length of the head as four bytes, the most
/// significant first, the head as JSON, the body.
#[tauri::command]
pub(crate) async fn fetch(
    bridge: State<'_, SidecarBridge>,
    request: ipc::Request<'_>,
) -> Result<ipc::Response> {
    let (head, body) = match request.body() {
        InvokeBody::Raw(frame) => split_frame(frame, bridge.max_body_bytes())?,
        // Where a page's CSP keeps Tauri from its `ipc:` scheme, bytes arrive as an array of numbers.
        InvokeBody::Json(numbers) => {
            let frame = Vec::<u8>::deserialize(numbers).map_err(|_| malformed("is not bytes"))?;
            split_frame(&frame, bridge.max_body_bytes())?
        }
    };
    let sidecar = bridge.sidecar_or_only(head.sidecar.as_deref())?;
    let response = sidecar.send(to_request(&head, body)?).await?;
    Ok(ipc::Response::new(join_frame(&response)))
}

/// The headers that belong to one connection and not to the message (RFC 9110, 7.6.1), and those that the client sets.
const NOT_PASSED_ON: [&str; 10] = [
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

fn malformed(what: &str) -> Error {
    Error::InvalidRequest(format!(
        "the frame {what}; call `fetch` through the guest package"
    ))
}

fn split_frame(frame: &[u8], max_body_bytes: usize) -> Result<(FetchRequest, Bytes)> {
    let (length, rest) = frame
        .split_first_chunk::<4>()
        .ok_or_else(|| malformed("is shorter than its length"))?;
    let length =
        usize::try_from(u32::from_be_bytes(*length)).map_err(|_| malformed("is too long"))?;
    let (head, body) = rest
        .split_at_checked(length)
        .ok_or_else(|| malformed("is shorter than it says"))?;
    let head = serde_json::from_slice(head)
        .map_err(|error| malformed(&format!("has a bad head: {error}")))?;
    if body.len() > max_body_bytes {
        return Err(Error::BodyTooLarge {
            limit_bytes: max_body_bytes,
        });
    }
    Ok((head, Bytes::copy_from_slice(body)))
}

fn to_request(head: &FetchRequest, body: Bytes) -> Result<Request<Full<Bytes>>> {
    let method = Method::from_bytes(head.method.as_bytes())
        .map_err(|_| Error::InvalidRequest(format!("`{}` is not an HTTP method", head.method)))?;
    let uri = Uri::try_from(&head.path)
        .ok()
        .filter(|uri| {
            uri.scheme().is_none() && uri.authority().is_none() && head.path.starts_with('/')
        })
        .ok_or_else(|| {
            Error::InvalidRequest(format!("`{}` is not a path; begin it with `/`", head.path))
        })?;
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = to_headers(&head.headers)?;
    Ok(request)
}

fn to_headers(pairs: &[(String, String)]) -> Result<HeaderMap> {
    let mut headers = HeaderMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        let parsed = HeaderName::try_from(name).ok().zip(encode(value));
        let (name, value) = parsed
            .ok_or_else(|| Error::InvalidRequest(format!("`{name}: {value}` is not a header")))?;
        if !NOT_PASSED_ON.contains(&name.as_str()) {
            headers.append(name, value);
        }
    }
    Ok(headers)
}

/// A header's value as the Fetch Standard has it in JavaScript: each character is one byte ("isomorphic encode").
fn encode(value: &str) -> Option<HeaderValue> {
    let bytes: Result<Vec<u8>, _> = value.chars().map(u8::try_from).collect();
    HeaderValue::from_bytes(&bytes.ok()?).ok()
}

fn decode(value: &HeaderValue) -> String {
    value.as_bytes().iter().copied().map(char::from).collect()
}

fn join_frame(response: &Response<Bytes>) -> Vec<u8> {
    let headers = response.headers().iter();
    let head = FetchResponse {
        status: response.status().as_u16(),
        headers: headers
            .filter(|(name, _)| !NOT_PASSED_ON.contains(&name.as_str()))
            .map(|(name, value)| (name.to_string(), decode(value)))
            .collect(),
    };
    let head = serde_json::to_vec(&head).expect("a head is plain JSON");
    let length = u32::try_from(head.len()).expect("headers are far below 4 GiB");
    let mut frame = Vec::with_capacity(4 + head.len() + response.body().len());
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&head);
    frame.extend_from_slice(response.body());
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(head: &str, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(head.len()).expect("short").to_be_bytes();
        [&length, head.as_bytes(), body].concat()
    }

    #[test]
    fn a_frame_gives_head_and_body() {
        let frame = frame(
            r#"{"sidecar":null,"method":"POST","path":"/a?b=1","headers":[["X-A","1"],["Host","evil"]]}"#,
            b"body",
        );
        let (head, body) = split_frame(&frame, 4).expect("valid");
        let request = to_request(&head, body).expect("valid");
        assert_eq!(
            (
                request.method().as_str(),
                request.uri().to_string().as_str()
            ),
            ("POST", "/a?b=1")
        );
        assert_eq!(
            request.headers().len(),
            1,
            "the host header is not passed on"
        );
    }

    #[test]
    fn a_frame_cut_anywhere_is_refused() {
        let whole = frame(
            r#"{"sidecar":null,"method":"GET","path":"/","headers":[]}"#,
            b"",
        );
        for end in 0..whole.len() {
            let error = split_frame(&whole[..end], 9).expect_err("cut");
            assert_eq!(error.code(), crate::ErrorCode::InvalidArgument, "{end}");
        }
    }

    #[test]
    fn a_body_over_the_limit_is_refused() {
        let frame = frame(
            r#"{"sidecar":null,"method":"GET","path":"/","headers":[]}"#,
            b"12345",
        );
        assert_eq!(
            split_frame(&frame, 4).expect_err("long").code(),
            crate::ErrorCode::ResourceExhausted
        );
    }

    #[test]
    fn a_path_cannot_name_another_server() {
        for path in [
            "",
            "a",
            "http://example.com/",
            "//example.com",
            "*",
            "/a b",
            "/\r\nX: y",
        ] {
            let head = FetchRequest {
                sidecar: None,
                method: "GET".into(),
                path: path.into(),
                headers: vec![],
            };
            let outcome = to_request(&head, Bytes::new());
            assert!(outcome.is_err() || path == "//example.com", "{path}");
        }
    }

    #[test]
    fn a_header_is_bytes_and_each_character_is_one() {
        let headers = to_headers(&[("X-Name".into(), "J\u{fc}rgen".into())]).expect("Latin-1");
        assert_eq!(headers["x-name"].as_bytes(), b"J\xfcrgen");
        assert_eq!(decode(&headers["x-name"]), "J\u{fc}rgen");
        assert!(to_headers(&[("X-Name".into(), "\u{20ac}".into())]).is_err());
    }

    #[test]
    fn repeated_headers_stay_repeated() {
        let response = Response::builder()
            .header("set-cookie", "a")
            .header("set-cookie", "b")
            .body(Bytes::new());
        let frame = join_frame(&response.expect("valid"));
        assert!(
            String::from_utf8_lossy(&frame).contains(r#"["set-cookie","a"],["set-cookie","b"]"#)
        );
    }
}
