//! The host's end of a lease: the host sends the hello, later says `stop` and `probe`, and hears what the sidecar says.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Serialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

use crate::{
    config::{Millis, SidecarName},
    endpoint::{Address, Stream, Token},
};

/// The longest line of a sidecar, in bytes. All known words are a few bytes long; longer lines are skipped.
const MAX_LINE_BYTES: u64 = 64;

/// The version of the lease protocol.
pub(super) const PROTOCOL: u32 = 2;

/// The first line that the host sends on a lease, see `docs/wire.md`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Hello<'a> {
    pub protocol: u32,
    pub sidecar: &'a SidecarName,
    pub generation: u32,
    pub identifier: &'a str,
    pub host: &'a Address,
    /// The directories of the app.
    pub directories: &'a BTreeMap<&'static str, PathBuf>,
    /// The socket to serve on, attached to the first byte; absent for a process that only calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<Listen>,
    /// The time from one beat of the sidecar's event loop to the next, in ms, if the host watches the event loop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beat_ms: Option<u64>,
    /// How long the sidecar may take to end after the word `stop`, in ms; absent for a process that only calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_timeout_ms: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_group: Option<u32>,
    pub token: &'a Token,
}

/// How the sidecar gets its listening socket.
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

/// A word that the host says after the hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// The sidecar is to finish the requests in flight, then exit.
    Stop,
    /// The thread that reads the lease is to say `alive`.
    Probe,
}

/// A word that a sidecar says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// The thread that reads the lease lives.
    Alive,
    /// The event loop turns.
    Beat,
}

pub(super) struct Lease {
    stream: BufReader<Stream>,
    /// The bytes of a line whose end has not come yet.
    line: Vec<u8>,
}

impl Lease {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream: BufReader::new(stream),
            line: Vec::new(),
        }
    }

    /// Says a word without waiting. A sidecar that does not read misses the word. The host then notices that the sidecar does
    /// not do what the word asks.
    pub(super) fn say(&mut self, word: Word) {
        let line: &[u8] = match word {
            Word::Stop => b"stop\n",
            Word::Probe => b"probe\n",
        };
        if let Err(error) = self.stream.get_mut().try_write(line) {
            log::debug!("{word:?} was not said: {error}");
        }
    }

    /// The next word of the sidecar; `None` once the sidecar has closed the lease. Unknown words are skipped.
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

    /// Waits until the sidecar has closed the lease.
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
