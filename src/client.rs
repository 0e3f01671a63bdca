//! HTTP to a sidecar, for the app's own Rust code.

use std::{error::Error as StdError, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, TryStreamExt, stream};
use hyper::{
    HeaderMap, Method, StatusCode,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    deadline::Deadline,
    delivery::{Answer, Body, IDEMPOTENCY_KEY, Message},
    error::{Error, Kind, Problem, Result},
    path,
    sidecar::Sidecar,
};

/// Sends HTTP requests to one sidecar; clones are cheap.
///
/// ```no_run
/// # use serde::{Deserialize, Serialize};
/// # use tauri_plugin_sidecar_bridge::{Result, SidecarBridgeExt};
/// # #[derive(Serialize)] struct NewUser { name: String }
/// # #[derive(Deserialize)] struct User { id: u32 }
/// # async fn example<R: tauri::Runtime>(app: tauri::AppHandle<R>) -> Result<()> {
/// let python = app.sidecar_bridge().client("python")?;
/// let ada = NewUser { name: "Ada".into() };
/// let user: User = python.post("/users").json(&ada).send().await?.json().await?;
/// let limit = std::time::Duration::from_secs(2);
/// let mut log = python.get(format!("/users/{}/log", user.id)).timeout(limit).send().await?;
/// while let Some(bytes) = log.chunk().await? {
///     println!("{} bytes", bytes.len());
/// }
/// # Ok(()) }
/// ```
///
/// While the sidecar is starting, or is started again, a request waits. When the sidecar ends during a request, the client
/// sends the request to the next generation if the request is idempotent, or if no byte of it had left.
#[derive(Clone, Debug)]
pub struct Client(Sidecar);

impl Sidecar {
    /// A client that sends HTTP requests to the sidecar.
    #[must_use]
    pub fn client(&self) -> Client {
        Client(self.clone())
    }
}

impl Client {
    /// A GET request for a path with an optional query, such as `/users?page=2`.
    pub fn get(&self, path: impl Into<String>) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// A POST request.
    pub fn post(&self, path: impl Into<String>) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    /// A PUT request.
    pub fn put(&self, path: impl Into<String>) -> RequestBuilder {
        self.request(Method::PUT, path)
    }

    /// A PATCH request.
    pub fn patch(&self, path: impl Into<String>) -> RequestBuilder {
        self.request(Method::PATCH, path)
    }

    /// A DELETE request.
    pub fn delete(&self, path: impl Into<String>) -> RequestBuilder {
        self.request(Method::DELETE, path)
    }

    /// A request of any method.
    pub fn request(&self, method: Method, path: impl Into<String>) -> RequestBuilder {
        RequestBuilder {
            client: self.clone(),
            method,
            path: path.into(),
            headers: HeaderMap::new(),
            body: Body::Whole(Bytes::new()),
            timeout: None,
            mistake: None,
        }
    }
}

/// Builds a request. [`send`](Self::send) returns the first mistake in it as an error.
#[must_use = "nothing is sent before `send`"]
pub struct RequestBuilder {
    client: Client,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Body,
    timeout: Option<Duration>,
    mistake: Option<Error>,
}

impl RequestBuilder {
    /// Adds a header, also beside a header of the same name.
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName, Error: StdError>,
        V: TryInto<HeaderValue, Error: StdError>,
    {
        let parsed = name.try_into().map_err(|error| error.to_string());
        let value = value.try_into().map_err(|error| error.to_string());
        match parsed.and_then(|name| value.map(|value| (name, value))) {
            Ok((name, value)) => drop(self.headers.append(name, value)),
            Err(error) => {
                self.mistake = Some(Kind::InvalidRequest(format!("a header: {error}")).into());
            }
        }
        self
    }

    /// Sets the body to a value, as JSON.
    pub fn json<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(bytes) => self.body = Body::Whole(bytes.into()),
            Err(error) => {
                let what = self.name();
                let message = format!("the body of {what} is not JSON: {error}");
                self.mistake = Some(Kind::InvalidRequest(message).into());
            }
        }
        self.headers
            .entry(CONTENT_TYPE)
            .or_insert(HeaderValue::from_static("application/json"));
        self
    }

    /// Sets the body to these bytes.
    pub fn body(mut self, bytes: impl Into<Bytes>) -> Self {
        self.body = Body::Whole(bytes.into());
        self
    }

    /// Sends bytes as the stream gives them. The stream gives each byte once, so the client never sends a request again of which
    /// a byte has left. An error in the stream breaks the request off.
    pub fn stream<E>(mut self, body: impl Stream<Item = Result<Bytes, E>> + Send + 'static) -> Self
    where
        E: Into<Box<dyn StdError + Send + Sync>> + 'static,
    {
        self.body = Body::Stream(Box::pin(body.map_err(Into::into)));
        self
    }

    /// Says that the sidecar carries out a request with this key once, however often it arrives. So the client may send the
    /// request again whatever its method.
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header(IDEMPOTENCY_KEY, key)
    }

    /// Limits the whole exchange, from [`send`](Self::send) to the last byte of the answer. Default: no limit.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends the request and waits for the head of the answer. Dropping the future cancels the request: the sidecar sees a
    /// disconnect.
    ///
    /// # Errors
    /// `unavailable` when the sidecar stopped, failed or broke off; `deadline_exceeded` after the timeout; `resource_exhausted`
    /// when 1024 requests wait for the sidecar already; `invalid_argument` when the request cannot be made; `cancelled` when a
    /// [`stream`](Self::stream) breaks off. An answer with an error status is no error here, see [`Response::success`].
    pub async fn send(self) -> Result<Response> {
        let request = self.name();
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        let message = Message {
            method: self.method,
            uri: path::parse(&self.path)?,
            headers: self.headers,
            body: self.body,
        };
        let deadline = self.timeout.map(Deadline::after);
        let sidecar = self.client.0;
        let delivery = sidecar.deliver(message, None);
        let answered = within(&sidecar, deadline, &request, delivery).await?;
        let (head, answer) = answered.into_parts();
        Ok(Response {
            status: head.status,
            headers: head.headers,
            answer,
            request,
            deadline,
            sidecar,
        })
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// An answer. Its body is read from the sidecar as the app reads it. Dropping the response cancels the exchange.
#[derive(Debug)]
pub struct Response {
    status: StatusCode,
    headers: HeaderMap,
    answer: Answer,
    request: String,
    deadline: Option<Deadline>,
    sidecar: Sidecar,
}

impl Response {
    /// The status of the answer, also of an error.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers of the answer.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The answer itself, if its status is a success.
    ///
    /// # Errors
    /// For any other status: the problem in the body, or else a problem with the code of the status and the body as `data`.
    pub async fn success(self) -> Result<Self> {
        if self.status.is_success() {
            return Ok(self);
        }
        let (request, status) = (self.request.clone(), self.status.as_u16());
        let body = self.bytes().await?;
        if let Ok(problem) = serde_json::from_slice::<Problem>(&body) {
            return Err(problem.into());
        }
        let data = serde_json::from_slice(&body).ok();
        Err(Kind::Answered {
            request,
            status,
            data,
        }
        .into())
    }

    /// The JSON of an answer with a success status.
    ///
    /// # Errors
    /// The errors of [`success`](Self::success) and of [`bytes`](Self::bytes); `internal` when the body is not a `T`.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T> {
        let success = self.success().await?;
        let request = success.request.clone();
        let body = success.bytes().await?;
        serde_json::from_slice(&body).map_err(|source| Kind::Decode { request, source }.into())
    }

    /// The whole body.
    ///
    /// # Errors
    /// The errors of [`chunk`](Self::chunk); `resource_exhausted` when the body is over `maxBodyBytes`.
    pub async fn bytes(mut self) -> Result<Bytes> {
        let limit_bytes = self.sidecar.max_body_bytes();
        let mut whole = Bytes::new();
        while let Some(chunk) = self.chunk().await? {
            if whole.len() + chunk.len() > limit_bytes {
                return Err(Kind::BodyTooLarge { limit_bytes }.into());
            }
            // Usually the whole body comes in one chunk, which needs no copy.
            whole = if whole.is_empty() {
                chunk
            } else {
                let mut longer = BytesMut::from(whole);
                longer.extend_from_slice(&chunk);
                longer.freeze()
            };
        }
        Ok(whole)
    }

    /// The next bytes of the body, at least one, or `None` at its end. The client reads the body from the sidecar no faster
    /// than the app calls `chunk`. Dropping the future loses no bytes.
    ///
    /// # Errors
    /// `unavailable` when the connection breaks, such as when the sidecar ends; `deadline_exceeded` after the timeout.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        let chunk = self.answer.body.chunk();
        within(&self.sidecar, self.deadline, &self.request, chunk).await
    }

    /// The body as a stream of what [`chunk`](Self::chunk) gives.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes>> + Send {
        stream::try_unfold(self, async |mut response| {
            let chunk = response.chunk().await?;
            Ok(chunk.map(|chunk| (chunk, response)))
        })
    }
}

async fn within<T>(
    sidecar: &Sidecar,
    deadline: Option<Deadline>,
    request: &str,
    step: impl Future<Output = Result<T>>,
) -> Result<T> {
    let outcome = sidecar.0.reactors.wait(Deadline::within(deadline, step));
    let outcome = outcome.await;
    outcome.unwrap_or_else(|missed| {
        Err(Kind::Deadline {
            request: request.to_owned(),
            timeout: missed.timeout(),
        }
        .into())
    })
}
