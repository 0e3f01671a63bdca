//! The calls of an event loop over one connection.

use std::{
    collections::HashSet,
    io, mem,
    os::{
        fd::{AsRawFd, OwnedFd, RawFd},
        unix::net::UnixStream,
    },
    path::PathBuf,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use pyo3::{
    PyTraverseError, PyVisit,
    exceptions::{PyConnectionAbortedError, PyTimeoutError},
    intern,
    prelude::*,
    types::PyBytes,
};
use rustix::{
    io::Errno,
    net::{RecvFlags, SendFlags, recv, send},
};
use socket2::SockAddr;

use super::{
    call::PyCall,
    content::{content, no_answer},
    http::{Limit, Reply, Request},
    waiting::NotSentError,
};
use crate::{
    calls::{self, Answer, Calls, MOST_REQUEST_BYTES},
    connection::unconnected,
    dial::NO_SIGNAL,
};

/// How many calls are with the host at once; the host closes a connection with more.
const MOST: usize = 64;

const READ_BYTES: usize = 64 * 1024;

/// How often it reads in one turn of the loop. The loop asks again, and others have their turn while a long answer comes.
const MOST_READS: usize = 4;

/// From which length on an answer is long, as a request is that takes a connection of its own: the pieces of several long ones
/// would come one after the other, by one task of the host.
const LONG_ANSWER_BYTES: usize = MOST_REQUEST_BYTES;

/// Who waits for an answer, and whether for its content or for the whole of it.
struct Waiter {
    future: Py<PyAny>,
    wants_content: bool,
    target: String,
}

struct State {
    calls: Calls<Waiter>,
    buffer: Box<[u8]>,
    /// None once it is closed.
    socket: Option<UnixStream>,
    /// Whether what was begun leaves when the loop has run what is ready now.
    is_due: bool,
    /// Whether the loop tells when the socket takes more.
    is_full: bool,
    /// When the loop's timer fires, and its handle: at the earliest deadline, or at that of an earlier call.
    timer: Option<(Instant, Py<PyAny>)>,
    /// The most calls that were under way at once, in quarters of a call, of which each that has ended since takes one off.
    width_in_quarters: usize,
    /// Whether it closes with its last call.
    ends: bool,
    /// The targets whose answer was long. They are no more than the app has commands.
    long: HashSet<String>,
}

#[pyclass(frozen, module = "sidecar_bridge._native", name = "Calls")]
pub(super) struct PyCalls {
    path: Py<PyAny>,
    token: String,
    event_loop: Py<PyAny>,
    create_future: Py<PyAny>,
    /// Told of each call that ends, while others wait for a turn.
    on_end: Py<PyAny>,
    others_wait: AtomicBool,
    process: u32,
    state: Mutex<State>,
}

#[pymethods]
impl PyCalls {
    #[staticmethod]
    fn open<'py>(
        path: Bound<'py, PyAny>,
        token: String,
        max_body_bytes: usize,
        event_loop: Bound<'py, PyAny>,
        on_end: Py<PyAny>,
    ) -> PyResult<Bound<'py, Self>> {
        let py = path.py();
        let asking = calls::asking(&token)
            .map_err(|error| pyo3::exceptions::PyValueError::new_err(error.to_string()))?;
        let socket = unconnected()?;
        socket.set_nonblocking(true)?;
        socket.connect(&SockAddr::unix(path.extract::<PathBuf>()?)?)?;
        let socket = UnixStream::from(OwnedFd::from(socket));
        let descriptor = socket.as_raw_fd();
        let state = State {
            calls: Calls::new(asking, max_body_bytes),
            buffer: vec![0; READ_BYTES].into_boxed_slice(),
            socket: Some(socket),
            is_due: false,
            is_full: false,
            timer: None,
            width_in_quarters: 0,
            ends: false,
            long: HashSet::new(),
        };
        let this = Self {
            path: path.unbind(),
            token,
            create_future: event_loop.getattr("create_future")?.unbind(),
            event_loop: event_loop.unbind(),
            on_end,
            others_wait: AtomicBool::new(false),
            process: std::process::id(),
            state: Mutex::new(state),
        };
        let this = Bound::new(py, this)?;
        let on_readable = this.getattr("on_readable")?;
        (this.get().event_loop.bind(py)).call_method1("add_reader", (descriptor, on_readable))?;
        Self::send(&this)?;
        Ok(this)
    }

    #[getter]
    fn is_open(&self) -> bool {
        let state = self.lock();
        state.socket.is_some() && state.calls.is_open()
    }

    #[getter]
    fn is_closed(&self) -> bool {
        self.lock().socket.is_none()
    }

    /// Whether it ended before the host had agreed.
    #[getter]
    fn is_refused(&self) -> bool {
        let state = self.lock();
        state.socket.is_none() && !state.calls.is_open()
    }

    #[getter]
    fn count(&self) -> usize {
        self.lock().calls.count()
    }

    #[getter]
    fn width(&self) -> usize {
        self.lock().width_in_quarters / 4
    }

    #[getter]
    fn others_wait(&self) -> bool {
        self.others_wait.load(Ordering::Relaxed)
    }

    #[setter]
    fn set_others_wait(&self, others_wait: bool) {
        self.others_wait.store(others_wait, Ordering::Relaxed);
    }

    fn invoke<'py>(
        slf: &Bound<'py, Self>,
        command: &Bound<'py, PyAny>,
        arguments: &Bound<'py, PyAny>,
        window: Option<&Bound<'py, PyAny>>,
        timeout_s: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<PyCall>> {
        if !slf.get().has_room() {
            return Ok(None);
        }
        match Request::plain(command, arguments, window)? {
            Some(request) => Self::begin(slf, &request, timeout_s, true),
            None => Ok(None),
        }
    }

    fn ask<'py>(
        slf: &Bound<'py, Self>,
        request: &Request,
        timeout_s: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<PyCall>> {
        Self::begin(slf, request, timeout_s, true)
    }

    fn exchange<'py>(
        slf: &Bound<'py, Self>,
        request: &Request,
        timeout_s: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<PyCall>> {
        Self::begin(slf, request, timeout_s, false)
    }

    /// A loop that is closed with calls under way refers to itself through their futures and tasks.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        for object in [
            &self.path,
            &self.event_loop,
            &self.create_future,
            &self.on_end,
        ] {
            visit.call(object)?;
        }
        // Who holds the lock runs, and is no garbage.
        let Ok(state) = self.state.try_lock() else {
            return Ok(());
        };
        for waiter in state.calls.waiting() {
            visit.call(&waiter.future)?;
        }
        visit.call(state.timer.as_ref().map(|(_, timer)| timer))
    }

    /// Called by the loop.
    fn on_readable(slf: &Bound<'_, Self>) -> PyResult<()> {
        let this = slf.get();
        for _ in 0..MOST_READS {
            let mut state = this.lock();
            let State {
                calls,
                buffer,
                socket,
                width_in_quarters,
                ..
            } = &mut *state;
            let Some(socket) = socket else {
                return Ok(());
            };
            let count = match recv(&*socket, &mut **buffer, RecvFlags::DONTWAIT) {
                Ok((_, count)) => count,
                Err(Errno::WOULDBLOCK | Errno::INTR) => return Ok(()),
                Err(error) => {
                    drop(state);
                    return Self::break_off(slf, &io::Error::from(error).into());
                }
            };
            if count == 0 {
                drop(state);
                let gone = PyConnectionAbortedError::new_err("the connection ended");
                return Self::break_off(slf, &gone);
            }
            let is_all = count < buffer.len();
            let mut ended = Vec::new();
            *width_in_quarters = calls.count().saturating_mul(4).max(*width_in_quarters);
            let received = calls.receive(&buffer[..count], &mut ended);
            *width_in_quarters = width_in_quarters.saturating_sub(ended.len());
            drop(state);
            // The host is told that it need not go on with what is too large.
            let gives_up = ended.iter().any(|(_, answer)| answer.is_err());
            for (waiter, answer) in ended {
                this.settle(slf.py(), &waiter, answer.map_err(PyErr::from))?;
            }
            if let Err(error) = received {
                return Self::break_off(slf, &error.into());
            }
            if gives_up {
                Self::send(slf)?;
            }
            this.close_at_the_end(slf.py())?;
            if is_all {
                break;
            }
        }
        Ok(())
    }

    /// Called by the loop: sends what was begun.
    fn flush(slf: &Bound<'_, Self>) -> PyResult<()> {
        slf.get().lock().is_due = false;
        Self::send(slf)
    }

    /// Called by the loop, at a deadline or earlier.
    fn expire(slf: &Bound<'_, Self>) -> PyResult<()> {
        let (py, this) = (slf.py(), slf.get());
        let mut state = this.lock();
        state.timer = None;
        let late = state.calls.expire(Instant::now());
        let next = state.calls.deadline();
        drop(state);
        if let Some(next) = next {
            Self::set_timer(slf, next)?;
        }
        if late.is_empty() {
            return Ok(());
        }
        for waiter in late {
            let error = PyTimeoutError::new_err("the deadline passed");
            this.settle(py, &waiter, Err(error))?;
        }
        Self::send(slf)?;
        this.close_at_the_end(py)
    }

    /// Closes it when its last call ends, which may be now.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.lock().ends = true;
        self.close_at_the_end(py)
    }
}

impl PyCalls {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_room(&self) -> bool {
        let state = self.lock();
        state.socket.is_some() && !state.ends && state.calls.is_open() && state.calls.count() < MOST
    }

    fn takes(&self, target: &str) -> bool {
        self.has_room() && !self.lock().long.contains(target)
    }

    /// Begins a call; `None` for one that has to take a connection of its own.
    fn begin<'py>(
        slf: &Bound<'py, Self>,
        request: &Request,
        timeout_s: Option<&Bound<'py, PyAny>>,
        wants_content: bool,
    ) -> PyResult<Option<PyCall>> {
        let (py, this) = (slf.py(), slf.get());
        let timeout_s = match timeout_s.map(PyAnyMethods::extract::<f64>) {
            None => None,
            Some(Ok(timeout_s)) if timeout_s > 0.0 && timeout_s.is_finite() => Some(timeout_s),
            Some(_) => return Ok(None),
        };
        let limit = Limit::new(timeout_s)?;
        let head = request.head(&this.token, limit.timeout_ms)?;
        let body = request.content();
        if head.len() + body.len() > MOST_REQUEST_BYTES || !this.takes(request.target()) {
            return Ok(None);
        }
        let future = this.create_future.call0(py)?;
        let waiter = Waiter {
            future: future.clone_ref(py),
            wants_content,
            target: request.target().to_owned(),
        };
        let mut state = this.lock();
        let is_alone = state.calls.count() == 0;
        let number = state.calls.begin(head, body, limit.deadline, waiter);
        // Calls that are begun in one turn of the loop leave together.
        let is_first = !is_alone && !state.is_due;
        state.is_due |= is_first;
        let fires = state.timer.as_ref().map(|(fires, _)| *fires);
        drop(state);
        if let Some(deadline) = limit.deadline
            && fires.is_none_or(|fires| deadline < fires)
        {
            Self::set_timer(slf, deadline)?;
        }
        if is_alone {
            Self::send(slf)?;
        } else if is_first {
            let flush = slf.getattr(intern!(py, "flush"))?;
            (this.event_loop).call_method1(py, intern!(py, "call_soon"), (flush,))?;
        }
        Ok(Some(PyCall {
            calls: slf.clone().unbind(),
            future,
            number,
            is_awaited: AtomicBool::new(false),
        }))
    }

    fn set_timer(slf: &Bound<'_, Self>, deadline: Instant) -> PyResult<()> {
        let (py, this) = (slf.py(), slf.get());
        let left = deadline.saturating_duration_since(Instant::now());
        let expire = slf.getattr(intern!(py, "expire"))?;
        let given = (left.as_secs_f64(), expire);
        let timer = (this.event_loop).call_method1(py, intern!(py, "call_later"), given)?;
        let before = this.lock().timer.replace((deadline, timer));
        if let Some((_, before)) = before {
            before.call_method0(py, intern!(py, "cancel"))?;
        }
        Ok(())
    }

    /// Sends what the socket takes. Any thread may call this; only when the socket is full the loop is asked to go on.
    fn send(slf: &Bound<'_, Self>) -> PyResult<()> {
        let this = slf.get();
        let mut state = this.lock();
        let State { calls, socket, .. } = &mut *state;
        let Some(socket) = socket else {
            return Ok(());
        };
        let is_full = loop {
            let output = calls.output();
            if output.is_empty() {
                break false;
            }
            match send(&*socket, output, NO_SIGNAL | SendFlags::DONTWAIT) {
                Ok(count) => calls.sent(count),
                Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) => break true,
                // What the host has said before shows when the loop reads, and so does the end.
                Err(_) => return Ok(()),
            }
        };
        let descriptor = socket.as_raw_fd();
        let was_full = mem::replace(&mut state.is_full, is_full);
        drop(state);
        if is_full != was_full {
            Self::watch(slf, is_full, descriptor)?;
        }
        Ok(())
    }

    fn watch(slf: &Bound<'_, Self>, is_full: bool, descriptor: RawFd) -> PyResult<()> {
        let event_loop = slf.get().event_loop.bind(slf.py());
        if is_full {
            event_loop.call_method1("add_writer", (descriptor, slf.getattr("flush")?))?;
        } else {
            event_loop.call_method1("remove_writer", (descriptor,))?;
        }
        Ok(())
    }

    /// Tells who waits, and who waits for a turn.
    fn settle(&self, py: Python<'_>, waiter: &Waiter, answer: PyResult<Answer>) -> PyResult<()> {
        let future = waiter.future.bind(py);
        if !(future
            .call_method0(intern!(py, "done"))?
            .extract::<bool>()?)
        {
            let told = answer.map_err(|error| no_answer(self.path.bind(py), error));
            let told = told.and_then(|Answer { head, body }| {
                if body.len() > LONG_ANSWER_BYTES {
                    self.lock().long.insert(waiter.target.clone());
                }
                let reply = Reply::of(Some(&head), PyBytes::new(py, &body));
                if waiter.wants_content {
                    content(py, reply)
                } else {
                    Ok(Bound::new(py, reply)?.into_any())
                }
            });
            match told {
                Ok(value) => future.call_method1(intern!(py, "set_result"), (value,))?,
                Err(error) => {
                    future.call_method1(intern!(py, "set_exception"), (error.value(py),))?
                }
            };
        }
        self.tell_others(py)
    }

    fn tell_others(&self, py: Python<'_>) -> PyResult<()> {
        if self.others_wait() {
            self.on_end.call0(py)?;
        }
        Ok(())
    }

    /// Ends all calls, since the connection is of no use.
    fn break_off(slf: &Bound<'_, Self>, error: &PyErr) -> PyResult<()> {
        let (py, this) = (slf.py(), slf.get());
        let waiters = this.shut(py)?;
        for (waiter, is_sent) in waiters {
            let error = if is_sent {
                error.clone_ref(py)
            } else {
                NotSentError::new_err(error.value(py).to_string())
            };
            this.settle(py, &waiter, Err(error))?;
        }
        Ok(())
    }

    fn close_at_the_end(&self, py: Python<'_>) -> PyResult<()> {
        let state = self.lock();
        let is_over = state.ends && state.calls.count() == 0;
        drop(state);
        if is_over {
            self.shut(py)?;
        }
        Ok(())
    }

    fn shut(&self, py: Python<'_>) -> PyResult<Vec<(Waiter, bool)>> {
        let mut state = self.lock();
        let Some(socket) = state.socket.take() else {
            return Ok(Vec::new());
        };
        let waiters = state.calls.end();
        let (is_full, timer) = (state.is_full, state.timer.take());
        drop(state);
        if let Some((_, timer)) = timer {
            timer.call_method0(py, intern!(py, "cancel"))?;
        }
        let event_loop = self.event_loop.bind(py);
        event_loop.call_method1("remove_reader", (socket.as_raw_fd(),))?;
        if is_full {
            event_loop.call_method1("remove_writer", (socket.as_raw_fd(),))?;
        }
        Ok(waiters)
    }

    /// Gives a call up whose caller has left. A forked child leaves the calls of its parent alone.
    pub(super) fn cancel(slf: &Bound<'_, Self>, number: u32) -> PyResult<()> {
        let (py, this) = (slf.py(), slf.get());
        if this.process != std::process::id() {
            return Ok(());
        }
        let Some(waiter) = this.lock().calls.cancel(number) else {
            return Ok(());
        };
        drop(waiter);
        Self::send(slf)?;
        this.tell_others(py)?;
        this.close_at_the_end(py)
    }
}
