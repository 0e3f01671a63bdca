//! A process and its process group, see setpgid(2).

use std::io;

use process_wrap::tokio::{ChildWrapper, CommandWrap};
use tokio::process::Command;

use crate::endpoint::ProcessGroup;

pub(super) fn spawn(command: Command) -> io::Result<(Box<dyn ChildWrapper>, ProcessGroup)> {
    let mut command = CommandWrap::from(command);
    command.wrap(process_wrap::tokio::ProcessGroup::leader());
    let child = command.spawn()?;
    let group = child.id().and_then(ProcessGroup::from_leader);
    let group = group.ok_or_else(|| io::Error::other("it has ended before it had a number"))?;
    Ok((child, group))
}
