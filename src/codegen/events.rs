//! The classes `Events` and `AsyncEvents`, and the constants.

use serde_json::Value;

use super::{
    annotations::Annotator,
    commands::Waits,
    layout::{Expr, docstring, rustdoc, signature, string},
    names::{Scope, Use},
    schema::Event,
};

/// An event with its names in Python.
struct Property<'a> {
    event: &'a Event,
    name: String,
    /// The variable that holds its description.
    description: String,
    payload: Expr,
}

/// Writes the descriptions of the events and both classes, if there are events.
pub(super) fn write(annotator: &mut Annotator<'_>) {
    let schema = annotator.schema;
    if schema.events.is_empty() {
        return;
    }
    let mut scope = Scope::new(Use::Command, annotator.casing);
    let mut events = Vec::new();
    let mut descriptions = String::new();
    let event_type = annotator.bridge("EventType");
    for event in &schema.events {
        let payload = annotator.annotation(&event.payload);
        let description = annotator.description(&event.name);
        let items = vec![string(&event.wire).into(), payload.clone()];
        descriptions +=
            &Expr::call(&event_type, items).statement(0, &format!("{description} = "), "");
        events.push(Property {
            event,
            name: scope.name(&event.name),
            description,
            payload,
        });
    }
    annotator.module.assignments(descriptions);
    for waits in [Waits::Blocking, Waits::Async] {
        let text = class(annotator, &events, waits);
        annotator.module.definition(text);
    }
}

fn class(annotator: &mut Annotator<'_>, events: &[Property<'_>], waits: Waits) -> String {
    let docs = match waits {
        Waits::Blocking => "The app's events.",
        Waits::Async => "The app's events, for asyncio.",
    };
    let base = annotator.bridge(&waits.class("BoundEvents"));
    let event_class = annotator.bridge(&waits.class("Event"));
    let mut text = format!(
        "class {}({base}):\n{}",
        waits.class("Events"),
        docstring(docs, 4)
    );
    for property in events {
        let docs = match property.event.docs.trim() {
            "" => format!("The event `{}`.", property.event.name),
            _ => rustdoc(&property.event.docs),
        };
        let result = Expr::subscript(&event_class, vec![property.payload.clone()]);
        text += "\n    @property\n";
        text += &signature(
            4,
            &format!("def {}", property.name),
            &["self".into()],
            &result,
        );
        text += &docstring(&docs, 8);
        let items = vec!["self._host".into(), (*property.description).into()];
        text += &Expr::call(&event_class, items).statement(8, "return ", "");
    }
    text
}

/// Writes the constants, if there are any.
pub(super) fn write_constants(annotator: &mut Annotator<'_>) {
    let schema = annotator.schema;
    if schema.constants.is_empty() {
        return;
    }
    let final_ = annotator.module.standard("typing", "Final");
    let mut scope = Scope::new(Use::Constant, annotator.casing);
    let mut text = String::new();
    for (name, value) in &schema.constants {
        let name = scope.name(name);
        text += &literal(value).statement(0, &format!("{name}: {final_} = "), "");
    }
    annotator.module.assignments(text);
}

fn literal(value: &Value) -> Expr {
    match value {
        Value::Null => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        // As ruff writes it.
        Value::Number(number) => number.to_string().replace("e+", "e").into(),
        Value::String(text) => string(text).into(),
        Value::Array(items) => Expr::list(items.iter().map(literal).collect()),
        Value::Object(members) => Expr::dict(
            members
                .iter()
                .map(|(key, value)| (string(key), literal(value))),
        ),
    }
}
