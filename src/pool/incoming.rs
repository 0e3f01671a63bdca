//! The body of an answer.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body as _, Frame};

use super::{Pool, connection::Connection};
use crate::error::{Progress, Result};

/// The body of an answer, as it arrives. A drop before its end closes the connection: the sidecar sees a disconnect.
#[derive(Debug)]
pub(crate) struct Incoming {
    body: hyper::body::Incoming,
    /// The whole body, if it was read already.
    held: Option<Bytes>,
    /// None once the connection is back in the pool, or broke.
    connection: Option<Connection>,
    pool: Pool,
}

impl Incoming {
    pub(super) const fn new(
        body: hyper::body::Incoming,
        connection: Connection,
        pool: Pool,
    ) -> Self {
        Self {
            body,
            held: None,
            connection: Some(connection),
            pool,
        }
    }

    /// The next bytes, at least one; `None` at the end. Dropping the future loses no bytes.
    ///
    /// # Errors
    /// `unavailable` when the connection breaks; `cancelled` when it breaks because the body of the request broke off.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        if let Some(held) = self.held.take() {
            return Ok(Some(held));
        }
        loop {
            match poll_fn(|cx| self.poll_frame(cx)).await {
                None => {
                    self.put_back();
                    return Ok(None);
                }
                // Trailers are dropped: a page could not see them.
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => return Ok(Some(data)),
                    _ => {}
                },
                Some(Err(error)) => {
                    let error = match self.connection.take() {
                        Some(connection) if connection.is_aborted() => self.pool.aborted(&error),
                        Some(connection) => {
                            let number = connection.number();
                            self.pool.broken(number, Progress::Answered, error.into())
                        }
                        None => self.pool.failed(Progress::Answered, error.into()),
                    };
                    return Err(error);
                }
            }
        }
    }

    /// Reads the whole body if its announced length is at most `most_bytes`, so that it cannot break later.
    ///
    /// # Errors
    /// The errors of [`chunk`](Self::chunk).
    pub(crate) async fn hold(&mut self, most_bytes: u64) -> Result<()> {
        if self
            .length()
            .is_none_or(|length| length == 0 || length > most_bytes)
        {
            return Ok(());
        }
        let mut whole = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            whole.extend_from_slice(&chunk);
        }
        self.held = Some(whole.into());
        Ok(())
    }

    /// The number of bytes that are still to come, if it is known.
    pub(crate) fn length(&self) -> Option<u64> {
        match &self.held {
            Some(held) => u64::try_from(held.len()).ok(),
            None => self.body.size_hint().exact(),
        }
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let Self {
            body, connection, ..
        } = self;
        let mut part = |cx: &mut Context<'_>| Pin::new(&mut *body).poll_frame(cx);
        match connection {
            Some(connection) => connection.poll(cx, part),
            None => part(cx),
        }
    }

    fn put_back(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.pool.put_back(connection);
        }
    }
}

impl Drop for Incoming {
    /// A reader that knows the length, or that there is no body, does not read to the end.
    fn drop(&mut self) {
        if self.body.is_end_stream() {
            self.put_back();
        }
    }
}
