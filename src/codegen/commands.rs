//! The classes `Commands` and `AsyncCommands`, and the exceptions that their methods raise.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    annotations::Annotator,
    layout::{Expr, docstring, rustdoc, signature, string},
    names::{Scope, Use, exception},
    schema::{Argument, Command, Shape, Takes},
};

/// The names of the exceptions, by the error types that they carry.
type Exceptions = BTreeMap<Shape, String>;

/// How the methods of one of the two classes wait.
#[derive(Clone, Copy)]
pub(super) enum Waits {
    Blocking,
    Async,
}

impl Waits {
    pub(super) fn class(self, name: &str) -> String {
        match self {
            Self::Blocking => name.to_owned(),
            Self::Async => format!("Async{name}"),
        }
    }
}

/// A command with its names in Python.
struct Method<'a> {
    command: &'a Command,
    name: String,
    /// The variable that holds its description.
    description: String,
    /// The arguments and their names.
    arguments: Vec<(&'a Argument, String)>,
    result: Expr,
    exception: Option<String>,
}

/// Writes the exceptions, the descriptions of the commands and both classes, if there are commands.
pub(super) fn write(annotator: &mut Annotator<'_>) {
    let schema = annotator.schema;
    if schema.commands.is_empty() {
        return;
    }
    let exceptions = exceptions(annotator);
    let mut scope = Scope::new(Use::Command, annotator.casing);
    let mut methods = Vec::new();
    for command in &schema.commands {
        let exception = match &command.error {
            Some(error) => exceptions.get(error).cloned(),
            None => None,
        };
        let mut arguments = Scope::new(Use::Argument, annotator.casing);
        methods.push(Method {
            command,
            name: scope.name(&command.name),
            description: annotator.description(&command.name),
            arguments: command
                .arguments
                .iter()
                .map(|argument| (argument, arguments.name(&argument.name)))
                .collect(),
            result: annotator.annotation(&command.result),
            exception,
        });
    }
    let descriptions = methods.iter().map(|method| describe(annotator, method));
    let descriptions: String = descriptions.collect();
    annotator.module.assignments(descriptions);
    for waits in [Waits::Blocking, Waits::Async] {
        let text = class(annotator, &methods, waits);
        annotator.module.definition(text);
    }
}

fn exceptions(annotator: &mut Annotator<'_>) -> Exceptions {
    let commands = annotator.schema.commands.iter();
    let errors: BTreeSet<&Shape> = commands
        .filter_map(|command| command.error.as_ref())
        .collect();
    let mut exceptions = Exceptions::new();
    for shape in errors {
        let Shape::Named { key, .. } = shape else {
            continue;
        };
        let error = annotator.annotation(shape);
        let class = &annotator.names[key].name;
        let mut name = exception(class);
        while !annotator.module.define(&name) {
            name.insert(name.len() - "CommandError".len(), '_');
        }
        let base = annotator.bridge("TypedCommandError");
        let base = Expr::subscript(&base, vec![error.clone()]);
        let mut text = Expr::call(&name, vec![base]).statement(0, "class ", ":");
        text += &docstring(
            &format!("A command of the app answered with a `{class}`, which is `error`."),
            4,
        );
        text.push('\n');
        text += &error.statement(4, "value_type = ", "");
        annotator.module.definition(text);
        exceptions.insert(shape.clone(), name);
    }
    exceptions
}

fn describe(annotator: &mut Annotator<'_>, method: &Method<'_>) -> String {
    let arguments = method.command.arguments.iter().map(|argument| {
        let shape = match &argument.takes {
            Takes::Value(shape) => annotator.annotation(shape),
            Takes::Channel(message) => {
                let message = annotator.annotation(message);
                Expr::call(&annotator.bridge("Messages"), vec![message])
            }
        };
        (string(&argument.wire), shape)
    });
    let arguments = Expr::dict(arguments.collect::<Vec<_>>());
    let mut items = vec![
        string(&method.command.wire).into(),
        arguments,
        method.result.clone(),
    ];
    items.extend(method.exception.clone().map(Expr::from));
    let aliases = method.command.arguments.iter();
    let aliases = aliases.filter(|argument| argument.alias != argument.wire);
    let aliases: Vec<_> = aliases
        .map(|argument| (string(&argument.wire), string(&argument.alias).into()))
        .collect();
    if !aliases.is_empty() {
        items.push(Expr::dict(aliases).keyword("aliases"));
    }
    let class = annotator.bridge("Command");
    Expr::call(&class, items).statement(0, &format!("{} = ", method.description), "")
}

fn class(annotator: &mut Annotator<'_>, methods: &[Method<'_>], waits: Waits) -> String {
    let docs = match waits {
        Waits::Blocking => "The app's commands; each call blocks until its answer is there.",
        Waits::Async => "The app's commands, for asyncio.",
    };
    let base = annotator.bridge(&waits.class("BoundCommands"));
    let mut text = format!(
        "class {}({base}):\n{}",
        waits.class("Commands"),
        docstring(docs, 4)
    );
    for method in methods {
        text.push('\n');
        text += &define(annotator, method, waits);
    }
    text
}

fn define(annotator: &mut Annotator<'_>, method: &Method<'_>, waits: Waits) -> String {
    let mut text = String::new();
    if let Some(note) = &method.command.deprecated {
        let deprecated = annotator
            .module
            .installed("typing_extensions", "deprecated");
        text += &format!("    @{deprecated}({})\n", string(note));
    }
    let mut parameters = vec![Expr::from("self")];
    // Python wants parameters with a default after those without, so only the last ones may have it.
    let required = method
        .arguments
        .iter()
        .rposition(|(argument, _)| !is_optional(&argument.takes));
    for (index, (argument, name)) in method.arguments.iter().enumerate() {
        let default = required.is_none_or(|last| index > last);
        let annotation = parameter(annotator, &argument.takes, waits);
        parameters.push(annotation.parameter(name, default.then_some("None")));
    }
    let (def, wait) = match waits {
        Waits::Blocking => ("def", ""),
        Waits::Async => ("async def", "await "),
    };
    text += &signature(
        4,
        &format!("{def} {}", method.name),
        &parameters,
        &method.result,
    );
    text += &docstring(&documentation(method), 8);
    let mut items = vec![Expr::from(&*method.description)];
    items.extend(method.arguments.iter().map(|(_, name)| Expr::from(&**name)));
    // mypy refuses to return a value of the type None.
    let returns = if *annotator.meaning(&method.command.result) == Shape::Null {
        ""
    } else {
        "return "
    };
    text + &Expr::call(&format!("{wait}self._call"), items).statement(8, returns, "")
}

fn is_optional(takes: &Takes) -> bool {
    matches!(takes, Takes::Value(Shape::Optional(_) | Shape::Null))
}

fn parameter(annotator: &mut Annotator<'_>, takes: &Takes, waits: Waits) -> Expr {
    match (takes, waits) {
        (Takes::Value(shape), _) => annotator.annotation(shape),
        (Takes::Channel(message), Waits::Async) => {
            let message = annotator.annotation(message);
            let channel = annotator.module.installed("sidecar_bridge", "AsyncChannel");
            Expr::subscript(&channel, vec![message])
        }
        (Takes::Channel(message), Waits::Blocking) => {
            let message = annotator.annotation(message);
            let callable = annotator.module.standard("collections.abc", "Callable");
            let parameters = Expr::subscript("", vec![message]);
            Expr::subscript(&callable, vec![parameters, "object".into()])
        }
    }
}

fn documentation(method: &Method<'_>) -> String {
    let docs = match method.command.docs.trim() {
        "" => format!("Run the command `{}`.", method.command.name),
        _ => rustdoc(&method.command.docs),
    };
    if method.command.error.is_none() {
        return docs;
    }
    let raised = method.exception.as_deref().unwrap_or("CommandError");
    format!("{docs}\n\nRaises:\n    {raised}: The command answered with an error.")
}
