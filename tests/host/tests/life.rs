//! A sidecar's life, from its start to the host's end, and the host's calls to it.
#![cfg(unix)]

mod support;

use std::path::Path;

use serde_json::{Value, json};
use support::{Host, Joined, PATIENCE, ask};
use tauri_plugin_sidecar_bridge::{ErrorCode, Method, Problem, State};

/// Where `dial.py` is.
const TESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");

/// A host with the sidecar in `sidecar.py`.
fn host() -> Host {
    Host::serving(json!({}))
}

/// Why the sidecar failed, once it has: in short, and all of it.
async fn failure(host: &Host) -> (Problem, String) {
    let error = host
        .python()
        .wait_ready(PATIENCE)
        .await
        .expect_err("it fails");
    match host.python().status().state {
        State::Failed {
            problem,
            details: Some(details),
            ..
        } => {
            assert_eq!(Problem::from(&error).detail, problem.detail);
            assert_eq!(error.to_string(), details);
            (problem, details)
        }
        state => panic!("not failed: {state:?}"),
    }
}

fn alive(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

#[tokio::test(flavor = "multi_thread")]
async fn rust_waits_for_the_sidecar_and_calls_it() {
    let host = host();
    let python = host.python();
    python.wait_ready(PATIENCE).await.expect("ready");
    let response = python.client().post("/a?b=c").json(&json!({ "d": 1 }));
    let response = response.send().await.expect("an answer");
    let reply: Value = response.json().await.expect("JSON");
    assert_eq!(
        reply,
        json!({ "method": "POST", "path": "/a?b=c", "body": { "d": 1 } })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_made_too_early_waits() {
    let host = host();
    let reply: Value = ask(&host.python(), Method::GET, "/")
        .await
        .expect("an answer");
    assert_eq!(reply["method"], "GET");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sidecars_errors_are_typed() {
    let host = host();
    let python = host.python();
    let error = ask::<Value>(&python, Method::GET, "/nowhere")
        .await
        .expect_err("not found");
    let problem = Problem::from(&error);
    assert_eq!(
        (problem.code, problem.data),
        (
            ErrorCode::NotFound,
            Some(json!({ "detail": "no such thing" }))
        )
    );
    let error = ask::<u8>(&python, Method::GET, "/")
        .await
        .expect_err("not a number");
    assert_eq!(error.code(), ErrorCode::Internal);
    let error = ask::<Value>(&python, Method::GET, "a b")
        .await
        .expect_err("not a path");
    assert_eq!(error.code(), ErrorCode::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_end_is_the_sidecars_and_leaves_nothing() {
    let mut host = host();
    let python = host.python();
    python.wait_ready(PATIENCE).await.expect("ready");
    let State::Ready { pid: Some(pid) } = python.status().state else {
        panic!("no pid")
    };
    assert!(alive(pid));
    host.stop();
    assert!(!alive(pid));
    assert_eq!(python.status().state, State::Stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_run_directory_goes_with_the_host() {
    let mut joined = Joined::start(json!({})).await;
    let directory = joined.socket().parent().expect("a directory").to_owned();
    assert!(directory.exists());
    joined.host.stop();
    assert!(!directory.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_not_there_is_named() {
    let (problem, details) = failure(&Host::spawning(&["/no/such/program"])).await;
    assert_eq!(problem.code, ErrorCode::Unavailable);
    assert_eq!(
        problem.detail,
        "sidecar `python` is unavailable: its program was not found; correct `command`"
    );
    assert!(
        details.contains("its program `/no/such/program` was not found"),
        "{details}"
    );
    let plain = tempfile::NamedTempFile::new().expect("a file that is not executable");
    let (problem, _) = failure(&Host::spawning(&[plain.path().to_str().expect("UTF-8")])).await;
    assert!(problem.detail.contains("is not executable"), "{problem}");
    let spawn = json!({ "command": ["true"], "cwd": "/no/such/directory" });
    let (_, details) = failure(&Host::start(
        json!({ "sidecars": { "python": { "spawn": spawn } } }),
    ))
    .await;
    assert!(
        details.contains("working directory /no/such/directory does not exist"),
        "{details}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_before_readiness_shows_the_last_words() {
    let (_, details) = failure(&Host::spawning(&[
        "sh",
        "-c",
        "echo no module named app >&2; exit 3",
    ]))
    .await;
    assert!(
        details.contains("exited with code 3 before it was ready; it last said: no module"),
        "{details}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sidecar_writes_is_kept_without_secrets_and_comes_with_its_end() {
    let script = r"
import json, os, signal, sys
from dial import dial
lease, hello, listener = dial()
print(json.dumps(hello), flush=True)
print('key', os.environ['APP_API_KEY'], file=sys.stderr, flush=True)
print('stdin is empty:', sys.stdin.read() == '', file=sys.stderr, flush=True)
os.kill(os.getpid(), signal.SIGSEGV)
";
    let spawn = json!({
        "command": ["python3", "-c", script], "cwd": TESTS, "restart": false, "env": { "APP_API_KEY": "sk-123456" },
    });
    let host = Host::start(json!({ "sidecars": { "python": { "spawn": spawn } } }));
    let (problem, _) = failure(&host).await;
    assert!(problem.detail.contains("SIGSEGV"), "{problem}");
    let State::Failed {
        exit: Some(exit), ..
    } = host.python().status().state
    else {
        panic!("no exit")
    };
    assert_eq!((exit.code, exit.signal), (None, Some(11)));
    assert_eq!(exit.stderr, ["key [redacted]", "stdin is empty: True"]);
    let logs = host.python().logs();
    assert_eq!(logs.len(), 3);
    let hello = logs
        .iter()
        .find(|line| line.text.starts_with('{'))
        .expect("its hello");
    assert!(
        hello.text.contains(r#""token": "[redacted]""#),
        "{}",
        hello.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_line_and_no_form_of_a_secret_is_kept() {
    let script = r"
import json, os, urllib.parse
key = os.environ['TLS_PRIVATE_KEY']
print(key, repr(key), json.dumps({'key': key}), urllib.parse.quote(key), repr(json.dumps([key])), sep='\n', flush=True)
";
    let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B+QEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8c/j\n-----END PRIVATE KEY-----\n";
    let spawn = json!({
        "command": ["python3", "-c", script], "cwd": TESTS, "restart": false, "env": { "TLS_PRIVATE_KEY": key },
    });
    let host = Host::start(json!({ "sidecars": { "python": { "spawn": spawn } } }));
    failure(&host).await;
    let logs = host.python().logs().into_iter().map(|line| line.text);
    assert_eq!(
        logs.collect::<Vec<_>>(),
        [
            "[redacted]",
            "[redacted]",
            "[redacted]",
            "[redacted]",
            "",
            r"'[redacted]\n'",
            r#"{"key": "[redacted]\n"}"#,
            "[redacted]%0A",
            r#"'["[redacted]\\n"]'"#,
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_does_not_inherit_what_breaks_its_python() {
    let script = r#"echo "[$PYTHONHOME] [$LD_LIBRARY_PATH]" >&2; exit 1"#;
    for (keep, seen) in [(json!([]), "[] []"), (json!(["PYTHONHOME"]), "[/app] []")] {
        let spawn = json!({
            "command": ["sh", "-c", script], "cwd": "/tmp", "restart": false, "keepEnv": keep,
        });
        let config = json!({ "sidecars": { "python": { "spawn": spawn } } });
        let leaked = [("PYTHONHOME", "/app"), ("LD_LIBRARY_PATH", "/no/such")];
        let (status, _) = statuses_of_host_with(&leaked, &config);
        assert_eq!(status["state"]["exit"]["stderr"], json!([seen]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_starts_in_the_folder_that_is_configured() {
    let home = tempfile::tempdir().expect("a directory");
    for name in ["app", "sidecar"] {
        std::fs::create_dir(home.path().join(name)).expect("a directory");
    }
    let wanted = home.path().join("sidecar").canonicalize();
    let wanted = wanted.expect("it is there");
    for cwd in ["$HOME/sidecar", "$HOME/app/../sidecar"] {
        let spawn =
            json!({ "command": ["sh", "-c", "pwd -P >&2; exit 1"], "cwd": cwd, "restart": false });
        let config = json!({ "sidecars": { "python": { "spawn": spawn } } });
        let home = home.path().to_str().expect("UTF-8");
        let (status, _) = statuses_of_host_with(&[("HOME", home)], &config);
        assert_eq!(status["state"]["exit"]["stderr"], json!([wanted]), "{cwd}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_with_another_digest_is_not_started() {
    let digest = "0".repeat(64);
    let spawn = json!({ "command": ["/bin/sh", "-c", "echo started >&2"], "cwd": "/tmp", "sha256": digest });
    let host = Host::start(json!({ "sidecars": { "python": { "spawn": spawn } } }));
    let (problem, details) = failure(&host).await;
    assert_eq!(problem.code, ErrorCode::FailedPrecondition);
    assert!(!problem.detail.contains("/bin/sh"), "{problem}");
    assert!(details.contains("/bin/sh has the SHA-256"), "{details}");
    assert_eq!(host.python().logs(), []);
    let spawn = json!({ "command": ["sh"], "cwd": "/tmp", "sha256": digest });
    let host = Host::start(json!({ "sidecars": { "python": { "spawn": spawn } } }));
    let (problem, _) = failure(&host).await;
    assert!(
        problem.detail.contains("give `command` as a path"),
        "{problem}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_that_reports_what_it_does_has_as_long_again() {
    let report = r#"
import http.client, json, os, socket, sys, time
from dial import dial
lease, hello, listener = dial()
def call(path, body):
    host = http.client.HTTPConnection("localhost")
    host.sock = socket.socket(socket.AF_UNIX)
    host.sock.connect(hello["host"]["unix"])
    host.request("POST", path, json.dumps(body), {"Authorization": f"Bearer {hello['token']}"})
    return host.getresponse().status
assert call("/v1/starting", {"activity": "loading", "percent": 101}) == 422
for percent in range(0, 100, 10):
    assert call("/v1/starting", {"activity": "loading", "percent": percent}) == 204
    time.sleep(0.2)
assert call("/v1/ready", {"pid": os.getpid(), "version": sys.argv[1]}) == 204
assert call("/v1/starting", {"activity": "too late"}) == 412
lease.recv(1)
"#;
    let spawn = json!({
        "command": ["python3", "-c", report, env!("CARGO_PKG_VERSION")], "cwd": TESTS, "readyTimeoutMs": 1500,
    });
    let host = Host::start(json!({ "sidecars": { "python": { "spawn": spawn } } }));
    let python = host.python();
    let reported = support::until(&python, |status| {
        matches!(&status.state, State::Starting { activity: Some(_) })
    });
    let State::Starting {
        activity: Some(activity),
    } = reported.await.state
    else {
        unreachable!()
    };
    assert_eq!(activity.name, "loading");
    python.wait_ready(PATIENCE).await.expect("ready after 2 s");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_that_is_never_ready_is_ended() {
    let spawn = json!({ "command": ["sh", "-c", "echo $$ >&2; exec sleep 60"], "cwd": "/tmp", "readyTimeoutMs": 50 });
    let host = Host::start(json!({ "sidecars": { "python": { "spawn": spawn } } }));
    let (problem, _) = failure(&host).await;
    assert_eq!(problem.code, ErrorCode::DeadlineExceeded);
    assert!(
        problem
            .detail
            .contains("not ready after 50 ms; it runs, but never called `serve`"),
        "{problem}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_can_be_shorter_than_the_start() {
    let host = Host::spawning(&["sleep", "60"]);
    let limit = std::time::Duration::from_millis(20);
    let error = host
        .python()
        .wait_ready(limit)
        .await
        .expect_err("too early");
    assert_eq!(error.code(), ErrorCode::DeadlineExceeded);
    assert_eq!(
        host.python().status().state,
        State::Starting { activity: None }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_already_runs_is_attached_once_it_is_healthy() {
    use axum::{Json, Router, http::StatusCode, routing::get};
    use std::sync::atomic::{AtomicU32, Ordering};

    static LOOKS: AtomicU32 = AtomicU32::new(0);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let health = || async {
        match LOOKS.fetch_add(1, Ordering::Relaxed) {
            0..3 => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::OK,
        }
    };
    let router = Router::new()
        .route("/up", get(health))
        .route("/hello", get(|| async { Json("hi") }));
    tokio::spawn(async move { axum::serve(listener, router).await });

    let attach = json!({ "url": url, "healthPath": "/up", "intervalMs": 5 });
    let host = Host::start(json!({ "sidecars": { "python": { "attach": attach } } }));
    let reply: String = ask(&host.python(), Method::GET, "/hello")
        .await
        .expect("an answer");
    assert_eq!(reply, "hi");
    assert_eq!(host.python().status().state, State::Ready { pid: None });
    assert!(LOOKS.load(Ordering::Relaxed) >= 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_never_healthy_times_out() {
    let attach = json!({ "url": "http://127.0.0.1:9", "intervalMs": 5, "timeoutMs": 60 });
    let host = Host::start(json!({ "sidecars": { "python": { "attach": attach } } }));
    assert_eq!(failure(&host).await.0.code, ErrorCode::DeadlineExceeded);
}

/// The lines that the test host prints until a sidecar has failed, with that environment.
fn statuses_of_host_with(
    environment: &[(&str, &str)],
    config: &Value,
) -> (Value, std::process::ExitStatus) {
    use std::{
        io::{BufRead, BufReader},
        process::{Command, Stdio},
    };
    let mut host = Command::new(env!("CARGO_BIN_EXE_test-host"))
        .arg(config.to_string())
        .env_remove("XDG_RUNTIME_DIR")
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the test host starts");
    let lines = BufReader::new(host.stdout.take().expect("a pipe")).lines();
    let mut statuses =
        lines.map(|line| serde_json::from_str::<Value>(&line.expect("text")).expect("JSON"));
    let failed = statuses
        .find(|status| status["state"]["phase"] == "failed")
        .expect("it fails");
    assert!(
        host.try_wait().expect("it can be asked").is_none(),
        "the app ended with its sidecar"
    );
    drop(host.stdin.take());
    (failed, host.wait().expect("it ends"))
}

#[test]
fn a_socket_path_that_is_too_long_fails_the_sidecar_and_not_the_app() {
    let short = tempfile::tempdir().expect("a directory");
    let long = short.path().join("d".repeat(100));
    std::fs::create_dir(&long).expect("a directory with a long name");
    let config = json!({ "sidecars": { "python": { "spawn": { "command": ["sleep", "60"], "cwd": "/tmp" } } } });
    let (status, exit) =
        statuses_of_host_with(&[("TMPDIR", long.to_str().expect("UTF-8"))], &config);
    let detail = status["state"]["details"].as_str().expect("text");
    assert!(
        detail.contains("host.sock") && detail.contains("at most"),
        "{detail}"
    );
    assert!(exit.success());
    assert_eq!(
        std::fs::read_dir(&long).expect("readable").count(),
        0,
        "the run directory was left behind"
    );
}

#[test]
fn a_run_directory_that_cannot_be_made_fails_the_sidecar_and_not_the_app() {
    let config = json!({ "sidecars": { "python": { "spawn": { "command": ["sleep", "60"], "cwd": "/tmp" } } } });
    let (status, exit) = statuses_of_host_with(&[("TMPDIR", "/no/such/directory")], &config);
    let detail = status["state"]["details"].as_str().expect("text");
    assert!(
        detail.contains("creating a run directory in /no/such/directory"),
        "{detail}"
    );
    assert!(exit.success());
}

#[test]
fn an_unknown_key_in_tauri_conf_json_stops_the_start_and_is_named() {
    let mut context = tauri::test::mock_context(tauri::test::noop_assets());
    let plugins = &mut context.config_mut().plugins.0;
    plugins.insert("sidecar-bridge".into(), json!({ "sidecar": {} }));
    let app = tauri::test::mock_builder()
        .plugin(tauri_plugin_sidecar_bridge::init())
        .build(context);
    let error = app.expect_err("refused").to_string();
    assert!(
        error.contains(
            "unknown field `sidecar`, expected one of `sidecars`, `maxBodyBytes`, `waitMs`"
        ),
        "{error}"
    );
}
