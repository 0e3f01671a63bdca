//! The classes `Commands` and `AsyncCommands`, and the exceptions that their methods raise.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToLowerCamelCase, ToShoutySnakeCase};
use specta::{
    Format as _, Types,
    datatype::{DataType, Function, NamedReferenceType, Reference},
};
use tauri_specta::BuilderConfiguration;

use super::{
    Error,
    definitions::{Defined, note},
    expressions::{Annotator, Expression, is_result},
    layout::{Bracket, Item, Module, adapter, docstring, rustdoc, string},
    names::{Scope, Use, check_class, exception},
};

/// A command, as Python sees it.
struct Command {
    python: String,
    wire: String,
    docs: String,
    deprecated: Option<String>,
    arguments: Vec<Argument>,
    result: Expression,
    error: Option<Expression>,
}

struct Argument {
    python: String,
    wire: String,
    annotation: Expression,
}

/// Names of the module's `TypeAdapter`s by the type that they are for.
type Adapters = BTreeMap<String, String>;

/// Writes the exceptions, the type adapters and both classes, if there are commands.
pub(super) fn write(
    module: &mut Module,
    configuration: &BuilderConfiguration,
    types: &Types,
    defined: Defined,
) -> Result<(), Error> {
    if configuration.commands.is_empty() {
        return Ok(());
    }
    let mut scope = Scope::new(Use::Command, "the app's commands");
    let commands = configuration
        .commands
        .iter()
        .map(|function| command(module, configuration, types, &mut scope, function))
        .collect::<Result<Vec<_>, _>>()?;

    module.import_standard("typing", "TypeVar");
    module.import("pydantic", "TypeAdapter");
    module.import("pydantic_core", "to_jsonable_python");
    module.import("sidecar_bridge", "AsyncHost");
    module.import("sidecar_bridge", "CommandError");
    module.import("sidecar_bridge", "Host");
    // Sorts after the number types, whose names start with capitals.
    module
        .aliases
        .insert("_T", "_T = TypeVar(\"_T\")\n".to_owned());

    let errors: BTreeSet<&str> = commands
        .iter()
        .filter_map(|command| command.error.as_ref())
        .filter(|error| error.is_class)
        .map(|error| &*error.text)
        .collect();
    let results = commands.iter().map(|command| &*command.result.text);
    let adapters = adapters(results.chain(errors.iter().copied()));
    exceptions(module, &errors, &adapters, defined)?;
    module.assignments(
        adapters
            .iter()
            .map(|(shape, name)| adapter(name, shape))
            .collect(),
    );
    for asynchronous in [false, true] {
        let text = class(&commands, &adapters, asynchronous);
        module.definition(text);
    }
    if commands.iter().any(|command| command.deprecated.is_some()) {
        module.import("typing_extensions", "deprecated");
    }
    Ok(())
}

fn command(
    module: &mut Module,
    configuration: &BuilderConfiguration,
    types: &Types,
    scope: &mut Scope,
    function: &Function,
) -> Result<Command, Error> {
    let name = function.name();
    let mut annotator = Annotator::new(module, types);
    let mut annotation = |shape: &DataType, place: &str| {
        let mapped = specta_serde::Format.map_type(&configuration.types, shape);
        let mapped = mapped.map_err(Error::Serde)?;
        annotator.annotation(&mapped, place)
    };

    let mut argument_scope = Scope::new(Use::Argument, format!("command `{name}`"));
    let mut arguments = Vec::new();
    for (argument, shape) in function.args() {
        arguments.push(Argument {
            python: argument_scope.name(argument)?,
            wire: argument.to_lower_camel_case(),
            annotation: annotation(shape, &format!("argument `{argument}` of command `{name}`"))?,
        });
    }
    let unit = DataType::Tuple(specta::datatype::Tuple::new(Vec::new()));
    let result = function.result().unwrap_or(&unit);
    let (result, error) =
        parts_of_result(result, types).map_or((result, None), |(ok, err)| (ok, Some(err)));
    let error = error
        .map(|error| annotation(error, &format!("the error of command `{name}`")))
        .transpose()?;
    Ok(Command {
        python: scope.name(configuration.command_accessor_name(function))?,
        wire: match configuration.plugin_name {
            Some(plugin) => format!("plugin:{plugin}|{name}"),
            None => name.to_owned(),
        },
        docs: match function.docs.trim() {
            "" => format!("Run the command `{name}`."),
            _ => rustdoc(&function.docs),
        },
        deprecated: function.deprecated.as_ref().map(note),
        arguments,
        result: annotation(result, &format!("the result of command `{name}`"))?,
        error,
    })
}

fn parts_of_result<'a>(shape: &'a DataType, types: &Types) -> Option<(&'a DataType, &'a DataType)> {
    if let DataType::Reference(Reference::Named(reference)) = shape
        && types.get(reference).is_some_and(is_result)
        && let NamedReferenceType::Reference { generics, .. } = &reference.inner
        && let [(_, ok), (_, err)] = &generics[..]
    {
        return Some((ok, err));
    }
    None
}

/// Names an adapter for each type: `list[Greeting]` has `_LIST_GREETING`.
fn adapters<'a>(types: impl Iterator<Item = &'a str>) -> Adapters {
    let types: BTreeSet<&str> = types.collect();
    let mut taken = BTreeSet::new();
    let name = |shape: &str| {
        let stem = format!("_{}", shape.to_shouty_snake_case());
        // `_T` is the type variable, and types such as `list[A]` and `ListA` would have one name.
        let numbered = (2..).map(|number: u32| format!("{stem}_{number}"));
        let mut names = std::iter::once(stem.clone()).chain(numbered);
        let free = names.find(|name| name != "_T" && taken.insert(name.clone()));
        (shape.to_owned(), free.unwrap_or(stem))
    };
    types.into_iter().map(name).collect()
}

fn exceptions(
    module: &mut Module,
    errors: &BTreeSet<&str>,
    adapters: &Adapters,
    mut defined: Defined,
) -> Result<(), Error> {
    for error in errors {
        let name = exception(error);
        let path = defined.get(*error).cloned().unwrap_or_default();
        check_class(&name, &format!("the exception for `{path}`"))?;
        let second = format!("the exception for `{path}`");
        if let Some(first) = defined.insert(name.clone(), second.clone()) {
            return Err(Error::SameType {
                name,
                first,
                second,
            });
        }
        let adapter = &adapters[*error];
        module.definition(format!(
            "class {name}(CommandError):\n    \
                 \"\"\"A command of the app answered with a `{error}`, which is `error`.\"\"\"\n\n    \
                 @property\n    \
                 def error(self) -> {error}:\n        \
                     \"\"\"The command's own error value.\"\"\"\n        \
                     return {adapter}.validate_python(self.problem.data)\n"
        ));
    }
    Ok(())
}

fn class(commands: &[Command], adapters: &Adapters, asynchronous: bool) -> String {
    let (class, host, docs) = if asynchronous {
        (
            "AsyncCommands",
            "AsyncHost",
            "The app's commands, for asyncio.",
        )
    } else {
        (
            "Commands",
            "Host",
            "The app's commands; each call blocks until its answer is there.",
        )
    };
    let mut text = format!("class {class}:\n{}\n", docstring(docs, 4));
    text += &format!(
        "    def __init__(self, host: {host}, *, window: str | None = None, timeout_s: float | None = None) -> None:
        \"\"\"Run commands through `host`, in the named `window` or else the first, each within `timeout_s`.\"\"\"
        self._host = host
        self._window = window
        self._timeout_s = timeout_s
"
    );
    for command in commands {
        text.push('\n');
        text += &method(command, adapters, asynchronous);
    }
    let (def, wait) = if asynchronous {
        ("async def", "await ")
    } else {
        ("def", "")
    };
    text + &format!(
        "
    {def} _invoke(
        self, command: str, args: dict[str, object], result: TypeAdapter[_T], error: type[CommandError] = CommandError
    ) -> _T:
        sent = to_jsonable_python(args)
        try:
            answer = {wait}self._host.invoke(command, sent, window=self._window, timeout_s=self._timeout_s)
        except CommandError as failure:
            raise error(failure.problem) from None
        return result.validate_python(answer)
"
    )
}

fn method(command: &Command, adapters: &Adapters, asynchronous: bool) -> String {
    let mut text = String::new();
    if let Some(deprecated) = &command.deprecated {
        text += &format!("    @deprecated({})\n", string(deprecated));
    }
    let (def, wait) = if asynchronous {
        ("async def", "await ")
    } else {
        ("def", "")
    };
    let mut parameters = vec![Item::from("self")];
    // Python wants parameters with a default after those without, so only the last ones may have it.
    let required = command
        .arguments
        .iter()
        .rposition(|argument| !argument.annotation.is_option);
    for (index, argument) in command.arguments.iter().enumerate() {
        let default = if required.is_none_or(|last| index > last) {
            " = None"
        } else {
            ""
        };
        let Argument {
            python, annotation, ..
        } = argument;
        parameters.push(format!("{python}: {}{default}", annotation.text).into());
    }
    let signature = format!(") -> {}:", command.result.text);
    text += &Bracket::new(format!("{def} {}(", command.python), parameters, signature).lines(4);
    text += &docstring(&documentation(command), 8);

    let sent = command
        .arguments
        .iter()
        .map(|argument| format!("{}: {}", string(&argument.wire), argument.python).into());
    let mut items = vec![
        string(&command.wire).into(),
        Bracket::dict(sent.collect()).into(),
        adapters[&command.result.text].as_str().into(),
    ];
    if let Some(error) = command.error.as_ref().filter(|error| error.is_class) {
        items.push(exception(&error.text).into());
    }
    // mypy refuses to return what has the type None.
    let returns = if command.result.text == "None" {
        ""
    } else {
        "return "
    };
    text + &Bracket::new(format!("{returns}{wait}self._invoke("), items, ")").lines(8)
}

fn documentation(command: &Command) -> String {
    let Some(error) = &command.error else {
        return command.docs.clone();
    };
    let raised = if error.is_class {
        exception(&error.text)
    } else {
        "CommandError".to_owned()
    };
    format!(
        "{}\n\nRaises:\n    {raised}: The command answered with an error, of type `{}`.",
        command.docs, error.text
    )
}
