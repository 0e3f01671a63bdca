//! Some events of one name, as text of an event stream.

use std::{fmt::Write, sync::Arc};

use super::id::Id;

/// An event's sequence number and payload.
pub(in crate::server) type Numbered = (u64, Arc<str>);

/// Says that events are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) struct Gap {
    /// How many; none if that is unknown.
    pub lost: Option<u64>,
}

/// The events that a reader gets at once.
#[derive(Debug)]
pub(in crate::server) struct Batch {
    pub epoch: u64,
    /// The gap before the first event.
    pub gap: Option<Gap>,
    pub events: Vec<Numbered>,
}

impl Batch {
    /// The batch as Server-Sent Events (WHATWG HTML, section 9.2), see `docs/wire.md`. With axum's own type, each event would
    /// be a chunk of its own on the wire.
    pub(super) fn text(&self) -> String {
        let mut text = String::with_capacity(self.events.iter().map(frame_bytes).sum());
        self.push_gap(&mut text);
        for (sequence, payload) in &self.events {
            let id = Id {
                epoch: self.epoch,
                sequence: *sequence,
            };
            writeln!(text, "id: {id}").expect("a string takes all");
            // Readers ignore an event without data, so an empty payload is written as `null`.
            push_data(&mut text, if payload.is_empty() { "null" } else { payload });
        }
        text
    }

    /// The batch of a journal whose payloads are such text already.
    pub(in crate::server) fn frames(&self) -> String {
        let mut text = String::new();
        self.push_gap(&mut text);
        text.extend(self.events.iter().map(|(_, frame)| &**frame));
        text
    }

    fn push_gap(&self, text: &mut String) {
        if let Some(Gap { lost }) = self.gap {
            let lost = lost.map_or("null".to_owned(), |lost| lost.to_string());
            text.push_str("event: gap\ndata: {\"lost\":");
            text.push_str(&lost);
            text.push_str("}\n\n");
        }
    }
}

/// Writes the data of an event, and ends the event.
pub(in crate::server) fn push_data(text: &mut String, data: &str) {
    // JSON has line ends only between its tokens, so each line of it can be a line of data.
    for line in data.split('\n').flat_map(|line| line.split('\r')) {
        text.push_str("data: ");
        text.push_str(line);
        text.push('\n');
    }
    text.push('\n');
}

fn frame_bytes((_, payload): &Numbered) -> usize {
    "id: 1000-1000000000\ndata: \n\n".len() + payload.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_text(gap: Option<Gap>, payloads: &[&str], wanted: &str) {
        let events = payloads.iter().map(|payload| (*payload).into());
        let batch = Batch {
            epoch: 7,
            gap,
            events: (1..).zip(events).collect(),
        };
        assert_eq!(batch.text(), wanted);
    }

    #[test]
    fn events_have_their_ids() {
        assert_text(
            None,
            &["1", r#"{"a":"ü"}"#],
            "id: 7-1\ndata: 1\n\nid: 7-2\ndata: {\"a\":\"ü\"}\n\n",
        );
    }

    #[test]
    fn a_gap_comes_first() {
        let lost = Some(3);
        assert_text(
            Some(Gap { lost }),
            &["1"],
            "event: gap\ndata: {\"lost\":3}\n\nid: 7-1\ndata: 1\n\n",
        );
        let lost = None;
        assert_text(
            Some(Gap { lost }),
            &[],
            "event: gap\ndata: {\"lost\":null}\n\n",
        );
    }

    #[test]
    fn lines_are_lines_of_data() {
        assert_text(
            None,
            &["[\n1,\r\n2\r]"],
            "id: 7-1\ndata: [\ndata: 1,\ndata: \ndata: 2\ndata: ]\n\n",
        );
        assert_text(None, &[""], "id: 7-1\ndata: null\n\n");
    }
}
