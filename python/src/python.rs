//! The module `sidecar_bridge._native`; its contract is in `sidecar_bridge/_native.pyi`.

use pyo3::{
    create_exception,
    exceptions::{PyException, PyValueError},
    prelude::*,
    types::PyBytes,
};

use crate::{
    codec::{DecodeError, Decoder, Request},
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
        ProtocolError::new_err(error.to_string())
    }
}

impl From<InvalidStream> for PyErr {
    fn from(error: InvalidStream) -> Self {
        ProtocolError::new_err(error.to_string())
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "they are keyword arguments in Python"
)]
#[pyfunction]
#[pyo3(signature = (method, target, token, window=None, content_type=None, content_length=0, channels=None))]
fn encode_head<'py>(
    py: Python<'py>,
    method: &str,
    target: &str,
    token: &str,
    window: Option<&str>,
    content_type: Option<&str>,
    content_length: usize,
    channels: Option<&str>,
) -> PyResult<Bound<'py, PyBytes>> {
    let body = content_type.map(|content_type| (content_type, content_length));
    let head = Request {
        method,
        target,
        token,
        window,
        channels,
        body,
    }
    .encode();
    head.map(|head| PyBytes::new(py, &head))
        .map_err(|error| PyValueError::new_err(error.to_string()))
}

#[pyclass(module = "sidecar_bridge._native")]
struct ResponseDecoder(Decoder);

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
struct EventParser(Parser);

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
}

#[cfg(unix)]
mod unix {
    use std::{
        os::fd::{IntoRawFd, RawFd},
        path::PathBuf,
        sync::Mutex,
        time::{Duration, Instant},
    };

    use pyo3::{
        create_exception,
        exceptions::{PyConnectionError, PyException, PyTimeoutError, PyValueError},
        prelude::*,
        pybacked::PyBackedBytes,
        types::PyBytes,
    };
    use rustix::process::Pid;

    use crate::{
        connection::{Connection, Failure, Until},
        join::join,
        lease::{Extent, Lease, Pulse},
    };

    create_exception!(
        _native,
        NotSentError,
        PyConnectionError,
        "The request did not leave, so it can be sent again."
    );
    create_exception!(
        _native,
        NoLeaseError,
        PyException,
        "Standard input is not a lease."
    );

    /// Runs a blocking step without the GIL, and again after each signal that Python's handlers let pass.
    fn detached(
        py: Python<'_>,
        step: impl Fn() -> Result<(), Failure> + Send + Sync,
    ) -> PyResult<()> {
        loop {
            match py.detach(&step) {
                Ok(()) => return Ok(()),
                Err(Failure::Interrupted) => py.check_signals()?,
                Err(Failure::NotSent(error)) => {
                    return Err(NotSentError::new_err(error.to_string()));
                }
                Err(Failure::Broken(error)) => return Err(error.into()),
                Err(error @ Failure::Deadline) => {
                    return Err(PyTimeoutError::new_err(error.to_string()));
                }
                Err(Failure::Decode(error)) => return Err(error.into()),
            }
        }
    }

    fn deadline(timeout_s: Option<f64>) -> PyResult<Option<Instant>> {
        let Some(timeout_s) = timeout_s else {
            return Ok(None);
        };
        let timeout = Duration::try_from_secs_f64(timeout_s);
        let instant = timeout
            .ok()
            .and_then(|timeout| Instant::now().checked_add(timeout));
        let invalid = || {
            PyValueError::new_err(format!(
                "timeout_s is {timeout_s}; give seconds from 0 up, or None"
            ))
        };
        instant.map(Some).ok_or_else(invalid)
    }

    #[pyclass(frozen, module = "sidecar_bridge._native", name = "Connection")]
    pub(super) struct PyConnection(Connection);

    #[pymethods]
    impl PyConnection {
        #[new]
        #[expect(clippy::needless_pass_by_value, reason = "pyo3 makes an owned path")]
        fn open(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
            Ok(Self(py.detach(|| Connection::open(&path))?))
        }

        #[expect(
            clippy::needless_pass_by_value,
            reason = "the bytes must live while the GIL is released"
        )]
        fn start(
            &self,
            py: Python<'_>,
            head: PyBackedBytes,
            body: PyBackedBytes,
            max_body_bytes: usize,
            timeout_s: Option<f64>,
        ) -> PyResult<(u16, String)> {
            let deadline = deadline(timeout_s)?;
            self.0.begin(max_body_bytes);
            detached(py, || self.0.send(&head, &body, deadline))?;
            detached(py, || self.0.receive(Until::Head, deadline))?;
            let head = self.0.head();
            Ok(head
                .map(|head| (head.status, head.content_type))
                .unwrap_or_default())
        }

        fn read<'py>(
            &self,
            py: Python<'py>,
            timeout_s: Option<f64>,
        ) -> PyResult<Bound<'py, PyBytes>> {
            let deadline = deadline(timeout_s)?;
            detached(py, || self.0.receive(Until::Bytes, deadline))?;
            Ok(PyBytes::new(py, &self.0.take_body()))
        }

        fn read_all<'py>(
            &self,
            py: Python<'py>,
            timeout_s: Option<f64>,
        ) -> PyResult<Bound<'py, PyBytes>> {
            let deadline = deadline(timeout_s)?;
            detached(py, || self.0.receive(Until::End, deadline))?;
            Ok(PyBytes::new(py, &self.0.take_body()))
        }

        fn is_reusable(&self) -> bool {
            self.0.is_reusable()
        }

        fn close(&self) {
            self.0.close();
        }
    }

    fn timeout_of(timeout_s: f64) -> PyResult<Duration> {
        Duration::try_from_secs_f64(timeout_s)
            .map_err(|error| PyValueError::new_err(format!("timeout_s is {timeout_s}: {error}")))
    }

    #[pyclass(frozen, module = "sidecar_bridge._native", name = "Lease")]
    pub(super) struct PyLease(Mutex<Option<Lease>>);

    #[pymethods]
    impl PyLease {
        #[staticmethod]
        fn take(py: Python<'_>, timeout_s: f64) -> PyResult<(Self, Bound<'_, PyBytes>)> {
            let timeout = timeout_of(timeout_s)?;
            match py.detach(|| Lease::take(timeout)) {
                Ok((lease, hello)) => Ok((Self(Mutex::new(Some(lease))), PyBytes::new(py, &hello))),
                Err(error) => Err(NoLeaseError::new_err(error.to_string())),
            }
        }

        #[staticmethod]
        #[expect(clippy::needless_pass_by_value, reason = "pyo3 makes an owned path")]
        fn join(
            py: Python<'_>,
            path: PathBuf,
            timeout_s: f64,
        ) -> PyResult<(Self, Bound<'_, PyBytes>, RawFd)> {
            let timeout = timeout_of(timeout_s)?;
            match py.detach(|| join(&path, timeout)) {
                Ok(joined) => Ok((
                    Self(Mutex::new(Some(joined.lease))),
                    PyBytes::new(py, &joined.hello),
                    joined.listener.into_raw_fd(),
                )),
                Err(error) => Err(NoLeaseError::new_err(error.to_string())),
            }
        }

        #[pyo3(signature = (on_stop, process_group=None))]
        fn watch(&self, on_stop: Py<PyAny>, process_group: Option<i32>) -> PyResult<PyPulse> {
            let extent = match process_group {
                None => Extent::Process,
                Some(group) => Extent::Group(Pid::from_raw(group).ok_or_else(|| {
                    PyValueError::new_err(format!("{group} is no process group"))
                })?),
            };
            let lease = self.0.lock().ok().and_then(|mut lease| lease.take());
            let lease = lease.ok_or_else(|| {
                PyValueError::new_err("the lease is watched already; watch it once")
            })?;
            let pulse = lease.watch(extent, move || {
                // `None`: the interpreter is ending, which is what `stop` asks for.
                Python::try_attach(|py| {
                    if let Err(error) = on_stop.call0(py) {
                        error.write_unraisable(py, Some(on_stop.bind(py)));
                    }
                });
            })?;
            Ok(PyPulse(pulse))
        }
    }

    #[pyclass(frozen, module = "sidecar_bridge._native", name = "Pulse")]
    pub(super) struct PyPulse(Pulse);

    #[pymethods]
    impl PyPulse {
        fn beat(&self) {
            self.0.beat();
        }
    }
}

#[pymodule]
mod _native {
    #[cfg(unix)]
    #[pymodule_export]
    use super::unix::{NoLeaseError, NotSentError, PyConnection, PyLease, PyPulse};
    #[pymodule_export]
    use super::{EventParser, ProtocolError, ResponseDecoder, encode_head};

    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
