//! Asks Tauri, as a sidecar, for commands that no sidecar is granted, before the first call of a sidecar is dispatched.
//!
//! A Tauri that does not judge sidecars runs whatever they name, and no call shows it: it succeeds. Tauri below 2.11.1 was
//! one, in apps without `AppManifest`. Every Tauri takes sidecars for the app's own page once the app has a URI scheme of their
//! name; then they have the page's grants.

use std::time::Duration;

use tauri::{
    Manager, Runtime, Webview, async_runtime,
    http::HeaderMap,
    ipc::{CallbackFn, InvokeBody, InvokeError, InvokeResponse},
    webview::InvokeRequest,
};
use tokio::{sync::oneshot, time::timeout};
use url::Url;
use uuid::Uuid;

use super::refusal::is_denied;
use crate::error::{Kind, Result};

/// How long an answer may take. The ACL refuses before `Webview::on_message` returns, so what takes longer is something else.
const ANSWER: Duration = Duration::from_secs(2);

/// The origin of no sidecar: the port keeps out of capabilities for all of them, such as `sidecar-bridge://*`.
const PRINCIPAL: &str = "sidecar-bridge://self-test:1";

/// Commands without effect that pages are granted: one of the first two by whoever grants them this plugin, the third by
/// `core:default`.
const OF_PAGES: [&str; 3] = [
    "plugin:sidecar-bridge|status",
    "plugin:sidecar-bridge|read",
    "plugin:app|version",
];

/// Succeeds when the ACL refuses a command that nobody can have been granted, and those that pages have.
///
/// # Errors
/// `internal` when anything else comes of one, or nothing.
pub(super) async fn run<R: Runtime>(webview: Webview<R>) -> Result<()> {
    let unknown = format!("self_test_{}", Uuid::new_v4().simple());
    for command in [unknown.as_str()].into_iter().chain(OF_PAGES) {
        ask(&webview, command).await?;
    }
    Ok(())
}

async fn ask<R: Runtime>(webview: &Webview<R>, command: &str) -> Result<()> {
    let webview = webview.clone();
    let (answer, answered) = oneshot::channel();
    let request = InvokeRequest {
        cmd: command.to_owned(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: Url::parse(PRINCIPAL).expect("a url"),
        body: InvokeBody::default(),
        headers: HeaderMap::new(),
        invoke_key: webview.app_handle().invoke_key().to_owned(),
    };
    // A task of its own: when the app gets to see the command after all, it may panic or block.
    async_runtime::spawn(async move {
        webview.on_message(
            request,
            Box::new(move |_, _, response, _, _| drop(answer.send(response))),
        );
    });
    let answer = timeout(ANSWER, answered).await;
    judge(command, answer.ok().and_then(std::result::Result::ok))
}

/// Whether an answer is the ACL's refusal.
fn judge(command: &str, answer: Option<InvokeResponse>) -> Result<()> {
    let outcome = match answer {
        Some(InvokeResponse::Err(InvokeError(value))) => {
            if value.as_str().is_some_and(|text| is_denied(text, command)) {
                return Ok(());
            }
            format!("with the error {value}")
        }
        Some(InvokeResponse::Ok(_)) => "with success".to_owned(),
        None => "nothing".to_owned(),
    };
    Err(Kind::OpenAcl {
        version: tauri::VERSION,
        answer: format!("{outcome} to `{command}`"),
    }
    .into())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tauri::{ipc::InvokeResponseBody, utils::acl::RemoteUrlPattern};

    use super::*;

    #[test]
    fn a_capability_for_all_sidecars_is_none_for_the_test() {
        let all: RemoteUrlPattern = "sidecar-bridge://*".parse().expect("a pattern");
        let matches = |url: &str| all.test(&Url::parse(url).expect("a url"));
        assert!(matches("sidecar-bridge://python") && !matches(PRINCIPAL));
    }

    fn rejected(value: Value) -> InvokeResponse {
        InvokeResponse::Err(InvokeError(value))
    }

    #[test]
    fn only_the_acls_own_refusal_passes() {
        for text in [
            "Command self_test_7 not allowed by ACL",
            "self_test_7 not allowed. Command not found",
            "self_test_7 not allowed. Plugin not found",
        ] {
            judge("self_test_7", Some(rejected(json!(text)))).expect(text);
        }
        let success = InvokeResponseBody::Json("null".into());
        for (answer, words) in [
            (
                Some(rejected(json!("Command self_test_7 not found"))),
                "7 not found",
            ),
            (
                Some(rejected(json!("Command self_test_8 not allowed by ACL"))),
                "self_test_8",
            ),
            (Some(rejected(json!("not allowed"))), "with the error"),
            (Some(rejected(json!({ "kind": "odd" }))), "odd"),
            (Some(InvokeResponse::Ok(success)), "with success"),
            (None, "answered nothing"),
        ] {
            let error = judge("self_test_7", answer).expect_err(words);
            let said = error.to_string();
            assert!(
                said.contains(words) && said.contains(tauri::VERSION),
                "{said}"
            );
        }
    }
}
