//! `retryable` is true only where nothing was done: `tests/outcomes.json`, for what a `FakeSidecar` lets an app see.
#![cfg(feature = "testing")]

use std::{collections::BTreeSet, fs, time::Duration};

use serde_json::{Value, json};
use tauri::{
    App,
    async_runtime::block_on,
    test::{MockRuntime, mock_builder, mock_context, noop_assets},
};
use tauri_plugin_sidecar_bridge::{
    Client, Error, Result, SidecarBridgeExt, StatusCode,
    testing::{self, Answer, FakeSidecar},
};

/// Brings an outcome about.
type Cause = fn() -> Error;

/// Sends what may not be sent twice, and reads the whole answer.
async fn order(client: &Client) -> Result<()> {
    let request = client.post("/orders").timeout(Duration::from_secs(5));
    let answer = request.send().await?.success().await?;
    answer.bytes().await.map(drop)
}

/// What an order ends in when the sidecar answers it like this.
fn answered(answer: impl Fn() -> Answer + Send + Sync + 'static) -> Error {
    let (_app, python, client) = attached();
    python.route("POST /orders", move |_| answer());
    let error = block_on(order(&client)).expect_err("it is no good answer");
    assert_eq!(python.requests().len(), 1, "an order is sent once");
    error
}

fn attached() -> (App<MockRuntime>, FakeSidecar, Client) {
    let python = FakeSidecar::new("python");
    let app = mock_builder()
        .plugin(testing::plugin([&python]))
        .build(mock_context(noop_assets()))
        .expect("the app builds");
    let client = app.sidecar_bridge().client("python").expect("it is there");
    (app, python, client)
}

fn answered_with(status: StatusCode) -> Error {
    answered(move || Answer::json(&json!({ "detail": "no" })).status(status))
}

fn stopped() -> Error {
    let (app, python, client) = attached();
    let stop = app.sidecar_bridge().sidecar("python").expect("it is there");
    block_on(stop.stop()).expect("it stops");
    let error = block_on(order(&client)).expect_err("nobody serves");
    assert!(python.requests().is_empty());
    error
}

fn too_late() -> Error {
    let (_app, python, client) = attached();
    python.hold();
    let request = client.post("/orders").timeout(Duration::from_millis(50));
    let error = block_on(request.send()).expect_err("it is held");
    python.release();
    error
}

#[test]
fn a_fake_sidecar_tells_the_same_as_a_real_one() {
    let causes: [(&str, Cause); 7] = [
        ("stopped", stopped),
        ("broke off", || answered(Answer::none)),
        ("broke off in the answer", || {
            answered(|| Answer::stream(["ha", "lf"]).broken_off())
        }),
        ("caller's deadline", too_late),
        ("answered 503", || {
            answered_with(StatusCode::SERVICE_UNAVAILABLE)
        }),
        ("answered 504", || {
            answered_with(StatusCode::GATEWAY_TIMEOUT)
        }),
        ("answered 429", || {
            answered_with(StatusCode::TOO_MANY_REQUESTS)
        }),
    ];
    let table = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outcomes.json");
    let table = fs::read_to_string(table).expect("the table is there");
    let table: Value = serde_json::from_str(&table).expect("it is JSON");
    let rows = table.as_array().expect("rows");
    let ours = rows.iter().filter(|row| {
        let told_by = row["toldBy"].as_array().expect("tellers");
        told_by.contains(&json!("FakeSidecar"))
    });
    let ours: BTreeSet<_> = ours.filter_map(|row| row["name"].as_str()).collect();
    let known: BTreeSet<_> = causes.iter().map(|(name, _)| *name).collect();
    assert_eq!(known, ours, "each outcome has its cause");
    for (name, cause) in causes {
        let row = rows.iter().find(|row| row["name"] == name).expect("a row");
        let problem = serde_json::to_value(cause()).expect("JSON");
        assert_eq!(problem["retryable"], row["retryable"], "{name}: {problem}");
        assert_eq!(problem["code"], row["code"], "{name}: {problem}");
    }
}
