//! Tells Tauri's own refusals, which are plain strings, from the error values of the app's commands.
//!
//! The strings are those of tauri 2.12: `Webview::on_message`, `RuntimeAuthority::resolve_access_message` and
//! `Kind::InvalidArgs.into()`. Each is matched together with the command's own name.
//!
//! All refusals of the ACL have one code. Only in debug builds does the ACL tell a command that it does not know from a command
//! that is not granted. It never knows whether the app has registered a command.

use serde_json::Value;
use url::Url;

use crate::error::{Error, Kind};

/// The error of a command that was rejected with `value`.
pub(super) fn classify(command: &str, principal: &Url, value: Value) -> Error {
    let Value::String(text) = &value else {
        let command = command.to_owned();
        return Kind::Command {
            command,
            data: value,
        }
        .into();
    };
    let bare = command.rsplit('|').next().unwrap_or(command);
    let command = command.to_owned();
    if is_denied(text, &command) {
        return denied(text, command, principal.to_string()).into();
    }
    if *text == format!("Command {bare} not found") {
        return Kind::UnknownCommand(command).into();
    }
    match invalid_argument(text, bare) {
        Some(reason) => Kind::InvalidArguments { command, reason }.into(),
        None => Kind::Command {
            command,
            data: value,
        }
        .into(),
    }
}

/// The remedy for a refusal of the ACL.
fn denied(text: &str, command: String, principal: String) -> Kind {
    let permission = permission(&command);
    let is_plugins = command.starts_with("plugin:");
    let is_unknown = text.ends_with("Command not found") || text.ends_with("Plugin not found");
    if !is_unknown {
        let says_all = text != short(&command);
        let also = if is_plugins || says_all {
            ""
        } else {
            ", which has to exist: `AppManifest` in the app's `build.rs` declares the command"
        };
        return Kind::NotGranted {
            command,
            principal,
            permission,
            also,
        };
    }
    if is_plugins {
        Kind::UndeclaredPluginCommand {
            command,
            principal,
            permission,
        }
    } else {
        Kind::UndeclaredCommand {
            command,
            principal,
            permission,
        }
    }
}

/// The whole refusal of the ACL in a release build.
fn short(command: &str) -> String {
    format!("Command {command} not allowed by ACL")
}

/// Whether a text is a refusal of the ACL: a short text in release builds, a longer text with `.` for `|` in debug builds.
pub(super) fn is_denied(text: &str, command: &str) -> bool {
    let pretty = command
        .strip_prefix("plugin:")
        .unwrap_or(command)
        .replace('|', ".");
    let told = text.strip_prefix(&pretty);
    text == short(command)
        || told.is_some_and(|told| {
            told.starts_with(" not allowed") || told.starts_with(" explicitly denied")
        })
}

/// The plugins whose permissions Tauri keeps under `core:`.
const CORE: [&str; 9] = [
    "app",
    "event",
    "image",
    "menu",
    "path",
    "resources",
    "tray",
    "webview",
    "window",
];

/// The permission that Tauri's build scripts make for a command: `allow-greet`, `dialog:allow-open`.
fn permission(command: &str) -> String {
    let dashed = |command: &str| command.replace('_', "-");
    match command
        .strip_prefix("plugin:")
        .and_then(|command| command.split_once('|'))
    {
        Some((plugin, command)) => {
            let core = if CORE.contains(&plugin) { "core:" } else { "" };
            format!("{core}{plugin}:allow-{}", dashed(command))
        }
        None => format!("allow-{}", dashed(command)),
    }
}

/// Splits "invalid args `name` for command `greet`: why".
fn invalid_argument(text: &str, command: &str) -> Option<String> {
    let (argument, why) = text
        .strip_prefix("invalid args `")?
        .split_once(&format!("` for command `{command}`: "))?;
    Some(format!("argument `{argument}`: {why}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::ErrorCode;

    fn classified(command: &str, value: Value) -> Error {
        let principal = "sidecar-bridge://python".parse().expect("a url");
        classify(command, &principal, value)
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
            assert!(error.to_string().contains(permission), "{error}");
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
}
