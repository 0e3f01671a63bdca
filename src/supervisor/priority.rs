//! Lets a spare prepare itself while nobody else wants the processor.
//!
//! On Linux that is the policy SCHED_IDLE, see sched(7). Without a privilege or a limit of RLIMIT_NICE a thread may not leave that
//! policy again, and the sidecar would be idle for ever; then the spare rests as often as it works instead.

#[cfg(all(target_os = "linux", not(sidecar_bridge_portable)))]
mod system {
    use std::{fs, io, sync::OnceLock, thread};

    use nix::libc::{SCHED_IDLE, pid_t, sched_getscheduler, sched_param, sched_setscheduler};
    use tokio::process::Command;

    const THIS_THREAD: pid_t = 0;

    fn set(thread: pid_t, policy: i32) -> io::Result<()> {
        let none = sched_param { sched_priority: 0 };
        // SAFETY: the system only reads the parameter, which lives until the call is over.
        if unsafe { sched_setscheduler(thread, policy, &raw const none) } == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }

    /// The policy of this thread, and so of the processes that the host starts.
    fn usual() -> i32 {
        // SAFETY: the system call touches no memory of this process.
        unsafe { sched_getscheduler(THIS_THREAD) }
    }

    /// Whether a thread that is idle may become a usual one again. A thread tries it.
    pub(in crate::supervisor) fn is_reversible() -> bool {
        static FOUND: OnceLock<bool> = OnceLock::new();

        let tried = || {
            let usual = usual();
            set(THIS_THREAD, SCHED_IDLE).and_then(|()| set(THIS_THREAD, usual))
        };
        *FOUND.get_or_init(|| thread::spawn(tried).join().is_ok_and(|tried| tried.is_ok()))
    }

    pub(in crate::supervisor) fn lower(command: &mut Command) {
        if is_reversible() {
            // SAFETY: a child of a process with threads may only make async-signal-safe calls before exec, see fork(2). This is
            // a bare system call, and nothing here allocates.
            unsafe {
                command.pre_exec(|| set(THIS_THREAD, SCHED_IDLE));
            }
        }
    }

    pub(in crate::supervisor) fn raise(pid: u32) {
        let threads = fs::read_dir(format!("/proc/{pid}/task"));
        for thread in threads.into_iter().flatten().flatten() {
            let number = thread
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            if is_reversible()
                && let Some(number) = number
                && let Err(error) = set(number, usual())
            {
                log::debug!("thread {number} of a spare keeps its low priority: {error}");
            }
        }
    }
}

#[cfg(not(all(target_os = "linux", not(sidecar_bridge_portable))))]
mod system {
    use tokio::process::Command;

    pub(in crate::supervisor) const fn is_reversible() -> bool {
        false
    }

    pub(in crate::supervisor) const fn lower(_: &mut Command) {}

    pub(in crate::supervisor) const fn raise(_: u32) {}
}

pub(super) use system::{is_reversible, lower, raise};

#[cfg(all(test, target_os = "linux", not(sidecar_bridge_portable)))]
mod tests {
    use std::process::Stdio;

    use tokio::process::Command;

    use super::*;

    /// The scheduling policy of a process: field 41 of proc_pid_stat(5).
    fn policy(pid: u32) -> String {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("it lives");
        let (_, fields) = stat.rsplit_once(')').expect("a name in parentheses");
        fields
            .split_whitespace()
            .nth(38)
            .expect("the policy")
            .to_owned()
    }

    #[tokio::test]
    async fn a_process_is_idle_until_it_is_raised_wherever_it_can_be() {
        let mut command = Command::new("cat");
        command.stdin(Stdio::piped()).kill_on_drop(true);
        lower(&mut command);
        let child = command.spawn().expect("it starts");
        let pid = child.id().expect("it lives");
        let usual = policy(std::process::id());
        let lowered = if is_reversible() { "5" } else { &usual };
        assert_eq!(policy(pid), lowered);
        raise(pid);
        assert_eq!(policy(pid), usual);
    }
}
