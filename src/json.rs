//! Reads JSON from the wire, and refuses what serde_json would lose or change in silence. The error names the value's path.
//!
//! The rules are in `docs/wire.md`. serde_json does the parsing. The text of a number that it gives as a float is read again:
//! it may be an integer beyond 64 bits, or a float that serde_json has read one digit off.

#[cfg(test)]
mod tests;

use std::fmt;

use serde::{
    Deserializer as _,
    de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Deserializer, Map, Number, Value, map::Entry};

/// How many arrays and objects may lie in each other.
const MAX_DEPTH: usize = 128;

/// How many characters of a key the path in a message shows.
const SHOWN_KEY_CHARS: usize = 64;

/// The key of serde_json's own map for a number. When a crate of the app turns on its feature `arbitrary_precision`,
/// serde_json hands over each number as a map from this key to the number's text.
const NUMBER_KEY: &str = "$serde_json::private::Number";

const TOO_DEEP: &str = "nested over 128 deep";
const TWICE: &str = "the same key twice in one object";
const TOO_LARGE: &str = "an integer beyond 64 bits";
const OUT_OF_RANGE: &str = "number out of range";

/// Reads one document. The error names the value's path, the reason and the remedy.
pub(crate) fn from_slice(json: &[u8]) -> Result<Value, String> {
    let mut reading = Reading {
        rest: json,
        passed: 0,
        numbers: 0,
        depth: 0,
        path: Vec::new(),
    };
    let mut deserializer = Deserializer::from_slice(json);
    // serde_json's own limit is 127; `enter` stops at 128.
    deserializer.disable_recursion_limit();
    reading
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| reading.refusal(&error))
}

/// The state of reading one document.
struct Reading<'a> {
    /// The text behind the last number that was looked up.
    rest: &'a [u8],
    /// How many numbers the text before `rest` has.
    passed: usize,
    /// How many numbers serde_json has handed over.
    numbers: usize,
    depth: usize,
    /// The path to the refused value, the last step first. It is filled while the error travels up.
    path: Vec<Step>,
}

enum Step {
    Key(String),
    Index(usize),
}

impl Reading<'_> {
    fn enter<E: serde::de::Error>(&mut self) -> Result<(), E> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(E::custom(TOO_DEEP));
        }
        Ok(())
    }

    /// The text of the number that serde_json has handed over last. All calls together pass each byte once.
    fn last_number(&mut self) -> &str {
        let (mut text, mut rest): (&[u8], _) = (&[], self.rest);
        while self.passed < self.numbers {
            match rest {
                [b'"', inside @ ..] => rest = behind_string(inside),
                [b'-' | b'0'..=b'9', ..] => {
                    let is_part = |b: &u8| b.is_ascii_digit() || b"+-.eE".contains(b);
                    let end = rest.iter().position(|b| !is_part(b));
                    (text, rest) = rest.split_at(end.unwrap_or(rest.len()));
                    self.passed += 1;
                }
                [_, behind @ ..] => rest = behind,
                // Not reached: serde_json has found that many numbers in the text.
                [] => break,
            }
        }
        self.rest = rest;
        std::str::from_utf8(text).unwrap_or_default()
    }

    fn refusal(&self, error: &serde_json::Error) -> String {
        let mut path = String::from("$");
        for step in self.path.iter().rev() {
            path += &step.to_string();
        }
        let reason = error.to_string();
        let remedy = REMEDIES
            .iter()
            .find(|(start, _)| reason.starts_with(start))
            .map_or("send JSON (RFC 8259)", |(_, remedy)| remedy);
        format!("`{path}`: {reason}; {remedy}")
    }
}

/// What to send instead, by the beginning of the reason.
const REMEDIES: [(&str, &str); 11] = [
    (TOO_DEEP, "send a flatter value"),
    (TWICE, "send each key once"),
    (TOO_LARGE, "send it as a string"),
    (OUT_OF_RANGE, "send a finite number, or a string"),
    (
        "lone leading surrogate",
        "send both halves of the character",
    ),
    (
        "unexpected end of hex escape",
        "send both halves of the character",
    ),
    ("invalid unicode code point", "send UTF-8"),
    ("trailing characters", "send one JSON value"),
    (
        "expected value",
        "send JSON (RFC 8259), which has no NaN, Infinity or comments",
    ),
    (
        "invalid number",
        "send JSON (RFC 8259), which has no NaN or Infinity",
    ),
    ("EOF", "send the whole value"),
];

fn behind_string(mut inside: &[u8]) -> &[u8] {
    loop {
        let end = inside.iter().position(|b| matches!(b, b'"' | b'\\'));
        match end.map(|end| inside.split_at(end).1) {
            Some([b'\\', _, behind @ ..]) => inside = behind,
            Some([_, behind @ ..]) => return behind,
            _ => return &[],
        }
    }
}

/// Reads the text of a number that serde_json has not given as a 64-bit integer.
fn number<E: serde::de::Error>(text: &str) -> Result<Number, E> {
    if let Ok(integer) = text.parse::<u64>() {
        return Ok(integer.into());
    }
    // `-0` stays a float: an integer would lose the sign.
    if let Ok(integer @ ..=-1) = text.parse::<i64>() {
        return Ok(integer.into());
    }
    if text != "-0" && !text.contains(['.', 'e', 'E']) {
        return Err(E::custom(TOO_LARGE));
    }
    // `parse` rounds to the nearest float. serde_json does so only with its feature `float_roundtrip`, and the app chooses
    // the features.
    let float = text.parse().ok().and_then(Number::from_f64);
    float.ok_or_else(|| E::custom(OUT_OF_RANGE))
}

impl<'de> DeserializeSeed<'de> for &mut Reading<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Reading<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        self.numbers += 1;
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        self.numbers += 1;
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Value, E> {
        self.numbers += 1;
        number(self.last_number()).map(Value::Number)
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        self.enter()?;
        let mut items = Vec::new();
        loop {
            match access.next_element_seed(&mut *self) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => break,
                Err(error) => {
                    self.path.push(Step::Index(items.len()));
                    return Err(error);
                }
            }
        }
        self.depth -= 1;
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        self.enter()?;
        let mut members = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            if key == NUMBER_KEY && numbers_are_maps() {
                self.depth -= 1;
                return number(&access.next_value::<String>()?).map(Value::Number);
            }
            let member = match members.entry(key) {
                Entry::Vacant(member) => member,
                Entry::Occupied(member) => {
                    self.path.push(Step::Key(member.key().clone()));
                    return Err(A::Error::custom(TWICE));
                }
            };
            match access.next_value_seed(&mut *self) {
                Ok(value) => {
                    member.insert(value);
                }
                Err(error) => {
                    self.path.push(Step::Key(member.key().clone()));
                    return Err(error);
                }
            }
        }
        self.depth -= 1;
        Ok(members.into())
    }
}

/// Whether this program was built with serde_json's feature `arbitrary_precision`.
fn numbers_are_maps() -> bool {
    struct IsMap;
    impl<'de> Visitor<'de> for IsMap {
        type Value = bool;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a number")
        }

        fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
            Ok(false)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<bool, A::Error> {
            Ok(access.next_entry::<String, String>()?.is_some())
        }
    }
    Deserializer::from_slice(b"0.5")
        .deserialize_any(IsMap)
        .unwrap_or(false)
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(formatter, "[{index}]"),
            Self::Key(key) => {
                let mut shown: String = key.chars().take(SHOWN_KEY_CHARS).collect();
                if shown.len() < key.len() {
                    shown.push('…');
                }
                let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
                if !shown.is_empty()
                    && shown.chars().all(is_word)
                    && !shown.starts_with(|c: char| c.is_ascii_digit())
                {
                    write!(formatter, ".{shown}")
                } else {
                    write!(formatter, "[{}]", Value::String(shown))
                }
            }
        }
    }
}
