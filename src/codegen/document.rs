//! The contract of a [`Schema`]: the hash of a document that has everything which travels, and nothing else.
//!
//! The document is the same for every version of Rust, of specta and of this crate that knows the [`VERSION`]. It names types
//! by numbers, in the order in which commands and events mention them, since names and modules in Rust are not on the wire.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::schema::{
    Argument, Body, Command, Event, Field, Key, Origin, Presence, Record, Scalar, Schema, Shape,
    Takes,
};
use crate::contract::Contract;

/// The version of the document, with which a contract begins. Another text for the same app needs another version.
const VERSION: u32 = 1;

/// Hashes everything that decides what travels.
pub(super) fn contract(schema: &Schema) -> Contract {
    let digest = Sha256::digest(text(schema));
    // Half of the digest is more than enough to tell the versions of one app apart.
    let digits = digest[..16].iter().map(|byte| format!("{byte:02x}"));
    let digits: String = digits.collect();
    Contract::new(schema.plugin.clone(), format!("{VERSION}-{digits}"))
}

/// The document: JSON without white space, whose objects have their members in the order of their names.
fn text(schema: &Schema) -> String {
    let mut writer = Writer {
        schema,
        order: Vec::new(),
        numbers: BTreeMap::new(),
    };
    // Neither the order of commands and arguments nor that of events is on the wire.
    let mut commands: Vec<_> = schema.commands.iter().collect();
    commands.sort_by_key(|command| &command.wire);
    let mut events: Vec<_> = schema.events.iter().collect();
    events.sort_by_key(|event| &event.wire);
    let commands: Vec<Value> = commands
        .into_iter()
        .map(|one| writer.command(one))
        .collect();
    let events: Vec<Value> = events.into_iter().map(|one| writer.event(one)).collect();
    let types = writer.types();
    let constants = schema.constants.iter();
    let constants: Vec<Value> = constants
        .map(|(name, value)| json!([name, value]))
        .collect();
    canonical(&json!({
        "commands": commands,
        "constants": constants,
        "events": events,
        "plugin": schema.plugin,
        "types": types,
        "version": VERSION,
    }))
}

struct Writer<'a> {
    schema: &'a Schema,
    /// The types that were mentioned, the first one first.
    order: Vec<&'a Key>,
    /// The place of each in `order`.
    numbers: BTreeMap<&'a Key, usize>,
}

impl<'a> Writer<'a> {
    fn command(&mut self, command: &'a Command) -> Value {
        let mut arguments: Vec<_> = command.arguments.iter().collect();
        arguments.sort_by_key(|argument| &argument.wire);
        let names = |argument: &Argument| json!([argument.wire, argument.alias]);
        let arguments = arguments.into_iter().map(|argument| match &argument.takes {
            Takes::Value(shape) => {
                json!({ "names": names(argument), "takes": self.shape(shape, &[]) })
            }
            Takes::Channel(shape) => {
                json!({ "names": names(argument), "sends": self.shape(shape, &[]) })
            }
        });
        let arguments: Vec<Value> = arguments.collect();
        let error = command.error.as_ref();
        json!({
            "name": command.wire,
            "arguments": arguments,
            "result": self.shape(&command.result, &[]),
            "error": error.map(|error| self.shape(error, &[])),
        })
    }

    fn event(&mut self, event: &'a Event) -> Value {
        json!({ "name": event.wire, "payload": self.shape(&event.payload, &[]) })
    }

    /// The types: the mentioned ones, then those that the app exports beside them, by their names.
    fn types(&mut self) -> Vec<Value> {
        let mut written = self.mentioned(0);
        let mut others: Vec<(&str, &'a Key)> = Vec::new();
        for (key, named) in &self.schema.types {
            if let Origin::Rust { name, .. } = &named.origin {
                others.push((name, key));
            }
        }
        others.sort_unstable();
        for (name, key) in others {
            if self.numbers.contains_key(key) {
                continue;
            }
            let first = written.len();
            self.number(key);
            written.extend(self.mentioned(first));
            written[first] = json!({ "name": name, "type": written[first] });
        }
        written
    }

    /// The types from a number on, with those that they mention.
    fn mentioned(&mut self, first: usize) -> Vec<Value> {
        let mut written = Vec::new();
        while let Some(key) = self.order.get(first + written.len()) {
            let named = &self.schema.types[*key];
            written.push(self.body(&named.body, &named.parameters));
        }
        written
    }

    fn number(&mut self, key: &'a Key) -> usize {
        *self.numbers.entry(key).or_insert_with(|| {
            self.order.push(key);
            self.order.len() - 1
        })
    }

    fn body(&mut self, body: &'a Body, parameters: &[String]) -> Value {
        match body {
            Body::Alias(shape) => json!({ "alias": self.shape(shape, parameters) }),
            Body::Record(record) => self.record(record, parameters),
            Body::Strings(members) => {
                let mut members: Vec<&str> = members.iter().map(|member| &*member.wire).collect();
                members.sort_unstable();
                json!({ "strings": members })
            }
            // Of members without a tag the first that fits is taken, so their order counts.
            Body::Union(union) => json!({ "union": self.shapes(&union.members, parameters) }),
        }
    }

    fn record(&mut self, record: &'a Record, parameters: &[String]) -> Value {
        let mut fields: Vec<&Field> = record.fields.iter().collect();
        fields.sort_by_key(|field| (&field.read, &field.write));
        let fields = fields.into_iter().map(|field| {
            let presence = match field.presence {
                Presence::Always | Presence::Required => "always",
                Presence::MayBeAbsent => "mayBeAbsent",
                Presence::AbsentIsNotNull => "absentIsNotNull",
                Presence::OnlyRead => "onlyRead",
            };
            json!({
                "read": field.read,
                "write": field.write,
                "presence": presence,
                "shape": self.shape(&field.shape, parameters),
            })
        });
        let fields: Vec<Value> = fields.collect();
        let others = record.others.as_ref();
        json!({
            "record": fields,
            "others": others.map(|others| self.shape(others, parameters)),
            "isClosed": record.is_closed,
        })
    }

    fn shapes(&mut self, shapes: &'a [Shape], parameters: &[String]) -> Vec<Value> {
        let shapes = shapes.iter().map(|shape| self.shape(shape, parameters));
        shapes.collect()
    }

    fn shape(&mut self, shape: &'a Shape, parameters: &[String]) -> Value {
        match shape {
            Shape::Null => json!("null"),
            Shape::Scalar(scalar) => json!(name(*scalar)),
            Shape::Literal(text) => json!({ "literal": text }),
            Shape::List { item, length } => {
                json!({ "list": self.shape(item, parameters), "length": length })
            }
            Shape::Set(item) => json!({ "set": self.shape(item, parameters) }),
            Shape::Tuple(items) => json!({ "tuple": self.shapes(items, parameters) }),
            Shape::Map { key, value } => {
                json!({ "key": self.shape(key, parameters), "map": self.shape(value, parameters) })
            }
            Shape::Optional(inner) => json!({ "optional": self.shape(inner, parameters) }),
            Shape::Named { key, arguments } => {
                let number = self.number(key);
                json!({ "type": number, "arguments": self.shapes(arguments, parameters) })
            }
            Shape::Parameter(parameter) => {
                let place = parameters.iter().position(|name| name == parameter);
                json!({ "parameter": place })
            }
        }
    }
}

/// The name of a scalar in the document, which never changes.
const fn name(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool => "bool",
        Scalar::I8 => "i8",
        Scalar::I16 => "i16",
        Scalar::I32 => "i32",
        Scalar::I64 => "i64",
        Scalar::I128 => "i128",
        Scalar::U8 => "u8",
        Scalar::U16 => "u16",
        Scalar::U32 => "u32",
        Scalar::U64 => "u64",
        Scalar::U128 => "u128",
        Scalar::F32 => "f32",
        Scalar::F64 => "f64",
        Scalar::Char => "char",
        Scalar::String => "string",
        Scalar::Bytes => "bytes",
        Scalar::RawBytes => "rawBytes",
        Scalar::Value => "value",
        Scalar::Number => "number",
        Scalar::Duration => "duration",
        Scalar::TimeDelta => "timeDelta",
        Scalar::SystemTime => "systemTime",
        Scalar::Span => "span",
        Scalar::DateTime => "dateTime",
        Scalar::LocalDateTime => "localDateTime",
        Scalar::Date => "date",
        Scalar::Time => "time",
        Scalar::Uuid => "uuid",
        Scalar::Url => "url",
    }
}

/// JSON in one form only, whatever features of `serde_json` the app has.
fn canonical(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => value.to_string(),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), _, _) => number.to_string(),
            (_, Some(number), _) => number.to_string(),
            // The shortest digits that are this number, which the standard library gives with one exponent only.
            (_, _, Some(number)) => format!("{number:e}"),
            (None, None, None) => number.to_string(),
        },
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(members) => {
            let members: BTreeMap<&String, &Value> = members.iter().collect();
            let members = members.into_iter().map(|(name, member)| {
                format!("{}:{}", Value::from(name.as_str()), canonical(member))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
    }
}

#[cfg(test)]
mod tests;
