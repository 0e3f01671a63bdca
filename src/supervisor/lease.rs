//! The host's end of a lease: the host sends the hello, later says `stop` and `probe`, and hears what the sidecar says.

use std::{collections::BTreeMap, path::PathBuf};

use futures_util::FutureExt;
use serde::Serialize;
use tokio::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, ReadHalf, WriteHalf, split,
};

use crate::{
    config::{Millis, SidecarName},
    endpoint::{Address, Stream, Token},
};

/// The longest line of a sidecar, in bytes. All known words are a few bytes long; longer lines are skipped.
const MAX_LINE_BYTES: u64 = 64;

/// The most bytes of words that wait for a sidecar that reads too slowly. Further words are dropped.
const MOST_UNSAID: usize = 64;

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
    /// What to serve on; absent for a process that only calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<Listen<'a>>,
    /// The time from one beat of the sidecar's event loop to the next, in ms, if the host watches the event loop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beat_ms: Option<u64>,
    /// How long the sidecar may take to end after the word `stop`, in ms; absent for a process that only calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_timeout_ms: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_group: Option<u32>,
    /// The folders with the app's own modules, if the host wants to hear what is imported from elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sources: Option<&'a [String]>,
    /// The number of the host's process, by which a sidecar knows that the host made the pipes that it dials. Sockets have
    /// credentials instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_pid: Option<u32>,
    pub token: &'a Token,
}

/// What the sidecar serves on.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Listen<'a> {
    /// A listening socket, which is attached to the first byte of the hello.
    Passed,
    /// Connections that it dials itself: to this address, with the token as their first line.
    Dial(&'a Address),
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
    hears: BufReader<ReadHalf<Stream>>,
    says: WriteHalf<Stream>,
    /// What the connection has not taken yet. A pipe takes one write at a time.
    unsaid: Vec<u8>,
    /// The bytes of a line whose end has not come yet.
    line: Vec<u8>,
}

impl Lease {
    pub(super) fn new(stream: Stream) -> Self {
        let (hears, says) = split(stream);
        Self {
            hears: BufReader::new(hears),
            says,
            unsaid: Vec::new(),
            line: Vec::new(),
        }
    }

    /// Says a word without waiting; [`next`](Self::next) says what the connection does not take at once. A sidecar that does
    /// not read misses the word. The host then notices that the sidecar does not do what the word asks.
    pub(super) fn say(&mut self, word: Word) {
        let line: &[u8] = match word {
            Word::Stop => b"stop\n",
            Word::Probe => b"probe\n",
        };
        if self.unsaid.len() + line.len() > MOST_UNSAID {
            return log::debug!(
                "{word:?} was not said: the sidecar has not heard the words before it"
            );
        }
        self.unsaid.extend_from_slice(line);
        while !self.unsaid.is_empty()
            && let Some(said) = self.says.write(&self.unsaid).now_or_never()
        {
            self.forget(said.unwrap_or(0));
        }
    }

    /// Forgets so many bytes, which the connection took; all of them if it takes none, since to a sidecar that is gone nothing
    /// can be said any more.
    fn forget(&mut self, said: usize) {
        let gone = if said == 0 { self.unsaid.len() } else { said };
        self.unsaid.drain(..gone);
    }

    /// The next word of the sidecar; `None` once the sidecar has closed the lease. Unknown words are skipped.
    /// Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Option<Reply> {
        loop {
            let mut limited = (&mut self.hears).take(MAX_LINE_BYTES);
            let read = tokio::select! {
                read = limited.read_until(b'\n', &mut self.line) => read,
                said = self.says.write(&self.unsaid), if !self.unsaid.is_empty() => {
                    self.forget(said.unwrap_or(0));
                    continue;
                }
            };
            match read {
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

    /// A pipe of Windows takes one word, and the next one when that has left.
    #[tokio::test]
    async fn words_that_the_connection_does_not_take_at_once_are_said_later() {
        let (ours, mut theirs) = memory::pair_of(4);
        let mut lease = Lease::new(ours);
        lease.say(Word::Stop);
        lease.say(Word::Probe);
        let hears = tokio::spawn(async move {
            let mut said = [0; b"stop\nprobe\n".len()];
            theirs.read_exact(&mut said).await.expect("both words");
            theirs.write_all(b"alive\n").await.expect("the host reads");
            said
        });
        assert_eq!(lease.next().await, Some(Reply::Alive));
        assert_eq!(&hears.await.expect("no panic"), b"stop\nprobe\n");
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
