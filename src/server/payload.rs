use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{
        FromRequest, Request,
        rejection::{PathRejection, QueryRejection},
    },
};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tauri::Runtime;
use tokio::time::timeout;

use super::Context;
use crate::{
    error::{Error, Kind, Result},
    json,
};

/// How long the rest of a body that is too large may take. After that the connection is closed.
const THROW_AWAY: Duration = Duration::from_secs(5);

/// The whole body of a request, at most `maxBodyBytes` long.
pub(super) struct Payload(pub Bytes);

impl Payload {
    /// Reads the body as JSON of the given shape.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_value(self.value()?).map_err(|error| {
            Kind::InvalidRequest(format!(
                "the body does not fit: {error}; see GET /openapi.json"
            ))
            .into()
        })
    }

    /// Reads the body as any JSON. An empty body stands for `default`.
    pub(super) fn value_or(&self, default: Value) -> Result<Value> {
        if self.0.is_empty() {
            Ok(default)
        } else {
            self.value()
        }
    }

    fn value(&self) -> Result<Value> {
        json::from_slice(&self.0).map_err(|refusal| {
            Kind::InvalidRequest(format!("the body cannot be taken as JSON: {refusal}")).into()
        })
    }
}

impl<R: Runtime> FromRequest<Arc<Context<R>>> for Payload {
    type Rejection = Error;

    /// Reads a body over the limit to its end and drops it. Linux resets a Unix socket that is closed with unread bytes, and
    /// the client would see the reset instead of the answer.
    async fn from_request(request: Request, context: &Arc<Context<R>>) -> Result<Self> {
        let limit_bytes = context.max_body_bytes;
        let mut body = request.into_body();
        let mut kept = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame
                .map_err(|error| Kind::InvalidRequest(format!("the body broke off: {error}")))?;
            let Some(data) = frame.data_ref() else {
                continue;
            };
            if kept.len() + data.len() > limit_bytes {
                let rest = async { while let Some(Ok(_)) = body.frame().await {} };
                drop(timeout(THROW_AWAY, rest).await);
                return Err(Kind::BodyTooLarge { limit_bytes }.into());
            }
            kept.extend_from_slice(data);
        }
        Ok(Self(kept.into()))
    }
}

impl From<PathRejection> for Error {
    fn from(rejection: PathRejection) -> Self {
        Kind::InvalidRequest(format!(
            "the path does not fit: {}; see GET /openapi.json",
            rejection.body_text()
        ))
        .into()
    }
}

impl From<QueryRejection> for Error {
    fn from(rejection: QueryRejection) -> Self {
        Kind::InvalidRequest(format!(
            "the query does not fit: {}; see GET /openapi.json",
            rejection.body_text()
        ))
        .into()
    }
}
