//! What Python asks of a pipe that asyncio has opened, and of a file that names one.

use std::path::PathBuf;

use pyo3::prelude::*;

use crate::pipe;

pub(super) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(check_pipe, module)?)?;
    module.add_function(wrap_pyfunction!(is_quiet_pipe, module)?)?;
    module.add_function(wrap_pyfunction!(is_own_file, module)?)
}

#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "pyo3 makes an owned path")]
fn check_pipe(handle: usize, name: PathBuf, process: u32) -> PyResult<()> {
    Ok(pipe::check_server(&name, pipe::handle(handle), process)?)
}

#[pyfunction]
fn is_quiet_pipe(handle: usize) -> bool {
    pipe::is_quiet(pipe::handle(handle))
}

#[pyfunction]
fn is_own_file(handle: usize) -> PyResult<bool> {
    Ok(crate::owner::is_own(pipe::handle(handle))?)
}
