//! What the configuration takes, and what it refuses.

mod builders;
mod paths;

use super::{paths::ConfigPath, *};

fn parse(json: &str) -> Result<Config, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

#[test]
fn a_command_is_all_that_a_sidecar_needs() {
    let config = parse(r#"{"sidecars":{"python":{"spawn":{"command":["python3","main.py"]}}}}"#)
        .expect("valid");
    let Some(SidecarConfig::Spawn(spawn)) = config.sidecars.get("python") else {
        panic!("not a spawned sidecar: {config:?}");
    };
    assert_eq!(spawn.cwd, ConfigPath::of("$RESOURCE").expect("valid"));
    assert_eq!(
        Duration::from(spawn.ready_timeout_ms),
        Duration::from_secs(30)
    );
    assert_eq!(config.max_body_bytes.0, 16 * 1024 * 1024);
    assert_eq!(config.names().collect::<Vec<_>>(), ["python"]);
}

#[test]
fn an_unknown_key_is_an_error_at_every_level() {
    for json in [
        r#"{"sidecar":{}}"#,
        r#"{"faults":[]}"#,
        r#"{"sidecars":{"python":{"run":{}}}}"#,
        r#"{"sidecars":{"python":{"spawn":{"command":["a"],"timeout":1}}}}"#,
        r#"{"sidecars":{"python":{"spawn":{"command":["a"],"dev":{"env":{}}}}}}"#,
        r#"{"sidecars":{"python":{"attach":{"url":"http://127.0.0.1:1","path":"/"}}}}"#,
    ] {
        let error = parse(json).expect_err(json);
        assert!(error.contains("unknown"), "{json}: {error}");
    }
}

#[test]
fn a_command_has_a_program() {
    for command in ["[]", r#"[""]"#, r#"["", "main.py"]"#] {
        for spawn in [
            format!(r#"{{"command":{command}}}"#),
            format!(r#"{{"command":["a"],"dev":{{"command":{command}}}}}"#),
        ] {
            let json = format!(r#"{{"sidecars":{{"python":{{"spawn":{spawn}}}}}}}"#);
            let error = parse(&json).expect_err(&json);
            assert!(error.contains("name the sidecar's program"), "{error}");
        }
    }
}

#[test]
fn a_name_must_be_able_to_be_an_origin() {
    for name in ["", "Python", "a b", "1a", "-a", "a_b", "é", &"a".repeat(33)] {
        let error = SidecarName::try_from(name.to_owned()).expect_err(name);
        assert!(error.contains(name), "{error}");
    }
    let name = SidecarName::try_from("py-2".to_owned()).expect("valid");
    assert_eq!(name.principal().as_str(), "sidecar-bridge://py-2");
}

#[test]
fn attaching_stays_on_this_machine() {
    for url in [
        "https://127.0.0.1",
        "http://example.com",
        "http://10.0.0.1:80",
        "http://127.0.0.1/api",
        "ftp://localhost",
    ] {
        let json = format!(r#"{{"sidecars":{{"x":{{"attach":{{"url":"{url}"}}}}}}}}"#);
        assert!(
            parse(&json).expect_err(url).contains("cannot be attached"),
            "{url}"
        );
    }
    let json = r#"{"sidecars":{"x":{"attach":{"url":"http://[::1]","healthPath":"up"}}}}"#;
    assert!(
        parse(json)
            .expect_err("relative")
            .contains("begin it with `/`")
    );
    parse(r#"{"sidecars":{"x":{"attach":{"url":"http://[::1]:1430"}}}}"#).expect("valid");
}
