use super::super::schema::{Member, Named, Union};
use super::*;

fn named(module: &str, name: &str, body: Body) -> (Key, Named) {
    let origin = Origin::Rust {
        module: module.into(),
        name: name.into(),
    };
    let named = Named {
        origin,
        parameters: vec![],
        docs: "documentation".into(),
        deprecated: Some("a note".into()),
        is_buffered: false,
        body,
    };
    (format!("{module}::{name}"), named)
}

fn mention(module: &str, name: &str) -> Shape {
    Shape::Named {
        key: format!("{module}::{name}"),
        arguments: vec![],
    }
}

/// An app with a command, an event, a constant and types in one Rust module.
fn schema(module: &str) -> Schema {
    let member = |wire: &str| Member {
        wire: wire.into(),
        docs: String::new(),
        deprecated: None,
    };
    let list = Shape::List {
        item: mention(module, "Task").into(),
        length: None,
    };
    let others = Shape::Map {
        key: Shape::Scalar(Scalar::String).into(),
        value: Shape::Scalar(Scalar::F32).into(),
    };
    let argument = |name: &str, wire: &str, takes| Argument {
        name: name.into(),
        wire: wire.into(),
        alias: name.into(),
        takes,
    };
    Schema {
        plugin: None,
        types: [
            named(module, "Other", Body::Alias(others)),
            named(
                module,
                "Task",
                Body::Record(Record {
                    fields: vec![
                        Field::constant("title", Shape::Scalar(Scalar::String)),
                        Field::constant("kind", mention(module, "Kind")),
                    ],
                    ..Record::default()
                }),
            ),
            named(
                module,
                "Kind",
                Body::Strings(vec![member("b"), member("a")]),
            ),
            named(
                module,
                "OrNot",
                Body::Union(Union {
                    members: vec![mention(module, "Task"), Shape::Null],
                    tag: None,
                }),
            ),
        ]
        .into(),
        commands: vec![Command {
            name: "find".into(),
            wire: "find".into(),
            docs: "documentation".into(),
            deprecated: None,
            arguments: vec![
                argument("with_text", "withText", Takes::Value(list)),
                argument(
                    "on_step",
                    "onStep",
                    Takes::Channel(Shape::Scalar(Scalar::U8)),
                ),
            ],
            result: Shape::Null,
            error: Some(Shape::Scalar(Scalar::String)),
        }],
        events: vec![Event {
            wire: "done".into(),
            name: "done".into(),
            docs: String::new(),
            payload: mention(module, "OrNot"),
        }],
        constants: [(
            "LIMITS".to_owned(),
            json!({ "b": 1.5e300, "a": [u64::MAX, -1] }),
        )]
        .into(),
    }
}

/// Another text for this app needs another [`VERSION`]: good sidecars in the field have the contract of this one.
#[test]
fn the_document_of_an_app_never_changes() {
    let document = concat!(
        r#"{"commands":[{"arguments":[{"names":["onStep","on_step"],"sends":"u8"},"#,
        r#"{"names":["withText","with_text"],"takes":{"length":null,"list":{"arguments":[],"type":0}}}],"#,
        r#""error":"string","name":"find","result":"null"}],"#,
        r#""constants":[["LIMITS",{"a":[18446744073709551615,-1],"b":1.5e300}]],"#,
        r#""events":[{"name":"done","payload":{"arguments":[],"type":1}}],"#,
        r#""plugin":null,"types":["#,
        r#"{"isClosed":false,"others":null,"record":["#,
        r#"{"presence":"always","read":"kind","shape":{"arguments":[],"type":2},"write":"kind"},"#,
        r#"{"presence":"always","read":"title","shape":"string","write":"title"}]},"#,
        r#"{"union":[{"arguments":[],"type":0},"null"]},"#,
        r#"{"strings":["a","b"]},"#,
        r#"{"name":"Other","type":{"alias":{"key":"string","map":"f32"}}}],"version":1}"#,
    );
    assert_eq!(text(&schema("app")), document);
    assert_eq!(
        contract(&schema("app")).to_string(),
        "1-0dc01c268b574aa0b4339972136ec654"
    );
}

#[test]
fn modules_names_of_types_orders_and_documentation_do_not_count() {
    let one = text(&schema("app"));
    assert_eq!(text(&schema("another::module")), one);
    let mut other = schema("app");
    other.commands[0].arguments.reverse();
    other.commands[0].name = "find_it".into();
    let task = other.types.get_mut("app::Task").expect("it is there");
    task.docs = "other documentation".into();
    task.deprecated = None;
    if let Body::Record(record) = &mut task.body {
        record.fields.reverse();
        record.fields[0].docs = "other documentation".into();
    }
    if let Origin::Rust { name, .. } = &mut task.origin {
        "Job".clone_into(name);
    }
    assert_eq!(text(&other), one);
}

#[test]
fn what_travels_counts() {
    let one = text(&schema("app"));
    let mut optional = schema("app");
    if let Body::Record(record) = &mut optional.types.get_mut("app::Task").expect("it").body {
        record.fields[0].presence = Presence::MayBeAbsent;
    }
    let mut constant = schema("app");
    constant.constants.insert("LIMITS".into(), json!(1));
    let mut result = schema("app");
    result.commands[0].result = Shape::Scalar(Scalar::I8);
    let mut union = schema("app");
    if let Body::Union(union) = &mut union.types.get_mut("app::OrNot").expect("it").body {
        union.members.reverse();
    }
    let mut plugin = schema("app");
    plugin.plugin = Some("tasks".into());
    for other in [optional, constant, result, union, plugin] {
        assert_ne!(text(&other), one);
    }
}
