use super::*;

fn said(code: Option<i32>, signal: Option<i32>, stderr: &[&str]) -> String {
    let stderr = stderr.iter().map(ToString::to_string).collect();
    of_exit(
        &Exit {
            code,
            signal,
            stderr,
        },
        Reached::Lease,
        &[],
    )
    .to_string()
}

/// What everybody may read of a reason.
fn short(reason: &Reason) -> String {
    reason.shortened().to_string()
}

#[test]
fn a_variable_that_was_not_inherited_is_named_where_it_may_be_the_cause() {
    let library =
        "python3: error while loading shared libraries: libx.so: cannot open shared object file";
    let module = "ModuleNotFoundError: No module named 'x'";
    let names = ["LD_LIBRARY_PATH".to_owned(), "PYTHONPATH".to_owned()];
    for (line, named) in [(library, "LD_LIBRARY_PATH"), (module, "PYTHONPATH")] {
        let exit = Exit {
            code: Some(1),
            signal: None,
            stderr: vec![line.to_owned()],
        };
        let sentence = of_exit(&exit, Reached::Start, &names).to_string();
        let remedy = format!("the app has `{named}`");
        assert!(
            sentence.contains(&remedy) && sentence.contains("`keepEnv`"),
            "{sentence}"
        );
        let sentence = of_exit(&exit, Reached::Start, &[]).to_string();
        assert!(!sentence.contains("keepEnv"), "{sentence}");
    }
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
fn a_program_that_ends_without_its_lease_is_told_what_it_lacks() {
    let exit = Exit {
        code: Some(0),
        signal: None,
        stderr: vec![],
    };
    let forgotten = of_exit(&exit, Reached::Start, &[]).to_string();
    assert!(
        forgotten.contains("before it was ready; it never called `serve`"),
        "{forgotten}"
    );
    let reached = Reached::Refusal("process 7 is in process group 7");
    let refused = of_exit(&exit, reached, &[]);
    assert_eq!(short(&refused), "it exited with code 0 before it was ready");
    let refused = refused.to_string();
    assert!(
        refused.contains("gave it no lease: process 7 is in process group 7"),
        "{refused}"
    );
    assert_eq!(
        of_exit(&exit, Reached::Service, &[]).to_string(),
        "it exited with code 0"
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
        of_silence(limit, false, None, &[]).to_string(),
        "it was not ready after 500 ms; it runs, but never called `serve`; run its app with \
         `sidecar_bridge.serve`, or raise `readyTimeoutMs`"
    );
    let silent = of_silence(limit, true, None, &[]).to_string();
    assert!(silent.contains("it said nothing; say with"));
    let importing = activity("importing", None);
    let slow = of_silence(limit, true, Some(&importing), &[]).to_string();
    assert!(slow.contains("it was importing; import what"), "{slow}");
    let loading = activity("loading", Some(40));
    let reason = of_silence(limit, true, Some(&loading), &["a model".into()]);
    assert!(short(&reason).contains("it was loading, 40 %; report"));
    let sentence = reason.to_string();
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
            HealthCheck::Unhealthy(StatusCode::NOT_FOUND),
            "in use by another program",
        ),
        (
            HealthCheck::Broke("connection refused".into()),
            "(connection refused); start the server",
        ),
        (HealthCheck::Hung, "does its server hang"),
    ] {
        let path = Uri::from_static("/health");
        let reason = of_attach(&url, &path, Duration::from_secs(1), &look);
        let (short, sentence) = (short(&reason), reason.to_string());
        assert!(short.starts_with("its health path "), "{short}");
        assert!(!short.contains("refused"), "{short}");
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

#[test]
fn the_status_codes_of_windows_have_names_and_remedies() {
    let coded = |code: u32| said(Some(code.cast_signed()), None, &[]);
    for (code, how, remedy) in [
        (
            0xC000_0005,
            "code 0xC0000005 (STATUS_ACCESS_VIOLATION)",
            "faulthandler",
        ),
        (
            0xC000_0135,
            "code 0xC0000135 (STATUS_DLL_NOT_FOUND)",
            "a DLL that it needs",
        ),
        (
            0xC000_007B,
            "code 0xC000007B (STATUS_INVALID_IMAGE_FORMAT)",
            "another architecture",
        ),
        (9009, "code 9009", "Microsoft Store"),
    ] {
        let sentence = coded(code);
        assert!(
            sentence.contains(how) && sentence.contains(remedy),
            "{sentence}"
        );
    }
    assert!(coded(0xC000_FFFF).starts_with("it exited with code -"));
}

#[cfg(windows)]
#[test]
fn what_windows_cannot_start_is_told_apart() {
    let directory = tempfile::tempdir().expect("a directory");
    let plain = directory.path().join("plain.exe");
    std::fs::write(&plain, b"no program").expect("written");
    let absent = directory.path().join("absent");
    for (program, words) in [
        (absent, "was not found; correct `command`"),
        (plain, "is no program"),
        ("python3".into(), "is named `python`"),
        ("no-such-program".into(), "correct `command` or `PATH`"),
    ] {
        let error = std::process::Command::new(&program).spawn();
        let error = error.expect_err("it cannot start");
        let sentence = of_start(&program, directory.path(), &error).to_string();
        assert!(sentence.contains(words), "{error:?}: {sentence}");
    }
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
        let reason = of_start(&program, directory.path(), &error);
        let (short, sentence) = (short(&reason), reason.to_string());
        assert!(short.contains(words), "{short}");
        assert!(
            !short.contains('/') && !short.contains("no-such"),
            "{short}"
        );
        assert!(
            sentence.contains(words),
            "{}: {sentence}",
            program.display()
        );
    }
    let reason = of_start("true".as_ref(), "/no/such".as_ref(), &io::Error::other("x"));
    let sentence = reason.to_string();
    assert_eq!(
        short(&reason),
        "its working directory does not exist; correct `cwd`"
    );
    assert!(sentence.contains("correct `cwd`"), "{sentence}");
}

#[test]
fn what_a_sidecar_wrote_is_in_no_short_reason() {
    let lines = [
        "ModuleNotFoundError: No module named 'hunter2'",
        "python3: can't open file '/opt/hunter2.py': [Errno 2]",
        "hunter2",
    ];
    for line in lines {
        for reached in [
            Reached::Start,
            Reached::Refusal("hunter2"),
            Reached::Lease,
            Reached::Service,
        ] {
            for (code, signal) in [
                (Some(0), None),
                (Some(1), None),
                (Some(127), None),
                (None, Some(11)),
            ] {
                let exit = Exit {
                    code,
                    signal,
                    stderr: vec!["Traceback (most recent call last):".into(), line.into()],
                };
                let reason = of_exit(&exit, reached, &["PYTHONPATH".into()]);
                let short = short(&reason);
                let begins = ["it exited with code ", "it was ended by SIGSEGV"];
                assert!(
                    begins.iter().any(|words| short.starts_with(words)),
                    "{short}"
                );
                for word in ["hunter2", "Traceback", "/opt", "PYTHONPATH", "last said"] {
                    assert!(!short.contains(word), "{short}");
                }
                assert!(reason.to_string().contains("hunter2"), "{reason}");
            }
        }
    }
}
