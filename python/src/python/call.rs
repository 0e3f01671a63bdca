//! One call over the connection of an event loop: the object that its task awaits.

use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::{
    PyTraverseError, PyVisit, exceptions::PyStopIteration, intern, prelude::*, types::PyType,
};

use super::calls::PyCalls;

/// One call, for the one task that awaits it.
#[pyclass(frozen, module = "sidecar_bridge._native", name = "Call")]
pub(super) struct PyCall {
    pub(super) calls: Py<PyCalls>,
    pub(super) future: Py<PyAny>,
    pub(super) number: u32,
    pub(super) is_awaited: AtomicBool,
}

#[pymethods]
impl PyCall {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.calls)?;
        visit.call(&self.future)
    }

    const fn __await__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    const fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let future = self.future.bind(py);
        if !self.is_awaited.swap(true, Ordering::Relaxed) {
            // What tells a task that the future is awaited, not merely given.
            future.setattr(intern!(py, "_asyncio_future_blocking"), true)?;
            return Ok(self.future.clone_ref(py));
        }
        let result = future.call_method0(intern!(py, "result"))?;
        Err(PyStopIteration::new_err((result.unbind(),)))
    }

    fn send(&self, py: Python<'_>, _value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.__next__(py)
    }

    /// Called when the task is cancelled.
    #[pyo3(signature = (kind, value=None, _traceback=None))]
    fn throw(
        &self,
        py: Python<'_>,
        kind: Bound<'_, PyAny>,
        value: Option<Bound<'_, PyAny>>,
        _traceback: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        PyCalls::cancel(self.calls.bind(py), self.number)?;
        match (value, kind.cast::<PyType>()) {
            (Some(value), _) => Err(PyErr::from_value(value)),
            (None, Ok(kind)) => Err(PyErr::from_value(kind.call0()?)),
            (None, Err(_)) => Err(PyErr::from_value(kind)),
        }
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        PyCalls::cancel(self.calls.bind(py), self.number)
    }
}
