//! What a process keeps from its start, and what another one would get that is started now.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsString,
    hash::{BuildHasher, RandomState},
    time::SystemTime,
};

use crate::supervisor::{environment::is_left_out, spawn::Launch};

/// What was so when a process was started. What it imported it looks at itself.
#[derive(Debug)]
pub(super) struct Conditions {
    /// With a seed of its own, so that no value can be guessed from it.
    seed: RandomState,
    environment: u64,
    program: Option<(SystemTime, u64)>,
    limits: Limits,
}

impl Conditions {
    pub(super) fn now(launch: &Launch) -> Self {
        Self::with(env::vars_os(), launch)
    }

    fn with(variables: impl Iterator<Item = Variable>, launch: &Launch) -> Self {
        let seed = RandomState::new();
        Self {
            environment: environment(&seed, variables, launch),
            program: program(launch),
            limits: limits(),
            seed,
        }
    }

    /// What is different now, in words.
    pub(super) fn changed(&self, launch: &Launch) -> Option<&'static str> {
        self.changed_with(env::vars_os(), launch)
    }

    fn changed_with(
        &self,
        variables: impl Iterator<Item = Variable>,
        launch: &Launch,
    ) -> Option<&'static str> {
        if environment(&self.seed, variables, launch) != self.environment {
            Some("the app has another environment now")
        } else if program(launch) != self.program {
            Some("its program is another file now")
        } else if limits() != self.limits {
            Some("the app has other limits of memory and files now")
        } else {
            None
        }
    }
}

/// A variable of the environment: name and value.
type Variable = (OsString, OsString);

fn environment(
    seed: &RandomState,
    variables: impl Iterator<Item = Variable>,
    launch: &Launch,
) -> u64 {
    let inherited = variables.filter(|(name, _)| !is_left_out(name, &launch.keep_env));
    seed.hash_one(inherited.collect::<BTreeMap<OsString, OsString>>())
}

/// When the program was written, and its size; `None` for one that is looked up on PATH.
fn program(launch: &Launch) -> Option<(SystemTime, u64)> {
    let found = launch.program.metadata().ok()?;
    Some((found.modified().ok()?, found.len()))
}

#[cfg(unix)]
type Limits = Vec<(Option<u64>, Option<u64>)>;

#[cfg(unix)]
fn limits() -> Limits {
    use rustix::process::{Resource, getrlimit};

    let of_each = [
        Resource::As,
        Resource::Data,
        Resource::Stack,
        Resource::Nofile,
    ];
    let limits = of_each.into_iter().map(getrlimit);
    limits.map(|limit| (limit.current, limit.maximum)).collect()
}

#[cfg(windows)]
type Limits = [u64; 0];

/// There is no spare on Windows.
#[cfg(windows)]
const fn limits() -> Limits {
    []
}

/// How much memory a process has, its share of what it has in common with others included; only Linux tells.
pub(super) fn memory_bytes(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Standby, supervisor::spawn::tests::launch};

    #[test]
    fn another_program_makes_a_spare_stale() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut launch = launch(&[], Standby::App);
        launch.program = directory.path().join("main");
        std::fs::write(&launch.program, "one").expect("written");
        let conditions = Conditions::now(&launch);
        assert_eq!(conditions.changed(&launch), None);
        std::fs::write(&launch.program, "another").expect("written");
        assert_eq!(
            conditions.changed(&launch),
            Some("its program is another file now")
        );
    }

    #[test]
    fn another_variable_makes_a_spare_stale_but_not_one_that_it_does_not_get() {
        let launch = launch(&[], Standby::App);
        let of = |variables: &[(&str, &str)]| {
            let variables = variables
                .iter()
                .map(|&(name, value)| (name.into(), value.into()));
            variables.collect::<Vec<Variable>>().into_iter()
        };
        let conditions = Conditions::with(of(&[("LANG", "C"), ("PATH", "/bin")]), &launch);
        for (variables, is_stale) in [
            (&[("PATH", "/bin"), ("LANG", "C")][..], false),
            (&[("PATH", "/bin"), ("LANG", "de")], true),
            (&[("PATH", "/bin")], true),
            (&[("PATH", "/bin"), ("LANG", "C"), ("TZ", "UTC")], true),
            (
                &[("PATH", "/bin"), ("LANG", "C"), ("PYTHONHOME", "/opt")],
                false,
            ),
        ] {
            let stale = is_stale.then_some("the app has another environment now");
            assert_eq!(
                conditions.changed_with(of(variables), &launch),
                stale,
                "{variables:?}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn another_limit_makes_a_spare_stale() {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

        let launch = launch(&[], Standby::App);
        let conditions = Conditions::now(&launch);
        let before = getrlimit(Resource::Nofile);
        let lower = Rlimit {
            current: before.current.map(|most| most - 1),
            ..before
        };
        assert_ne!(lower, before, "the tests run with a limit of open files");
        setrlimit(Resource::Nofile, lower).expect("it may be lowered");
        let changed = conditions.changed(&launch);
        setrlimit(Resource::Nofile, before).expect("the hard limit is the same");
        assert_eq!(
            changed,
            Some("the app has other limits of memory and files now")
        );
        assert_eq!(conditions.changed(&launch), None);
    }
}
