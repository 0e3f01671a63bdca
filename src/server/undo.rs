//! What a call made is undone: when its caller says so, and at the latest when the caller's generation ends.
//!
//! What undoes a command is kept from the moment in which the command answers, before its caller hears of the answer. So a
//! sidecar that is killed at any moment leaves nothing behind.

mod order;
mod table;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::Response,
};
use tauri::{
    Manager, Runtime, WebviewWindow, async_runtime,
    ipc::{InvokeResponse, InvokeResponseBody},
};
use tokio::time::timeout;

pub(crate) use self::table::Undos;
use self::{
    order::Order,
    table::{Reservation, Undo},
};
use super::{Context, dispatch::drop_answer, message::Message, webviews::Choices};
use crate::{
    endpoint::Generation,
    error::{ErrorCode, Kind, Result},
};

/// The header of the order and of the reply.
const HEADER: &str = "bridge-undo";

/// How long the next command waits for one at the end of a generation. The one runs on.
const PATIENCE: Duration = Duration::from_secs(1);

/// How a call is undone that has an order for that.
pub(super) struct Undoing {
    order: Order,
    generation: Generation,
    _place: Reservation,
    claim: Claim,
}

/// Whether the caller has heard what undoes its command.
#[derive(Clone, Default)]
struct Claim(Arc<Mutex<Claimed>>);

#[derive(Default)]
enum Claimed {
    #[default]
    Waits,
    /// The caller has left.
    GivenUp,
    /// The command has answered: the number, and the label of its window.
    Made(u64, String),
    /// The caller has the number.
    Told,
}

impl Claim {
    fn lock(&self) -> MutexGuard<'_, Claimed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Undoing {
    /// What the request says of how it is undone, if it does.
    ///
    /// # Errors
    /// `invalid_argument` for what does not fit, `resource_exhausted` when too much is left to undo.
    pub(super) fn of<R: Runtime>(
        context: &Context<R>,
        headers: &HeaderMap,
        generation: Generation,
    ) -> Result<Option<Self>> {
        let Some(order) = Order::of(headers)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            order,
            generation,
            _place: context.undos.reserve()?,
            claim: Claim::default(),
        }))
    }
}

/// Undoes what a command made whose caller leaves before it hears the number.
struct Caller<R: Runtime> {
    context: Arc<Context<R>>,
    claim: Claim,
}

impl<R: Runtime> Drop for Caller<R> {
    fn drop(&mut self) {
        let mut claimed = self.claim.lock();
        match std::mem::replace(&mut *claimed, Claimed::GivenUp) {
            Claimed::Made(id, _) => {
                drop(claimed);
                if let Ok(undo) = self.context.undos.take(&id.to_string()) {
                    self.context.clone().undo_unasked(undo);
                }
            }
            Claimed::Told => *claimed = Claimed::Told,
            Claimed::Waits | Claimed::GivenUp => {}
        }
    }
}

impl<R: Runtime> Context<R> {
    /// Runs a command as [`dispatch_in`](Self::dispatch_in) does. The answer says under which number the command is undone.
    pub(super) async fn dispatch_undoably(
        self: Arc<Self>,
        webviews: Choices<R>,
        command: &str,
        message: Message,
        undoing: Undoing,
        answer: impl FnOnce(InvokeResponseBody) -> Response,
    ) -> Result<Response> {
        let caller = Caller {
            context: self.clone(),
            claim: undoing.claim.clone(),
        };
        let undoing = Arc::new(undoing);
        let mut refusal = None;
        for webview in webviews {
            let settle = self.settle(&webview, undoing.clone()).await?;
            let answered = self.dispatch(webview, command, message.clone(), settle);
            match answered.await {
                Err(error) if error.kind().is_denied() => drop(refusal.get_or_insert(error)),
                Err(error) => return Err(error),
                Ok(body) => {
                    let mut response = answer(body);
                    let made = std::mem::replace(&mut *caller.claim.lock(), Claimed::Told);
                    if let Claimed::Made(id, window) = made
                        && let Ok(value) = HeaderValue::from_str(&format!("{id}; window={window}"))
                    {
                        response.headers_mut().insert(HEADER, value);
                    }
                    return Ok(response);
                }
            }
        }
        Err(refusal.unwrap_or_else(|| Kind::NoWindow.into()))
    }

    /// What is done with an answer in that webview before the caller hears of it.
    async fn settle(
        self: &Arc<Self>,
        webview: &WebviewWindow<R>,
        undoing: Arc<Undoing>,
    ) -> Result<impl FnOnce(&InvokeResponse) + Send + 'static> {
        let window = self.webviews.open_one(webview.label()).await?;
        let context = self.clone();
        Ok(move |response: &InvokeResponse| {
            let InvokeResponse::Ok(answer) = response else {
                return;
            };
            let Some(arguments) = undoing.order.arguments(answer) else {
                return;
            };
            let label = window.label().to_owned();
            let command = undoing.order.command.clone();
            let undo = Undo {
                window,
                command,
                arguments,
                anywhere: undoing.order.anywhere,
            };
            let mut claimed = undoing.claim.lock();
            if matches!(*claimed, Claimed::GivenUp) {
                return context.undo_unasked(undo);
            }
            match context.undos.add(undo, &undoing.generation) {
                Ok(id) => *claimed = Claimed::Made(id, label),
                Err(undo) => context.undo_unasked(undo),
            }
        })
    }

    /// Runs what undoes a command, as this sidecar and in the window of that command. A window that has gone has taken along what
    /// was made in it, unless that is the app's.
    async fn undo(&self, undo: Undo) -> Result<()> {
        let arguments = Message::from(undo.arguments);
        let webview = self.app.get_webview_window(undo.window.label());
        let Some(webview) = webview.filter(|_| undo.window.is_open()) else {
            if undo.anywhere {
                let webviews = self.webviews(None).await?;
                self.dispatch_in(webviews, &undo.command, arguments).await?;
            }
            return Ok(());
        };
        self.dispatch(webview, &undo.command, arguments, drop_answer)
            .await
            .map(drop)
    }

    /// Does the same without a caller, who could be told of an error.
    fn undo_unasked(self: Arc<Self>, undo: Undo) {
        async_runtime::spawn(self.undo_logged(undo));
    }

    async fn undo_logged(self: Arc<Self>, undo: Undo) {
        let command = undo.command.clone();
        if let Err(error) = self.undo(undo).await {
            // An app that ends closes all by itself.
            let level = if error.code() == ErrorCode::Unavailable {
                log::Level::Debug
            } else {
                log::Level::Warn
            };
            let sidecar = &self.sidecar;
            log::log!(
                level,
                "what sidecar `{sidecar}` made is not undone by `{command}`: {error}"
            );
        }
    }

    /// Undoes all that is left of a generation that has ended, the newest first.
    pub(crate) async fn undo_all(self: Arc<Self>) {
        while let Some(undo) = self.undos.take_newest() {
            let one = async_runtime::spawn(self.clone().undo_logged(undo));
            drop(timeout(PATIENCE, one).await);
        }
    }
}

/// `POST /v1/undo/{id}`: undoes it now, and forgets it.
pub(super) async fn run<R: Runtime>(
    State(context): State<Arc<Context<R>>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode> {
    let Path(id) = id?;
    let undo = context.undos.take(&id)?;
    // A task of its own: nobody has the number any more, so a caller that leaves must not stop it.
    async_runtime::spawn(async move { context.undo(undo).await }).await??;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /v1/undo/{id}`: forgets it, so that what was made stays.
pub(super) async fn forget<R: Runtime>(
    State(context): State<Arc<Context<R>>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode> {
    let Path(id) = id?;
    context.undos.take(&id)?;
    Ok(StatusCode::NO_CONTENT)
}
