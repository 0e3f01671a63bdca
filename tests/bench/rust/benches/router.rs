//! How long the host's router takes, with guard, ACL and command: `cargo bench -p bench-peers`.
//!
//! The router is the plugin's own, and private; so the requests come over its socket, from this thread, one at a time.

use std::{
    fs,
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    process::{self, Command},
};

use criterion::Criterion;
use serde_json::{Value, json};
use test_host::App;

/// The host's tests' own sidecar: it hands its process number and its hello over, then waits until it is told to stop.
const HAND_OVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../host/tests/dial.py");

fn main() {
    let directory = std::env::temp_dir().join(format!("bench-router-{}", process::id()));
    fs::create_dir(&directory).expect("a directory");
    let fifo = directory.join("hello");
    let made = Command::new("mkfifo").arg(&fifo).status();
    assert!(made.expect("mkfifo runs").success());
    let spawn = json!({
        "command": ["python3", HAND_OVER, fifo], "cwd": directory, "watchdog": "off",
    });
    let config = json!({ "sidecars": { "python": { "spawn": spawn } } });
    let config = serde_json::from_value(config).expect("a valid configuration");
    test_host::run(config, App::default(), |_| measure(&fifo));
    fs::remove_dir_all(directory).expect("it is ours");
}

fn measure(fifo: &Path) {
    let said = fs::read_to_string(fifo).expect("a hello");
    let hello = said.lines().nth(1).expect("it comes second");
    let hello: Value = serde_json::from_str(hello).expect("JSON");
    let path = hello["host"]["unix"].as_str().expect("a path");
    let token = hello["token"].as_str().expect("a token");
    let ready = json!({ "pid": process::id(), "version": env!("CARGO_PKG_VERSION") }).to_string();
    exchange(
        &mut UnixStream::connect(path).expect("the host accepts"),
        &request("POST /v1/ready", token, &ready),
        "204",
    );

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("router");
    for (name, request, status) in [
        ("health", request("GET /health", token, ""), "200"),
        (
            "invoke",
            request("POST /v1/invoke/greet", token, r#"{"name":"Ada"}"#),
            "200",
        ),
        (
            "invoke what is not granted",
            request("POST /v1/invoke/secret", token, "{}"),
            "403",
        ),
        ("no such route", request("GET /nowhere", token, ""), "404"),
    ] {
        // The host closes a connection that was idle for 5 s.
        let mut stream = UnixStream::connect(path).expect("the host accepts");
        group.bench_function(name, |bencher| {
            bencher.iter(|| exchange(&mut stream, &request, status));
        });
    }
    group.finish();
    criterion.final_summary();
}

fn request(line: &str, token: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "{line} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Sends a request and reads its answer, which is small and comes at once.
fn exchange(stream: &mut UnixStream, request: &[u8], status: &str) {
    let mut answer = [0; 4096];
    stream.write_all(request).expect("the host reads");
    let count = stream.read(&mut answer).expect("the host answers");
    let seen = answer[..count].get(9..12);
    assert_eq!(
        seen,
        Some(status.as_bytes()),
        "{}",
        String::from_utf8_lossy(&answer[..count])
    );
}
