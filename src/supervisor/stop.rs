use std::{io, process::ExitStatus, time::Duration};

use process_wrap::tokio::ChildWrapper;
use tokio::{io::AsyncWriteExt, process::ChildStdin, time::timeout};

/// How long a sidecar may take to finish what it does, once it was asked to stop.
const DRAIN: Duration = Duration::from_secs(2);
/// How long its process group may take to end after that, once it was told to.
#[cfg(unix)]
const TERMINATE: Duration = Duration::from_secs(1);

/// Asks the sidecar to stop, then tells its process group to, then makes it.
pub(super) async fn end(child: &mut dyn ChildWrapper, lease: Option<ChildStdin>) {
    if let Some(mut lease) = lease
        && lease.write_all(b"stop\n").await.is_ok()
        && timeout(DRAIN, child.wait()).await.is_ok()
    {
        return end_group(child);
    }
    #[cfg(unix)]
    if child.signal(rustix::process::Signal::TERM.as_raw()).is_ok()
        && timeout(TERMINATE, child.wait()).await.is_ok()
    {
        return end_group(child);
    }
    end_group(child);
    if let Err(error) = child.wait().await {
        log::error!("the sidecar could not be ended: {error}");
    }
}

/// Kills what is left of the process group: children of the sidecar that outlived it.
pub(super) fn end_group(child: &mut dyn ChildWrapper) {
    if let Err(error) = child.start_kill() {
        log::debug!("nothing left of the sidecar's process group: {error}");
    }
}

/// How the process ended, as the middle of a sentence.
pub(super) fn exit_in_words(exit: io::Result<ExitStatus>) -> String {
    match exit {
        Ok(status) => match status.code() {
            Some(code) => format!("exited with code {code}"),
            None => format!("was ended by {status}"),
        },
        Err(error) => format!("cannot be waited for: {error}"),
    }
}
