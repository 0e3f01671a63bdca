//! What a call gives its caller: the content of an answer, or the exception that stands for none.

use pyo3::{exceptions::PyOSError, intern, prelude::*};

use super::{
    http::{ProtocolError, Reply},
    json,
};

const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";

/// The content of a reply: `wire.decode` in one step where the reply is a plain success, and `wire.decode` itself elsewhere.
pub(super) fn content(py: Python<'_>, reply: Reply) -> PyResult<Bound<'_, PyAny>> {
    if reply.status < 300 {
        let body = reply.body.bind(py);
        let is = |kind: &str| {
            reply
                .content_type
                .bind(py)
                .to_str()
                .is_ok_and(|it| it == kind)
        };
        if is(BYTES) {
            return Ok(body.clone().into_any());
        }
        if body.as_bytes().is_empty() {
            return Ok(py.None().into_bound(py));
        }
        if is(JSON)
            && let Ok(value) = json::decode(py, body.as_bytes())
        {
            return Ok(value);
        }
    }
    let wire = py.import(intern!(py, "sidecar_bridge._client.wire"))?;
    wire.call_method1(intern!(py, "decode"), (reply,))
}

/// What the caller of an exchange gets in place of its error: what `failure.no_answer` says of those that mean that no answer came.
pub(super) fn no_answer(path: &Bound<'_, PyAny>, cause: PyErr) -> PyErr {
    let py = path.py();
    if !cause.is_instance_of::<PyOSError>(py) && !cause.is_instance_of::<ProtocolError>(py) {
        return cause;
    }
    let failure = py.import(intern!(py, "sidecar_bridge._client.failure"));
    let told = failure.and_then(|failure| {
        failure.call_method1(intern!(py, "no_answer"), (path, cause.value(py)))
    });
    match told {
        Ok(told) => {
            let error = PyErr::from_value(told);
            error.set_cause(py, Some(cause));
            error
        }
        Err(error) => error,
    }
}
