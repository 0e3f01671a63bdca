//! The HTTP server of a test's sidecar: it answers with the routes that the test has given.

use std::{
    any::Any,
    net::TcpListener,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use hyper::{Response, StatusCode, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{
    answer::Answer,
    route::{Answering, Request, Route},
};
use crate::pool::{BoxError, Outgoing};

/// The path at which the bridge checks whether the sidecar serves. A test does not see these requests.
pub(super) const HEALTH: &str = "/.fake-sidecar/health";

/// What the test and the server share.
pub(super) struct Script {
    pub(super) routes: Mutex<Vec<Route>>,
    pub(super) requests: Mutex<Vec<Request>>,
    pub(super) received: Condvar,
    pub(super) held: watch::Sender<bool>,
    pub(super) panicked: Mutex<Option<Box<dyn Any + Send>>>,
    /// The functions that end the bridges of the attached apps.
    pub(super) ends: Mutex<Vec<Box<dyn FnOnce() + Send>>>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            routes: Mutex::default(),
            requests: Mutex::default(),
            received: Condvar::new(),
            held: watch::Sender::new(false),
            panicked: Mutex::default(),
            ends: Mutex::default(),
        }
    }
}

impl Script {
    async fn respond(
        &self,
        request: hyper::Request<Incoming>,
    ) -> Result<Response<Outgoing>, BoxError> {
        if request.uri().path() == HEALTH {
            return Answer::text("ok").into_response();
        }
        let mut request = Request::read(request).await?;
        let found = self.find(&mut request);
        lock(&self.requests).push(request.clone());
        self.received.notify_all();
        // This cannot fail: `self` has the sender.
        drop(self.held.subscribe().wait_for(|held| !held).await);
        let answer = match found {
            Ok(answer) => self.answer(&*answer, &request),
            Err(status) => {
                let detail = status.canonical_reason().unwrap_or_default();
                Answer::json(&json!({ "detail": detail })).status(status)
            }
        };
        sleep(answer.delay).await;
        answer.into_response()
    }

    /// Finds the function that answers a request, and sets the request's `params`. Otherwise gives the status to answer with.
    fn find(&self, request: &mut Request) -> Result<Arc<Answering>, StatusCode> {
        let mut status = StatusCode::NOT_FOUND;
        for route in &*lock(&self.routes) {
            let Some(params) = route.params(&request.path) else {
                continue;
            };
            if route.method == request.method {
                request.params = params;
                return Ok(route.answer.clone());
            }
            status = StatusCode::METHOD_NOT_ALLOWED;
        }
        Err(status)
    }

    fn answer(&self, answer: &Answering, request: &Request) -> Answer {
        let answered = catch_unwind(AssertUnwindSafe(|| answer(request)));
        answered.unwrap_or_else(|panic| {
            lock(&self.panicked).get_or_insert(panic);
            let text = "what the test gave to `route` panicked";
            Answer::text(text).status(StatusCode::INTERNAL_SERVER_ERROR)
        })
    }
}

/// Serves until `stop` is cancelled; then every connection is closed.
pub(super) async fn serve(listener: TcpListener, script: Arc<Script>, stop: CancellationToken) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("the socket is a listener");
    let accept = async {
        while let Ok((stream, _)) = listener.accept().await {
            let script = script.clone();
            let service = service_fn(move |request| {
                let script = script.clone();
                async move { script.respond(request).await }
            });
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection);
        }
    };
    stop.run_until_cancelled(accept).await;
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
