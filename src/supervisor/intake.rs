//! Takes in the connections that a sidecar dials in order to serve on them, where no listening socket can be given to it. See
//! `docs/wire.md`.

use std::sync::Arc;

use tokio::time::timeout;

use super::accept;
use crate::{
    config::SidecarName,
    endpoint::{Accepted, CurrentToken, Listener},
    pool::Pool,
    status::StatusCell,
};

/// The longest first line, in bytes. A token has 43.
const MAX_TOKEN_BYTES: usize = 64;

/// Gives a pool the connections that the present generation dials.
pub(crate) struct Intake {
    pub sidecar: SidecarName,
    pub token: Arc<CurrentToken>,
    pub status: Arc<StatusCell>,
    pub pool: Pool,
}

impl Intake {
    /// Takes connections in for as long as the future is polled. A process that sends nothing keeps no other process out.
    pub(crate) async fn receive(self, listener: Listener) {
        let intake = Arc::new(self);
        let take_in = |accepted| {
            let intake = intake.clone();
            async move { intake.take_in(accepted).await }
        };
        accept::each(listener, take_in).await;
    }

    /// Reads the token, which comes first. A connection with another first line is closed unanswered.
    async fn take_in(&self, accepted: Accepted) {
        let Accepted { mut stream, .. } = accepted;
        let said = timeout(
            accept::FIRST_LINE,
            accept::line(&mut stream, MAX_TOKEN_BYTES),
        );
        let generation = match said.await {
            Ok(Ok(token)) => self.generation_of(&token),
            Ok(Err(error)) => {
                return log::debug!("a process dialled and said no token: {error}");
            }
            Err(_elapsed) => return log::debug!("a process dialled and said nothing"),
        };
        match generation {
            Some(generation) => self.pool.take_in(generation, Box::new(stream)),
            None => log::warn!(
                "sidecar `{}`: refused a connection to serve on without the token of this generation",
                self.sidecar
            ),
        }
    }

    /// The generation that has this token. A token is valid only while its generation is the present one, so the number has to
    /// be the same before and after the look at the token.
    fn generation_of(&self, token: &[u8]) -> Option<u32> {
        let generation = self.status.current().generation;
        let valid = self.token.matches(token);
        (valid && generation == self.status.current().generation).then_some(generation)
    }
}

#[cfg(test)]
mod tests;
