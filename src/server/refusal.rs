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

/// The error of a command that was rejected with `value` in the window with that label.
pub(super) fn classify(command: &str, principal: &Url, window: &str, value: Value) -> Error {
    let Value::String(text) = &value else {
        let command = command.to_owned();
        return Kind::Command {
            command,
            data: value,
        }
        .into();
    };
    let (_, bare) = parts(command).unwrap_or(("", command));
    let is_denied = is_denied(text, command);
    let is_unknown = *text == format!("Command {bare} not found");
    let command = command.to_owned();
    if (is_denied || is_unknown)
        && let Some(meant) = misnamed(&command)
    {
        return Kind::MisnamedCommand { command, meant }.into();
    }
    if is_denied {
        return denied(text, command, principal.to_string(), window).into();
    }
    if is_unknown {
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

/// A plugin's name and its command's, as Tauri reads them.
fn parts(command: &str) -> Option<(&str, &str)> {
    let name = command.strip_prefix("plugin:")?;
    let mut parts = name.split('|');
    Some((
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    ))
}

/// Which command was meant by a name with a part that is missing; nothing for a name that a command may have.
fn misnamed(command: &str) -> Option<String> {
    let name = command.strip_prefix("plugin:");
    let parts = name.unwrap_or(command).split_once('|');
    let is_whole = parts.is_some_and(|(plugin, command)| !plugin.is_empty() && !command.is_empty());
    if is_whole == name.is_some() {
        return None;
    }
    let asks = is_whole.then(|| format!("; did you mean `plugin:{command}`?"));
    Some(asks.unwrap_or_default())
}

/// The remedy for a refusal of the ACL.
fn denied(text: &str, command: String, principal: String, window: &str) -> Kind {
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
            window: window.to_owned(),
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
    let pretty = match parts(command) {
        Some((plugin, command)) => format!("{plugin}.{command}"),
        None => command.to_owned(),
    };
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
mod tests;
