//! `ask_sidecar <configuration> <url>`: the host's calls of its sidecar `python`, and the same ones with `ureq`.
//!
//! A line of standard input is `bridge` or `ureq`, how many call at once, and how often each calls. The sidecar answers a
//! `POST /small` with what it got.

use std::{
    thread,
    time::{Duration, Instant},
};

use bench_peers::{Sample, answer_lines, number, timed};
use serde::{Deserialize, Serialize};
use tauri::async_runtime;
use tauri_plugin_sidecar_bridge::{Client, Config, SidecarBridgeExt};
use test_host::App;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Person {
    name: String,
}

fn ada() -> Person {
    Person { name: "Ada".into() }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let config = arguments.next().expect("a configuration");
    let url = arguments.next().expect("a URL") + "/small";
    let config: Config = serde_json::from_str(&config).expect("a valid configuration");
    test_host::run(config, App::default(), |app| {
        let bridge = app.sidecar_bridge();
        let sidecar = bridge.sidecar("python").expect("it is configured");
        let ready = sidecar.wait_ready(Duration::from_secs(20));
        async_runtime::block_on(ready).expect("it becomes ready");
        println!("ready");
        let client = bridge.client("python").expect("it is configured");
        answer_lines(|words| {
            let [way, callers, calls] = words else {
                panic!("not three words: {words:?}");
            };
            let (callers, calls) = (number(callers), number(calls));
            match *way {
                "bridge" => with_the_bridge(&client, callers, calls),
                _ => with_ureq(&url, callers, calls),
            }
        });
    });
}

fn with_the_bridge(client: &Client, callers: usize, calls: usize) -> Sample {
    Sample::of(|| {
        let callers: Vec<_> = (0..callers)
            .map(|_| async_runtime::spawn(one_caller(client.clone(), calls)))
            .collect();
        let callers = callers.into_iter();
        callers
            .flat_map(|caller| async_runtime::block_on(caller).expect("no panic"))
            .collect()
    })
}

async fn one_caller(client: Client, calls: usize) -> Vec<Duration> {
    let mut times = Vec::with_capacity(calls);
    for _ in 0..calls {
        let begun = Instant::now();
        let response = client.post("/small").json(&ada()).send().await;
        let person: Person = response.expect("an answer").json().await.expect("JSON");
        times.push(begun.elapsed());
        assert_eq!(person, ada());
    }
    times
}

/// A connection for each call, for `ureq::post` keeps none.
fn with_ureq(url: &str, callers: usize, calls: usize) -> Sample {
    let caller = || {
        timed(calls, || {
            let response = ureq::post(url).send_json(ada());
            let mut response = response.expect("an answer");
            let person: Person = response.body_mut().read_json().expect("JSON");
            assert_eq!(person, ada());
        })
    };
    Sample::of(|| {
        thread::scope(|scope| {
            let callers: Vec<_> = (0..callers).map(|_| scope.spawn(caller)).collect();
            let callers = callers.into_iter();
            callers
                .flat_map(|caller| caller.join().expect("no panic"))
                .collect()
        })
    })
}
