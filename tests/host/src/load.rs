//! Calls without a pause, and what became of them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures_util::{TryFutureExt, future::join_all};
use serde::Serialize;
use serde_json::Value;
use tauri::async_runtime::{self, JoinHandle};
use tauri_plugin_sidecar_bridge::{Client, ErrorCode, Method, Problem, Response, Sidecar};

use crate::now_ns;

pub struct Load {
    over: Arc<AtomicBool>,
    callers: Vec<JoinHandle<Vec<Call>>>,
}

/// One call, with the times at which it began and ended.
#[derive(Serialize)]
struct Call {
    begun_ns: u64,
    ended_ns: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<(ErrorCode, String)>,
}

/// What became of the calls.
#[derive(Serialize)]
pub struct Report {
    calls: Vec<Call>,
}

impl Call {
    async fn make(sidecar: &Client, method: Method, path: &str) -> Self {
        let begun_ns = now_ns();
        let reply = sidecar
            .request(method, path)
            .send()
            .and_then(Response::json::<Value>)
            .await;
        Self {
            begun_ns,
            ended_ns: now_ns(),
            failure: reply.err().map(|error| {
                let problem = Problem::from(&error);
                (problem.code, problem.detail)
            }),
        }
    }
}

/// Makes so many calls at once and waits for all of them.
pub async fn burst(sidecar: &Sidecar, calls: usize, method: &str, path: &str) -> Report {
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let sidecar = sidecar.client();
    let calls = (0..calls).map(|_| Call::make(&sidecar, method.clone(), path));
    Report {
        calls: join_all(calls).await,
    }
}

impl Load {
    pub fn start(sidecar: &Sidecar, callers: usize, method: &str) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let callers = (0..callers).map(|_| {
            let (sidecar, over, method) = (sidecar.client(), over.clone(), method.clone());
            async_runtime::spawn(async move {
                let mut calls = Vec::new();
                loop {
                    calls.push(Call::make(&sidecar, method.clone(), "/").await);
                    if over.load(Ordering::Relaxed) {
                        return calls;
                    }
                }
            })
        });
        Self {
            callers: callers.collect(),
            over,
        }
    }

    /// Waits for the calls that have begun.
    pub fn end(self) -> Report {
        self.over.store(true, Ordering::Relaxed);
        let calls = self.callers.into_iter();
        let calls = calls.flat_map(|caller| async_runtime::block_on(caller).expect("no panic"));
        Report {
            calls: calls.collect(),
        }
    }
}
