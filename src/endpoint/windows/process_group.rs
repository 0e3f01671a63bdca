//! The processes of one sidecar: a job object, see "Job Objects" in Microsoft's documentation of Win32.

use std::{
    io,
    os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle},
    sync::Arc,
};

use windows::Win32::{
    Foundation::HANDLE,
    System::JobObjects::{AssignProcessToJobObject, CreateJobObjectW, IsProcessInJob},
};
use windows::core::BOOL;

/// A process that the host started, or that has joined, and all that it has started since. Clones mean the same processes.
#[derive(Clone, Debug)]
pub(crate) struct ProcessGroup(Arc<OwnedHandle>);

impl ProcessGroup {
    /// A group without a process.
    pub(crate) fn empty() -> io::Result<Self> {
        // SAFETY: a job without a name has no pointers.
        let job = unsafe { CreateJobObjectW(None, None) }?;
        // SAFETY: the handle is new, and nobody else has it.
        let job = unsafe { OwnedHandle::from_raw_handle(job.0) };
        Ok(Self(Arc::new(job)))
    }

    /// Adds a process, and all that it starts from now on.
    pub(crate) fn add(&self, process: BorrowedHandle<'_>) -> io::Result<()> {
        // SAFETY: both handles are open.
        unsafe { AssignProcessToJobObject(self.handle(), HANDLE(process.as_raw_handle())) }?;
        Ok(())
    }

    pub(crate) fn has(&self, process: BorrowedHandle<'_>) -> io::Result<bool> {
        let mut is_member = BOOL::default();
        // SAFETY: both handles are open, and the pointer lives for longer than the call.
        unsafe {
            IsProcessInJob(
                HANDLE(process.as_raw_handle()),
                Some(self.handle()),
                &raw mut is_member,
            )
        }?;
        Ok(is_member.as_bool())
    }

    /// The number of the group, for the wire: jobs have none, and end all of their processes by themselves.
    #[expect(clippy::unused_self, reason = "the other systems have a number")]
    pub(crate) const fn id(&self) -> Option<u32> {
        None
    }

    fn handle(&self) -> HANDLE {
        HANDLE(self.0.as_raw_handle())
    }

    #[cfg(test)]
    pub(crate) fn of_this_process() -> Self {
        let group = Self::empty().expect("a job");
        // SAFETY: this handle is always valid.
        let this = unsafe { windows::Win32::System::Threading::GetCurrentProcess() };
        // SAFETY: see above.
        let this = unsafe { BorrowedHandle::borrow_raw(this.0) };
        group.add(this).expect("added");
        group
    }

    #[cfg(test)]
    pub(crate) fn of_others() -> Self {
        Self::empty().expect("a job")
    }
}
