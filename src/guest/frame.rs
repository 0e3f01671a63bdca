//! The frame in which a page and the host send each other a head and bytes in one message.

use bytes::Bytes;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tauri::ipc::{self, InvokeBody};

use crate::error::{Error, Kind, Result};

/// Splits a frame into head and body. A frame is the length of the head as four bytes, the most significant first, then the
/// head as JSON, then the body.
///
/// # Errors
/// `invalid_argument` when the message is not a frame.
pub(crate) fn split<Head: DeserializeOwned>(request: &ipc::Request<'_>) -> Result<(Head, Bytes)> {
    match request.body() {
        InvokeBody::Raw(frame) => parse(frame),
        // Where a page's CSP keeps Tauri from its `ipc:` scheme, bytes arrive as an array of numbers.
        InvokeBody::Json(numbers) => {
            let frame = Vec::<u8>::deserialize(numbers).map_err(|_| malformed("is not bytes"))?;
            parse(&frame)
        }
    }
}

fn parse<Head: DeserializeOwned>(frame: &[u8]) -> Result<(Head, Bytes)> {
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
    Ok((head, Bytes::copy_from_slice(body)))
}

/// Makes a frame of a head and a body.
pub(crate) fn join(head: &impl Serialize, body: &[u8]) -> Vec<u8> {
    let head = serde_json::to_vec(head).expect("a head is plain JSON");
    let length = u32::try_from(head.len()).expect("a head is far below 4 GiB");
    let mut frame = Vec::with_capacity(4 + head.len() + body.len());
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&head);
    frame.extend_from_slice(body);
    frame
}

fn malformed(what: &str) -> Error {
    Kind::InvalidRequest(format!("the frame {what}; call through the guest package")).into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn what_was_put_together_comes_apart() {
        let frame = join(&json!({ "a": 1 }), b"body");
        let (head, body) = parse::<Value>(&frame).expect("whole");
        assert_eq!((head, body.as_ref()), (json!({ "a": 1 }), &b"body"[..]));
    }

    #[test]
    fn a_frame_cut_anywhere_is_refused() {
        let whole = join(&json!({ "method": "GET" }), b"");
        for end in 0..whole.len() {
            let error = parse::<Value>(&whole[..end]).expect_err("cut");
            assert_eq!(error.code(), ErrorCode::InvalidArgument, "{end}");
        }
    }
}
