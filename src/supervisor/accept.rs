//! Accepts the processes that dial, of which some never say anything.

use std::{collections::VecDeque, io, time::Duration};

use tokio::{
    io::AsyncReadExt,
    task::{AbortHandle, JoinSet},
    time::sleep,
};

use crate::endpoint::{Accepted, Listener, Stream};

/// How long a process may take to send its first line.
pub(super) const FIRST_LINE: Duration = Duration::from_secs(5);
/// How many connections without a first line yet may be open. One more closes the oldest of them.
pub(super) const MOST_DIALLING: usize = 64;
/// Pause after an accept that failed, such as for want of descriptors, see accept(2).
const BACK_OFF: Duration = Duration::from_millis(100);

/// Answers each process that dials, for as long as the future is polled. A process that sends nothing keeps no other process out.
pub(super) async fn each<A>(listener: Listener, answer: impl Fn(Accepted) -> A)
where
    A: Future<Output = ()> + Send + 'static,
{
    let mut accepting = match listener.accepting() {
        Ok(accepting) => accepting,
        Err(error) => return log::error!("no sidecar can dial: {error}"),
    };
    let (mut answering, mut oldest_first) = (JoinSet::new(), VecDeque::<AbortHandle>::new());
    loop {
        let accepted = tokio::select! {
            accepted = accepting.accept() => accepted,
            Some(_) = answering.join_next() => continue,
        };
        let accepted = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                log::warn!("a process that dialled was not accepted: {error}");
                sleep(BACK_OFF).await;
                continue;
            }
        };
        oldest_first.retain(|task| !task.is_finished());
        if oldest_first.len() >= MOST_DIALLING
            && let Some(oldest) = oldest_first.pop_front()
        {
            oldest.abort();
        }
        oldest_first.push_back(answering.spawn(answer(accepted)));
    }
}

/// Reads the first line, which has at most so many bytes, and no byte after it.
pub(super) async fn line(stream: &mut Stream, most: usize) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    while line.len() < most {
        match stream.read_u8().await? {
            b'\n' => return Ok(line),
            byte => line.push(byte),
        }
    }
    Err(io::Error::other(format!("it is over {most} bytes")))
}
