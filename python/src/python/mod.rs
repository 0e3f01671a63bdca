//! The module `sidecar_bridge._native`; its contract is in `sidecar_bridge/_native.pyi`.

#[cfg(unix)]
mod call;
#[cfg(unix)]
mod calls;
mod connection;
mod content;
mod form;
mod http;
mod json;
mod lease;
#[cfg(windows)]
mod pipe;
mod pool;
mod waiting;

use pyo3::prelude::*;

use http::{EventParser, ProtocolError, Reply, Request, ResponseDecoder};

/// Nothing here relies on the GIL: what threads share is behind locks or never changes, and a dict that is written as JSON is
/// copied first where other threads may change it meanwhile.
#[pymodule(gil_used = false)]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    // Before any type is made: types are made once for all interpreters, and end with the one that made them.
    refuse_subinterpreters()?;
    let py = module.py();
    module.add_class::<EventParser>()?;
    module.add("ProtocolError", py.get_type::<ProtocolError>())?;
    module.add_class::<Reply>()?;
    module.add_class::<Request>()?;
    module.add_class::<ResponseDecoder>()?;
    module.add_function(wrap_pyfunction!(http::quote, module)?)?;
    module.add_function(wrap_pyfunction!(json::decode_json, module)?)?;
    module.add_function(wrap_pyfunction!(json::encode_json, module)?)?;
    module.add("NoAnswerError", py.get_type::<lease::NoAnswerError>())?;
    module.add_class::<lease::PyLease>()?;
    module.add_class::<lease::PyPulse>()?;
    module.add("NotSentError", py.get_type::<waiting::NotSentError>())?;
    module.add_class::<connection::PyConnection>()?;
    module.add_class::<pool::PyPool>()?;
    module.add_class::<pool::PyTurn>()?;
    #[cfg(unix)]
    {
        module.add_class::<call::PyCall>()?;
        module.add_class::<calls::PyCalls>()?;
        let full_at_most_s = crate::backlog::FULL_AT_MOST.as_secs_f64();
        module.add("FULL_AT_MOST_S", full_at_most_s)?;
    }
    #[cfg(windows)]
    pipe::add_to(module)?;
    module.add("PROTOCOL", crate::PROTOCOL)?;
    module.add("VERSION", env!("CARGO_PKG_VERSION"))
}

#[cfg(any(PyPy, GraalPy))]
fn refuse_subinterpreters() -> PyResult<()> {
    Ok(())
}

/// Python 3.12 and later refuse by themselves, but not in interpreters that share the GIL.
#[cfg(not(any(PyPy, GraalPy)))]
fn refuse_subinterpreters() -> PyResult<()> {
    use pyo3::{exceptions::PyImportError, ffi};

    // SAFETY: a module is initialized with an interpreter, whose number this is; the main one has 0.
    let number = unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) };
    if number == 0 {
        return Ok(());
    }
    Err(PyImportError::new_err(format!(
        "sidecar_bridge works in the main interpreter alone, and this is sub-interpreter {number}; import it in the main one, \
         or in a process of `multiprocessing`"
    )))
}
