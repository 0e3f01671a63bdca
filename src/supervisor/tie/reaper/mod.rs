//! A process that lives a moment longer than the host, and kills the process groups of the host's sidecars.
//!
//! macOS has no parent-death signal, and a sidecar that imports still, or was stopped, cannot see the end of its lease. The
//! reaper is forked and never executes another program: an app has no program to spare for this, and to start the app's own
//! once more would need its help. It is forked when the first sidecar is about to start. The app is small then, and what it
//! is in memory stays in memory for as long as there is a reaper.
//!
//! Host and reaper share one page of memory, with the number of each group. A sidecar writes its own number there before it
//! becomes its program, so that there is no moment at which it runs and is not known. The reaper sleeps until the host ends.
//! It has no descriptor of the app, ignores signals, and is the child of no process of the app.

use std::{
    io::{self, Read},
    mem::size_of,
    os::fd::{AsRawFd, RawFd},
    ptr::{self, NonNull},
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicI32, Ordering::SeqCst},
    },
};

use nix::{
    libc,
    sys::{
        signal::{SigSet, SigmaskHow},
        wait::waitpid,
    },
    unistd::{ForkResult, fork, setsid},
};
use rustix::{
    io::Errno,
    mm::{MapFlags, ProtFlags, mmap_anonymous},
    process::{Pid, Resource, Signal, chdir, getpid, getrlimit, kill_process, kill_process_group},
};
use tokio::process::Command;

#[cfg(not(target_os = "linux"))]
mod kqueue;
#[cfg(not(target_os = "linux"))]
use kqueue::End;

#[cfg(target_os = "linux")]
mod pidfd;
#[cfg(target_os = "linux")]
use pidfd::End;

/// How many process groups can be known at once. More have their lease alone.
const GROUPS: usize = 255;

/// Nobody's place.
const FREE: i32 = 0;
/// The place of a process that has not started. Like `FREE`, this is no number of a group.
const TAKEN: i32 = -1;

/// What the host, its children before they become programs, and the reaper see alike.
#[derive(Debug)]
struct Page {
    groups: [AtomicI32; GROUPS],
    /// Set before the reaper looks at the groups for the last time.
    host_has_ended: AtomicBool,
}

/// The place of one process group among those that the reaper knows.
#[derive(Debug)]
pub(super) struct Tie(Option<&'static AtomicI32>);

impl Tie {
    /// Has the process write its number into the page before it becomes its program.
    pub(super) fn new(command: &mut Command) -> Self {
        static PAGE: OnceLock<Option<&Page>> = OnceLock::new();
        let page = PAGE.get_or_init(|| match start() {
            Ok(page) => Some(page),
            Err(error) => {
                log::warn!(
                    "no reaper, so a sidecar that does not serve yet may outlive a killed app: {error}"
                );
                None
            }
        });
        Self(page.and_then(|page| page.tie(command)))
    }

    pub(super) fn undo(&mut self) {
        if let Some(place) = self.0.take() {
            place.store(FREE, SeqCst);
        }
    }
}

impl Page {
    /// A page of zeros, which the processes forked from now on share. It is never unmapped.
    fn map() -> io::Result<&'static Self> {
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: this maps new memory, at a place that the system chooses.
        let page =
            unsafe { mmap_anonymous(ptr::null_mut(), size_of::<Self>(), access, MapFlags::SHARED) };
        let page = NonNull::new(page?.cast::<Self>()).ok_or(io::ErrorKind::OutOfMemory)?;
        // SAFETY: it is as large as a `Page`, stands at the begin of a page of memory, and zeros are valid atomics.
        Ok(unsafe { page.as_ref() })
    }

    fn tie(&'static self, command: &mut Command) -> Option<&'static AtomicI32> {
        let is_mine = |place: &&AtomicI32| place.compare_exchange(FREE, TAKEN, SeqCst, SeqCst);
        let Some(place) = self.groups.iter().find(|place| is_mine(place).is_ok()) else {
            log::warn!("the reaper knows {GROUPS} sidecars already; the next has its lease alone");
            return None;
        };
        // SAFETY: a child of a process with threads may only make async-signal-safe calls before exec, see fork(2). These
        // are a bare system call and atomics, and nothing here allocates. The child leads its group by now.
        unsafe {
            command.pre_exec(move || {
                place.store(getpid().as_raw_nonzero().get(), SeqCst);
                // Either the reaper sees that number, or this sees that the reaper will not.
                if self.host_has_ended.load(SeqCst) {
                    return Err(Errno::SRCH.into());
                }
                Ok(())
            });
        }
        Some(place)
    }

    /// Kills all groups. A group that its leader has not made yet is the leader alone.
    fn kill_groups(&self) {
        self.host_has_ended.store(true, SeqCst);
        for place in &self.groups {
            let number = place.load(SeqCst);
            // 1 would mean all processes there are, see kill(2).
            if number > 1
                && let Some(leader) = Pid::from_raw(number)
                && kill_process_group(leader, Signal::KILL).is_err()
            {
                let _ = kill_process(leader, Signal::KILL);
            }
        }
    }
}

/// Starts the reaper, and waits until it watches the host.
fn start() -> io::Result<&'static Page> {
    let page = Page::map()?;
    let (mut word, writes) = io::pipe()?;
    let ready = Ready {
        reads: word.as_raw_fd(),
        writes: writes.as_raw_fd(),
    };
    let (host, descriptors) = (getpid(), most_descriptors());
    // The reaper inherits this. The app's handlers of signals would use descriptors that the reaper has closed.
    let signals = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK)?;
    // SAFETY: `leave` makes async-signal-safe calls alone, allocates nothing, cannot panic and does not return.
    let forked = unsafe { fork() };
    if let Ok(ForkResult::Child) = forked {
        leave(page, host, ready, descriptors);
    }
    signals.thread_set_mask()?;
    drop(writes);
    if let ForkResult::Parent { child } = forked? {
        // If the app waits for all of its children, it may have been faster.
        let _ = waitpid(child, None);
    }
    match word.read(&mut [0])? {
        0 => Err(io::Error::other("it has ended before it watched the app")),
        _ => Ok(page),
    }
}

/// The pipe on which the reaper says that it watches the host.
#[derive(Clone, Copy)]
struct Ready {
    reads: RawFd,
    writes: RawFd,
}

/// How many descriptors this process may have.
fn most_descriptors() -> RawFd {
    /// As many as macOS gives at most where there is no limit, `OPEN_MAX` in its sys/syslimits.h.
    const WITHOUT_LIMIT: RawFd = 10_240;
    let most = getrlimit(Resource::Nofile).current;
    most.and_then(|most| RawFd::try_from(most).ok())
        .unwrap_or(WITHOUT_LIMIT)
}

/// Leaves the app: a session of its own hears nothing of the app's terminal, and init collects what is left of a process
/// whose parent has ended.
fn leave(page: &Page, host: Pid, ready: Ready, descriptors: RawFd) -> ! {
    close(ready.reads);
    // SAFETY: as in `start`.
    if setsid().is_ok() && matches!(unsafe { fork() }, Ok(ForkResult::Child)) {
        reap(page, host, ready.writes, descriptors);
    }
    exit()
}

/// Waits for the end of the host, then kills the groups.
fn reap(page: &Page, host: Pid, ready: RawFd, descriptors: RawFd) -> ! {
    let Ok(end) = End::of(host) else { exit() };
    // Nobody reads this if the host has died, and `end` may then mean another process.
    // SAFETY: one byte of a constant.
    if unsafe { libc::write(ready, [0_u8].as_ptr().cast(), 1) } != 1 {
        exit()
    }
    // A directory in use cannot be unmounted.
    let _ = chdir("/");
    let watch = end.as_raw_fd();
    (0..descriptors)
        .filter(|&descriptor| descriptor != watch)
        .for_each(close);
    if end.wait().is_ok() {
        page.kill_groups();
    }
    exit()
}

/// Of a number, for what the number means was opened by other code.
fn close(descriptor: RawFd) {
    // SAFETY: this process has no code that would use it.
    unsafe { libc::close(descriptor) };
}

fn exit() -> ! {
    // SAFETY: this ends the process, without what the app wants done at its own end.
    unsafe { libc::_exit(0) }
}

#[cfg(test)]
mod tests;
