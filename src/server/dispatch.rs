use std::fmt::Write;

use serde_json::Value;
use tauri::{
    AppHandle, Manager, Runtime, WebviewWindow,
    http::HeaderMap,
    ipc::{CallbackFn, InvokeBody, InvokeError, InvokeResponse, InvokeResponseBody},
    webview::InvokeRequest,
};
use tokio::sync::oneshot;

use super::Context;
use crate::{Error, Result};

impl<R: Runtime> Context<R> {
    /// Runs a Tauri command in a webview as this sidecar, the way a page would: Tauri's ACL decides, then the app, core
    /// or plugin command answers.
    ///
    /// The request goes in on the main thread, where synchronous commands run. Dropping the future does not stop a
    /// command that has begun.
    pub(super) async fn dispatch(
        &self,
        webview: WebviewWindow<R>,
        command: &str,
        body: InvokeBody,
    ) -> Result<InvokeResponseBody> {
        let (answer, answered) = oneshot::channel();
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: self.sidecar.principal(),
            body,
            headers: HeaderMap::new(),
            invoke_key: self.app.invoke_key().to_owned(),
        };
        self.app.run_on_main_thread(move || {
            webview.on_message(
                request,
                Box::new(move |_, _, response, _, _| {
                    // A caller that is gone needs no answer.
                    drop(answer.send(response));
                }),
            );
        })?;
        match answered.await {
            Ok(InvokeResponse::Ok(body)) => Ok(body),
            Ok(InvokeResponse::Err(InvokeError(value))) => Err(self.refusal(command, value)),
            Err(_dropped) => Err(Error::Unanswered(command.to_owned())),
        }
    }

    /// The webview with that label; without one, the first by label.
    pub(super) fn webview(&self, label: Option<&str>) -> Result<WebviewWindow<R>> {
        match label {
            Some(label) => self
                .app
                .get_webview_window(label)
                .ok_or_else(|| Error::UnknownWindow {
                    label: label.to_owned(),
                    open: labels(&self.app),
                }),
            None => {
                let windows = self.app.webview_windows().into_iter();
                let first = windows.min_by(|(a, _), (b, _)| a.cmp(b));
                first.map(|(_, window)| window).ok_or(Error::NoWindow)
            }
        }
    }

    /// Tells Tauri's own refusals, which are plain strings, from the app's error values.
    ///
    /// The strings are those of tauri 2.12: `Webview::on_message`, `RuntimeAuthority::resolve_access_message` and
    /// `Error::InvalidArgs`. Each is matched together with the command's own name.
    fn refusal(&self, command: &str, value: Value) -> Error {
        let Value::String(text) = &value else {
            return Error::Command {
                command: command.to_owned(),
                data: value,
            };
        };
        let bare = command.rsplit('|').next().unwrap_or(command);
        let pretty = command
            .strip_prefix("plugin:")
            .unwrap_or(command)
            .replace('|', ".");
        let denied = *text == format!("Command {command} not allowed by ACL")
            || text.starts_with(&format!("{pretty} not allowed"))
            || text.starts_with(&format!("{pretty} explicitly denied"));
        if denied && (text.ends_with("Command not found") || text.ends_with("Plugin not found")) {
            Error::UnknownCommand(command.to_owned())
        } else if denied {
            Error::NotGranted {
                command: command.to_owned(),
                principal: format!("sidecar-bridge://{}", self.sidecar),
                permission: permission(command),
            }
        } else if *text == format!("Command {bare} not found")
            || *text == format!("plugin {pretty} not found")
        {
            Error::UnknownCommand(command.to_owned())
        } else if let Some(reason) = invalid_argument(text, bare) {
            Error::InvalidArguments {
                command: command.to_owned(),
                reason,
            }
        } else {
            Error::Command {
                command: command.to_owned(),
                data: value,
            }
        }
    }
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
    match command
        .strip_prefix("plugin:")
        .and_then(|command| command.split_once('|'))
    {
        Some((plugin, command)) => {
            let core = if CORE.contains(&plugin) { "core:" } else { "" };
            format!("{core}{plugin}:allow-{}", command.replace('_', "-"))
        }
        None => format!("allow-{}", command.replace('_', "-")),
    }
}

/// Takes "invalid args `name` for command `greet`: why" apart.
fn invalid_argument(text: &str, command: &str) -> Option<String> {
    let (argument, why) = text
        .strip_prefix("invalid args `")?
        .split_once(&format!("` for command `{command}`: "))?;
    Some(format!("argument `{argument}`: {why}"))
}

fn labels<R: Runtime>(app: &AppHandle<R>) -> String {
    let mut labels: Vec<_> = app.webview_windows().into_keys().collect();
    labels.sort();
    labels.iter().fold(String::new(), |mut text, label| {
        let separator = if text.is_empty() { "" } else { ", " };
        let _ = write!(text, "{separator}`{label}`");
        text
    })
}
