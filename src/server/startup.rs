//! The routes by which a sidecar checks the host, says what it does while it starts, and announces that it serves.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tauri::Runtime;

use super::{Context, payload::Payload};
use crate::{
    error::{Kind, Result},
    status::{Activity, Change},
};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What `GET /health` answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Health {
    /// Always `ok`.
    status: &'static str,
    /// The sidecar that this endpoint belongs to.
    sidecar: String,
    /// Its generation.
    generation: u32,
    /// The plugin's version.
    version: &'static str,
}

/// What `POST /v1/ready` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Announcement {
    /// The process that serves.
    pid: u32,
    /// The version of the Python package.
    version: String,
    /// The contracts of the generated bindings that it has loaded.
    #[serde(default)]
    contracts: Vec<String>,
}

/// What `POST /v1/starting` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Report {
    /// What the sidecar does, such as `migrating`.
    activity: String,
    /// How much of it is done, from 0 to 100.
    #[serde(default)]
    #[schemars(range(max = 100))]
    percent: Option<u8>,
}

pub(super) async fn health<R: Runtime>(State(context): State<Arc<Context<R>>>) -> Json<Health> {
    let status = context.status.current();
    Json(Health {
        status: "ok",
        sidecar: status.sidecar,
        generation: status.generation,
        version: VERSION,
    })
}

/// `POST /v1/ready`: the sidecar says that it serves.
pub(super) async fn ready<R: Runtime>(
    State(context): State<Arc<Context<R>>>,
    payload: Payload,
) -> Result<StatusCode> {
    let Announcement {
        pid,
        version,
        contracts,
    } = payload.json()?;
    if version != VERSION {
        log::warn!(
            "sidecar `{}` has version {version} of the bridge, the host {VERSION}",
            context.sidecar
        );
    }
    let contracts: Vec<_> = contracts
        .iter()
        .filter_map(|text| text.parse().ok())
        .collect();
    let judged = context
        .contracts
        .judge(context.sidecar.as_str(), &contracts);
    let warning = judged.inspect_err(|refusal| context.status.failed(refusal))?;
    if let Some(warning) = &warning {
        log::warn!("{warning}");
    }
    let pid = Some(pid);
    if context.status.apply(Change::Announced { pid, warning }) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Kind::NotStarting(context.sidecar.to_string()).into())
    }
}

/// `POST /v1/starting`: the sidecar says what it does until it serves.
pub(super) async fn starting<R: Runtime>(
    State(context): State<Arc<Context<R>>>,
    payload: Payload,
) -> Result<StatusCode> {
    let Report { activity, percent } = payload.json()?;
    if let Some(percent) = percent.filter(|percent| *percent > 100) {
        return Err(Kind::InvalidRequest(format!(
            "`percent` is {percent}; give 0 to 100, or leave it out"
        ))
        .into());
    }
    let activity = Activity {
        name: activity,
        percent,
    };
    if context.status.apply(Change::Reported(activity)) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Kind::NotStarting(context.sidecar.to_string()).into())
    }
}
