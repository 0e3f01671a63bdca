//! Windows: a sidecar dials the host, serves on what it has dialled, and ends with its job. The sidecar is this program again.
#![cfg(windows)]

use std::{
    process::{Command, exit},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::Duration,
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    client, server,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tauri::{AppHandle, test::MockRuntime};
use tauri_plugin_sidecar_bridge::{Config, Method, Sidecar, SidecarBridgeExt, State, Status};
use test_host::App;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::windows::named_pipe::{ClientOptions, NamedPipeClient},
    task::JoinSet,
    time::{sleep, timeout},
};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many connections the sidecar has in store.
const SPARE: usize = 4;
const PIPE_BUSY: i32 = 231;

// The sidecar.

async fn open(name: &str) -> NamedPipeClient {
    loop {
        match ClientOptions::new().open(name) {
            Err(error) if error.raw_os_error() == Some(PIPE_BUSY) => {
                sleep(Duration::from_millis(1)).await;
            }
            opened => return opened.expect("the host listens"),
        }
    }
}

fn address() -> String {
    let address = std::env::var("SIDECAR_BRIDGE").expect("the host says where it is");
    address.strip_prefix("pipe:").expect("a pipe").to_owned()
}

async fn dial(name: &str, role: &str) -> (BufReader<NamedPipeClient>, Value) {
    let mut lease = BufReader::new(open(name).await);
    let request = json!({ "protocol": 2, "role": role }).to_string() + "\n";
    lease.write_all(request.as_bytes()).await.expect("written");
    let mut line = String::new();
    lease.read_line(&mut line).await.expect("an answer");
    (lease, serde_json::from_str(&line).expect("JSON"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the other tests start it as their sidecar"]
async fn sidecar() {
    let (mut lease, hello) = dial(&address(), "serve").await;
    let name = hello["listen"]["dial"]["pipe"].as_str();
    let name = name.expect("a pipe to dial").to_owned();
    let token = hello["token"].as_str().expect("a token").to_owned();
    for _ in 0..SPARE {
        tokio::spawn(serve(name.clone(), token.clone()));
    }
    announce(&hello).await;
    let mut word = String::new();
    while lease.read_line(&mut word).await.is_ok_and(|read| read > 0) {
        match word.as_str() {
            "stop\n" => exit(0),
            "probe\n" => lease.write_all(b"alive\n").await.expect("said"),
            _ => {}
        }
        word.clear();
    }
    exit(1);
}

async fn announce(hello: &Value) {
    let name = hello["host"]["pipe"].as_str().expect("a pipe");
    let body = json!({ "pid": std::process::id(), "version": env!("CARGO_PKG_VERSION") });
    let token = hello["token"].as_str().expect("a token");
    let request = Request::post("/v1/ready")
        .header("host", "localhost")
        .header("authorization", format!("Bearer {token}"))
        .body(Full::<Bytes>::from(body.to_string()));
    let pipe = TokioIo::new(open(name).await);
    let (mut sender, connection) = client::conn::http1::handshake(pipe).await.expect("HTTP");
    tokio::spawn(connection);
    let answer = sender.send_request(request.expect("a request")).await;
    assert_eq!(answer.expect("an answer").status(), StatusCode::NO_CONTENT);
}

/// Serves on one connection, and dials another one once this is used.
async fn serve(name: String, token: String) {
    let mut pipe = open(&name).await;
    let line = format!("{token}\n");
    pipe.write_all(line.as_bytes()).await.expect("written");
    let again = std::sync::Once::new();
    let service = service_fn(|request| {
        again.call_once(|| drop(tokio::spawn(serve_again(name.clone(), token.clone()))));
        answer(request)
    });
    let http = server::conn::http1::Builder::new();
    http.serve_connection(TokioIo::new(pipe), service)
        .await
        .ok();
}

/// A future that contains itself needs a box.
fn serve_again(name: String, token: String) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(serve(name, token))
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let value = match request.uri().path() {
        "/pid" => json!(std::process::id()),
        "/address" => json!(address()),
        "/child" => json!(again("child").spawn().expect("a child").id()),
        _ => {
            let body = request.into_body().collect().await?.to_bytes();
            return Ok(Response::new(Full::new(body)));
        }
    };
    Ok(Response::new(Full::new(value.to_string().into())))
}

#[test]
#[ignore = "the sidecar starts it as its child"]
fn child() {
    loop {
        std::thread::park();
    }
}

fn arguments(test: &str) -> [String; 5] {
    let program = std::env::current_exe().expect("this program");
    let program = program.to_str().expect("Unicode");
    [program, test, "--exact", "--ignored", "--nocapture"].map(str::to_owned)
}

fn again(test: &str) -> Command {
    let [program, arguments @ ..] = arguments(test);
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

// The host.

/// The app on a thread of its own; it ends when this is dropped.
struct Host {
    end: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Host {
    async fn start() -> (Self, Sidecar) {
        let spawn = json!({ "command": arguments("sidecar"), "cwd": std::env::temp_dir() });
        let config = json!({ "sidecars": { "python": { "spawn": spawn } } });
        let config: Config = serde_json::from_value(config).expect("a valid configuration");
        let (started, app) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let live = move |app: &AppHandle<MockRuntime>| {
            started.send(app.clone()).expect("the test waits");
            let _ended = ended.recv();
        };
        let thread = std::thread::spawn(move || test_host::run(config, App::default(), live));
        let app = app.recv_timeout(PATIENCE).expect("the app starts");
        let sidecar = app.sidecar_bridge().sidecar("python").expect("configured");
        until(&sidecar, |status| is_ready(status, 1)).await;
        let host = Self {
            end: Some(end),
            thread: Some(thread),
        };
        (host, sidecar)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the app ends without a panic");
        }
    }
}

fn is_ready(status: &Status, generation: u32) -> bool {
    status.generation >= generation && matches!(status.state, State::Ready { .. })
}

async fn until(sidecar: &Sidecar, wanted: impl FnMut(&Status) -> bool) -> Status {
    let mut status = sidecar.subscribe();
    let found = timeout(PATIENCE, status.wait_for(wanted)).await;
    found.expect("in time").expect("the host lives").clone()
}

async fn ask(sidecar: &Sidecar, path: &str) -> Value {
    let request = sidecar.client().request(Method::GET, path);
    let response = timeout(PATIENCE, request.send()).await;
    let response = response.expect("in time").expect("an answer");
    response.json().await.expect("JSON")
}

async fn pid(sidecar: &Sidecar, path: &str) -> u32 {
    let pid = ask(sidecar, path).await.as_u64().expect("a number");
    u32::try_from(pid).expect("a pid")
}

#[link(name = "kernel32")]
unsafe extern "system" {
    fn OpenProcess(access: u32, inherit: i32, pid: u32) -> isize;
    fn TerminateProcess(process: isize, code: u32) -> i32;
    fn WaitForSingleObject(object: isize, millis: u32) -> u32;
    fn CloseHandle(object: isize) -> i32;
}

/// A process that is killed or waited for.
struct Process(isize);

impl Process {
    fn of(pid: u32) -> Self {
        const SYNCHRONIZE_AND_TERMINATE: u32 = 0x0010_0001;
        // SAFETY: no pointer is given.
        let process = unsafe { OpenProcess(SYNCHRONIZE_AND_TERMINATE, 0, pid) };
        assert_ne!(process, 0, "process {pid} lives");
        Self(process)
    }

    fn kill(&self) {
        // SAFETY: the handle is open.
        assert_ne!(unsafe { TerminateProcess(self.0, 9) }, 0);
    }

    fn has_ended_within(&self, limit: Duration) -> bool {
        let millis = u32::try_from(limit.as_millis()).expect("short");
        // SAFETY: the handle is open.
        unsafe { WaitForSingleObject(self.0, millis) == 0 }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SAFETY: the handle is open, and not used after this.
        unsafe { CloseHandle(self.0) };
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_serves_on_what_it_dials() {
    let (_host, sidecar) = Host::start().await;
    let first = pid(&sidecar, "/pid").await;
    assert_eq!(pid(&sidecar, "/pid").await, first);
    let large = json!("x".repeat(1 << 20));
    let echoed = sidecar.client().request(Method::POST, "/echo").json(&large);
    let echoed: Value = echoed
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(echoed, large);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_get_is_lost_over_ten_kills() {
    for callers in [16, 64] {
        let (_host, sidecar) = Host::start().await;
        let (over, mut calls) = (Arc::new(AtomicBool::new(false)), JoinSet::new());
        for _ in 0..callers {
            let (sidecar, over) = (sidecar.clone(), over.clone());
            calls.spawn(async move {
                let mut answered = 0_u32;
                while !over.load(Ordering::Relaxed) {
                    ask(&sidecar, "/pid").await;
                    answered += 1;
                }
                answered
            });
        }
        for round in 0..10 {
            sleep(Duration::from_millis(300)).await;
            let generation = until(&sidecar, |status| is_ready(status, 1))
                .await
                .generation;
            Process::of(pid(&sidecar, "/pid").await).kill();
            until(&sidecar, |status| is_ready(status, generation + 1)).await;
            // Five crashes within a minute would be too many; an order begins anew.
            if round % 4 == 3 {
                sidecar.restart().await.expect("it restarts");
            }
        }
        over.store(true, Ordering::Relaxed);
        let answered = timeout(PATIENCE, calls.join_all())
            .await
            .expect("nobody hangs");
        assert!(answered.iter().all(|calls| *calls > 10), "{answered:?}");
        println!(
            "{callers} callers: {} answers",
            answered.iter().sum::<u32>()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_stops_in_order_and_its_children_end_with_it() {
    let (_host, sidecar) = Host::start().await;
    let itself = Process::of(pid(&sidecar, "/pid").await);
    let child = Process::of(pid(&sidecar, "/child").await);
    sidecar.stop().await.expect("it stops");
    assert!(itself.has_ended_within(PATIENCE) && child.has_ended_within(PATIENCE));
    assert_eq!(sidecar.status().state, State::Stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_outside_of_the_job_gets_nothing() {
    let (_host, sidecar) = Host::start().await;
    let address = ask(&sidecar, "/address").await;
    for role in ["calls", "serve"] {
        let (_, refusal) = dial(address.as_str().expect("a name"), role).await;
        assert_eq!(refusal["code"], "permission_denied", "{refusal}");
        let detail = refusal["detail"].as_str().expect("text");
        assert!(
            detail.contains("not in the job that the host started"),
            "{detail}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_know_the_token_serves_nothing() {
    let (_host, sidecar) = Host::start().await;
    let lease = ask(&sidecar, "/address").await;
    let lease = lease.as_str().expect("a name");
    let name = lease.replace("-lease", "-sidecar");
    for line in ["no token\n", "GET / HTTP/1.1\r\n\r\n"] {
        let mut pipe = open(&name).await;
        pipe.write_all(line.as_bytes()).await.expect("written");
        let closed = timeout(PATIENCE, pipe.read_u8()).await;
        assert!(closed.expect("in time").is_err(), "the host closes");
    }
}
