//! What waits for the host without the GIL, and what becomes of its failures.

use std::{io, mem::MaybeUninit, time::Instant};

use pyo3::{
    create_exception,
    exceptions::{PyBlockingIOError, PyConnectionError, PyOSError, PyTimeoutError},
    ffi,
    prelude::*,
    types::PyBytes,
};

use crate::connection::{Connection, Failure};

create_exception!(
    _native,
    NotSentError,
    PyConnectionError,
    "The host has not read the request, so it can be sent again."
);

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotSent(error) => NotSentError::new_err(error.to_string()),
            Failure::Broken(error) => of_system(error),
            Failure::Deadline => PyTimeoutError::new_err(failure.to_string()),
            Failure::Interrupted => PyBlockingIOError::new_err(failure.to_string()),
            Failure::Decode(error) => error.into(),
        }
    }
}

/// The error as Python would raise it, with its number, by which a caller can tell what it is: pyo3's has only the text.
pub(super) fn of_system(error: io::Error) -> PyErr {
    match error.raw_os_error() {
        Some(number) if cfg!(unix) => {
            let text = error.to_string();
            let text = text
                .rsplit_once(" (os error")
                .map_or(&*text, |(text, _)| text);
            PyOSError::new_err((number, text.to_owned()))
        }
        _ => error.into(),
    }
}

/// What is asked, at least once a second, whether a thread may wait on; its exception ends the wait.
pub(super) type Look = Option<Py<PyAny>>;

/// Runs a blocking step without the GIL, and again after each signal that Python's handlers let pass.
pub(super) fn detached<T: Send>(
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
pub(super) struct Filling {
    pub(super) bytes: Py<PyBytes>,
    size: usize,
    filled: usize,
}

impl Filling {
    pub(super) fn new(py: Python<'_>, beginning: &[u8], more: usize) -> PyResult<Self> {
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

    pub(super) fn read(
        &mut self,
        connection: &Connection,
        deadline: Option<Instant>,
    ) -> Result<(), Failure> {
        while self.filled < self.size {
            self.filled += connection.read_into(self.space(), deadline)?;
        }
        Ok(())
    }
}

/// The rest of the body, read to where it stays.
pub(super) fn read_rest<'py>(
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
