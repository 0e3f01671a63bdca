//! The requests that the sidecar of a test gets, and the routes that answer them.

use std::{collections::BTreeMap, sync::Arc};

use http_body_util::BodyExt;
use hyper::{HeaderMap, Method, body::Incoming};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use super::answer::Answer;

/// A request that the sidecar has got.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path without the query, still encoded.
    pub path: String,
    /// The query without its `?`, if there is one.
    pub query: Option<String>,
    /// The decoded parts of the path for which the route has names in braces, by these names.
    pub params: BTreeMap<String, String>,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Request {
    pub(super) async fn read(request: hyper::Request<Incoming>) -> Result<Self, hyper::Error> {
        let (head, body) = request.into_parts();
        Ok(Self {
            method: head.method,
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            params: BTreeMap::new(),
            headers: head.headers,
            body: body.collect().await?.to_bytes().into(),
        })
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// If it is not JSON, or not a `T`.
    #[must_use]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            let body = String::from_utf8_lossy(&self.body);
            panic!(
                "the body of {} {} is not as expected: {error}; it is {body:?}",
                self.method, self.path
            )
        })
    }
}

pub(super) type Answering = dyn Fn(&Request) -> Answer + Send + Sync;

/// A method and a path of the sidecar, and what the test answers there.
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) answer: Arc<Answering>,
}

impl Route {
    pub(super) fn parse(route: &str, answer: Arc<Answering>) -> Option<Self> {
        let (method, path) = route.split_once(' ')?;
        let is_path = path.starts_with('/') && !path.contains([' ', '?', '#']);
        let is_method = method.bytes().all(|byte| byte.is_ascii_uppercase());
        let method = method.parse().ok().filter(|_| is_method)?;
        is_path.then(|| Self {
            method,
            path: path.to_owned(),
            answer,
        })
    }

    /// The decoded parts of `path` for which this route has names in braces; `None` if the path does not fit.
    pub(super) fn params(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let (wanted, given) = (self.path.split('/'), path.split('/'));
        if wanted.clone().count() != given.clone().count() {
            return None;
        }
        let mut params = BTreeMap::new();
        for (wanted, given) in wanted.zip(given) {
            let name = wanted
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'));
            match name {
                Some(name) if !given.is_empty() => {
                    let value = percent_decode_str(given).decode_utf8_lossy();
                    params.insert(name.to_owned(), value.into_owned());
                }
                None if wanted == given => {}
                _ => return None,
            }
        }
        Some(params)
    }
}
