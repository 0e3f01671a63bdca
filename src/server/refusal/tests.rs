use serde_json::json;

use super::*;
use crate::error::ErrorCode;

fn classified(command: &str, value: Value) -> Error {
    let principal = "sidecar-bridge://python".parse().expect("a url");
    classify(command, &principal, "main", value)
}

#[test]
fn the_acls_refusals_name_the_permission_in_debug_and_release_builds() {
    for (command, text, permission) in [
        (
            "open_file",
            "Command open_file not allowed by ACL",
            "`allow-open-file`",
        ),
        (
            "open_file",
            "open_file not allowed. Permissions associated …",
            "`allow-open-file`",
        ),
        (
            "plugin:window|set_title",
            "window.set_title not allowed on window \"main\"",
            "`core:window:allow-set-title`",
        ),
        (
            "plugin:dialog|open",
            "dialog.open explicitly denied on origin",
            "`dialog:allow-open`",
        ),
    ] {
        let error = classified(command, json!(text));
        assert_eq!(error.code(), ErrorCode::PermissionDenied, "{text}");
        let error = error.to_string();
        assert!(error.contains(permission), "{error}");
        assert!(error.contains("in window `main`"), "{error}");
    }
}

#[test]
fn what_the_acl_does_not_know_may_be_undeclared_or_not_there() {
    // With `AppManifest`, then without, whether the app has registered the command or not.
    for text in [
        "open_file not allowed. Command not found",
        "open_file not allowed. Plugin not found",
    ] {
        let error = classified("open_file", json!(text));
        assert_eq!(error.code(), ErrorCode::PermissionDenied, "{text}");
        let said = error.to_string();
        for words in ["`AppManifest`", "`allow-open-file`", "register it"] {
            assert!(said.contains(words), "{said}");
        }
    }
    for text in [
        "nope.go not allowed. Plugin not found",
        "nope.go not allowed. Command not found",
    ] {
        let error = classified("plugin:nope|go", json!(text));
        assert_eq!(error.code(), ErrorCode::PermissionDenied, "{text}");
        assert!(error.to_string().contains("add its plugin"), "{error}");
    }
}

#[test]
fn a_release_build_does_not_say_whether_the_command_is_declared() {
    let declared =
        "open_file not allowed. Permissions associated with this command: allow-open-file";
    for (command, text, said_too) in [
        ("open_file", "Command open_file not allowed by ACL", true),
        ("open_file", declared, false),
        (
            "plugin:dialog|open",
            "Command plugin:dialog|open not allowed by ACL",
            false,
        ),
    ] {
        let error = classified(command, json!(text)).to_string();
        assert_eq!(error.contains("`AppManifest`"), said_too, "{error}");
    }
}

#[test]
fn what_is_granted_and_not_there_is_not_found() {
    for (command, text) in [
        ("nope", "Command nope not found"),
        ("plugin:window|nope", "Command nope not found"),
    ] {
        assert_eq!(
            classified(command, json!(text)).code(),
            ErrorCode::NotFound,
            "{text}"
        );
    }
}

#[test]
fn a_name_that_lacks_a_part_of_a_plugins_says_how_those_are_named() {
    for (command, text, meant) in [
        (
            "dialog|open",
            "dialog|open not allowed. Command not found",
            "; did you mean `plugin:dialog|open`?",
        ),
        (
            "dialog|open",
            "Command dialog|open not allowed by ACL",
            "; did you mean `plugin:dialog|open`?",
        ),
        (
            "dialog|open",
            "Command dialog|open not found",
            "; did you mean `plugin:dialog|open`?",
        ),
        ("plugin:dialog", "dialog. not allowed. Plugin not found", ""),
        (
            "plugin:dialog",
            "Command plugin:dialog not allowed by ACL",
            "",
        ),
        ("plugin:|open", ".open not allowed. Plugin not found", ""),
    ] {
        let error = classified(command, json!(text));
        assert_eq!(error.code(), ErrorCode::NotFound, "{text}");
        assert_eq!(
            error.to_string(),
            format!(
                "no command `{command}`: those of a plugin are named `plugin:<plugin>|<command>`{meant}"
            )
        );
    }
}

#[test]
fn arguments_that_do_not_fit_say_which_and_why() {
    let text = "invalid args `name` for command `greet`: invalid type";
    let error = classified("greet", json!(text));
    assert_eq!(
        error.to_string(),
        "command `greet`: argument `name`: invalid type"
    );
}

#[test]
fn every_other_value_is_the_apps_own_error() {
    for value in [
        json!({"kind": "emptyName"}),
        json!(null),
        json!("it failed"),
        json!("Command other not found"),
        json!("greeter not allowed"),
    ] {
        let error = classified("greet", value.clone());
        let Kind::Command { data, .. } = error.kind() else {
            panic!("{value} was taken for Tauri's");
        };
        assert_eq!(*data, value);
    }
}
