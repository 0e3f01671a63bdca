use std::{
    borrow::Cow,
    time::{Duration, Instant},
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pyo3::{
    buffer::PyBuffer,
    create_exception,
    exceptions::{PyConnectionAbortedError, PyException, PyValueError},
    intern,
    prelude::*,
    pybacked::PyBackedBytes,
    types::{PyBytes, PyDict, PyString},
};

use super::json;
use crate::{
    codec::{self, DecodeError, Decoder, Head},
    sse::{InvalidStream, Message, Parser},
};

create_exception!(
    _native,
    ProtocolError,
    PyException,
    "The host sent something else than the HTTP that was asked for."
);

impl From<DecodeError> for PyErr {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Truncated(_) => PyConnectionAbortedError::new_err(error.to_string()),
            _ => ProtocolError::new_err(error.to_string()),
        }
    }
}

impl From<InvalidStream> for PyErr {
    fn from(error: InvalidStream) -> Self {
        ProtocolError::new_err(error.to_string())
    }
}

/// What RFC 3986 section 2.3 leaves as it is, and the colon, which Tauri's names have.
const IN_TARGET: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b':');

#[pyfunction]
pub(super) fn quote(text: &str) -> String {
    utf8_percent_encode(text, IN_TARGET).to_string()
}

/// How long a call may take.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    pub deadline: Option<Instant>,
    pub timeout_ms: Option<u64>,
}

impl Limit {
    pub(super) fn new(timeout_s: Option<f64>) -> PyResult<Self> {
        let Some(timeout_s) = timeout_s else {
            return Ok(Self {
                deadline: None,
                timeout_ms: None,
            });
        };
        let invalid = || {
            PyValueError::new_err(format!(
                "timeout_s is {timeout_s}; give seconds from 0 up, or None"
            ))
        };
        let timeout = Duration::try_from_secs_f64(timeout_s).map_err(|_| invalid())?;
        let deadline = Instant::now().checked_add(timeout).ok_or_else(invalid)?;
        Ok(Self {
            deadline: Some(deadline),
            timeout_ms: u64::try_from(timeout.as_millis() + 1).ok(),
        })
    }
}

/// The bytes of a body; those that Python has stay where they are.
enum Body {
    None,
    Encoded(Vec<u8>),
    Bytes(PyBackedBytes),
    Buffer(PyBuffer<u8>),
}

impl Body {
    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::None => &[],
            Self::Encoded(json) => json,
            Self::Bytes(bytes) => bytes,
            Self::Buffer(buffer) => {
                // SAFETY: the buffer is contiguous, see `Request::new`, and exported for as long as it is held, so that it
                // neither moves nor ends. Who writes to it while it is sent sends a mixture, as with `socket.sendall`.
                unsafe { std::slice::from_raw_parts(buffer.buf_ptr().cast(), buffer.len_bytes()) }
            }
        }
    }
}

#[pyclass(frozen, module = "sidecar_bridge._native")]
pub(super) struct Request {
    method: Cow<'static, str>,
    target: String,
    content_type: Option<Cow<'static, str>>,
    body: Body,
    window: Option<String>,
    channels: Option<String>,
    last_event_id: Option<String>,
    headers: Vec<(String, String)>,
    undo: Option<String>,
}

#[pymethods]
impl Request {
    #[new]
    #[pyo3(signature = (method, target, content_type=None, body=None, window=None, channels=None, last_event_id=None, headers=vec![], undo=None))]
    #[expect(clippy::too_many_arguments, reason = "Python has names for them")]
    fn new(
        method: String,
        target: String,
        content_type: Option<String>,
        body: Option<&Bound<'_, PyAny>>,
        window: Option<String>,
        channels: Option<String>,
        last_event_id: Option<String>,
        headers: Vec<(String, String)>,
        undo: Option<String>,
    ) -> PyResult<Self> {
        let body = match body {
            None => Body::None,
            Some(body) => match body.extract::<PyBackedBytes>() {
                Ok(bytes) if body.is_exact_instance_of::<PyBytes>() => Body::Bytes(bytes),
                _ => {
                    let buffer = PyBuffer::get(body)?;
                    if !buffer.is_c_contiguous() {
                        return Err(PyValueError::new_err(
                            "the buffer is not contiguous; send `bytes` of it",
                        ));
                    }
                    Body::Buffer(buffer)
                }
            },
        };
        Ok(Self {
            method: method.into(),
            target,
            content_type: content_type.map(Cow::from),
            body,
            window,
            channels,
            last_event_id,
            headers,
            undo,
        })
    }

    #[staticmethod]
    #[pyo3(signature = (command, arguments, window, channels, headers=vec![], undo=None))]
    pub(super) fn invoke(
        command: &str,
        arguments: &Bound<'_, PyDict>,
        window: Option<String>,
        channels: Option<String>,
        headers: Vec<(String, String)>,
        undo: Option<String>,
    ) -> PyResult<Self> {
        let body = json::encode(arguments, || {
            format!("the arguments of command `{command}`")
        })?;
        Ok(Self {
            method: "POST".into(),
            target: format!("/v1/invoke/{}", utf8_percent_encode(command, IN_TARGET)),
            content_type: Some("application/json".into()),
            body: Body::Encoded(body),
            window,
            channels,
            last_event_id: None,
            headers,
            undo,
        })
    }

    #[pyo3(name = "head")]
    fn py_head<'py>(
        &self,
        py: Python<'py>,
        token: &str,
        timeout_s: Option<f64>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let limit = Limit::new(timeout_s)?;
        Ok(PyBytes::new(py, &self.head(token, limit.timeout_ms)?))
    }

    #[getter]
    fn is_idempotent(&self) -> bool {
        self.idempotent()
    }

    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.content())
    }

    #[getter]
    fn channels(&self) -> Vec<&str> {
        let names = self.channels.as_deref();
        names.map_or_else(Vec::new, |names| names.split(',').collect())
    }
}

impl Request {
    /// A call of a command without arguments.
    pub(super) fn bare(command: &str, window: Option<String>) -> Self {
        Self {
            method: "POST".into(),
            target: format!("/v1/invoke/{}", utf8_percent_encode(command, IN_TARGET)),
            content_type: None,
            body: Body::None,
            window,
            channels: None,
            last_event_id: None,
            headers: vec![],
            undo: None,
        }
    }

    /// The request of a call whose arguments are a dict or missing, which most are.
    pub(super) fn plain(
        command: &Bound<'_, PyAny>,
        arguments: &Bound<'_, PyAny>,
        window: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Option<Self>> {
        let window = window.map(PyAnyMethods::extract).transpose();
        let (Ok(command), Ok(window)) = (command.extract::<&str>(), window) else {
            return Ok(None);
        };
        if let Ok(arguments) = arguments.cast::<PyDict>() {
            Self::invoke(command, arguments, window, None, vec![], None).map(Some)
        } else if arguments.is_none() {
            Ok(Some(Self::bare(command, window)))
        } else {
            Ok(None)
        }
    }

    #[cfg(unix)]
    pub(super) fn target(&self) -> &str {
        &self.target
    }

    pub(super) fn head(&self, token: &str, timeout_ms: Option<u64>) -> PyResult<Vec<u8>> {
        let request = codec::Request {
            method: &self.method,
            target: &self.target,
            token,
            window: self.window.as_deref(),
            channels: self.channels.as_deref(),
            timeout_ms,
            last_event_id: self.last_event_id.as_deref(),
            headers: &self.headers,
            undo: self.undo.as_deref(),
            body: self
                .content_type
                .as_deref()
                .map(|content_type| (content_type, self.content().len())),
        };
        request
            .encode()
            .map_err(|error| PyValueError::new_err(error.to_string()))
    }

    pub(super) fn content(&self) -> &[u8] {
        self.body.as_bytes()
    }

    /// RFC 9110 section 9.2.2, of the methods that the host has.
    pub(super) fn idempotent(&self) -> bool {
        self.method == "GET"
    }
}

#[pyclass(frozen, get_all, module = "sidecar_bridge._native")]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) content_type: Py<PyString>,
    pub(super) body: Py<PyBytes>,
    undo: Option<String>,
}

#[pymethods]
impl Reply {
    #[new]
    #[pyo3(signature = (status, content_type, body, undo=None))]
    const fn new(
        status: u16,
        content_type: Py<PyString>,
        body: Py<PyBytes>,
        undo: Option<String>,
    ) -> Self {
        Self {
            status,
            content_type,
            body,
            undo,
        }
    }
}

impl Reply {
    pub(super) fn of(head: Option<&Head>, body: Bound<'_, PyBytes>) -> Self {
        let py = body.py();
        let (status, content_type) = head.map_or((0, ""), |head| (head.status, &head.content_type));
        let content_type = match content_type {
            "application/json" => intern!(py, "application/json").clone(),
            other => PyString::intern(py, other),
        };
        Self {
            status,
            content_type: content_type.unbind(),
            body: body.unbind(),
            undo: head.and_then(|head| head.undo.clone()),
        }
    }
}

#[pyclass(module = "sidecar_bridge._native")]
pub(super) struct ResponseDecoder(Decoder);

#[pymethods]
impl ResponseDecoder {
    #[new]
    fn new(max_body_bytes: usize) -> Self {
        Self(Decoder::new(max_body_bytes))
    }

    fn receive(&mut self, data: &[u8]) -> PyResult<()> {
        Ok(self.0.receive(data)?)
    }

    fn end_of_input(&mut self) -> PyResult<()> {
        Ok(self.0.end_of_input()?)
    }

    fn head(&self) -> Option<(u16, String)> {
        self.0
            .head()
            .map(|head| (head.status, head.content_type.clone()))
    }

    fn undo(&self) -> Option<String> {
        self.0.head().and_then(|head| head.undo.clone())
    }

    fn waiting_bytes(&self) -> usize {
        self.0.waiting_bytes()
    }

    fn take_body<'py>(&mut self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.take_body())
    }

    fn is_complete(&self) -> bool {
        self.0.is_complete()
    }

    fn is_reusable(&self) -> bool {
        self.0.is_reusable()
    }
}

#[pyclass(module = "sidecar_bridge._native")]
pub(super) struct EventParser(Parser);

#[pymethods]
impl EventParser {
    #[new]
    fn new(max_event_bytes: usize) -> Self {
        Self(Parser::new(max_event_bytes))
    }

    fn receive(&mut self, data: &[u8]) -> PyResult<Vec<(&'static str, String, String)>> {
        let messages = self
            .0
            .receive(data)?
            .into_iter()
            .map(|message| match message {
                Message::Comment(text) => ("comment", String::new(), text),
                Message::Event { name, data } => ("event", name, data),
            });
        Ok(messages.collect())
    }

    #[getter]
    fn last_id(&self) -> &str {
        self.0.last_id()
    }
}
