use std::{
    os::fd::{IntoRawFd, RawFd},
    path::PathBuf,
    sync::Mutex,
    time::Duration,
};

use pyo3::{
    create_exception,
    exceptions::{PyException, PyValueError},
    prelude::*,
    types::PyBytes,
};
use rustix::process::Pid;

use crate::{
    join::join,
    lease::{Extent, Lease, Pulse},
};

create_exception!(
    _native,
    NoLeaseError,
    PyException,
    "Standard input is not a lease."
);

fn timeout_of(timeout_s: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(timeout_s)
        .map_err(|error| PyValueError::new_err(format!("timeout_s is {timeout_s}: {error}")))
}

#[pyclass(frozen, module = "sidecar_bridge._native", name = "Lease")]
pub(crate) struct PyLease(Mutex<Option<Lease>>);

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
            Some(group) => Extent::Group(
                Pid::from_raw(group)
                    .ok_or_else(|| PyValueError::new_err(format!("{group} is no process group")))?,
            ),
        };
        let lease = self.0.lock().ok().and_then(|mut lease| lease.take());
        let lease = lease
            .ok_or_else(|| PyValueError::new_err("the lease is watched already; watch it once"))?;
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
pub(crate) struct PyPulse(Pulse);

#[pymethods]
impl PyPulse {
    fn beat(&self) {
        self.0.beat();
    }
}
