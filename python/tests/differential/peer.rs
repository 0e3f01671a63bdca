//! hyper's client on a connection in memory. It is polled by hand: no runtime, no threads, and so fast.

use std::{
    cell::Cell,
    error::Error,
    io,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use _native::codec::MAX_HEADER_BYTES;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{
    Request,
    client::conn::http1::Builder,
    rt::{Read, ReadBufCursor, Write},
};

use crate::Answer;

/// Far more polls than any input takes.
const MAX_POLLS: usize = 100_000;

/// What hyper makes of a connection on which `input` comes and nothing more; its end comes only if hyper waits for it.
pub fn receive(input: &[u8]) -> Result<Answer, String> {
    let line = Line::default();
    let wire = Wire { input, line: &line };
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    let context = &mut Context::from_waker(&waker);

    let mut builder = Builder::new();
    builder.max_headers(64).max_header_size(MAX_HEADER_BYTES);
    let Poll::Ready(Ok((mut sender, connection))) = pin!(builder.handshake(wire)).poll(context)
    else {
        return Err("hyper did not begin".into());
    };
    let mut connection = Some(connection);
    let response = sender.send_request(Request::new(Empty::<Bytes>::new()));
    let mut exchange = pin!(async {
        let response = response.await?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await?.to_bytes();
        Ok::<_, hyper::Error>((status, body.to_vec()))
    });
    let mut drive = |context: &mut Context<'_>| {
        if let Some(open) = &mut connection
            && Pin::new(open).poll(context).is_ready()
        {
            connection = None;
        }
        connection.is_some()
    };
    for _ in 0..MAX_POLLS {
        if let Poll::Ready(result) = exchange.as_mut().poll(context) {
            let (status, body) = result.map_err(|error| chain(&error))?;
            while woken.take() {
                drive(context);
            }
            let is_open = drive(context) && !line.ended.get();
            return Ok(Answer {
                status,
                body,
                reusable: is_open && sender.is_ready(),
            });
        }
        drive(context);
        if !woken.take() && line.starved.get() {
            line.ended.set(true);
        }
    }
    panic!("hyper neither answers nor fails");
}

fn chain(error: &dyn Error) -> String {
    error.source().map_or_else(
        || error.to_string(),
        |source| format!("{error}: {}", chain(source)),
    )
}

/// What the wire and whoever polls hyper tell each other.
#[derive(Default)]
struct Line {
    /// hyper sent its request; an answer before it would be an error of its own.
    asked: Cell<bool>,
    /// hyper read all there is and wanted more.
    starved: Cell<bool>,
    /// After the input the connection ends.
    ended: Cell<bool>,
}

struct Wire<'a> {
    input: &'a [u8],
    line: &'a Line,
}

impl Read for Wire<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.line.asked.get() {
            return Poll::Pending;
        }
        let (now, later) = self
            .input
            .split_at(self.input.len().min(buffer.remaining()));
        if now.is_empty() && !self.line.ended.get() {
            self.line.starved.set(true);
            return Poll::Pending;
        }
        buffer.put_slice(now);
        self.input = later;
        Poll::Ready(Ok(()))
    }
}

impl Write for Wire<'_> {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.line.asked.set(true);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Whether something woke the task.
#[derive(Default)]
struct Woken(AtomicBool);

impl Woken {
    fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
