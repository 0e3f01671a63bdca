//! Frames: four bytes of length, four of the call's number, then a message of HTTP/1.1 or a piece of one.

use std::io::{self, ErrorKind};

use axum::{
    body::Body,
    extract::Request,
    http::{
        HeaderName, HeaderValue, Method, Uri,
        header::{CONTENT_LENGTH, TRANSFER_ENCODING},
    },
};
use bytes::{Buf, BufMut, Bytes, BytesMut};

/// The longest request, head and body. A client sends longer ones over a connection of their own.
pub(super) const MOST_REQUEST_BYTES: usize = 128 * 1024;

/// The longest piece of an answer, so that a long one does not hold up short ones.
pub(super) const PIECE_BYTES: usize = 64 * 1024;

const HEAD_BYTES: usize = 8;

/// In the length of a frame: another piece of the same message follows.
const MORE: u32 = 1 << 31;

const MAX_HEADERS: usize = 64;

pub(super) fn malformed(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

/// Takes the next whole frame of the input: a call, and its request; without bytes the client gives the call up.
pub(super) fn take(input: &mut BytesMut) -> io::Result<Option<(u32, Bytes)>> {
    let Some((mut head, rest)) = input.split_at_checked(HEAD_BYTES) else {
        return Ok(None);
    };
    let (length, call) = (head.get_u32() as usize, head.get_u32());
    if length > MOST_REQUEST_BYTES {
        return Err(malformed("a request that is too long for a frame"));
    }
    if rest.len() < length {
        return Ok(None);
    }
    input.advance(HEAD_BYTES);
    Ok(Some((call, input.split_to(length).freeze())))
}

/// Writes one frame.
pub(super) fn write(output: &mut BytesMut, call: u32, more: bool, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let length = u32::try_from(length).expect("a piece is short");
    output.put_u32(if more { length | MORE } else { length });
    output.put_u32(call);
    for part in parts {
        output.extend_from_slice(part);
    }
}

/// Reads a request of HTTP/1.1, head and body. Its parts stay where they are.
pub(super) fn request(message: &Bytes) -> io::Result<Request> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut fields);
    let length = match parsed.parse(message) {
        Ok(httparse::Status::Complete(length)) if parsed.version == Some(1) => length,
        _ => return Err(malformed("a request that is not HTTP/1.1")),
    };
    let bad = |_| malformed("a request line that is not HTTP/1.1");
    let method = Method::from_bytes(parsed.method.unwrap_or_default().as_bytes());
    let target = message.slice_ref(parsed.path.unwrap_or_default().as_bytes());
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method.map_err(|_| malformed("a method that is not HTTP/1.1"))?;
    *request.uri_mut() = Uri::from_maybe_shared(target).map_err(bad)?;
    let headers = request.headers_mut();
    for field in parsed.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes());
        let value = HeaderValue::from_maybe_shared(message.slice_ref(field.value));
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(malformed("a header field that is not HTTP/1.1"));
        };
        headers.append(name, value);
    }
    let body = message.slice(length..);
    let mut announced = headers.get_all(CONTENT_LENGTH).iter();
    let fits = match (announced.next(), announced.next()) {
        (None, None) => body.is_empty(),
        (Some(announced), None) => announced.as_bytes() == body.len().to_string().as_bytes(),
        _ => false,
    };
    if !fits || headers.contains_key(TRANSFER_ENCODING) {
        return Err(malformed("a body of another length than the frame has"));
    }
    *request.body_mut() = Body::from(body);
    Ok(request)
}
