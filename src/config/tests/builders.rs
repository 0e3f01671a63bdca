//! Rust can say whatever `tauri.conf.json` can.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::*;
use crate::ErrorCode;

/// A key or a variant of the schema, JSON with it, and the same said in Rust.
type Row = (&'static str, Value, Config);

/// Gives JSON of a whole configuration whose only sidecar is spawned like this.
fn spawned(more: Value) -> Value {
    let spawn = merged(json!({ "command": ["python3", "main.py"] }), more);
    json!({ "sidecars": { "python": { "spawn": spawn } } })
}

fn attached(more: Value) -> Value {
    let attach = merged(json!({ "url": "http://localhost:1430" }), more);
    json!({ "sidecars": { "python": { "attach": attach } } })
}

fn merged(mut one: Value, other: Value) -> Value {
    let Value::Object(other) = other else {
        panic!("not an object: {other}");
    };
    one.as_object_mut().expect("an object").extend(other);
    one
}

fn spawning(set: impl FnOnce(Spawn) -> Spawn) -> Config {
    Config::new().sidecar("python", set(Spawn::new(["python3", "main.py"])))
}

fn attaching(set: impl FnOnce(Attach) -> Attach) -> Config {
    Config::new().sidecar("python", set(Attach::new("http://localhost:1430")))
}

fn developing(set: impl FnOnce(Dev) -> Dev) -> Config {
    spawning(|spawn| spawn.dev(set(Dev::new())))
}

fn top_rows() -> Vec<Row> {
    let stale = |outcome: &str| json!({ "staleBindings": outcome });
    let is = |outcome| Config::new().stale_bindings(outcome);
    vec![
        ("Config.sidecars", spawned(json!({})), spawning(|s| s)),
        (
            "Config.maxBodyBytes",
            json!({ "maxBodyBytes": 5000 }),
            Config::new().max_body_bytes(5000),
        ),
        (
            "Config.waitMs",
            json!({ "waitMs": 1500 }),
            Config::new().wait(Duration::from_micros(1_500_999)),
        ),
        (
            "Config.staleBindings",
            stale("warn"),
            is(StaleBindings::Warn),
        ),
        ("StaleBindings.warn", stale("warn"), is(StaleBindings::Warn)),
        (
            "StaleBindings.refuse",
            stale("refuse"),
            is(StaleBindings::Refuse),
        ),
        (
            "StaleBindings.ignore",
            stale("ignore"),
            is(StaleBindings::Ignore),
        ),
        ("SidecarConfig.spawn", spawned(json!({})), spawning(|s| s)),
        (
            "SidecarConfig.attach",
            attached(json!({})),
            attaching(|a| a),
        ),
    ]
}

fn spawn_rows() -> Vec<Row> {
    let digest = "0123456789abcdef".repeat(4);
    vec![
        (
            "Spawn.command",
            spawned(json!({ "command": ["$RESOURCE/python", "-u"] })),
            Config::new().sidecar("python", Spawn::new(["$RESOURCE/python", "-u"])),
        ),
        (
            "Spawn.cwd",
            spawned(json!({ "cwd": "$RESOURCE/../sidecar" })),
            spawning(|spawn| spawn.cwd("$RESOURCE/../sidecar")),
        ),
        (
            "Spawn.env",
            spawned(json!({ "env": { "A": "1", "B": "2" } })),
            spawning(|spawn| spawn.env("B", "0").env("A", "1").env("B", "2")),
        ),
        (
            "Spawn.keepEnv",
            spawned(json!({ "keepEnv": ["PYTHONPATH", "LD_LIBRARY_PATH"] })),
            spawning(|spawn| spawn.keep_env("PYTHONPATH").keep_env("LD_LIBRARY_PATH")),
        ),
        (
            "Spawn.sha256",
            spawned(json!({ "sha256": digest })),
            spawning(|spawn| spawn.sha256(digest.to_uppercase())),
        ),
        (
            "Spawn.restart",
            spawned(json!({ "restart": false })),
            spawning(|spawn| spawn.restart(false)),
        ),
        (
            "Spawn.readyTimeoutMs",
            spawned(json!({ "readyTimeoutMs": 90_000 })),
            spawning(|spawn| spawn.ready_timeout(Duration::from_secs(90))),
        ),
        (
            "Spawn.stopTimeoutMs",
            spawned(json!({ "stopTimeoutMs": 20_000 })),
            spawning(|spawn| spawn.stop_timeout(Duration::from_secs(20))),
        ),
        (
            "Spawn.deadAfterMs",
            spawned(json!({ "deadAfterMs": 5000 })),
            spawning(|spawn| spawn.dead_after(Duration::from_secs(5))),
        ),
    ]
}

/// What becomes of a sidecar that does not answer, what it keeps, and what development has.
fn more_spawn_rows() -> Vec<Row> {
    vec![
        (
            "Spawn.watchdog",
            spawned(json!({ "watchdog": "off" })),
            spawning(|spawn| spawn.watchdog(Watchdog::Off)),
        ),
        (
            "Watchdog.off",
            spawned(json!({ "watchdog": "off" })),
            spawning(|spawn| spawn.watchdog(Watchdog::Off)),
        ),
        (
            "Watchdog.report",
            spawned(json!({ "watchdog": "report" })),
            spawning(|spawn| spawn.watchdog(Watchdog::Report)),
        ),
        (
            "Watchdog.restartDead",
            spawned(json!({ "watchdog": "restartDead" })),
            spawning(|spawn| spawn.watchdog(Watchdog::RestartDead)),
        ),
        (
            "Watchdog.restartAfterMs",
            spawned(json!({ "watchdog": { "restartAfterMs": 7000 } })),
            spawning(|spawn| spawn.watchdog(Watchdog::RestartAfterMs(7000))),
        ),
        (
            "Spawn.standby",
            spawned(json!({ "standby": "app" })),
            spawning(|spawn| spawn.standby(Standby::App)),
        ),
        (
            "Standby.off",
            spawned(json!({ "standby": "off" })),
            spawning(|spawn| spawn.standby(Standby::Off)),
        ),
        (
            "Standby.imports",
            spawned(json!({ "standby": "imports" })),
            spawning(|spawn| spawn.standby(Standby::Imports)),
        ),
        (
            "Standby.app",
            spawned(json!({ "standby": "app" })),
            spawning(|spawn| spawn.standby(Standby::App)),
        ),
        (
            "Spawn.standbyWithout",
            spawned(json!({ "standbyWithout": ["torch", "grpc"] })),
            spawning(|spawn| spawn.standby_without("torch").standby_without("grpc")),
        ),
        (
            "Dev.standby",
            spawned(json!({ "dev": { "standby": "off" } })),
            developing(|dev| dev.standby(Standby::Off)),
        ),
        (
            "Spawn.cookies",
            spawned(json!({ "cookies": true })),
            spawning(|spawn| spawn.cookies(true)),
        ),
        (
            "Spawn.persistCookies",
            spawned(json!({ "persistCookies": true })),
            spawning(|spawn| spawn.persist_cookies(true)),
        ),
        (
            "Spawn.window",
            spawned(json!({ "window": "dashboard" })),
            spawning(|spawn| spawn.window("dashboard")),
        ),
        (
            "Spawn.agent",
            spawned(json!({ "agent": true })),
            spawning(|spawn| spawn.agent(true)),
        ),
        (
            "Spawn.dev",
            spawned(json!({ "dev": { "cwd": "../sidecar" } })),
            developing(|dev| dev.cwd("../sidecar")),
        ),
        (
            "Dev.command",
            spawned(json!({ "dev": { "command": ["../.venv/bin/python", "main.py"] } })),
            developing(|dev| dev.command(["../.venv/bin/python", "main.py"])),
        ),
        (
            "Dev.cwd",
            spawned(json!({ "dev": { "cwd": "../sidecar" } })),
            developing(|dev| dev.cwd("../sidecar")),
        ),
        (
            "Dev.reload",
            spawned(json!({ "dev": { "reload": ["../sidecar", "/srv/shared"] } })),
            developing(|dev| dev.reload("../sidecar").reload("/srv/shared")),
        ),
    ]
}

fn attach_rows() -> Vec<Row> {
    vec![
        (
            "Attach.url",
            attached(json!({ "url": "http://[::1]:8000" })),
            Config::new().sidecar("python", Attach::new("http://[::1]:8000")),
        ),
        (
            "Attach.healthPath",
            attached(json!({ "healthPath": "/up?full" })),
            attaching(|attach| attach.health_path("/up?full")),
        ),
        (
            "Attach.intervalMs",
            attached(json!({ "intervalMs": 250 })),
            attaching(|attach| attach.interval(Duration::from_millis(250))),
        ),
        (
            "Attach.timeoutMs",
            attached(json!({ "timeoutMs": 1 })),
            attaching(|attach| attach.timeout(Duration::from_millis(1))),
        ),
        (
            "Attach.cookies",
            attached(json!({ "cookies": true })),
            attaching(|attach| attach.cookies(true)),
        ),
        (
            "Attach.persistCookies",
            attached(json!({ "persistCookies": true })),
            attaching(|attach| attach.persist_cookies(true)),
        ),
    ]
}

/// Every key of every object of a schema, and every variant, as `Type.key`.
fn keys(schema: &Value) -> BTreeSet<String> {
    let types = schema["$defs"].as_object().expect("types");
    let types = types.iter().map(|(name, schema)| (name.as_str(), schema));
    let mut keys = BTreeSet::new();
    for (name, schema) in types.chain([("Config", schema)]) {
        let variants = schema["oneOf"].as_array().into_iter().flatten();
        for part in [schema].into_iter().chain(variants) {
            let constants = part["enum"].as_array().into_iter().flatten();
            let constants = constants.chain(part.get("const")).filter_map(Value::as_str);
            let properties = part["properties"].as_object().into_iter().flatten();
            let named = properties.map(|(key, _)| key.as_str()).chain(constants);
            keys.extend(named.map(|key| format!("{name}.{key}")));
        }
    }
    keys
}

#[test]
fn rust_can_say_whatever_json_can() {
    let rows = [top_rows(), spawn_rows(), more_spawn_rows(), attach_rows()].concat();
    let said: BTreeSet<_> = rows.iter().map(|(key, ..)| (*key).to_owned()).collect();
    let schema = schemars::schema_for!(Config).to_value();
    assert_eq!(said, keys(&schema), "each key of the schema has a row");
    for (key, json, config) in rows {
        let parsed: Config = serde_json::from_value(json.clone()).expect("valid");
        assert_eq!(parsed, config, "{key}");
        config.check().expect("nothing is wrong");
        let last = key.rsplit('.').next().expect("a name");
        assert!(
            json.to_string().contains(&format!("\"{last}\"")),
            "{key} is not in its row"
        );
    }
}

#[test]
fn what_rust_does_not_say_is_what_json_leaves_out() {
    let parsed: Config = serde_json::from_value(json!({})).expect("valid");
    assert_eq!(parsed, Config::new());
    let row = |config| serde_json::from_value::<Config>(config).expect("valid");
    assert_eq!(row(spawned(json!({}))), spawning(|spawn| spawn));
    assert_eq!(row(attached(json!({}))), attaching(|attach| attach));
}

#[test]
fn what_is_wrong_is_told_under_its_key() {
    let python = Spawn::new(["$RESORCE/main"])
        .cwd("$NOWHERE")
        .sha256("abc")
        .dev(Dev::new().command([""; 0]).cwd("").reload("$SIDECAR"));
    let models = Attach::new("http://example.com").health_path("up");
    let config = Config::new()
        .sidecar("Python", Spawn::new(["python3"]))
        .sidecar("python", python)
        .sidecar("models", models)
        .sidecar("twice", Spawn::new(["a"]))
        .sidecar("twice", Spawn::new(["b"]));
    let error = config.check().expect_err("much is wrong");
    assert_eq!(error.code(), ErrorCode::InvalidArgument);
    let text = error.to_string();
    for part in [
        "`sidecars`: `Python` is not a sidecar name",
        "`sidecars.python.spawn.command`: `$RESORCE/main` begins with `$RESORCE`",
        "`sidecars.python.spawn.cwd`: `$NOWHERE` begins with",
        "`sidecars.python.spawn.sha256`: `abc` is not a SHA-256",
        "`sidecars.python.spawn.dev.command`: a command is empty",
        "`sidecars.python.spawn.dev.cwd`: a path is empty",
        "`sidecars.python.spawn.dev.reload`: `$SIDECAR` begins with",
        "`sidecars.models.attach.url`: `http://example.com/` cannot be attached",
        "`sidecars.models.attach.healthPath`: `up` is not a path",
        "`sidecars`: two sidecars are named `twice`",
    ] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
    let right: Vec<_> = config.names().collect();
    assert_eq!(right, ["twice"], "a sidecar with a fault is not there");
}

/// What an app author sees: the app does not build, and says why.
#[test]
fn an_app_with_a_wrong_configuration_does_not_build() {
    let config = Config::new().sidecar("my sidecar", Spawn::new(["python3"]));
    let built = tauri::test::mock_builder()
        .plugin(crate::Builder::new().config(config).build())
        .build(tauri::test::mock_context(tauri::test::noop_assets()));
    let Err(error) = built else {
        panic!("its name is wrong");
    };
    let error = error.to_string();
    assert!(
        error.contains("`my sidecar` is not a sidecar name"),
        "{error}"
    );
}
