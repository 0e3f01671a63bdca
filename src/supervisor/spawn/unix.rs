//! A process and its process group, see setpgid(2).

use std::io;

use process_wrap::tokio::CommandWrap;
use tokio::process::Command;

use super::Started;
use crate::endpoint::ProcessGroup;

#[cfg_attr(
    not(target_os = "linux"),
    expect(unused_mut, reason = "Linux adds a step")
)]
pub(super) fn spawn(mut command: Command) -> io::Result<Started> {
    #[cfg(target_os = "linux")]
    end_with_host(&mut command);
    let mut command = CommandWrap::from(command);
    command.wrap(process_wrap::tokio::ProcessGroup::leader());
    let child = command.spawn()?;
    let group = child.id().and_then(ProcessGroup::from_leader);
    let group = group.ok_or_else(|| io::Error::other("it has ended before it had a number"))?;
    Ok(Started { child, group })
}

/// Lets the kernel kill the sidecar when the host dies. Once the sidecar watches its lease, it changes that signal itself.
#[cfg(target_os = "linux")]
fn end_with_host(command: &mut Command) {
    use rustix::{
        io::Errno,
        process::{Signal, getpid, getppid, set_parent_process_death_signal},
    };
    let host = getpid();
    // SAFETY: a child of a process with threads may only make async-signal-safe calls before exec, see fork(2). These
    // are bare system calls, and nothing here allocates.
    unsafe {
        command.pre_exec(move || {
            set_parent_process_death_signal(Some(Signal::KILL))?;
            // The host may have died before the signal was set.
            if getppid() == Some(host) {
                Ok(())
            } else {
                Err(Errno::SRCH.into())
            }
        });
    }
}
