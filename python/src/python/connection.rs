use std::path::PathBuf;
#[cfg(unix)]
use std::{
    os::fd::RawFd,
    sync::{Mutex, MutexGuard, PoisonError},
};

use pyo3::{prelude::*, types::PyBytes};

#[cfg(unix)]
use super::{
    http::Reply,
    waiting::{Filling, of_system},
};
use super::{
    http::{Limit, Request},
    waiting::{Look, detached, read_rest},
};
#[cfg(unix)]
use crate::connection::Failure;
use crate::{
    address::Address,
    connection::{Connection, Until},
};

#[pyclass(frozen, module = "sidecar_bridge._native", name = "Connection")]
pub(super) struct PyConnection {
    connection: Connection,
    /// Of a connection that does not block, as all of those are that only Unix has: the body that is being read.
    #[cfg(unix)]
    filling: Mutex<Option<Filling>>,
    look: Look,
}

#[pymethods]
impl PyConnection {
    #[staticmethod]
    #[pyo3(signature = (path, timeout_s, look=None, process=None))]
    fn open(
        py: Python<'_>,
        path: PathBuf,
        timeout_s: Option<f64>,
        look: Look,
        process: Option<u32>,
    ) -> PyResult<Self> {
        let limit = Limit::new(timeout_s)?;
        let address = Address { path, process };
        let opened = detached(py, &look, || Connection::open(&address, limit.deadline))?;
        Ok(Self::new(opened?, look))
    }

    #[cfg(unix)]
    #[staticmethod]
    fn open_nonblocking(path: PathBuf) -> PyResult<Self> {
        let connection =
            Connection::open_nonblocking(&Address::anybody(path)).map_err(of_system)?;
        Ok(Self::new(connection, None))
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

    #[cfg(unix)]
    fn begin(&self, max_body_bytes: usize) {
        self.connection.begin(max_body_bytes);
        *self.filling() = None;
    }

    #[cfg(unix)]
    fn try_send(&self, head: &[u8], request: &Request) -> PyResult<bool> {
        done(self.connection.send(head, request.content(), None))
    }

    #[cfg(unix)]
    fn try_read_head(&self) -> PyResult<bool> {
        done(self.connection.receive(Until::Head, None))
    }

    #[cfg(unix)]
    fn try_read(&self) -> PyResult<bool> {
        done(self.connection.receive(Until::Bytes, None))
    }

    #[cfg(unix)]
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

    #[cfg(unix)]
    fn take_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.connection.take_body())
    }

    fn head(&self) -> (u16, String) {
        let head = self.connection.head();
        head.map(|head| (head.status, head.content_type))
            .unwrap_or_default()
    }

    #[cfg(unix)]
    fn has_begun(&self) -> bool {
        self.connection.has_begun()
    }

    #[cfg(unix)]
    fn is_reusable(&self) -> bool {
        self.connection.is_reusable()
    }

    #[cfg(unix)]
    fn is_quiet(&self) -> bool {
        self.connection.is_quiet()
    }

    #[cfg(unix)]
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
            #[cfg(unix)]
            filling: Mutex::new(None),
            look,
        }
    }

    #[cfg(unix)]
    fn filling(&self) -> MutexGuard<'_, Option<Filling>> {
        self.filling.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a step of a connection that does not block came to its end.
#[cfg(unix)]
fn done(step: Result<(), Failure>) -> PyResult<bool> {
    match step {
        Ok(()) => Ok(true),
        Err(Failure::Interrupted) => Ok(false),
        Err(failure) => Err(failure.into()),
    }
}
