//! Sidecar → host: the host endpoint's HTTP API, see `docs/wire.md`.

mod accept;
mod agent;
mod caller;
mod calls;
mod channels;
mod dispatch;
mod events;
mod guard;
mod imports;
mod invoke;
mod message;
pub(crate) mod openapi;
mod payload;
mod refusal;
mod self_test;
mod startup;
mod undo;
mod webviews;
mod window;

use std::sync::Arc;

use axum::{
    Router,
    http::{Method, Uri, header::CONTENT_TYPE},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hyper::StatusCode;
use tauri::{AppHandle, Runtime};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;

pub(crate) use accept::serve;
pub(crate) use channels::{Channels, closing::Closings};
pub(crate) use dispatch::InPlace;
pub(crate) use events::Journals;
pub(crate) use imports::Imports;
pub(crate) use undo::Undos;
pub(crate) use webviews::{Home, Webviews};

use crate::{
    config::SidecarName,
    contract::Contracts,
    endpoint::CurrentToken,
    error::{Error, Kind, Problem},
    status::StatusCell,
};

/// The state of the routes: one sidecar and the app that it belongs to.
pub(crate) struct Context<R: Runtime> {
    pub app: AppHandle<R>,
    pub sidecar: SidecarName,
    /// The caller, for Tauri's ACL.
    pub principal: Url,
    pub token: Arc<CurrentToken>,
    pub status: Arc<StatusCell>,
    pub max_body_bytes: usize,
    pub contracts: Contracts,
    /// What the last generation has imported, for its spare.
    pub imports: watch::Sender<Option<Arc<Imports>>>,
    pub channels: Channels,
    pub journals: Journals<R>,
    pub undos: Undos,
    pub webviews: Webviews,
    pub home: Home,
    pub in_place: InPlace,
    /// Cancelled when the main thread waits for the end of the sidecars, and runs nothing else.
    pub main_thread_waits: CancellationToken,
}

/// The routes of one sidecar's host endpoint, behind the guard.
pub(crate) fn router<R: Runtime>(context: Arc<Context<R>>) -> Router {
    Router::new()
        .route("/health", get(startup::health))
        .route("/window", post(window::act))
        .route("/v1/starting", post(startup::starting))
        .route("/v1/ready", post(startup::ready))
        .route("/v1/imports", post(imports::note))
        .route("/v1/invoke/{command}", post(invoke::invoke))
        .route("/v1/calls", get(calls::switch))
        .route("/v1/channel", get(channels::lasting::open))
        .route("/v1/closing/{number}", post(channels::closing::answer))
        .route("/v1/events", get(events::listen))
        .route("/v1/events/{name}", post(events::emit))
        .route("/v1/undo/{number}", post(undo::run).delete(undo::forget))
        .route("/openapi.json", get(openapi::serve))
        .fallback(unknown_route)
        .method_not_allowed_fallback(unknown_route)
        .layer(from_fn_with_state(context.clone(), guard::guard))
        .with_state(context)
}

async fn unknown_route(method: Method, uri: Uri) -> Error {
    Kind::UnknownRoute(format!("{method} {}", uri.path())).into()
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let problem = Problem::from(self);
        let status =
            StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&problem).expect("a problem is plain JSON");
        (status, [(CONTENT_TYPE, "application/problem+json")], body).into_response()
    }
}
