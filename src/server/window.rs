use std::sync::Arc;

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tauri::{Runtime, WebviewWindow};

use super::{Context, dispatch::drop_answer, message::Message, payload::Payload};
use crate::error::{Kind, Result};

/// What `POST /window` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WindowRequest {
    action: WindowAction,
    /// The window's label; without it, the window in which a call without `Bridge-Window` runs.
    label: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum WindowAction {
    Toggle,
    Maximize,
    Restore,
    Minimize,
    Unminimize,
    Show,
    Hide,
    Focus,
    Close,
}

/// What `POST /window` answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WindowReply {
    success: bool,
    /// What happened, to show to a person: `Window maximized`.
    message: String,
}

/// `POST /window`: the common window actions under plain names, each judged by the ACL as the Tauri command it is.
pub(super) async fn act<R: Runtime>(
    State(context): State<Arc<Context<R>>>,
    payload: Payload,
) -> Result<Json<WindowReply>> {
    let WindowRequest { action, label } = payload.json()?;
    let mut refusal = None;
    for window in context.webviews(label.as_deref()).await? {
        match act_on(&context, window, action).await {
            Err(error) if error.kind().is_denied() => drop(refusal.get_or_insert(error)),
            reply => return reply.map(Json),
        }
    }
    Err(refusal.unwrap_or_else(|| Kind::NoWindow.into()))
}

async fn act_on<R: Runtime>(
    context: &Context<R>,
    window: WebviewWindow<R>,
    action: WindowAction,
) -> Result<WindowReply> {
    let (command, done) = match action {
        WindowAction::Toggle if window.is_maximized()? => ("toggle_maximize", "restored"),
        WindowAction::Toggle => ("toggle_maximize", "maximized"),
        WindowAction::Maximize => ("maximize", "maximized"),
        WindowAction::Restore => ("unmaximize", "restored"),
        WindowAction::Minimize => ("minimize", "minimized"),
        WindowAction::Unminimize => ("unminimize", "unminimized"),
        WindowAction::Show => ("show", "shown"),
        WindowAction::Hide => ("hide", "hidden"),
        WindowAction::Focus => ("set_focus", "focused"),
        WindowAction::Close => ("close", "closed"),
    };
    let arguments = Message::from(json!({ "label": window.label() }));
    context
        .dispatch(
            window,
            &format!("plugin:window|{command}"),
            arguments,
            drop_answer,
        )
        .await?;
    Ok(WindowReply {
        success: true,
        message: format!("Window {done}"),
    })
}
