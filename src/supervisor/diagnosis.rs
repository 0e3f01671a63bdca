//! Says in one sentence why a sidecar does not run, and what to do. Pure: facts in, words out.
//!
//! The short form of each sentence is for everybody, so it has nothing that the sidecar wrote, and nothing of this machine.

use std::{io, path::Path, process::ExitStatus, time::Duration};

use hyper::{StatusCode, Uri};
use url::Url;

use crate::{
    error::Reason,
    output::{Exit, signal_of},
    status::Activity,
};

/// The exit codes of a shell for a program that it cannot run: POSIX.1-2024, XCU 2.8.2.
const SHELL_CANNOT_RUN: i32 = 126;
const SHELL_CANNOT_FIND: i32 = 127;
/// The exit code of `cmd` for a program that it cannot find, and of the `python3.exe` that Windows has before there is a Python.
const STORE_CANNOT_FIND: i32 = 9009;

/// What the system says of a file that it cannot run: ENOEXEC, see execve(2), or ERROR_BAD_EXE_FORMAT.
const BAD_FORMAT: i32 = if cfg!(windows) { 193 } else { 8 };

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

/// How far a sidecar came before it ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reached<'a> {
    /// No process asked for the lease.
    Start,
    /// A process asked, and the host refused it for this reason, since it had not started the process.
    Refusal(&'a str),
    /// The sidecar has its lease, and did not serve yet.
    Lease,
    Service,
}

/// Why a sidecar ended by itself. `left_out` names the variables of the app that the sidecar did not inherit.
pub(super) fn of_exit(exit: &Exit, reached: Reached<'_>, left_out: &[String]) -> Reason {
    let when = match reached {
        Reached::Service => "",
        _ => " before it was ready",
    };
    let how = match (exit.code, exit.signal) {
        (Some(code), _) => match signal_of(code) {
            Some(signal) => {
                let name = signal_name(signal);
                format!(
                    "it exited with code {code}{when}, as a launcher does whose program was ended by {name}"
                )
            }
            None => match nt_status(code) {
                Some((name, _)) => format!("it exited with code {code:#X} ({name}){when}"),
                None => format!("it exited with code {code}{when}"),
            },
        },
        (None, Some(signal)) => format!("it was ended by {}{when}", signal_name(signal)),
        (None, None) => format!("it ended{when}"),
    };
    let last = exit
        .stderr
        .last()
        .map(|line| format!("it last said: {line}"));
    let remedy = match reached {
        Reached::Refusal(reason) => Some(format!("the host gave it no lease: {reason}")),
        _ => of_words(&exit.stderr).or_else(|| of_code(exit)),
    };
    let joined = |parts: &[Option<String>]| {
        let parts = parts.iter().flatten();
        parts.fold(how.clone(), |sentence, part| format!("{sentence}; {part}"))
    };
    let environment = of_environment(&exit.stderr, left_out);
    let short = joined(&[of_code(exit).or_else(|| of_silent_end(exit, reached))]);
    let whole = joined(&[
        last,
        remedy.or_else(|| of_silent_end(exit, reached)),
        environment,
    ]);
    Reason::new(short, whole)
}

/// What a program lacks that ended as if all were well, and never asked for its lease.
fn of_silent_end(exit: &Exit, reached: Reached<'_>) -> Option<String> {
    let forgot = matches!((reached, exit.code), (Reached::Start, Some(0)));
    forgot.then(|| {
        "it never called `serve`; end it with `sidecar_bridge.serve(app)`, and let a launcher wait for Python".into()
    })
}

/// Why the host ended a sidecar that did not serve and had reported nothing new for `limit`. `dialled` tells whether the
/// sidecar had asked for its lease, which `serve` does first.
pub(super) fn of_silence(
    limit: Duration,
    dialled: bool,
    activity: Option<&Activity>,
    stderr: &[String],
) -> Reason {
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
    let sentence = |last: &str| {
        format!(
            "it was not ready after {millis} ms; {doing}{last}; {remedy}, or raise `readyTimeoutMs`"
        )
    };
    Reason::new(sentence(""), sentence(&last))
}

/// The result of one look at an attached server.
#[derive(Debug)]
pub(super) enum HealthCheck {
    Healthy,
    Unhealthy(StatusCode),
    Broke(String),
    Hung,
}

/// Why an attached server was given up: the result of the last look at it.
pub(super) fn of_attach(url: &Url, path: &Uri, limit: Duration, last: &HealthCheck) -> Reason {
    let (millis, at) = (
        limit.as_millis(),
        format!("{}{path}", url.as_str().trim_end_matches('/')),
    );
    let sentence = |at: &str, error: &str| match last {
        HealthCheck::Healthy | HealthCheck::Hung => {
            format!(
                "{at} takes connections and did not answer within {millis} ms; does its server hang?"
            )
        }
        HealthCheck::Unhealthy(status) => format!(
            "{at} answered with status {status} for {millis} ms; is the port in use by another program? correct `url` \
             or `healthPath`"
        ),
        HealthCheck::Broke(_) => format!(
            "{at} gave no HTTP answer for {millis} ms{error}; start the server, or correct `url`"
        ),
    };
    let error = match last {
        HealthCheck::Broke(error) => format!(" ({error})"),
        _ => String::new(),
    };
    Reason::new(sentence("its health path", ""), sentence(&at, &error))
}

/// The variables with which the dynamic loader finds libraries, and what it says when it does not: ld.so(8), dyld(1).
const LOADER: [&str; 4] = [
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "DYLD_LIBRARY_PATH",
    "DYLD_FRAMEWORK_PATH",
];
const LOADER_SAYS: [&str; 3] = [
    "error while loading shared libraries",
    "cannot open shared object file",
    "Library not loaded",
];
/// The variables with which Python finds modules, and what it says when it does not.
const PYTHON: [&str; 3] = ["PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE"];
const PYTHON_SAYS: [&str; 2] = [
    "ModuleNotFoundError: No module named ",
    "No module named 'encodings'",
];

/// Whether the cause may be a variable that the app has and the sidecar did not inherit.
fn of_environment(stderr: &[String], left_out: &[String]) -> Option<String> {
    let said = |words: &[&str]| {
        let mut lines = stderr.iter();
        lines.any(|line| words.iter().any(|word| line.contains(word)))
    };
    let kinds = [(&LOADER[..], &LOADER_SAYS[..]), (&PYTHON, &PYTHON_SAYS)];
    let (names, _) = kinds.into_iter().find(|(_, words)| said(words))?;
    let name = left_out
        .iter()
        .find(|name| names.contains(&name.as_str()))?;
    Some(format!(
        "the app has `{name}`, which a sidecar does not inherit; name it in `keepEnv` if the sidecar needs it"
    ))
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
    let signal = exit.signal.or_else(|| signal_of(exit.code?));
    let remedy = match (exit.code, signal) {
        (Some(SHELL_CANNOT_FIND), _) => "the shell in `command` did not find what it should run",
        (Some(SHELL_CANNOT_RUN), _) => "the shell in `command` may not run what it should",
        (Some(STORE_CANNOT_FIND), _) => {
            "its program was not found, or is Windows' link to the Microsoft Store, as `python3` is even beside an \
             installed Python; name `python` in the `command` of `tauri.windows.conf.json`"
        }
        (_, Some(4)) => "it uses an instruction that this processor lacks; install a build for it",
        (_, Some(6 | 7 | 10 | 11)) => {
            "native code in it crashed; `python -X faulthandler` shows where"
        }
        (_, Some(9)) => "somebody killed it, perhaps the system for want of memory",
        (Some(code), _) => nt_status(code)?.1,
        _ => return None,
    };
    Some(remedy.into())
}

/// The name and the remedy of an exit code that is one of Windows' status codes: MS-ERREF 2.3.1.
fn nt_status(code: i32) -> Option<(&'static str, &'static str)> {
    const CRASHED: &str = "native code in it crashed; `python -X faulthandler` shows where";
    let (name, remedy) = match code.cast_unsigned() {
        0xC000_0005 => ("STATUS_ACCESS_VIOLATION", CRASHED),
        0xC000_0006 => (
            "STATUS_IN_PAGE_ERROR",
            "the disk or the network drive that it was read from is gone",
        ),
        0xC000_0017 => (
            "STATUS_NO_MEMORY",
            "there was too little memory; close other programs",
        ),
        0xC000_001D => (
            "STATUS_ILLEGAL_INSTRUCTION",
            "it uses an instruction that this processor lacks; install a build for it",
        ),
        0xC000_007B => (
            "STATUS_INVALID_IMAGE_FORMAT",
            "it, or a DLL of it, was built for another architecture; install one for this machine",
        ),
        0xC000_00FD => (
            "STATUS_STACK_OVERFLOW",
            "native code in it used up its stack; `python -X faulthandler` shows where",
        ),
        0xC000_0135 => (
            "STATUS_DLL_NOT_FOUND",
            "a DLL that it needs was not found; install what has it, or put it beside the program",
        ),
        0xC000_0139 => (
            "STATUS_ENTRYPOINT_NOT_FOUND",
            "a DLL that it found is not the one that it needs; correct `PATH`, or put the right one beside the program",
        ),
        0xC000_013A => (
            "STATUS_CONTROL_C_EXIT",
            "somebody pressed Ctrl-C, or closed its console",
        ),
        0xC000_0142 => (
            "STATUS_DLL_INIT_FAILED",
            "a DLL of it could not start; is Windows shutting down?",
        ),
        0xC000_0374 => ("STATUS_HEAP_CORRUPTION", CRASHED),
        0xC000_0409 => ("STATUS_STACK_BUFFER_OVERRUN", CRASHED),
        0xE06D_7363 => ("an exception of C++", CRASHED),
        _ => return None,
    };
    Some((name, remedy))
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
pub(super) fn of_start(program: &Path, cwd: &Path, error: &io::Error) -> Reason {
    if !cwd.is_dir() {
        let cwd = format!(" {}", cwd.display());
        let sentence =
            |cwd: &str| format!("its working directory{cwd} does not exist; correct `cwd`");
        return Reason::new(sentence(""), sentence(&cwd));
    }
    let shown = format!(" `{}`", program.display());
    let sentence = |shown: &str, said: &str| of_program(program, shown, error, said);
    Reason::new(sentence("", ""), sentence(&shown, &format!(": {error}")))
}

/// The sentence for a program, which shows it as `shown`, and what the system said as `said`.
fn of_program(program: &Path, shown: &str, error: &io::Error, said: &str) -> String {
    let is_path = program.components().count() > 1;
    match error.kind() {
        io::ErrorKind::NotFound if is_path && program.exists() => format!(
            "the interpreter in the first line of its program{shown} was not found; correct that line"
        ),
        io::ErrorKind::NotFound if is_path => {
            format!("its program{shown} was not found; correct `command`")
        }
        io::ErrorKind::NotFound if cfg!(windows) && is_python3(program) => format!(
            "its program{shown} was not found; Python for Windows is named `python`: say so in `tauri.windows.conf.json`"
        ),
        io::ErrorKind::NotFound => {
            format!("its program{shown} was not found; correct `command` or `PATH`")
        }
        io::ErrorKind::PermissionDenied if program.is_dir() => {
            format!("its program{shown} is a directory; name the file in it")
        }
        io::ErrorKind::PermissionDenied if cfg!(windows) => format!(
            "Windows does not let its program{shown} run; does an antivirus or a policy keep it?"
        ),
        io::ErrorKind::PermissionDenied => {
            format!("its program{shown} is not executable; `chmod +x` it")
        }
        _ if error.raw_os_error() == Some(BAD_FORMAT) && cfg!(windows) => format!(
            "its program{shown} was built for another architecture, or is no program; name an `.exe` for this machine"
        ),
        _ if error.raw_os_error() == Some(BAD_FORMAT) => format!(
            "its program{shown} was built for another architecture, or is a script without `#!`; install one for \
             this machine"
        ),
        _ => format!("its program{shown} could not be started{said}"),
    }
}

/// Whether a command says `python3`, as Python is named everywhere but on Windows.
fn is_python3(program: &Path) -> bool {
    program.as_os_str() == "python3"
}

#[cfg(test)]
mod tests;
