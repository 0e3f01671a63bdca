//! The host's end of a lease: it introduces a sidecar, and later asks it to stop and whether it lives.

use serde::Serialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

use crate::{
    config::SidecarName,
    endpoint::{Address, Stream, Token},
};

/// What a sidecar says is a few bytes long; a longer line is nothing that a host knows.
const MAX_LINE_BYTES: u64 = 64;

/// The version of what is said on a lease.
pub(super) const PROTOCOL: u32 = 2;

/// The first line that a host says, see `docs/wire.md`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Hello<'a> {
    pub protocol: u32,
    pub sidecar: &'a SidecarName,
    pub generation: u32,
    pub identifier: &'a str,
    pub host: &'a Address,
    /// The socket to serve on, attached to the first byte; absent for a process that only calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<Listen>,
    /// How often the sidecar's event loop says that it turns, if anybody wants to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beat_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_group: Option<u32>,
    pub token: &'a Token,
}

/// Where the sidecar finds its listening socket.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Listen {
    /// The socket came with the hello.
    Passed,
}

impl Hello<'_> {
    pub(super) fn line(&self) -> Vec<u8> {
        let mut line = serde_json::to_vec(self).expect("a hello is plain JSON");
        line.push(b'\n');
        line
    }
}

/// What the host says after the hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Finish what you do, then exit.
    Stop,
    /// To the thread that reads this: do you live?
    Probe,
}

/// What a sidecar says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// The thread that reads the lease lives.
    Alive,
    /// The event loop turns.
    Beat,
}

pub(super) struct Lease {
    stream: BufReader<Stream>,
    /// The line whose end has not come yet.
    line: Vec<u8>,
}

impl Lease {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream: BufReader::new(stream),
            line: Vec::new(),
        }
    }

    /// Says a word without waiting. A sidecar that reads nothing will not hear it; what it fails to do then tells more
    /// than this.
    pub(super) fn say(&mut self, word: Word) {
        let line: &[u8] = match word {
            Word::Stop => b"stop\n",
            Word::Probe => b"probe\n",
        };
        if let Err(error) = self.stream.get_mut().try_write(line) {
            log::debug!("{word:?} was not said: {error}");
        }
    }

    /// What the sidecar says next; `None` once it holds the lease no more. Words of later versions are skipped.
    /// Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Option<Reply> {
        loop {
            let mut limited = (&mut self.stream).take(MAX_LINE_BYTES);
            match limited.read_until(b'\n', &mut self.line).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
            let reply = match self.line.as_slice() {
                b"alive\n" => Some(Reply::Alive),
                b"beat\n" => Some(Reply::Beat),
                _ => None,
            };
            self.line.clear();
            if reply.is_some() {
                return reply;
            }
        }
    }

    /// Waits until the sidecar holds the lease no more.
    pub(super) async fn closed(&mut self) {
        while self.next().await.is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;
    use crate::endpoint::memory;

    #[tokio::test]
    async fn replies_are_heard_however_they_are_cut_and_noise_is_skipped() {
        let (ours, mut theirs) = memory::pair();
        let mut lease = Lease::new(ours);
        let speaks = tokio::spawn(async move {
            for piece in [
                &b"al"[..],
                b"ive\nbe",
                b"at\nlater\n",
                &[b'x'; 1000],
                b"\nalive\n",
            ] {
                theirs.write_all(piece).await.expect("the host reads");
                tokio::task::yield_now().await;
            }
        });
        let mut heard = Vec::new();
        while let Some(reply) = lease.next().await {
            heard.push(reply);
        }
        speaks.await.expect("no panic");
        assert_eq!(heard, [Reply::Alive, Reply::Beat, Reply::Alive]);
    }

    #[tokio::test]
    async fn a_sidecar_that_reads_nothing_does_not_hold_the_host_up() {
        let (ours, _theirs) = memory::pair();
        let mut lease = Lease::new(ours);
        for _ in 0..1_000_000 {
            lease.say(Word::Probe);
        }
    }
}
