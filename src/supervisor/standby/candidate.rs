use std::{io, mem, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, ReadHalf, WriteHalf, split},
    sync::oneshot,
    time::{Instant, timeout},
};

use super::conditions::Conditions;
use crate::{
    endpoint::{ProcessGroup, Stream},
    supervisor::{
        admission::Dialled,
        priority,
        process::Process,
        stop::{end_group, kill},
    },
};

/// The longest line of a spare, in bytes. A longer one is cut: only reasons are long.
const MAX_LINE_BYTES: u64 = 4096;

/// How long a spare may take to say that it is fit, once it has done all that it does ahead.
const FIT_WITHIN: Duration = Duration::from_secs(2);

/// How long a process may take to end that has closed its line.
const ENDS_WITHIN: Duration = Duration::from_secs(1);

/// A process that may become the next generation. When this is dropped it is killed, with its group, and nobody waits for that.
pub(in crate::supervisor) struct Candidate {
    /// None once it is the next generation.
    process: Option<Process>,
    group: ProcessGroup,
    pub(super) conditions: Conditions,
    line: Line,
    started: Instant,
    /// Whether it has done all that it does ahead.
    waits: bool,
}

/// What a spare says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// It has done all that it does ahead.
    Waiting,
    /// It is as good as a process that is started now.
    Fit,
    /// It cannot be used, or has ended.
    Unfit(String),
}

impl Candidate {
    /// A process that will dial and then gets its brief.
    pub(super) fn new(
        process: Process,
        group: ProcessGroup,
        dialled: oneshot::Receiver<Dialled>,
        brief: Vec<u8>,
        conditions: Conditions,
    ) -> Self {
        Self {
            process: Some(process),
            group,
            conditions,
            line: Line::new(dialled, brief),
            started: Instant::now(),
            waits: false,
        }
    }

    /// The process that has dialled, which a launcher may have started, or the one that the host has started.
    pub(super) fn pid(&self) -> Option<u32> {
        self.line.pid.or_else(|| self.child())
    }

    fn child(&self) -> Option<u32> {
        self.process.as_ref().and_then(|process| process.child.id())
    }

    /// Gives it the priority of other processes.
    pub(super) fn raise(&self) {
        for pid in self.child().into_iter().chain(self.line.pid) {
            priority::raise(pid);
        }
    }

    /// Whether it has done all that it does ahead.
    pub(super) const fn waits(&self) -> bool {
        self.waits
    }

    /// How long it may take from now on to say that it is fit.
    pub(super) fn patience(&self, ready_timeout: Duration) -> Duration {
        patience(self.waits, ready_timeout, self.started.elapsed())
    }

    /// Asks whether it is fit; [`next`](Self::next) writes that, and has the answer.
    pub(super) fn call(&mut self) {
        self.line.unsaid.extend_from_slice(b"call\n");
    }

    /// What it says next; unknown words are skipped. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Said {
        let Some(process) = &mut self.process else {
            return std::future::pending().await;
        };
        let word = tokio::select! {
            // What it said last counts more than its end.
            biased;
            word = self.line.next() => word,
            _ = process.child.wait() => None,
        };
        let said = match word {
            Some(said) => said,
            // Its line ends a moment before the process does.
            None => Said::Unfit(match timeout(ENDS_WITHIN, process.child.wait()).await {
                Ok(Ok(status)) => format!("it ended before it was called ({status})"),
                Ok(Err(error)) => format!("it cannot be waited for: {error}"),
                Err(_elapsed) => "it has closed its line to the host".into(),
            }),
        };
        self.waits |= said == Said::Waiting;
        said
    }

    /// Ends it at once, with its group, and waits for its end.
    pub(super) async fn end(mut self) {
        if let Some(mut process) = self.process.take() {
            kill(&mut *process.child).await;
            process.tie.undo();
            // What a launcher has started ends with the last that holds its output.
            process.output.finish().await;
        }
    }

    /// Its process and group, once it is the next generation; and its line, on which it still waits for the word to go.
    pub(in crate::supervisor) fn promoted(mut self) -> Option<(Process, ProcessGroup, Go)> {
        let (_, says) = self.line.ends.take()?;
        let process = self.process.take()?;
        Some((process, self.group.clone(), Go(says)))
    }
}

/// A spare that still prepares itself has what is left of the time in which each sidecar is to be ready: it may never come as far as
/// `serve`, and the next generation waits for it.
fn patience(waits: bool, ready_timeout: Duration, age: Duration) -> Duration {
    if waits {
        FIT_WITHIN
    } else {
        ready_timeout.saturating_sub(age).max(FIT_WITHIN)
    }
}

impl Drop for Candidate {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            end_group(&mut *process.child);
            process.tie.undo();
        }
    }
}

/// Lets a spare dial for its lease.
pub(in crate::supervisor) struct Go(WriteHalf<Stream>);

impl Go {
    /// Says so. If the process is gone, its exit will tell more.
    pub(in crate::supervisor) async fn say(mut self) {
        let said: io::Result<()> = self.0.write_all(b"go\n").await;
        if let Err(error) = said {
            log::debug!("a spare did not hear that it may go: {error}");
        }
    }
}

/// The connection that a spare dials.
struct Line {
    dialled: oneshot::Receiver<Dialled>,
    /// Who has dialled, if the system tells.
    pid: Option<u32>,
    /// None until it has dialled.
    ends: Option<(BufReader<ReadHalf<Stream>>, WriteHalf<Stream>)>,
    /// What was not written yet.
    unsaid: Vec<u8>,
    /// The bytes of a line whose end has not come yet.
    begun: Vec<u8>,
}

impl Line {
    const fn new(dialled: oneshot::Receiver<Dialled>, brief: Vec<u8>) -> Self {
        Self {
            dialled,
            pid: None,
            ends: None,
            unsaid: brief,
            begun: Vec::new(),
        }
    }

    /// The next word; `None` when there will be none. Dropping the future loses nothing.
    async fn next(&mut self) -> Option<Said> {
        if self.ends.is_none() {
            let Ok(Dialled { stream, pid }) = (&mut self.dialled).await else {
                // Only the exit of the process says more.
                return std::future::pending().await;
            };
            let (reader, writer) = split(stream);
            self.pid = pid;
            self.ends = Some((BufReader::new(reader), writer));
        }
        let (reader, writer) = self.ends.as_mut()?;
        loop {
            let mut limited = (&mut *reader).take(MAX_LINE_BYTES);
            let read = tokio::select! {
                read = limited.read_until(b'\n', &mut self.begun) => read,
                said = writer.write(&self.unsaid), if !self.unsaid.is_empty() => {
                    let count = said.ok().filter(|count| *count > 0)?;
                    self.unsaid.drain(..count);
                    continue;
                }
            };
            if !matches!(read, Ok(1..)) {
                return None;
            }
            let line = mem::take(&mut self.begun);
            let line = String::from_utf8_lossy(line.trim_ascii_end());
            match line.split_once(' ').unwrap_or((&line, "")) {
                ("waiting", _) => return Some(Said::Waiting),
                ("fit", _) => return Some(Said::Fit),
                ("unfit", reason) => return Some(Said::Unfit(reason.to_owned())),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::memory;

    #[test]
    fn the_longer_a_spare_prepares_itself_the_sooner_it_is_given_up() {
        let of = |waits, age_s| {
            patience(waits, Duration::from_secs(30), Duration::from_secs(age_s)).as_secs()
        };
        assert_eq!(
            [0, 20, 27, 29, 600].map(|age_s| of(false, age_s)),
            [30, 10, 3, 2, 2]
        );
        assert_eq!(of(true, 0), 2);
    }

    #[tokio::test]
    async fn words_are_heard_however_they_are_cut_and_the_brief_leaves_meanwhile() {
        // Less than the brief has.
        let (ours, mut theirs) = memory::pair_of(8);
        let (connected, dialled) = oneshot::channel();
        let dial = Dialled {
            stream: ours,
            pid: Some(7),
        };
        connected.send(dial).expect("awaited");
        let speaks = tokio::spawn(async move {
            let mut brief = vec![0; 100];
            theirs.read_exact(&mut brief).await.expect("the brief");
            for piece in [
                &b"wai"[..],
                b"ting\nlater\nfi",
                b"t\nunfit it opens a file\n",
            ] {
                theirs.write_all(piece).await.expect("the host reads");
                tokio::task::yield_now().await;
            }
            brief
        });
        let mut line = Line::new(dialled, vec![b'x'; 100]);
        let mut said = Vec::new();
        while let Some(word) = line.next().await {
            said.push(word);
        }
        let unfit = Said::Unfit("it opens a file".into());
        assert_eq!(said, [Said::Waiting, Said::Fit, unfit]);
        assert_eq!(line.pid, Some(7));
        assert_eq!(speaks.await.expect("no panic"), [b'x'; 100]);
    }
}
