use axum::{
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Value, json};

use super::{
    channels::closing::Taken,
    imports::Imports,
    startup::{Announcement, Health, Report},
    window::{WindowReply, WindowRequest},
};
use crate::error::Problem;

/// `GET /openapi.json`.
pub(super) async fn serve() -> Response {
    ([(CONTENT_TYPE, "application/json")], document().to_string()).into_response()
}

/// The host API as OpenAPI 3.1, whose schema dialect is the JSON Schema 2020-12 that schemars writes.
pub(crate) fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut schemas = settings.into_generator();
    let paths = paths(&mut schemas);
    let problem = json!({
        "description": "The request failed",
        "content": { "application/problem+json": { "schema": schemas.subschema_for::<Problem>() } },
    });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "sidecar-bridge host API",
            "description": "What a sidecar can ask of its host. Every route needs the token of the lease.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "http://localhost" }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas.take_definitions(true),
            "responses": { "Problem": problem },
            "parameters": {
                "Timeout": parameter(
                    "Bridge-Timeout-Ms", "header", false,
                    "How many milliseconds the caller waits for the answer; a command that has not begun by then never does",
                ),
                "Window": parameter(
                    "Bridge-Window", "header", false,
                    "The window in which it runs and is judged; default: `main`, else the oldest that grants it",
                ),
            },
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
    })
}

fn paths(schemas: &mut SchemaGenerator) -> Value {
    let any = json!({ "description": "Any JSON value" });
    let object = json!({ "type": "object" });
    let text = json!({ "type": "string" });
    let both = |schema: &Value| json!({ "application/json": { "schema": schema }, "application/octet-stream": {} });
    let mut result = both(&any);
    result["text/event-stream"] = json!({ "schema": text });
    json!({
        "/health": { "get": operation("health", "Whether the host answers", vec![], None, json_answer::<Health>(schemas)) },
        "/window": { "post": operation(
            "actOnWindow", "Acts on a window", vec![], Some(json_content::<WindowRequest>(schemas)),
            json_answer::<WindowReply>(schemas),
        ) },
        "/v1/starting": { "post": operation(
            "reportStartup", "What the sidecar does until it serves", vec![],
            Some(json_content::<Report>(schemas)), no_content(),
        ) },
        "/v1/ready": { "post": operation(
            "announceReady", "The sidecar serves from now on", vec![],
            Some(json_content::<Announcement>(schemas)), no_content(),
        ) },
        "/v1/imports": { "post": operation(
            "tellImports", "What the sidecar has imported that is not the app's own, for its spare", vec![],
            Some(json_content::<Imports>(schemas)), no_content(),
        ) },
        "/v1/invoke/{command}": { "post": operation(
            "invoke", "Runs a Tauri command, such as `greet` or `plugin:window|set_title`",
            vec![
                parameter("command", "path", true, "The command's name"),
                window(),
                parameter(
                    "alias", "query", false,
                    "Arguments that the command gets under a second name, too: pairs such as `taskId:task_id`, with commas between",
                ),
                parameter(
                    "Bridge-Channels", "header", false,
                    "The names of the arguments that are channels, with commas between them; the answer is a stream then",
                ),
                parameter(
                    "Bridge-Undo", "header", false,
                    "What undoes the call, as JSON: `command`, `args`, and `answer` with JSON Pointers into the answer",
                ),
            ],
            Some(both(&object)),
            json!({ "200": { "description": "The command's result, after its messages if it has channels", "content": result } }),
        ) },
        "/v1/events/{name}": { "post": operation(
            "emit", "Emits an event",
            vec![
                parameter("name", "path", true, "The event's name"),
                parameter("target", "query", false, "The label of the only receiver"),
                window(),
            ],
            Some(json!({ "application/json": { "schema": any } })), no_content(),
        ) },
        "/v1/events": { "get": operation(
            "listen", "Streams the events of one name",
            vec![
                parameter("name", "query", true, "The event's name"),
                parameter("Last-Event-ID", "header", false, "The id of the last event that came, to resume behind it"),
                window(),
            ],
            None,
            json!({ "200": { "description": "One message per event, and `gap` where some are missing", "content": { "text/event-stream": { "schema": text } } } }),
        ) },
        "/v1/channel": { "get": operation(
            "openChannel", "Opens a channel, and streams what commands send over it",
            vec![
                parameter("events", "query", false, "Names of events of the window that come too, with commas between"),
                parameter("closingMs", "query", false, "How long the window waits for `answerClosing` before it closes"),
                window(),
            ],
            None,
            json!({ "200": { "description": "`open` with the channel's number, then one message each", "content": { "text/event-stream": { "schema": text } } } }),
        ) },
        "/v1/closing/{number}": { "post": operation(
            "answerClosing", "Says whether a window that is to close stays open",
            vec![
                parameter("number", "path", true, "What the message in the channel says"),
                parameter("prevent", "query", true, "Whether it stays open"),
            ],
            None, json_answer::<Taken>(schemas),
        ) },
        "/v1/undo/{number}": {
            "post": operation("undo", "Undoes what a call made", vec![number()], None, no_content()),
            "delete": operation("forgetUndo", "Forgets how a call is undone", vec![number()], None, no_content()),
        },
        "/openapi.json": { "get": operation(
            "openapi", "This document", vec![], None,
            json!({ "200": { "description": "OpenAPI 3.1", "content": { "application/json": { "schema": object } } } }),
        ) },
    })
}

fn number() -> Value {
    parameter(
        "number",
        "path",
        true,
        "What the header `Bridge-Undo` of the call's answer says",
    )
}

fn window() -> Value {
    json!({ "$ref": "#/components/parameters/Window" })
}

fn operation(
    id: &str,
    summary: &str,
    mut parameters: Vec<Value>,
    request: Option<Value>,
    mut responses: Value,
) -> Value {
    responses["default"] = json!({ "$ref": "#/components/responses/Problem" });
    parameters.push(json!({ "$ref": "#/components/parameters/Timeout" }));
    let mut operation = json!({
        "operationId": id, "summary": summary, "parameters": parameters, "responses": responses,
    });
    if let Some(content) = request {
        operation["requestBody"] = json!({ "content": content });
    }
    operation
}

fn parameter(name: &str, place: &str, required: bool, description: &str) -> Value {
    json!({
        "name": name, "in": place, "required": required, "description": description, "schema": { "type": "string" },
    })
}

fn json_content<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Value {
    json!({ "application/json": { "schema": schemas.subschema_for::<T>() } })
}

fn json_answer<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Value {
    json!({ "200": { "description": "Done", "content": json_content::<T>(schemas) } })
}

fn no_content() -> Value {
    json!({ "204": { "description": "Done" } })
}
