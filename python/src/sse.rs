//! Server-Sent Events without I/O, as the host sends them (WHATWG HTML, section 9.2.6).

use std::{fmt, mem};

/// One thing that a stream of events says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A line that begins with a colon, without the colon and one space.
    Comment(String),
    /// An event.
    Event {
        /// Its type; empty if it has none.
        name: String,
        /// Its `data` lines, joined by line feeds.
        data: String,
    },
}

/// An event that is not UTF-8 or over the limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidStream {
    /// A line is not UTF-8.
    Encoding,
    /// An event is over the limit in bytes.
    TooLarge(usize),
}

impl fmt::Display for InvalidStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding => write!(f, "an event is not UTF-8"),
            Self::TooLarge(limit) => write!(
                f,
                "an event is over the limit of {limit} bytes; raise `max_body_bytes`"
            ),
        }
    }
}

impl std::error::Error for InvalidStream {}

/// Turns the bytes of a stream into messages.
#[derive(Debug)]
pub struct Parser {
    line: Vec<u8>,
    has_begun: bool,
    id: String,
    last_id: String,
    name: String,
    data: Option<String>,
    after_carriage_return: bool,
    max_event_bytes: usize,
}

impl Parser {
    /// A parser that refuses events over that size.
    #[must_use]
    pub fn new(max_event_bytes: usize) -> Self {
        Self {
            line: Vec::new(),
            has_begun: false,
            id: String::new(),
            last_id: String::new(),
            name: String::new(),
            data: None,
            after_carriage_return: false,
            max_event_bytes,
        }
    }

    /// The messages that the next bytes complete.
    ///
    /// # Errors
    /// When a line is not UTF-8 or an event is over the limit. The stream is of no use after that.
    pub fn receive(&mut self, mut input: &[u8]) -> Result<Vec<Message>, InvalidStream> {
        let mut messages = Vec::new();
        while !input.is_empty() {
            // A line ends in CR, LF or CR LF; the LF of a CR LF may come in the next input.
            if mem::take(&mut self.after_carriage_return) && input[0] == b'\n' {
                input = &input[1..];
                continue;
            }
            let end = input.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let part = &input[..end.unwrap_or(input.len())];
            if self.line.len() + part.len() + self.data.as_ref().map_or(0, String::len)
                > self.max_event_bytes
            {
                return Err(InvalidStream::TooLarge(self.max_event_bytes));
            }
            self.line.extend_from_slice(part);
            let Some(end) = end else { break };
            self.after_carriage_return = input[end] == b'\r';
            input = &input[end + 1..];
            messages.extend(self.end_line()?);
        }
        Ok(messages)
    }

    fn end_line(&mut self) -> Result<Option<Message>, InvalidStream> {
        let mut line =
            String::from_utf8(mem::take(&mut self.line)).map_err(|_| InvalidStream::Encoding)?;
        if !mem::replace(&mut self.has_begun, true) && line.starts_with('\u{feff}') {
            line.remove(0);
        }
        if line.is_empty() {
            self.last_id.clone_from(&self.id);
            let name = mem::take(&mut self.name);
            let data = self.data.take();
            return Ok(data.map(|data| Message::Event { name, data }));
        }
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => Ok(Some(Message::Comment(value.to_owned()))),
            "data" => {
                match &mut self.data {
                    Some(data) => data.extend(["\n", value]),
                    None => self.data = Some(value.to_owned()),
                }
                Ok(None)
            }
            "event" => {
                value.clone_into(&mut self.name);
                Ok(None)
            }
            "id" if !value.contains('\0') => {
                value.clone_into(&mut self.id);
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// The id of the last event that came whole, to resume behind it; empty before the first.
    #[must_use]
    pub fn last_id(&self) -> &str {
        &self.last_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &[u8] = ": subscribed\n\ndata: {\"a\":1}\n\nevent: lost\n\nid: 7\r\nevent: told\r\ndata: one\r\ndata:two\r\n\r\n:\rdata\r\rdata: ü\n\n".as_bytes();

    fn event(name: &str, data: &str) -> Message {
        let (name, data) = (name.into(), data.into());
        Message::Event { name, data }
    }

    fn messages() -> Vec<Message> {
        vec![
            Message::Comment("subscribed".into()),
            event("", "{\"a\":1}"),
            event("told", "one\ntwo"),
            Message::Comment(String::new()),
            event("", ""),
            event("", "ü"),
        ]
    }

    #[test]
    fn every_cut_gives_the_same_messages() {
        for cut in 0..=STREAM.len() {
            let mut parser = Parser::new(64);
            let (first, rest) = STREAM.split_at(cut);
            let mut seen = parser.receive(first).expect("the stream is valid");
            seen.extend(parser.receive(rest).expect("the stream is valid"));
            assert_eq!(seen, messages(), "cut at {cut}");
        }
    }

    #[test]
    fn an_event_over_the_limit_is_refused_however_it_comes() {
        let mut parser = Parser::new(16);
        assert_eq!(
            parser.receive(b"data: 0123456789abcdef"),
            Err(InvalidStream::TooLarge(16))
        );
        let mut parser = Parser::new(16);
        assert_eq!(
            parser.receive(b"data: 012345\ndata: 0123456"),
            Err(InvalidStream::TooLarge(16))
        );
    }

    #[test]
    fn bytes_that_are_not_text_are_refused() {
        assert_eq!(
            Parser::new(16).receive(b"data: \xff\n"),
            Err(InvalidStream::Encoding)
        );
    }
}
