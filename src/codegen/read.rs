//! From specta's types to the [`Schema`], which has the JSON that serde writes and reads for them.

use heck::{ToLowerCamelCase, ToSnakeCase};
use specta::{
    Format as _,
    datatype::{DataType, Function, NamedDataType, NamedReferenceType, Reference},
};
use tauri_specta::BuilderConfiguration;

use super::{
    error::Error,
    reader::{Arguments, Reader},
    rust::{is_channel, is_result, known_scalar, misdescribed, note},
    schema::{Argument, Command, Event, Schema, Takes},
    unreadable,
};

/// Reads the commands, events, types and constants that the builder has collected.
pub(super) fn schema(configuration: &BuilderConfiguration) -> Result<Schema, Error> {
    // Fails for what serde itself would refuse, or would write in a form that nothing can read.
    specta_serde::PhasesFormat
        .map_types(&configuration.types)
        .map_err(Error::Serde)?;
    let mut reader = Reader::new(&configuration.types);
    for named in configuration.types.into_sorted_iter() {
        // What is read or refused where it occurs is left out; of the `Result` of a command, the two parts are read.
        let is_elsewhere =
            is_result(named) || known_scalar(named).is_some() || misdescribed(named).is_some();
        if named.ty.is_some() && !is_elsewhere {
            reader.define(named)?;
        }
    }
    let commands = configuration.commands.iter();
    let commands: Vec<Command> = commands
        .map(|function| reader.command(configuration, function))
        .collect::<Result<_, _>>()?;
    unreadable::check(&reader.defined, &commands)?;
    let events = configuration.events.iter();
    let events = events
        .map(|(name, (_, payload))| reader.event(configuration, name, payload))
        .collect::<Result<_, _>>()?;
    let constants = configuration.constants.iter();
    Ok(Schema {
        plugin: configuration.plugin_name.map(str::to_owned),
        types: reader.defined,
        commands,
        events,
        constants: constants
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect(),
    })
}

impl<'a> Reader<'a> {
    fn command(
        &mut self,
        configuration: &BuilderConfiguration,
        function: &Function,
    ) -> Result<Command, Error> {
        let name = function.name();
        let none = Arguments::new();
        let arguments = function.args().iter().map(|(argument, shape)| {
            let place = format!("argument `{argument}` of command `{name}`");
            Ok(Argument {
                name: argument.to_string(),
                wire: argument.to_lower_camel_case(),
                alias: argument.to_snake_case(),
                takes: match self.message_of_channel(shape) {
                    Some(message) => Takes::Channel(self.shape(message, &none, &place)?),
                    None => Takes::Value(self.shape(shape, &none, &place)?),
                },
            })
        });
        let arguments = arguments.collect::<Result<_, Error>>()?;
        let unit = DataType::Tuple(specta::datatype::Tuple::new(Vec::new()));
        let result = function.result().unwrap_or(&unit);
        let (result, error) = match self.parts_of_result(result) {
            Some((result, error)) => (result, Some(error)),
            None => (result, None),
        };
        let error = error.map(|error| {
            let place = format!("the error of command `{name}`");
            self.shape(error, &none, &place)
        });
        Ok(Command {
            error: error.transpose()?,
            name: configuration.command_accessor_name(function).to_owned(),
            wire: match configuration.plugin_name {
                Some(plugin) => format!("plugin:{plugin}|{name}"),
                None => name.to_owned(),
            },
            docs: function.docs.to_string(),
            deprecated: function.deprecated.as_ref().map(note),
            arguments,
            result: self.shape(result, &none, &format!("the result of command `{name}`"))?,
        })
    }

    fn event(
        &mut self,
        configuration: &BuilderConfiguration,
        name: &str,
        payload: &Reference,
    ) -> Result<Event, Error> {
        let docs = match payload {
            Reference::Named(reference) => self.types.get(reference),
            Reference::Opaque(_) => None,
        };
        let payload = DataType::Reference(payload.clone());
        Ok(Event {
            wire: match configuration.plugin_name {
                Some(plugin) => format!("plugin:{plugin}:{name}"),
                None => name.to_owned(),
            },
            name: name.to_owned(),
            docs: docs.map_or_else(String::new, |named| named.docs.to_string()),
            payload: self.shape(
                &payload,
                &Arguments::new(),
                &format!("the payload of event `{name}`"),
            )?,
        })
    }

    fn named<'b>(
        &self,
        shape: &'b DataType,
    ) -> Option<(&'a NamedDataType, &'b NamedReferenceType)> {
        let DataType::Reference(Reference::Named(reference)) = shape else {
            return None;
        };
        Some((self.types.get(reference)?, &reference.inner))
    }

    fn parts_of_result<'b>(&self, shape: &'b DataType) -> Option<(&'b DataType, &'b DataType)> {
        match self.named(shape)? {
            (named, NamedReferenceType::Reference { generics, .. }) if is_result(named) => {
                match &generics[..] {
                    [(_, ok), (_, error)] => Some((ok, error)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn message_of_channel<'b>(&self, shape: &'b DataType) -> Option<&'b DataType> {
        match self.named(shape)? {
            (named, NamedReferenceType::Reference { generics, .. }) if is_channel(named) => {
                generics.first().map(|(_, message)| message)
            }
            _ => None,
        }
    }
}
