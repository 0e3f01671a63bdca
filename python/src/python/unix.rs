use std::{
    mem::MaybeUninit,
    os::fd::RawFd,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use pyo3::{
    create_exception,
    exceptions::{PyBlockingIOError, PyConnectionError, PyTimeoutError},
    ffi,
    prelude::*,
    types::PyBytes,
};

use super::http::{Limit, Reply, Request};
use crate::{
    connection::{Connection, Failure, Until},
    pool::{Pool, Taken},
};

create_exception!(
    _native,
    NotSentError,
    PyConnectionError,
    "The request did not leave, so it can be sent again."
);

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotSent(error) => NotSentError::new_err(error.to_string()),
            Failure::Broken(error) => error.into(),
            Failure::Deadline => PyTimeoutError::new_err(failure.to_string()),
            Failure::Interrupted => PyBlockingIOError::new_err(failure.to_string()),
            Failure::Decode(error) => error.into(),
        }
    }
}

/// What is asked, at least once a second, whether a thread may wait on; its exception ends the wait.
type Look = Option<Py<PyAny>>;

/// Runs a blocking step without the GIL, and again after each signal that Python's handlers let pass.
fn detached<T: Send>(
    py: Python<'_>,
    look: &Look,
    mut step: impl FnMut() -> Result<T, Failure> + Send,
) -> PyResult<Result<T, Failure>> {
    loop {
        match py.detach(&mut step) {
            Err(Failure::Interrupted) => py.check_signals()?,
            other => return Ok(other),
        }
        if let Some(look) = look {
            look.call0(py)?;
        }
    }
}

/// A `bytes` object that is being filled; nobody else has it before it is full.
struct Filling {
    bytes: Py<PyBytes>,
    size: usize,
    filled: usize,
}

impl Filling {
    fn new(py: Python<'_>, beginning: &[u8], more: usize) -> PyResult<Self> {
        let size = beginning.len() + more;
        let length = ffi::Py_ssize_t::try_from(size)?;
        // SAFETY: a null pointer asks for an object of that size with no content yet; null comes back with an exception.
        let bytes = unsafe {
            let object = ffi::PyBytes_FromStringAndSize(std::ptr::null(), length);
            Bound::from_owned_ptr_or_err(py, object)?
        };
        let mut filling = Self {
            bytes: bytes.cast_into::<PyBytes>()?.unbind(),
            size,
            filled: 0,
        };
        for (place, byte) in filling.space().iter_mut().zip(beginning) {
            place.write(*byte);
        }
        filling.filled = beginning.len();
        Ok(filling)
    }

    fn space(&mut self) -> &mut [MaybeUninit<u8>] {
        // SAFETY: the object has that size, and until it is full nobody but this has it.
        unsafe {
            let start = ffi::PyBytes_AsString(self.bytes.as_ptr()).cast::<MaybeUninit<u8>>();
            std::slice::from_raw_parts_mut(start.add(self.filled), self.size - self.filled)
        }
    }

    fn read(&mut self, connection: &Connection, deadline: Option<Instant>) -> Result<(), Failure> {
        while self.filled < self.size {
            self.filled += connection.read_into(self.space(), deadline)?;
        }
        Ok(())
    }
}

/// The rest of the body, read to where it stays.
fn read_rest<'py>(
    py: Python<'py>,
    look: &Look,
    connection: &Connection,
    deadline: Option<Instant>,
) -> PyResult<Result<Bound<'py, PyBytes>, Failure>> {
    let beginning = connection.take_body();
    if connection.is_complete() {
        return Ok(Ok(PyBytes::new(py, &beginning)));
    }
    let mut filling = Filling::new(py, &beginning, connection.announced_bytes())?;
    let read = detached(py, look, || filling.read(connection, deadline))?;
    Ok(read.map(|()| filling.bytes.into_bound(py)))
}

#[pyclass(frozen, module = "sidecar_bridge._native", name = "Pool")]
pub(super) struct PyPool {
    pool: Pool,
    token: String,
    max_body_bytes: usize,
    look: Look,
}

#[pymethods]
impl PyPool {
    #[new]
    #[pyo3(signature = (path, token, max_body_bytes, look=None))]
    fn new(path: PathBuf, token: String, max_body_bytes: usize, look: Look) -> Self {
        Self {
            pool: Pool::new(path),
            token,
            max_body_bytes,
            look,
        }
    }

    fn exchange(
        &self,
        py: Python<'_>,
        request: &Request,
        timeout_s: Option<f64>,
    ) -> PyResult<Reply> {
        let limit = Limit::new(timeout_s)?;
        let head = request.head(&self.token, limit.timeout_ms)?;
        let connections = self.pool.own();
        let mut taken = if let Some(taken) = connections.try_take() {
            taken
        } else {
            let place = connections.line_up();
            detached(py, &self.look, || place.wait(limit.deadline))??;
            place.take()
        };
        loop {
            match self.attempt(py, &mut taken, &head, request, limit.deadline)? {
                Ok(reply) => {
                    taken.give_back();
                    return Ok(reply);
                }
                Err(failure) if taken.was_idle && is_repeatable(&failure, &taken, request) => {
                    taken.discard();
                }
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    fn take_turn(&self, py: Python<'_>, timeout_s: Option<f64>) -> PyResult<PyTurn> {
        let deadline = Limit::new(timeout_s)?.deadline;
        let connections = self.pool.own();
        let place = connections.line_up();
        detached(py, &self.look, || place.wait(deadline))??;
        Ok(PyTurn {
            taken: Mutex::new(Some(place.take_bare())),
        })
    }

    fn close(&self) {
        self.pool.close();
    }

    fn end(&self) {
        self.pool.end();
    }
}

/// A turn of a call that has a connection of its own.
#[pyclass(frozen, module = "sidecar_bridge._native", name = "Turn")]
pub(super) struct PyTurn {
    taken: Mutex<Option<Taken>>,
}

#[pymethods]
impl PyTurn {
    fn end(&self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        *taken = None;
    }
}

impl PyPool {
    fn attempt(
        &self,
        py: Python<'_>,
        taken: &mut Taken,
        head: &[u8],
        request: &Request,
        deadline: Option<Instant>,
    ) -> PyResult<Result<Reply, Failure>> {
        let body = request.content();
        let mut begun = false;
        let asked = detached(py, &self.look, || {
            let connection = self.pool.connect(taken, deadline)?;
            if !begun {
                connection.begin(self.max_body_bytes);
                begun = true;
            }
            connection.send(head, body, deadline)?;
            connection.receive(Until::End, deadline)
        })?;
        let Some(connection) = taken.connection() else {
            return Ok(Err(asked.err().unwrap_or(Failure::Interrupted)));
        };
        if let Err(failure) = asked {
            return Ok(Err(failure));
        }
        let read = read_rest(py, &self.look, connection, deadline)?;
        Ok(read.map(|body| Reply::of(connection.head().as_ref(), body)))
    }
}

/// Whether a request on a connection that idled may go out once more: it did not leave, or nothing came back and it may be
/// carried out twice. The host may have closed the connection just now; a new one tells whether it is there.
fn is_repeatable(failure: &Failure, taken: &Taken, request: &Request) -> bool {
    match failure {
        Failure::NotSent(_) => true,
        Failure::Broken(_) | Failure::Decode(_) => {
            request.idempotent() && taken.connection().is_some_and(|it| !it.has_begun())
        }
        Failure::Deadline | Failure::Interrupted => false,
    }
}

#[pyclass(frozen, module = "sidecar_bridge._native", name = "Connection")]
pub(super) struct PyConnection {
    connection: Connection,
    /// Of a connection that does not block: the body that is being read.
    filling: Mutex<Option<Filling>>,
    look: Look,
}

#[pymethods]
impl PyConnection {
    #[staticmethod]
    #[pyo3(signature = (path, timeout_s, look=None))]
    #[expect(clippy::needless_pass_by_value, reason = "pyo3 makes an owned path")]
    fn open(py: Python<'_>, path: PathBuf, timeout_s: Option<f64>, look: Look) -> PyResult<Self> {
        let limit = Limit::new(timeout_s)?;
        let opened = detached(py, &look, || Connection::open(&path, limit.deadline))?;
        Ok(Self::new(opened?, look))
    }

    #[staticmethod]
    #[expect(clippy::needless_pass_by_value, reason = "pyo3 makes an owned path")]
    fn open_nonblocking(path: PathBuf) -> PyResult<Self> {
        Ok(Self::new(Connection::open_nonblocking(&path)?, None))
    }

    fn start(
        &self,
        py: Python<'_>,
        request: &Request,
        token: &str,
        max_body_bytes: usize,
        timeout_s: Option<f64>,
    ) -> PyResult<(u16, String)> {
        let limit = Limit::new(timeout_s)?;
        let head = request.head(token, limit.timeout_ms)?;
        let body = request.content();
        self.connection.begin(max_body_bytes);
        detached(py, &self.look, || {
            self.connection.send(&head, body, limit.deadline)?;
            self.connection.receive(Until::Head, limit.deadline)
        })??;
        Ok(self.head())
    }

    fn read<'py>(&self, py: Python<'py>, timeout_s: Option<f64>) -> PyResult<Bound<'py, PyBytes>> {
        let deadline = Limit::new(timeout_s)?.deadline;
        detached(py, &self.look, || {
            self.connection.receive(Until::Bytes, deadline)
        })??;
        Ok(PyBytes::new(py, &self.connection.take_body()))
    }

    fn read_all<'py>(
        &self,
        py: Python<'py>,
        timeout_s: Option<f64>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let deadline = Limit::new(timeout_s)?.deadline;
        detached(py, &self.look, || {
            self.connection.receive(Until::End, deadline)
        })??;
        Ok(read_rest(py, &self.look, &self.connection, deadline)??)
    }

    fn begin(&self, max_body_bytes: usize) {
        self.connection.begin(max_body_bytes);
        *self.filling() = None;
    }

    fn try_send(&self, head: &[u8], request: &Request) -> PyResult<bool> {
        done(self.connection.send(head, request.content(), None))
    }

    fn try_read_head(&self) -> PyResult<bool> {
        done(self.connection.receive(Until::Head, None))
    }

    fn try_read(&self) -> PyResult<bool> {
        done(self.connection.receive(Until::Bytes, None))
    }

    fn try_reply(&self, py: Python<'_>) -> PyResult<Option<Reply>> {
        // Without the lock: what Python allocates may run anything, other threads too.
        let filling = self.filling().take();
        let mut begun = match filling {
            Some(begun) => begun,
            None if !done(self.connection.receive(Until::End, None))? => return Ok(None),
            None => {
                let more = self.connection.announced_bytes();
                Filling::new(py, &self.connection.take_body(), more)?
            }
        };
        if !done(begun.read(&self.connection, None))? {
            *self.filling() = Some(begun);
            return Ok(None);
        }
        let head = self.connection.head();
        Ok(Some(Reply::of(head.as_ref(), begun.bytes.into_bound(py))))
    }

    fn take_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.connection.take_body())
    }

    fn head(&self) -> (u16, String) {
        let head = self.connection.head();
        head.map(|head| (head.status, head.content_type))
            .unwrap_or_default()
    }

    fn has_begun(&self) -> bool {
        self.connection.has_begun()
    }

    fn is_reusable(&self) -> bool {
        self.connection.is_reusable()
    }

    fn is_quiet(&self) -> bool {
        self.connection.is_quiet()
    }

    fn fileno(&self) -> RawFd {
        self.connection.descriptor()
    }

    fn close(&self) {
        self.connection.close();
    }
}

impl PyConnection {
    const fn new(connection: Connection, look: Look) -> Self {
        Self {
            connection,
            filling: Mutex::new(None),
            look,
        }
    }

    fn filling(&self) -> std::sync::MutexGuard<'_, Option<Filling>> {
        self.filling.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a step of a connection that does not block came to its end.
fn done(step: Result<(), Failure>) -> PyResult<bool> {
    match step {
        Ok(()) => Ok(true),
        Err(Failure::Interrupted) => Ok(false),
        Err(failure) => Err(failure.into()),
    }
}
