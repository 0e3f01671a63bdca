//! One request over a connection of the pool.

use hyper::{Request, Response, header::HOST};

use super::{
    Incoming, Outgoing, Pool,
    connection::{Connection, Sent, Unsent},
};
use crate::{
    deadline::Deadline,
    error::{Kind, Progress, Result},
    runtime::Reactor,
};

/// A connection that is reserved for one request. No byte of the request has left yet.
#[derive(Debug)]
pub(crate) struct Reserved {
    pool: Pool,
    generation: u32,
    connection: Connection,
    deadline: Option<Deadline>,
}

impl Reserved {
    pub(super) const fn new(
        pool: Pool,
        generation: u32,
        connection: Connection,
        deadline: Option<Deadline>,
    ) -> Self {
        Self {
            pool,
            generation,
            connection,
            deadline,
        }
    }

    /// Sends the request, whose URI is a path with an optional query, and waits for the head of the answer. If the connection
    /// was idle and has ended, the request goes over another connection.
    ///
    /// # Errors
    /// `unavailable` when the connection fails: the error says whether any byte of the request may have left. `cancelled` when
    /// the request's body breaks off.
    /// Dropping the future closes the connection, which the sidecar sees as a disconnect.
    pub(crate) async fn send(self, mut request: Request<Outgoing>) -> Result<Response<Incoming>> {
        let uri = request.uri();
        if uri.authority().is_some() || !uri.path().starts_with('/') {
            let mistake = format!("`{uri}` is not a path; begin it with `/`");
            return Err(Kind::InvalidRequest(mistake).into());
        }
        let Self {
            pool,
            generation,
            mut connection,
            deadline,
        } = self;
        request.headers_mut().insert(HOST, pool.0.host.clone());
        let runtime = pool.0.reactors.handle(Reactor::Plugin);
        loop {
            let (number, made_now) = (connection.number(), connection.made_now());
            let (progress, error) = match connection.send(request, runtime).await {
                Sent::Answered(response, connection) => {
                    return Ok(response.map(|body| Incoming::new(body, connection, pool)));
                }
                // A sidecar may close an idle connection at any time. That is no fault.
                Sent::Unsent(Unsent {
                    request: Some(again),
                    place,
                    ..
                }) if !made_now => {
                    pool.0.queue.broken(number);
                    connection = pool.connection(generation, place, deadline).await?;
                    request = again;
                    continue;
                }
                Sent::Aborted(error) => return Err(pool.aborted(&error)),
                Sent::Unsent(unsent) => (Progress::NotSent, unsent.error),
                Sent::Broken(error) => (Progress::PerhapsCarriedOut, error),
            };
            return Err(pool.broken(number, progress, error.into()));
        }
    }
}
