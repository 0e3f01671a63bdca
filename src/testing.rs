//! For `cargo test` of an app's commands (feature `testing`): a sidecar that answers as the test says, without Python.

#[cfg(test)]
mod tests;

use std::{
    any::Any,
    collections::BTreeMap,
    fmt,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::{
    HeaderMap, Method, Response, StatusCode,
    body::{Frame, Incoming},
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use tauri::{
    Manager, Runtime, async_runtime,
    plugin::{self, TauriPlugin},
};
use tokio::{runtime, sync::watch, task::yield_now, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    Config, SidecarBridge,
    config::{SidecarConfig, SidecarName},
    pool::{BoxError, Outgoing},
    server::Webviews,
};

/// Where the bridge looks whether the sidecar serves. No test sees that.
const HEALTH: &str = "/.fake-sidecar/health";

/// How long anything may take that should take no time; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The plugin over sidecars that the test writes, for [`tauri::test::mock_builder`] in place of [`init`](crate::init).
///
/// The client, the status and the orders are the real ones. What `tauri.conf.json` says of sidecars does not count, pages
/// have none of the plugin's commands, and SIGINT ends the test as ever.
///
/// # Panics
/// If two sidecars have the same name.
///
/// [`tauri::test::mock_builder`]: https://docs.rs/tauri/latest/tauri/test/fn.mock_builder.html
#[must_use]
pub fn plugin<R: Runtime, const N: usize>(
    sidecars: [&FakeSidecar; N],
) -> TauriPlugin<R, Option<Config>> {
    let mut config = Config::default();
    let scripts = sidecars.map(|sidecar| {
        let attached = sidecar.config();
        let other = config.sidecars.insert(sidecar.name.clone(), attached);
        assert!(other.is_none(), "two sidecars are named `{}`", sidecar.name);
        sidecar.script.clone()
    });
    plugin::Builder::new("sidecar-bridge")
        .setup(move |app, _| {
            let bridge = SidecarBridge::start(app, config, Vec::new(), Webviews::default())?;
            app.manage(bridge);
            for script in scripts {
                let app = app.clone();
                let end = move || {
                    let bridge = app.state::<SidecarBridge>();
                    async_runtime::block_on(bridge.prepare_for_update());
                };
                lock(&script.ends).push(Box::new(end));
            }
            Ok(())
        })
        .build()
}

/// A sidecar of a test: an HTTP server on loopback, in a thread of this process, that [`plugin`] attaches an app to.
///
/// ```
/// use serde_json::{Value, json};
/// use tauri::test::{mock_builder, mock_context, noop_assets};
/// use tauri::{AppHandle, Runtime, async_runtime::block_on};
/// use tauri_plugin_sidecar_bridge::testing::{self, Answer, FakeSidecar};
/// use tauri_plugin_sidecar_bridge::{ErrorCode, Result, SidecarBridgeExt, StatusCode};
///
/// // The command under test. It takes any runtime, so that it also runs on that of the test.
/// #[tauri::command]
/// async fn rename<R: Runtime>(app: AppHandle<R>, id: u32, name: String) -> Result<Value> {
///     let python = app.sidecar_bridge().client("python")?;
///     let request = python.post(format!("/users/{id}")).json(&json!({ "name": name }));
///     request.send().await?.json().await
/// }
///
/// let python = FakeSidecar::new("python");
/// python.route("POST /users/{id}", |request| match &*request.params["id"] {
///     "7" => Answer::json(&request.json::<Value>()),
///     _ => Answer::json(&json!({ "detail": "no such user" })).status(StatusCode::NOT_FOUND),
/// });
/// let app = mock_builder()
///     .plugin(testing::plugin([&python]))
///     .build(mock_context(noop_assets()))
///     .expect("the app builds");
/// let rename = |id| block_on(rename(app.handle().clone(), id, "Ada".into()));
///
/// assert_eq!(rename(7).expect("there is one"), json!({ "name": "Ada" }));
/// assert_eq!(rename(8).expect_err("there is none").code(), ErrorCode::NotFound);
/// assert_eq!(python.requests()[1].path, "/users/8");
/// ```
///
/// When it is dropped, it is as with an app that ends: the status of its app's sidecars becomes `stopped`, and connections
/// break. A panic in a function that was given to [`route`](Self::route), such as a failed assertion, then goes on.
pub struct FakeSidecar {
    name: SidecarName,
    address: SocketAddr,
    script: Arc<Script>,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl FakeSidecar {
    /// A sidecar of that name, which serves from now on. Until there are routes it answers 404, as FastAPI does.
    ///
    /// # Panics
    /// If that is no name of a sidecar, or the system has no port or thread left.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let name = SidecarName::try_from(name.to_owned()).unwrap_or_else(|error| panic!("{error}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let address = listener.local_addr().expect("a socket has an address");
        listener
            .set_nonblocking(true)
            .expect("every socket can be set so");
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("the system has an event queue left");
        let (script, stop) = (Arc::new(Script::default()), CancellationToken::new());
        let serving = serve(listener, script.clone(), stop.clone());
        let thread = thread::Builder::new().name("fake-sidecar".to_owned());
        let thread = thread.spawn(move || runtime.block_on(serving));
        Self {
            name,
            address,
            script,
            stop,
            thread: Some(thread.expect("the system has a thread left")),
        }
    }

    /// Answers the requests of one route from now on, such as `GET /users/{id}`: with the first route that fits. A route
    /// that is there already gets the new answer. Where only the method is another, 405 is answered, and 404 otherwise.
    ///
    /// The function runs in the sidecar's thread. Where a request that broke off is sent again, it runs again.
    ///
    /// # Panics
    /// If that is no route.
    pub fn route(
        &self,
        route: &str,
        answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) -> &Self {
        let new = Route::parse(route, Arc::new(answer)).unwrap_or_else(|| {
            panic!("`{route}` is not a route; write it like `GET /users/{{id}}`")
        });
        let mut routes = lock(&self.script.routes);
        let known = routes
            .iter_mut()
            .find(|known| (&known.method, &known.path) == (&new.method, &new.path));
        match known {
            Some(known) => *known = new,
            None => routes.push(new),
        }
        self
    }

    /// All that came so far, oldest first, also what no route fits.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.script.requests).clone()
    }

    /// Waits for what a command does in the background, and gives all that came:
    /// `python.wait_until(|requests| requests.len() == 2)`. It blocks the thread.
    ///
    /// # Panics
    /// If it is not so within 10 s.
    pub fn wait_until(&self, holds: impl Fn(&[Request]) -> bool) -> Vec<Request> {
        let requests = lock(&self.script.requests);
        let waited = self
            .script
            .received
            .wait_timeout_while(requests, PATIENCE, |requests| !holds(requests));
        let (requests, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        let came = requests.clone();
        drop(requests);
        assert!(
            !waited.timed_out(),
            "not so within {} s; what came is {came:#?}",
            PATIENCE.as_secs()
        );
        came
    }

    /// Takes requests from now on without an answer, until [`release`](Self::release).
    pub fn hold(&self) {
        self.script.held.send_replace(true);
    }

    /// Answers what [`hold`](Self::hold) held, and goes on.
    pub fn release(&self) {
        self.script.held.send_replace(false);
    }

    fn config(&self) -> SidecarConfig {
        let attach = json!({ "url": format!("http://{}", self.address), "healthPath": HEALTH });
        let config = serde_json::from_value(json!({ "attach": attach }));
        config.expect("a valid configuration")
    }
}

impl Drop for FakeSidecar {
    fn drop(&mut self) {
        let ends = std::mem::take(&mut *lock(&self.script.ends));
        // On a thread of its own, since a test may be asynchronous, and its runtime does not let itself be blocked.
        thread::scope(|scope| drop(scope.spawn(|| ends.into_iter().for_each(|end| end()))));
        self.stop.cancel();
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
            lock(&self.script.panicked).get_or_insert(panic);
        }
        let panicked = lock(&self.script.panicked).take();
        if let Some(panic) = panicked
            && !thread::panicking()
        {
            resume_unwind(panic);
        }
    }
}

impl fmt::Debug for FakeSidecar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("FakeSidecar");
        fields
            .field("name", &self.name)
            .field("address", &self.address);
        fields.finish_non_exhaustive()
    }
}

/// A request as the sidecar got it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path without the query, as it was sent.
    pub path: String,
    /// The query without its `?`, if there is one.
    pub query: Option<String>,
    /// The parts of the path that the route has in braces, decoded.
    pub params: BTreeMap<String, String>,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Request {
    async fn read(request: hyper::Request<Incoming>) -> Result<Self, hyper::Error> {
        let (head, body) = request.into_parts();
        Ok(Self {
            method: head.method,
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            params: BTreeMap::new(),
            headers: head.headers,
            body: body.collect().await?.to_bytes().into(),
        })
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// If it is not JSON, or not a `T`.
    #[must_use]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            let body = String::from_utf8_lossy(&self.body);
            panic!(
                "the body of {} {} is not as expected: {error}; it is {body:?}",
                self.method, self.path
            )
        })
    }
}

/// What the sidecar answers.
#[derive(Debug)]
#[must_use = "a route's function returns it"]
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Body,
    end: End,
    delay: Duration,
}

#[derive(Debug)]
enum Body {
    Whole(Bytes),
    Pieces(Vec<Bytes>),
}

#[derive(Debug, PartialEq)]
enum End {
    Orderly,
    BrokenOff,
    /// There is not even a beginning.
    Unanswered,
}

impl Answer {
    /// A value as JSON, with the status 200.
    ///
    /// # Panics
    /// If the value is not JSON.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Self {
        let body = serde_json::to_vec(value).expect("the answer is JSON");
        Self::new(Body::Whole(body.into())).header(CONTENT_TYPE, "application/json")
    }

    /// A text, with the status 200.
    pub fn text(text: impl Into<String>) -> Self {
        let body = Body::Whole(text.into().into());
        Self::new(body).header(CONTENT_TYPE, "text/plain; charset=utf-8")
    }

    /// A stream of pieces, such as `"data: 1\n\n"` or the lines of an NDJSON, with the status 200 and no `Content-Type`.
    pub fn stream(pieces: impl IntoIterator<Item: Into<Bytes>>) -> Self {
        let pieces = pieces.into_iter().map(Into::into);
        Self::new(Body::Pieces(pieces.collect()))
    }

    /// No answer: the connection ends, as when the sidecar falls over. The client gets `unavailable`, once it has sent
    /// again what may be sent again.
    pub fn none() -> Self {
        Self {
            end: End::Unanswered,
            ..Self::text("")
        }
    }

    /// Another status.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Sets a header.
    ///
    /// # Panics
    /// If it is not a header.
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName, Error: fmt::Debug>,
        V: TryInto<HeaderValue, Error: fmt::Debug>,
    {
        let name = name.try_into().expect("a header's name");
        let value = value.try_into().expect("a header's value");
        self.headers.insert(name, value);
        self
    }

    /// Lets the client wait so long for it, such as for a test of a deadline.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Ends the connection behind the body, which is not at its end then: its reader gets `unavailable`.
    pub fn broken_off(mut self) -> Self {
        self.end = End::BrokenOff;
        self
    }

    fn new(body: Body) -> Self {
        Self {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body,
            end: End::Orderly,
            delay: Duration::ZERO,
        }
    }

    fn into_response(self) -> Result<Response<Outgoing>, BoxError> {
        let body = match (self.body, self.end) {
            (_, End::Unanswered) => return Err("the test gives no answer".into()),
            (Body::Whole(bytes), End::Orderly) => {
                Outgoing::new(Full::new(bytes).map_err(|never| match never {}))
            }
            (Body::Whole(bytes), End::BrokenOff) => streamed(vec![bytes], true),
            (Body::Pieces(pieces), end) => streamed(pieces, end == End::BrokenOff),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        Ok(response)
    }
}

/// A body of unknown length.
fn streamed(pieces: Vec<Bytes>, broken_off: bool) -> Outgoing {
    let pieces = stream::iter(pieces).map(|piece| Ok(Frame::data(piece)));
    let end = stream::iter(broken_off.then_some(())).then(async |()| {
        // hyper sends what it has when there is nothing more for now, and not when there is an error.
        yield_now().await;
        Err("the test breaks it off".into())
    });
    Outgoing::new(StreamBody::new(pieces.chain(end)))
}

type Answering = dyn Fn(&Request) -> Answer + Send + Sync;

struct Route {
    method: Method,
    path: String,
    answer: Arc<Answering>,
}

impl Route {
    fn parse(route: &str, answer: Arc<Answering>) -> Option<Self> {
        let (method, path) = route.split_once(' ')?;
        let is_path = path.starts_with('/') && !path.contains([' ', '?', '#']);
        let is_method = method.bytes().all(|byte| byte.is_ascii_uppercase());
        let method = method.parse().ok().filter(|_| is_method)?;
        is_path.then(|| Self {
            method,
            path: path.to_owned(),
            answer,
        })
    }

    /// What a path has where this route has braces, if it fits.
    fn params(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let (wanted, given) = (self.path.split('/'), path.split('/'));
        if wanted.clone().count() != given.clone().count() {
            return None;
        }
        let mut params = BTreeMap::new();
        for (wanted, given) in wanted.zip(given) {
            let name = wanted
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'));
            match name {
                Some(name) if !given.is_empty() => {
                    let value = percent_decode_str(given).decode_utf8_lossy();
                    params.insert(name.to_owned(), value.into_owned());
                }
                None if wanted == given => {}
                _ => return None,
            }
        }
        Some(params)
    }
}

/// What the test and the server share.
struct Script {
    routes: Mutex<Vec<Route>>,
    requests: Mutex<Vec<Request>>,
    received: Condvar,
    held: watch::Sender<bool>,
    panicked: Mutex<Option<Box<dyn Any + Send>>>,
    /// What ends the bridges of the apps that are attached.
    ends: Mutex<Vec<Box<dyn FnOnce() + Send>>>,
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
        // The sender lives as long as this does.
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

    /// What the test answers to a request, which gets its `params`.
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
async fn serve(listener: TcpListener, script: Arc<Script>, stop: CancellationToken) {
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
