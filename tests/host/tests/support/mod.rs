//! A running test host, and a client that speaks to it as a sidecar would.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::mpsc,
    thread::JoinHandle,
    time::Duration,
};

use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use rustix::process::Pid;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tauri::{AppHandle, test::MockRuntime};
use tauri_plugin_sidecar_bridge::{
    Config, Method, Result, Sidecar, SidecarBridgeExt, State, Status,
};
use tempfile::TempDir;
use test_host::App;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::{UnixStream, unix::pipe},
};

/// Longer than anything here takes; a test that waits for it has failed.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// The app on a thread of its own; it ends when this is dropped.
pub struct Host {
    pub app: AppHandle<MockRuntime>,
    end: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Host {
    pub fn start(config: Value) -> Self {
        Self::start_with(config, App::default())
    }

    pub fn start_with(config: Value, shape: App) -> Self {
        let config: Config = serde_json::from_value(config).expect("a valid configuration");
        let (started, app) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let live = move |app: &AppHandle<MockRuntime>| {
            started.send(app.clone()).expect("the test waits");
            // The sender is only ever dropped.
            let _ended = ended.recv();
        };
        let thread = std::thread::spawn(move || test_host::run(config, shape, live));
        let app = app.recv_timeout(PATIENCE).expect("the app starts");
        Self {
            app,
            end: Some(end),
            thread: Some(thread),
        }
    }

    /// A host whose only sidecar, `python`, runs that command in the temporary directory.
    pub fn spawning(command: &[&str]) -> Self {
        Self::start(
            json!({ "sidecars": { "python": { "spawn": { "command": command, "cwd": "/tmp" } } } }),
        )
    }

    /// A host with the sidecar in `sidecar.py`, and more to say of how it is spawned.
    pub fn serving(mut spawn: Value) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sidecar.py");
        spawn["command"] = json!(["python3", script, env!("CARGO_PKG_VERSION")]);
        spawn["cwd"] = json!("/tmp");
        Self::start(json!({ "sidecars": { "python": { "spawn": spawn } } }))
    }

    pub fn python(&self) -> Sidecar {
        self.app
            .sidecar_bridge()
            .sidecar("python")
            .expect("it is configured")
    }

    /// Ends the app as a user does, by closing its last window.
    pub fn stop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the app ends without a panic");
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Waits for a status of that kind.
pub async fn until(python: &Sidecar, wanted: impl FnMut(&Status) -> bool) -> Status {
    let mut status = python.subscribe();
    let found = tokio::time::timeout(PATIENCE, status.wait_for(wanted)).await;
    found.expect("in time").expect("the host lives").clone()
}

/// The process of that generation or a later one, once it serves.
pub async fn ready(python: &Sidecar, generation: u32) -> Pid {
    let is_ready = |status: &Status| {
        status.generation >= generation && matches!(status.state, State::Ready { .. })
    };
    let State::Ready { pid: Some(pid) } = until(python, is_ready).await.state else {
        panic!("a spawned sidecar has a pid");
    };
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.expect("a pid")
}

/// Sends a request without a body and reads the JSON answer.
pub async fn ask<T: DeserializeOwned>(python: &Sidecar, method: Method, path: &str) -> Result<T> {
    let response = python.client().request(method, path).send().await?;
    response.json().await
}

/// A sidecar that hands its hello over to a FIFO, then waits until it is told to stop.
pub const HAND_OVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../host/tests/dial.py");

/// A host whose sidecar is the test itself: a small program holds the lease.
pub struct Joined {
    pub host: Host,
    pub hello: Value,
    _directory: TempDir,
    _lease: BufReader<pipe::Receiver>,
}

impl Joined {
    pub async fn start(config: Value) -> Self {
        Self::start_with(config, App::default()).await
    }

    /// A host with these windows; `spawn` in the configuration is more to say of how the sidecar is spawned.
    pub async fn among(windows: &'static [&'static str], config: Value) -> Self {
        let app = App {
            windows,
            ..App::default()
        };
        Self::start_with(config, app).await
    }

    pub async fn start_with(mut config: Value, app: App) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let fifo = directory.path().join("hello");
        let made = std::process::Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .expect("mkfifo runs");
        assert!(made.success());
        // Opened for both, so that it is not at its end before the sidecar has opened it.
        let lease = pipe::OpenOptions::new()
            .read_write(true)
            .open_receiver(&fifo)
            .expect("the fifo opens");
        let more = config.as_object_mut().expect("an object").remove("spawn");
        let mut spawn = more.unwrap_or_else(|| json!({}));
        spawn["command"] = json!(["python3", HAND_OVER, fifo]);
        spawn["cwd"] = json!(directory.path());
        config["sidecars"] = json!({ "python": { "spawn": spawn } });
        let host = Host::start_with(config, app);
        let mut lease = BufReader::new(lease);
        let (mut number, mut line) = (String::new(), String::new());
        let read = tokio::time::timeout(PATIENCE, async {
            lease.read_line(&mut number).await?;
            lease.read_line(&mut line).await
        });
        read.await
            .expect("a hello in time")
            .expect("the fifo reads");
        let hello = serde_json::from_str(&line).expect("the hello is JSON");
        Self {
            host,
            hello,
            _directory: directory,
            _lease: lease,
        }
    }

    pub fn socket(&self) -> PathBuf {
        self.hello["host"]["unix"].as_str().expect("a path").into()
    }

    pub fn token(&self) -> String {
        format!("Bearer {}", self.hello["token"].as_str().expect("a token"))
    }

    /// A request with the token and the right host.
    pub fn request(&self, method: &str, path: &str) -> hyper::http::request::Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("authorization", self.token())
    }

    pub async fn send(&self, request: Request<Full<Bytes>>) -> (StatusCode, Bytes) {
        send(&self.socket(), request).await
    }

    /// Posts a body for that window and reads the JSON answer.
    pub async fn post_in(&self, window: &str, path: &str, body: &'static str) -> (u16, Value) {
        let request = self.request("POST", path).header("bridge-window", window);
        let request = request.body(Full::new(body.into()));
        self.json(request.expect("a request")).await
    }

    /// Posts a body and reads the JSON answer.
    pub async fn post(&self, path: &str, body: impl Into<Bytes>) -> (u16, Value) {
        let request = self
            .request("POST", path)
            .body(Full::new(body.into()))
            .expect("a request");
        self.json(request).await
    }

    pub async fn json(&self, request: Request<Full<Bytes>>) -> (u16, Value) {
        let (status, body) = self.send(request).await;
        let value = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&body).expect("JSON")
        };
        (status.as_u16(), value)
    }
}

/// Sends one request on a connection of its own.
pub async fn send(socket: &Path, request: Request<Full<Bytes>>) -> (StatusCode, Bytes) {
    let stream = UnixStream::connect(socket)
        .await
        .expect("the endpoint accepts");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    tokio::spawn(connection);
    let response = tokio::time::timeout(PATIENCE, sender.send_request(request)).await;
    let response = response.expect("an answer in time").expect("an answer");
    let status = response.status();
    (
        status,
        response
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes(),
    )
}

/// A subscription to the events of one name.
pub struct Events {
    /// Behind which event the stream begins, if that is known.
    pub begins: Option<String>,
    body: hyper::body::Incoming,
    /// What came and was not taken yet: whole messages, and the beginning of one.
    messages: VecDeque<String>,
    rest: String,
}

/// What a stream of events says.
#[derive(Debug, PartialEq)]
pub enum Said {
    Event { id: String, payload: Value },
    Gap { lost: Option<u64> },
}

/// Subscribes; what is emitted from now on arrives.
pub async fn events(python: &Joined, name: &str) -> Events {
    events_behind(python, name, None).await
}

/// Subscribes; what was emitted after the event of that id arrives.
pub async fn events_behind(python: &Joined, name: &str, last: Option<&str>) -> Events {
    let stream = UnixStream::connect(python.socket())
        .await
        .expect("the endpoint accepts");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    tokio::spawn(connection);
    let mut request = python.request("GET", &format!("/v1/events?name={name}"));
    if let Some(id) = last {
        request = request.header("last-event-id", id);
    }
    let request = request.body(Full::<Bytes>::default());
    let response = sender
        .send_request(request.expect("a request"))
        .await
        .expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["cache-control"], "no-cache");
    let mut events = Events {
        begins: None,
        body: response.into_body(),
        messages: VecDeque::new(),
        rest: String::new(),
    };
    assert_eq!(events.message().await, ": subscribed");
    let is_begin = |message: &String| !message.contains('\n');
    if events.messages.front().is_some_and(is_begin) {
        let line = events.messages.pop_front().expect("it is there");
        events.begins = Some(line.strip_prefix("id: ").expect("an id").to_owned());
    }
    events
}

impl Events {
    /// The next event's payload, if nothing was lost.
    pub async fn next(&mut self) -> Value {
        match self.said().await {
            Said::Event { payload, .. } => payload,
            Said::Gap { lost } => panic!("{lost:?} events were lost"),
        }
    }

    pub async fn said(&mut self) -> Said {
        let message = self.message().await;
        let mut lines = message.lines();
        let first = lines.next().expect("a line");
        let data: Vec<_> = lines
            .map(|line| line.strip_prefix("data: ").expect("data"))
            .collect();
        let payload: Value = serde_json::from_str(&data.join("\n")).expect("JSON");
        if first == "event: gap" {
            let lost = payload["lost"].as_u64();
            assert_eq!(payload, json!({ "lost": lost }));
            return Said::Gap { lost };
        }
        let id = first.strip_prefix("id: ").expect("an id").to_owned();
        Said::Event { id, payload }
    }

    async fn message(&mut self) -> String {
        loop {
            if let Some(message) = self.messages.pop_front() {
                return message;
            }
            let frame = tokio::time::timeout(PATIENCE, self.body.frame())
                .await
                .expect("an event in time");
            let data = frame
                .expect("the stream goes on")
                .expect("a frame")
                .into_data()
                .expect("data");
            // A frame may end inside of a message, and no character is cut: the tests' large events are ASCII.
            self.rest
                .push_str(std::str::from_utf8(&data).expect("UTF-8"));
            if data.contains(&b'\n') {
                self.messages = self.rest.split("\n\n").map(str::to_owned).collect();
                self.rest = self.messages.pop_back().unwrap_or_default();
            }
        }
    }
}
