//! Says in one sentence why a sidecar does not run, and what to do. Pure: facts in, words out.

use std::{io, path::Path, process::ExitStatus, time::Duration};

use hyper::{StatusCode, Uri};
use url::Url;

use crate::{output::Exit, status::Activity};

/// The exit codes of a shell for a program that it cannot run: POSIX.1-2024, XCU 2.8.2.
const SHELL_CANNOT_RUN: i32 = 126;
const SHELL_CANNOT_FIND: i32 = 127;

/// The activity that `serve` reports while it imports the app.
const IMPORTING: &str = "importing";

/// How a process ended, with the last lines that it wrote to stderr.
pub(super) fn exit(status: ExitStatus, stderr: Vec<String>) -> Exit {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None;
    Exit {
        code: status.code(),
        signal,
        stderr,
    }
}

/// Why a sidecar ended by itself.
pub(super) fn of_exit(exit: &Exit, was_ready: bool) -> String {
    let when = if was_ready {
        ""
    } else {
        " before it was ready"
    };
    let how = match (exit.code, exit.signal) {
        (Some(code), _) => format!("it exited with code {code}{when}"),
        (None, Some(signal)) => format!("it was ended by {}{when}", signal_name(signal)),
        (None, None) => format!("it ended{when}"),
    };
    let last = exit
        .stderr
        .last()
        .map(|line| format!("; it last said: {line}"));
    let remedy = of_words(&exit.stderr).or_else(|| of_code(exit));
    format!(
        "{how}{}{}",
        last.unwrap_or_default(),
        remedy
            .map(|remedy| format!("; {remedy}"))
            .unwrap_or_default()
    )
}

/// Why the host ended a sidecar that did not serve and had reported nothing new for `limit`. `dialled` tells whether the
/// sidecar had asked for its lease, which `serve` does first.
pub(super) fn of_silence(
    limit: Duration,
    dialled: bool,
    activity: Option<&Activity>,
    stderr: &[String],
) -> String {
    let millis = limit.as_millis();
    let doing = match activity {
        None if dialled => "it said nothing".to_owned(),
        None => "it runs, but never called `serve`".to_owned(),
        Some(Activity { name, percent }) => match percent {
            None => format!("it was {name}"),
            Some(percent) => format!("it was {name}, {percent} %"),
        },
    };
    let remedy = match activity.map(|activity| activity.name.as_str()) {
        None if dialled => "say with `report_startup` what its startup does",
        None => "run its app with `sidecar_bridge.serve`",
        Some(IMPORTING) => "import what is slow later",
        Some(_) => "report more often how far it is",
    };
    let last = stderr.last();
    let last = last.map_or_else(String::new, |line| format!("; it last said: {line}"));
    format!(
        "it was not ready after {millis} ms; {doing}{last}; {remedy}, or raise `readyTimeoutMs`"
    )
}

/// The result of one look at an attached server.
#[derive(Debug)]
pub(super) enum Look {
    Healthy,
    Unhealthy(StatusCode),
    Broke(String),
    Hung,
}

/// Why an attached server was given up: the result of the last look at it.
pub(super) fn of_attach(url: &Url, path: &Uri, limit: Duration, last: &Look) -> String {
    let (millis, at) = (
        limit.as_millis(),
        format!("{}{path}", url.as_str().trim_end_matches('/')),
    );
    match last {
        Look::Healthy | Look::Hung => {
            format!(
                "{at} takes connections and did not answer within {millis} ms; does its server hang?"
            )
        }
        Look::Unhealthy(status) => format!(
            "{at} answered with status {status} for {millis} ms; is the port in use by another program? correct `url` \
             or `healthPath`"
        ),
        Look::Broke(error) => format!(
            "{at} gave no HTTP answer for {millis} ms ({error}); start the server, or correct `url`"
        ),
    }
}

/// What the last lines of stderr say of the cause.
fn of_words(stderr: &[String]) -> Option<String> {
    let last = stderr.last()?;
    let any = |text: &str| stderr.iter().any(|line| line.contains(text));
    let remedy = if let Some(module) = last.strip_prefix("ModuleNotFoundError: No module named ") {
        format!("install {module} into the Python that `command` names")
    } else if [
        "wrong ELF class",
        "incompatible architecture",
        "Exec format error",
    ]
    .iter()
    .any(|text| any(text))
    {
        "it, or a library of it, was built for another architecture; install one for this machine"
            .into()
    } else if last.starts_with("ImportError: ") {
        "it cannot be imported; check the versions of what it needs".into()
    } else if any("SyntaxError: ") || any("IndentationError: ") {
        "its Python does not parse; correct it, or name a newer Python in `command`".into()
    } else if any("Error loading ASGI app") {
        "correct the `module:attribute` that `serve` is given".into()
    } else if any("Address already in use") || any("address already in use") {
        "it opens a port of its own that is taken; serve with `sidecar_bridge.serve` instead".into()
    } else if last.contains("can't open file") {
        "correct the file in `command`, or `cwd`".into()
    } else {
        return None;
    };
    Some(remedy)
}

/// What the exit code or the signal alone says of the cause.
fn of_code(exit: &Exit) -> Option<String> {
    let remedy = match (exit.code, exit.signal) {
        (Some(SHELL_CANNOT_FIND), _) => "the shell in `command` did not find what it should run",
        (Some(SHELL_CANNOT_RUN), _) => "the shell in `command` may not run what it should",
        (None, Some(4)) => {
            "it uses an instruction that this processor lacks; install a build for it"
        }
        (None, Some(6 | 7 | 10 | 11)) => {
            "native code in it crashed; `python -X faulthandler` shows where"
        }
        (None, Some(9)) => "somebody killed it, perhaps the system for want of memory",
        _ => return None,
    };
    Some(remedy.into())
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        _ => return format!("signal {signal}"),
    };
    format!("{name} (signal {signal})")
}

/// Why a process could not be started at all.
pub(super) fn of_start(program: &Path, cwd: &Path, error: &io::Error) -> String {
    let shown = program.display();
    let is_path = program.components().count() > 1;
    if !cwd.is_dir() {
        let cwd = cwd.display();
        return format!("its working directory {cwd} does not exist; correct `cwd`");
    }
    match error.kind() {
        io::ErrorKind::NotFound if is_path && program.exists() => format!(
            "the interpreter in the first line of its program `{shown}` was not found; correct that line"
        ),
        io::ErrorKind::NotFound if is_path => {
            format!("its program `{shown}` was not found; correct `command`")
        }
        io::ErrorKind::NotFound => {
            format!("its program `{shown}` was not found; correct `command` or `PATH`")
        }
        io::ErrorKind::PermissionDenied if program.is_dir() => {
            format!("its program `{shown}` is a directory; name the file in it")
        }
        io::ErrorKind::PermissionDenied => {
            format!("its program `{shown}` is not executable; `chmod +x` it")
        }
        // ENOEXEC, see execve(2).
        _ if error.raw_os_error() == Some(8) => format!(
            "its program `{shown}` was built for another architecture, or is a script without `#!`; install one for \
             this machine"
        ),
        _ => format!("its program `{shown}` could not be started: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: Option<i32>, signal: Option<i32>, stderr: &[&str]) -> String {
        let stderr = stderr.iter().map(ToString::to_string).collect();
        of_exit(
            &Exit {
                code,
                signal,
                stderr,
            },
            false,
        )
    }

    #[test]
    fn an_exit_is_explained_by_its_last_words() {
        for (line, remedy) in [
            (
                "ModuleNotFoundError: No module named 'fastapi'",
                "install 'fastapi' into",
            ),
            (
                "ImportError: cannot import name 'x' from 'y'",
                "cannot be imported",
            ),
            (
                "ImportError: a.so: wrong ELF class: ELFCLASS32",
                "another architecture",
            ),
            ("SyntaxError: invalid syntax", "does not parse"),
            (
                "ERROR: Error loading ASGI app. Attribute \"x\" not found",
                "`module:attribute`",
            ),
            (
                "[Errno 98] Address already in use",
                "a port of its own that is taken",
            ),
            (
                "python3: can't open file '/x.py': [Errno 2]",
                "the file in `command`",
            ),
        ] {
            let sentence = said(Some(1), None, &["Traceback", line]);
            assert!(
                sentence.starts_with("it exited with code 1 before it was ready; it last said: ")
                    && sentence.contains(line)
                    && sentence.contains(remedy),
                "{sentence}"
            );
        }
        assert_eq!(
            said(Some(3), None, &["no such thing"]),
            "it exited with code 3 before it was ready; it last said: no such thing"
        );
    }

    #[test]
    fn a_silence_is_explained_by_what_went_before() {
        let activity = |name: &str, percent| Activity {
            name: name.into(),
            percent,
        };
        let limit = Duration::from_millis(500);
        assert_eq!(
            of_silence(limit, false, None, &[]),
            "it was not ready after 500 ms; it runs, but never called `serve`; run its app with \
             `sidecar_bridge.serve`, or raise `readyTimeoutMs`"
        );
        assert!(of_silence(limit, true, None, &[]).contains("it said nothing; say with"));
        let importing = activity("importing", None);
        assert!(
            of_silence(limit, true, Some(&importing), &[])
                .contains("it was importing; import what")
        );
        let loading = activity("loading", Some(40));
        let sentence = of_silence(limit, true, Some(&loading), &["a model".into()]);
        assert!(
            sentence.contains("it was loading, 40 %; it last said: a model; report"),
            "{sentence}"
        );
    }

    #[test]
    fn a_server_that_is_not_there_is_told_from_another_program_on_its_port() {
        let url = Url::parse("http://127.0.0.1:1430").expect("a URL");
        for (look, words) in [
            (
                Look::Unhealthy(StatusCode::NOT_FOUND),
                "in use by another program",
            ),
            (
                Look::Broke("connection refused".into()),
                "(connection refused); start the server",
            ),
            (Look::Hung, "does its server hang"),
        ] {
            let path = Uri::from_static("/health");
            let sentence = of_attach(&url, &path, Duration::from_secs(1), &look);
            assert!(
                sentence.starts_with("http://127.0.0.1:1430/health "),
                "{sentence}"
            );
            assert!(sentence.contains(words), "{sentence}");
        }
    }

    #[test]
    fn a_signal_is_named_and_explained() {
        assert_eq!(
            said(None, Some(9), &[]),
            "it was ended by SIGKILL (signal 9) before it was ready; somebody killed it, perhaps the system for want of \
             memory"
        );
        assert!(said(None, Some(11), &[]).contains("native code in it crashed"));
        assert!(said(None, Some(4), &[]).contains("instruction"));
        assert_eq!(
            said(None, Some(15), &[]),
            "it was ended by SIGTERM (signal 15) before it was ready"
        );
        assert!(said(None, Some(64), &[]).contains("signal 64"));
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_started_is_told_apart_by_the_system_itself() {
        use std::{fs, os::unix::fs::PermissionsExt, process::Command};

        let directory = tempfile::tempdir().expect("a directory");
        let file = |name: &str, content: &[u8], mode| {
            let path = directory.path().join(name);
            fs::write(&path, content).expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
            path
        };
        let foreign = [b"\x7fELF\x02\x01\x01", &[0; 57][..]].concat();
        for (program, words) in [
            (
                directory.path().join("absent"),
                "was not found; correct `command`",
            ),
            (file("plain", b"#!/bin/sh\n", 0o644), "is not executable"),
            (
                file("lost", b"#!/no/such/interpreter\n", 0o755),
                "the interpreter in the first line",
            ),
            (file("foreign", &foreign, 0o755), "another architecture"),
            (directory.path().to_owned(), "is a directory"),
            ("no-such-program".into(), "correct `command` or `PATH`"),
        ] {
            let error = Command::new(&program).spawn().expect_err("it cannot start");
            let sentence = of_start(&program, directory.path(), &error);
            assert!(
                sentence.contains(words),
                "{}: {sentence}",
                program.display()
            );
        }
        let sentence = of_start("true".as_ref(), "/no/such".as_ref(), &io::Error::other("x"));
        assert!(sentence.contains("correct `cwd`"), "{sentence}");
    }
}
