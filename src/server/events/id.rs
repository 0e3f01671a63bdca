//! The ids of events.

use std::{fmt, str::FromStr};

use crate::error::{Error, Kind, Result};

/// Names an event, so that a reader can resume behind it: `<epoch>-<sequence>` in `Last-Event-ID`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id {
    pub epoch: u64,
    pub sequence: u64,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.sequence)
    }
}

impl FromStr for Id {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        // `parse` alone would also take a sign.
        let number = |digits: &str| {
            let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            is_plain.then(|| digits.parse().ok()).flatten()
        };
        let id = text.split_once('-').and_then(|(epoch, sequence)| {
            Some(Self {
                epoch: number(epoch)?,
                sequence: number(sequence)?,
            })
        });
        id.ok_or_else(|| {
            Kind::InvalidRequest(format!(
                "`last-event-id` is `{text}`, which is no event's id; send the id of the last event that came, or leave \
                 the header out"
            )).into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_two_plain_numbers() {
        let id = Id {
            epoch: 7,
            sequence: u64::MAX,
        };
        assert_eq!(id.to_string().parse::<Id>().ok(), Some(id));
        for text in [
            "",
            "-",
            "7",
            "7-",
            "-7",
            "7-x",
            "+7-1",
            "7-+1",
            "7--1",
            "7-1-1",
            " 7-1",
            "7-1\u{fffd}",
            "7-18446744073709551616",
        ] {
            let refused = text.parse::<Id>().expect_err(text).to_string();
            assert!(refused.contains(&format!("is `{text}`,")), "{refused}");
        }
    }
}
