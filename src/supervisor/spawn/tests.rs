use super::*;

pub(in crate::supervisor) fn launch(arguments: &[&str], standby: Standby) -> Launch {
    Launch {
        program: "python3".into(),
        arguments: arguments.iter().map(|&word| word.to_owned()).collect(),
        cwd: "/".into(),
        env: BTreeMap::new(),
        keep_env: Vec::new(),
        directories: BTreeMap::new(),
        sha256: None,
        ready_timeout: Duration::from_secs(30),
        stop_timeout: Duration::from_secs(10),
        restart: true,
        watchdog: Watchdog::RestartDead,
        dead_after: Duration::from_secs(1),
        standby,
        standby_without: Vec::new(),
        sources: Vec::new(),
    }
}

fn imports(program: &[&str]) -> Imports {
    Imports {
        program: program.iter().map(|&word| word.to_owned()).collect(),
        modules: vec!["json".into()],
        environment: Some("/usr".into()),
    }
}

#[test]
fn imports_come_before_the_program_however_python_is_started() {
    let before = ["-m", "sidecar_bridge._serve.ahead"];
    for (command, program) in [
        (&["main.py"][..], &["main.py"][..]),
        (
            &["-X", "dev", "main.py", "--port", "1"],
            &["main.py", "--port", "1"],
        ),
        (&["run", "python", "-m", "app"], &["-m", "app"]),
    ] {
        let launch = launch(command, Standby::Imports);
        let ahead = Ahead::of(&launch, Some(&imports(program))).expect("it ends so");
        let place = command.len() - program.len();
        let wanted = [&command[..place], &before, program].concat();
        assert_eq!(
            (ahead.arguments, ahead.what),
            (
                wanted.iter().map(|&word| word.to_owned()).collect(),
                "imports"
            )
        );
    }
}

#[test]
fn a_program_that_the_command_does_not_name_gets_no_imports_ahead() {
    let launch = launch(&["-c", "exec python3 main.py"], Standby::Imports);
    for told in [Some(imports(&["main.py"])), Some(imports(&[])), None] {
        let error = Ahead::of(&launch, told.as_ref())
            .err()
            .expect("it is another command");
        let text = error.to_string();
        assert!(
            text.contains("`-c exec python3 main.py`") && text.contains("set `standby`"),
            "{text}"
        );
    }
}

#[test]
fn the_app_is_imported_by_the_very_command() {
    let launch = launch(&["-c", "exec python3 main.py"], Standby::App);
    let ahead = Ahead::of(&launch, None).expect("any command will do");
    assert_eq!(
        (ahead.arguments, ahead.what),
        (launch.arguments.clone(), "app")
    );
}
