use std::mem::MaybeUninit;

use httparse::Status;

use super::{DecodeError, MAX_HEADER_BYTES, body::Body};

const MAX_HEADERS: usize = 64;

/// What a client of the bridge needs to know of a response's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The status code, 200 to 999.
    pub status: u16,
    /// The media type without parameters, in lower case; empty if there is none.
    pub content_type: String,
    /// The header `bridge-undo`: under which number the host undoes what the call made.
    pub undo: Option<String>,
    /// Whether the connection stays open after the response.
    pub(super) keep_alive: bool,
}

impl Head {
    /// The length of a head that switches the protocol (RFC 9110 section 7.8). `None` when more bytes are needed.
    #[cfg(unix)]
    pub(crate) fn switched(bytes: &[u8]) -> Result<Option<usize>, DecodeError> {
        let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut []);
        let parser = httparse::ParserConfig::default();
        match parser.parse_response_with_uninit_headers(&mut response, bytes, &mut headers) {
            Ok(Status::Complete(length)) if response.code == Some(101) => Ok(Some(length)),
            Ok(Status::Partial) if bytes.len() <= MAX_HEADER_BYTES => Ok(None),
            _ => Err(DecodeError::Malformed("the host does not switch to calls")),
        }
    }

    /// The head, the body that follows it if any, and the length of the head. `None` when more bytes are needed.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Self, Option<Body>, usize)>, DecodeError> {
        let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut []);
        let parser = httparse::ParserConfig::default();
        let parsed = parser.parse_response_with_uninit_headers(&mut response, bytes, &mut headers);
        let length = match parsed {
            Ok(Status::Complete(length)) if length <= MAX_HEADER_BYTES => length,
            Ok(Status::Partial) if bytes.len() <= MAX_HEADER_BYTES => return Ok(None),
            Ok(_) => return Err(DecodeError::HeaderTooLarge),
            Err(httparse::Error::TooManyHeaders) => {
                return Err(DecodeError::Malformed("more than 64 header fields"));
            }
            Err(_) => return Err(DecodeError::Malformed("the status line or a header field")),
        };
        let status = response.code.unwrap_or_default();
        // RFC 9112, section 6.1: such a framing is faulty.
        if response.version == Some(0)
            && (response.headers.iter()).any(|it| it.name.eq_ignore_ascii_case("transfer-encoding"))
        {
            return Err(DecodeError::Malformed("a `transfer-encoding` in HTTP/1.0"));
        }
        let Fields {
            content_type,
            undo,
            close,
            body,
        } = Fields::read(response.headers)?;
        let body = match (status, body) {
            (..200 | 204 | 304, _) | (_, Body::Fixed { left: 0 }) => None,
            (_, body) => Some(body),
        };
        let keep_alive =
            response.version == Some(1) && !close && !matches!(body, Some(Body::UntilClose));
        Ok(Some((
            Self {
                status,
                content_type,
                undo,
                keep_alive,
            },
            body,
            length,
        )))
    }
}

/// The header fields that say where a response ends, and those that a client needs.
struct Fields {
    content_type: String,
    undo: Option<String>,
    close: bool,
    body: Body,
}

impl Fields {
    /// RFC 9112 section 6.3. What could be read in two ways is refused, since that is how requests are smuggled.
    fn read(headers: &[httparse::Header<'_>]) -> Result<Self, DecodeError> {
        let (mut content_type, mut undo, mut close) = (String::new(), None, false);
        let (mut length, mut chunked) = (None, false);
        for header in headers {
            let value = header.value.trim_ascii();
            match header.name {
                name if name.eq_ignore_ascii_case("content-type") => {
                    content_type = media_type(value);
                }
                name if name.eq_ignore_ascii_case("bridge-undo") => {
                    undo = Some(String::from_utf8_lossy(value).into_owned());
                }
                name if name.eq_ignore_ascii_case("connection") => {
                    let mut options = value.split(|byte| *byte == b',');
                    close |=
                        options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"));
                }
                name if name.eq_ignore_ascii_case("content-length") => {
                    let declared = decimal(value)?;
                    if length.is_some() {
                        return Err(DecodeError::Malformed("more than one `content-length`"));
                    }
                    length = Some(declared);
                }
                name if name.eq_ignore_ascii_case("transfer-encoding") => {
                    if chunked || !value.eq_ignore_ascii_case(b"chunked") {
                        return Err(DecodeError::Malformed(
                            "a `transfer-encoding` other than `chunked`",
                        ));
                    }
                    chunked = true;
                }
                _ => {}
            }
        }
        let body = match (chunked, length) {
            (true, Some(_)) => {
                return Err(DecodeError::Malformed(
                    "both `transfer-encoding` and `content-length`",
                ));
            }
            (true, None) => Body::chunked(),
            (false, Some(left)) => Body::Fixed { left },
            (false, None) => Body::UntilClose,
        };
        Ok(Self {
            content_type,
            undo,
            close,
            body,
        })
    }
}

fn media_type(value: &[u8]) -> String {
    let essence = value.split(|byte| *byte == b';').next().unwrap_or_default();
    let mut essence = String::from_utf8_lossy(essence.trim_ascii()).into_owned();
    essence.make_ascii_lowercase();
    essence
}

/// `str::parse` would take a sign.
fn decimal(value: &[u8]) -> Result<u64, DecodeError> {
    let malformed = DecodeError::Malformed("`content-length` is not a number");
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(malformed);
    }
    std::str::from_utf8(value)
        .ok()
        .and_then(|digits| digits.parse().ok())
        .ok_or(malformed)
}
