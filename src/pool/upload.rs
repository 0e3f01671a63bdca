//! The body of a request, on its way.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::{BoxError, Outgoing, traffic::Traffic};

/// The body of a request on a connection. Until the socket takes a byte, this keeps the parts that hyper has read, so that the
/// body can go over another connection: a stream gives each part only once.
pub(super) struct Upload {
    /// None once the body was taken out.
    body: Option<Outgoing>,
    read: VecDeque<Bytes>,
    traffic: Arc<Traffic>,
    /// The number of bytes that the socket had taken before this request.
    before: u64,
}

impl Upload {
    pub(super) fn new(body: Outgoing, traffic: Arc<Traffic>) -> Self {
        traffic.begin_upload();
        Self {
            body: Some(body),
            read: VecDeque::new(),
            before: traffic.written(),
            traffic,
        }
    }

    fn is_untouched(&self) -> bool {
        self.traffic.written() == self.before
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let untouched = self.body.take().filter(|_| self.is_untouched());
        let read = std::mem::take(&mut self.read);
        let untouched = untouched.map(|rest| {
            if read.is_empty() {
                rest
            } else {
                Outgoing::new(Again { read, rest })
            }
        });
        self.traffic.end_upload(untouched);
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let frame = ready!(Pin::new(body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) if self.is_untouched() => {
                let data = frame.data_ref().cloned();
                self.read.extend(data);
            }
            Some(Ok(_)) | None => {}
            Some(Err(_)) => self.traffic.abort(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.body.as_ref();
        body.map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

/// A body that was read in part: the parts that were read, then the rest.
struct Again {
    read: VecDeque<Bytes>,
    rest: Outgoing,
}

impl Body for Again {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.read.pop_front() {
            Some(data) => Poll::Ready(Some(Ok(Frame::data(data)))),
            None => Pin::new(&mut self.rest).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.read.is_empty() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let lengths = self.read.iter().map(|data| data.len() as u64);
        let (read, rest) = (lengths.sum::<u64>(), self.rest.size_hint());
        let mut whole = SizeHint::new();
        whole.set_lower(rest.lower() + read);
        if let Some(upper) = rest.upper() {
            whole.set_upper(upper + read);
        }
        whole
    }
}
