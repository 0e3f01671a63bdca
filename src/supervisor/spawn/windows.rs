//! A process and its job object, which ends all of its processes with the host.

use std::io;

use process_wrap::tokio::{
    ChildWrapper, CommandWrap, CommandWrapper, CreationFlags, JobObject, KillOnDrop,
};
use tokio::process::Command;
use windows::Win32::System::Threading::CREATE_NO_WINDOW;

use crate::endpoint::ProcessGroup;

/// Starts the process suspended, and lets it run once it is in its jobs, so that no child of its own is outside of them.
///
/// There are two jobs, one inside the other. The host asks the outer one who belongs to the sidecar: process-wrap keeps the handle
/// of its own to itself. The inner one ends the processes, when its last handle is closed, too: only `KillOnDrop` makes it so.
pub(super) fn spawn(command: Command) -> io::Result<(Box<dyn ChildWrapper>, ProcessGroup)> {
    let group = ProcessGroup::empty()?;
    let mut command = CommandWrap::from(command);
    command
        .wrap(CreationFlags(CREATE_NO_WINDOW))
        .wrap(Member(group.clone()))
        .wrap(KillOnDrop)
        .wrap(JobObject);
    let child = command.spawn()?;
    Ok((child, group))
}

/// Adds the process to a group. Stands before `JobObject`, which lets the process run.
#[derive(Debug)]
struct Member(ProcessGroup);

impl CommandWrapper for Member {
    fn wrap_child(
        &mut self,
        child: Box<dyn ChildWrapper>,
        _: &CommandWrap,
    ) -> io::Result<Box<dyn ChildWrapper>> {
        let process = child.process_handle();
        let process = process.ok_or_else(|| io::Error::other("it has ended already"))?;
        self.0.add(process)?;
        Ok(child)
    }
}

#[cfg(test)]
mod tests {
    use std::{os::windows::io::AsRawHandle, process::Stdio};

    use windows::Win32::{
        Foundation::{HANDLE, WAIT_OBJECT_0},
        System::Threading::WaitForSingleObject,
    };

    use super::*;

    /// Longer than anything here takes.
    const LIMIT_MS: u32 = 20_000;

    /// Waits for a line that never comes.
    fn waiting() -> Command {
        let mut command = Command::new("cmd");
        command.args(["/c", "set /p line="]).stdin(Stdio::piped());
        command
    }

    #[tokio::test]
    async fn a_process_is_in_its_group_and_ends_with_the_handle_of_its_job() {
        let (child, group) = spawn(waiting()).expect("started");
        let process = child.process_handle().expect("it lives");
        let process = process.try_clone_to_owned().expect("a handle");
        let is_member = group.has(std::os::windows::io::AsHandle::as_handle(&process));
        assert!(is_member.expect("the system says"));
        drop(child);
        // SAFETY: the handle is open.
        let waited = unsafe { WaitForSingleObject(HANDLE(process.as_raw_handle()), LIMIT_MS) };
        assert_eq!(waited, WAIT_OBJECT_0, "it has ended");
    }

    #[tokio::test]
    async fn a_process_runs_and_its_exit_code_is_told() {
        let mut command = Command::new("cmd");
        command.args(["/c", "exit 7"]);
        let (mut child, _group) = spawn(command).expect("started");
        let status = child.wait().await.expect("it ends");
        assert_eq!(status.code(), Some(7));
    }
}
