use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{
        FromRequest, Request,
        rejection::{PathRejection, QueryRejection},
    },
};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use tauri::Runtime;

use super::Context;
use crate::{Error, Result};

/// The whole body of a request, at most `maxBodyBytes` long.
pub(super) struct Payload(pub Bytes);

impl Payload {
    /// Reads the body as JSON of the given shape.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.0).map_err(|error| {
            Error::InvalidRequest(format!(
                "the body does not fit: {error}; see GET /openapi.json"
            ))
        })
    }

    /// The same, where an empty body stands for `default`.
    pub(super) fn json_or<T: DeserializeOwned>(&self, default: T) -> Result<T> {
        if self.0.is_empty() {
            Ok(default)
        } else {
            self.json()
        }
    }
}

impl<R: Runtime> FromRequest<Arc<Context<R>>> for Payload {
    type Rejection = Error;

    /// A body over the limit is read on for a while and thrown away: Linux resets a Unix socket that is closed with
    /// unread bytes, and the client would see the reset instead of the answer.
    async fn from_request(request: Request, context: &Arc<Context<R>>) -> Result<Self> {
        let limit_bytes = context.max_body_bytes;
        let mut body = request.into_body();
        let (mut kept, mut seen) = (Vec::new(), 0_usize);
        while let Some(frame) = body.frame().await {
            let frame = frame
                .map_err(|error| Error::InvalidRequest(format!("the body broke off: {error}")))?;
            let Some(data) = frame.data_ref() else {
                continue;
            };
            seen = seen.saturating_add(data.len());
            if seen <= limit_bytes {
                kept.extend_from_slice(data);
            } else if seen > limit_bytes.saturating_mul(4) {
                break;
            }
        }
        if seen > limit_bytes {
            Err(Error::BodyTooLarge { limit_bytes })
        } else {
            Ok(Self(kept.into()))
        }
    }
}

impl From<PathRejection> for Error {
    fn from(rejection: PathRejection) -> Self {
        Self::InvalidRequest(format!(
            "the path does not fit: {}; see GET /openapi.json",
            rejection.body_text()
        ))
    }
}

impl From<QueryRejection> for Error {
    fn from(rejection: QueryRejection) -> Self {
        Self::InvalidRequest(format!(
            "the query does not fit: {}; see GET /openapi.json",
            rejection.body_text()
        ))
    }
}
