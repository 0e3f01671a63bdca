use std::{path::PathBuf, sync::Mutex, time::Duration};

use pyo3::{
    create_exception,
    exceptions::{PyException, PyValueError},
    prelude::*,
    types::PyBytes,
};

use crate::{
    dial::{Listener, Role, dial},
    lease::{Extent, Lease, Pulse},
};

create_exception!(
    _native,
    NoAnswerError,
    PyException,
    "The host gave no answer; the message says why."
);

#[pyclass(frozen, module = "sidecar_bridge._native", name = "Lease")]
pub(crate) struct PyLease(Mutex<Option<Lease>>);

#[pymethods]
impl PyLease {
    #[staticmethod]
    #[expect(clippy::needless_pass_by_value, reason = "pyo3 makes an owned path")]
    fn dial<'py>(
        py: Python<'py>,
        path: PathBuf,
        role: &str,
        timeout_s: f64,
    ) -> PyResult<(Self, Bound<'py, PyBytes>, Option<Descriptor>)> {
        let timeout = Duration::try_from_secs_f64(timeout_s)
            .map_err(|error| PyValueError::new_err(format!("timeout_s is {timeout_s}: {error}")))?;
        let role = Role::named(role)
            .ok_or_else(|| PyValueError::new_err(format!("`{role}` is no role")))?;
        match py.detach(|| dial(&path, role, timeout)) {
            Ok(answer) => Ok((
                Self(Mutex::new(Some(Lease::from(answer.connection)))),
                PyBytes::new(py, &answer.line),
                answer.listener.map(descriptor),
            )),
            Err(error) => Err(NoAnswerError::new_err(error.to_string())),
        }
    }

    #[pyo3(signature = (on_stop, process_group=None))]
    fn watch(&self, on_stop: Py<PyAny>, process_group: Option<i32>) -> PyResult<PyPulse> {
        let extent = extent(process_group)?;
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

#[cfg(unix)]
type Descriptor = std::os::fd::RawFd;

#[cfg(unix)]
fn descriptor(listener: Listener) -> Descriptor {
    std::os::fd::IntoRawFd::into_raw_fd(listener)
}

#[cfg(unix)]
fn extent(process_group: Option<i32>) -> PyResult<Extent> {
    let Some(group) = process_group else {
        return Ok(Extent::Process);
    };
    let pid = rustix::process::Pid::from_raw(group);
    pid.map(Extent::Group)
        .ok_or_else(|| PyValueError::new_err(format!("{group} is no process group")))
}

#[cfg(windows)]
type Descriptor = i32;

#[cfg(windows)]
const fn descriptor(listener: Listener) -> Descriptor {
    match listener {}
}

/// Windows has no process groups: what the host starts is in its job.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "it may fail elsewhere")]
const fn extent(_: Option<i32>) -> PyResult<Extent> {
    Ok(Extent::Process)
}
