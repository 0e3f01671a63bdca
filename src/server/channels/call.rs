//! A call of a command that has channels as long as it runs.

use std::sync::Arc;

use axum::{
    http::HeaderMap,
    response::{IntoResponse, Response, sse::Sse},
};
use serde_json::{Map, Value};
use tauri::{
    Runtime, WebviewWindow,
    ipc::{InvokeBody, InvokeResponse, InvokeResponseBody},
};

use super::{
    Until, add_silent_callbacks, channel,
    inbox::{self, Inbox},
    remove_callbacks,
};
use crate::{
    error::{Error, Kind, Result},
    server::{Context, invoke::add_aliases, message::Message, webviews::Choices},
};

impl<R: Runtime> Context<R> {
    /// Runs a command whose arguments of these names are channels, in the first of these webviews in which the ACL grants the
    /// command. Answers with a stream: the command's messages in order, then its answer.
    ///
    /// # Errors
    /// `invalid_argument` when a name is given twice, or is an argument in the body, too; `failed_precondition` when the app
    /// has no interceptor. Any later error is the last event of the stream.
    pub(in crate::server) fn dispatch_with_channels(
        self: Arc<Self>,
        webviews: Choices<R>,
        command: String,
        names: &[&str],
        mut arguments: Map<String, Value>,
        aliases: &[(&str, &str)],
        headers: HeaderMap,
    ) -> Result<Response> {
        if let Some(webview) = webviews.first()
            && !self.channels.is_intercepted(webview)?
        {
            return Err(Kind::NoInterceptor(format!("command `{command}` has a channel")).into());
        }
        for name in names {
            // The channels take these places, one after the other webview.
            if arguments.insert((*name).to_owned(), Value::Null).is_some() {
                return Err(Kind::InvalidRequest(format!(
                    "argument `{name}` of command `{command}` is a channel and given as well; name it once in \
                     `bridge-channels`, and leave it out of the body"
                )).into());
            }
        }
        let call = ChannelCall {
            inbox: Arc::new(Inbox::new(self.max_body_bytes)),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            command: command.clone(),
            aliases: owned(aliases),
            arguments,
            headers,
        };
        let inbox = call.inbox.clone();
        let answer = async move {
            let mut refusal = None;
            for webview in webviews {
                match call.run(&self, webview).await {
                    Err(error) if error.kind().is_denied() => drop(refusal.get_or_insert(error)),
                    answer => return answer,
                }
            }
            Err(refusal.unwrap_or_else(|| Kind::NoWindow.into()))
        };
        Ok(Sse::new(inbox::stream(command, inbox, answer)).into_response())
    }
}

fn owned(aliases: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, alias): &(&str, &str)| ((*name).to_owned(), (*alias).to_owned());
    aliases.iter().map(owned).collect()
}

/// A call of a command with channels, wherever it runs.
struct ChannelCall {
    command: String,
    /// The arguments that are channels.
    names: Vec<String>,
    /// The arguments that the command gets under a second name, too.
    aliases: Vec<(String, String)>,
    arguments: Map<String, Value>,
    headers: HeaderMap,
    inbox: Arc<Inbox>,
}

impl ChannelCall {
    async fn run<R: Runtime>(
        &self,
        context: &Context<R>,
        webview: WebviewWindow<R>,
    ) -> Result<InvokeResponseBody> {
        let open = context
            .channels
            .open(webview.label(), &self.names, &self.inbox)?;
        let (page, ids) = (webview.clone(), open.ids.clone());
        let mut arguments = self.arguments.clone();
        let channels = ids.iter().map(|id| Value::String(channel(*id)));
        arguments.extend(self.names.iter().cloned().zip(channels));
        let aliases = self.aliases.iter();
        let aliases: Vec<(&str, &str)> = aliases.map(|(name, alias)| (&**name, &**alias)).collect();
        add_aliases(&mut arguments, &aliases);
        add_silent_callbacks(&page, &ids, Until::Drop);
        let body = InvokeBody::Json(arguments.into());
        let message = Message::new(body, self.headers.clone());
        let end = move |_: &InvokeResponse| drop(open);
        let answer = context.dispatch(webview, &self.command, message, end).await;
        if answer.as_ref().is_err_and(is_refusal) {
            remove_callbacks(&page, &ids);
        }
        answer
    }
}

/// Whether the command was not run.
fn is_refusal(error: &Error) -> bool {
    matches!(
        error.kind(),
        Kind::NotGranted { .. }
            | Kind::UndeclaredCommand { .. }
            | Kind::UndeclaredPluginCommand { .. }
            | Kind::UnknownCommand(_)
            | Kind::MisnamedCommand { .. }
            | Kind::InvalidArguments { .. }
    )
}
