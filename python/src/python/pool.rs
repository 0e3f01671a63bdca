use std::{
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use pyo3::{intern, prelude::*, sync::PyOnceLock, types::PyDict};

use super::{
    content::{content, no_answer},
    http::{Limit, Reply, Request},
    waiting::{Look, detached, read_rest},
};
use crate::{
    address::Address,
    connection::{Failure, Until},
    pool::{Pool, Taken},
};

/// How often a call is sent anew whose new connection the host closed before it had read the request, as it does for want of room.
const MOST_REPEATS: usize = 3;

/// A smaller body is copied behind the head: to send two parts costs more. In bytes.
const JOINED_BYTES: usize = 4096;

#[pyclass(frozen, subclass, module = "sidecar_bridge._native", name = "Pool")]
pub(super) struct PyPool {
    pool: Pool,
    path: Py<PyAny>,
    token: String,
    max_body_bytes: usize,
    look: Look,
    is_closed: AtomicBool,
    warns: AtomicBool,
}

#[pymethods]
impl PyPool {
    #[new]
    #[pyo3(signature = (path, token, max_body_bytes, look=None, process=None))]
    fn new(
        path: Bound<'_, PyAny>,
        token: String,
        max_body_bytes: usize,
        look: Look,
        process: Option<u32>,
    ) -> PyResult<Self> {
        let address = Address {
            path: path.extract::<PathBuf>()?,
            process,
        };
        Ok(Self {
            pool: Pool::new(address),
            path: path.unbind(),
            token,
            max_body_bytes,
            look,
            is_closed: AtomicBool::new(false),
            warns: AtomicBool::new(true),
        })
    }

    #[getter]
    fn warns(&self) -> bool {
        self.warns.load(Ordering::Relaxed)
    }

    #[setter]
    fn set_warns(&self, warns: bool) {
        self.warns.store(warns, Ordering::Relaxed);
    }

    fn invoke<'py>(
        slf: &Bound<'py, Self>,
        command: &Bound<'py, PyAny>,
        arguments: &Bound<'py, PyAny>,
        window: Option<&Bound<'py, PyAny>>,
        timeout_s: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, this) = (slf.py(), slf.get());
        if this.is_closed.load(Ordering::Relaxed) || (this.warns() && runs_loop(py)?) {
            return Self::invoke_slowly(slf, command, arguments, window, timeout_s);
        }
        let (Some(request), Ok(timeout)) = (
            Request::plain(command, arguments, window)?,
            timeout_s.map(PyAnyMethods::extract).transpose(),
        ) else {
            return Self::invoke_slowly(slf, command, arguments, window, timeout_s);
        };
        let reply = this.exchange(py, &request, timeout);
        let reply = reply.map_err(|error| no_answer(this.path.bind(py), error))?;
        content(py, reply)
    }

    fn exchange(
        &self,
        py: Python<'_>,
        request: &Request,
        timeout_s: Option<f64>,
    ) -> PyResult<Reply> {
        let limit = Limit::new(timeout_s)?;
        let mut head = request.head(&self.token, limit.timeout_ms)?;
        let mut body = request.content();
        if body.len() < JOINED_BYTES {
            head.extend_from_slice(body);
            body = &[];
        }
        let connections = self.pool.own();
        let mut taken = if let Some(taken) = connections.try_take() {
            taken
        } else {
            let place = connections.line_up();
            detached(py, &self.look, || place.wait(limit.deadline))??;
            place.take()
        };
        let mut repeats = 0..MOST_REPEATS;
        loop {
            match self.attempt(py, &mut taken, [&head, body], limit.deadline)? {
                Ok(reply) => {
                    taken.give_back();
                    return Ok(reply);
                }
                Err(failure) if taken.was_idle && is_repeatable(&failure, &taken, request) => {
                    taken.discard();
                }
                Err(Failure::NotSent(_)) if repeats.next().is_some() => taken.discard(),
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
        self.is_closed.store(true, Ordering::Relaxed);
        self.pool.close();
    }

    fn end(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
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
    /// What all calls do of which one is not known to be plain.
    fn invoke_slowly<'py>(
        slf: &Bound<'py, Self>,
        command: &Bound<'py, PyAny>,
        arguments: &Bound<'py, PyAny>,
        window: Option<&Bound<'py, PyAny>>,
        timeout_s: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let given = (command, arguments, window, timeout_s);
        slf.call_method1(intern!(slf.py(), "_invoke_slowly"), given)
    }

    fn attempt(
        &self,
        py: Python<'_>,
        taken: &mut Taken,
        [head, body]: [&[u8]; 2],
        deadline: Option<Instant>,
    ) -> PyResult<Result<Reply, Failure>> {
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

/// Whether the thread runs an event loop, which a blocking call holds up. Whoever runs a loop has loaded the module that knows.
fn runs_loop(py: Python<'_>) -> PyResult<bool> {
    static RUNNING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let running = match RUNNING.get(py) {
        Some(running) => running,
        None => match modules(py)?.get_item(intern!(py, "_asyncio"))? {
            Some(asyncio) if !asyncio.is_none() => RUNNING.get_or_try_init(py, || {
                let running = asyncio.getattr(intern!(py, "_get_running_loop"))?;
                Ok::<_, PyErr>(running.unbind())
            })?,
            _ => return Ok(false),
        },
    };
    Ok(!running.bind(py).call0()?.is_none())
}

/// `sys.modules`.
fn modules(py: Python<'_>) -> PyResult<&Bound<'_, PyDict>> {
    static MODULES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    let modules = MODULES.get_or_try_init(py, || {
        let modules = py.import("sys")?.getattr("modules")?;
        Ok::<_, PyErr>(modules.cast_into::<PyDict>()?.unbind())
    })?;
    Ok(modules.bind(py))
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
