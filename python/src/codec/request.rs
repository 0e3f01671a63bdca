use std::fmt;

/// A request to the host, without its body's bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// The method: `GET`, `POST` or `DELETE`.
    pub method: &'a str,
    /// Path and query, percent-encoded.
    pub target: &'a str,
    /// The token of this generation's lease.
    pub token: &'a str,
    /// The label for the header `Bridge-Window`.
    pub window: Option<&'a str>,
    /// The arguments for the header `Bridge-Channels`, with commas between them.
    pub channels: Option<&'a str>,
    /// Headers for the command: names and values.
    pub headers: &'a [(String, String)],
    /// How the command is undone, for the header `Bridge-Undo`.
    pub undo: Option<&'a str>,
    /// How long the caller waits, for the header `Bridge-Timeout-Ms`.
    pub timeout_ms: Option<u64>,
    /// The id of the last event that came, for the header `Last-Event-ID`.
    pub last_event_id: Option<&'a str>,
    /// The media type and the length in bytes of the body, if there is one.
    pub body: Option<(&'a str, usize)>,
}

/// A part of a request that HTTP cannot carry: it would begin another header field or another request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRequest(&'static str);

impl fmt::Display for InvalidRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the {} has a character that a header cannot carry",
            self.0
        )
    }
}

impl std::error::Error for InvalidRequest {}

impl Request<'_> {
    /// The request line and the header, to be sent in front of the body.
    ///
    /// # Errors
    /// When a part has a character that HTTP does not allow in its place.
    pub fn encode(&self) -> Result<Vec<u8>, InvalidRequest> {
        check(self.method, "method", u8::is_ascii_uppercase)?;
        check(self.target, "target", u8::is_ascii_graphic)?;
        check_token(self.token)?;
        let mut text = String::with_capacity(256 + self.target.len());
        text.extend([
            self.method,
            " ",
            self.target,
            " HTTP/1.1\r\nhost: localhost\r\n",
        ]);
        text.extend(["authorization: Bearer ", self.token, "\r\n"]);
        if let Some(label) = self.window {
            // RFC 9110 section 5.5 lets anything but control characters through, UTF-8 included.
            check(label, "window label", |byte| !byte.is_ascii_control())?;
            text.extend(["bridge-window: ", label, "\r\n"]);
        }
        if let Some(names) = self.channels {
            check(names, "channel's name", |byte| !byte.is_ascii_control())?;
            text.extend(["bridge-channels: ", names, "\r\n"]);
        }
        for (name, value) in self.headers {
            check(name, "header's name", |byte| is_token(*byte))?;
            // RFC 9110 section 5.5, without what is not ASCII.
            check(value, "header's value", |byte| matches!(byte, b' '..=b'~'))?;
            text.extend(["bridge-header-", name, ": ", value, "\r\n"]);
        }
        if let Some(order) = self.undo {
            check(order, "way to undo it", |byte| !byte.is_ascii_control())?;
            text.extend(["bridge-undo: ", order, "\r\n"]);
        }
        if let Some(timeout_ms) = self.timeout_ms {
            text.extend(["bridge-timeout-ms: ", &timeout_ms.to_string(), "\r\n"]);
        }
        if let Some(id) = self.last_event_id {
            check(id, "event's id", u8::is_ascii_graphic)?;
            text.extend(["last-event-id: ", id, "\r\n"]);
        }
        if let Some((media_type, length)) = self.body {
            check(media_type, "media type", u8::is_ascii_graphic)?;
            let length = length.to_string();
            text.extend([
                "content-type: ",
                media_type,
                "\r\ncontent-length: ",
                &length,
                "\r\n",
            ]);
        } else if self.method != "GET" {
            text.push_str("content-length: 0\r\n");
        }
        text.push_str("\r\n");
        Ok(text.into_bytes())
    }
}

/// Refuses a token that a header cannot carry.
pub(crate) fn check_token(token: &str) -> Result<(), InvalidRequest> {
    check(token, "token", u8::is_ascii_graphic)
}

/// RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn check(
    text: &str,
    what: &'static str,
    allowed: impl Fn(&u8) -> bool,
) -> Result<(), InvalidRequest> {
    if !text.is_empty() && text.bytes().all(|byte| allowed(&byte)) {
        Ok(())
    } else {
        Err(InvalidRequest(what))
    }
}
