use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use pyo3::prelude::*;

use super::{
    http::{Limit, Reply, Request},
    waiting::{Look, detached, read_rest},
};
use crate::{
    address::Address,
    connection::{Failure, Until},
    pool::{Pool, Taken},
};

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
    #[pyo3(signature = (path, token, max_body_bytes, look=None, process=None))]
    fn new(
        path: PathBuf,
        token: String,
        max_body_bytes: usize,
        look: Look,
        process: Option<u32>,
    ) -> Self {
        Self {
            pool: Pool::new(Address { path, process }),
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
