//! A server that somebody else runs.

use std::time::Duration;

use hyper::{Uri, http::uri::PathAndQuery};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{fault::Faults, millis::Millis};

/// How to reach a server that already runs. It cannot call the host, for it has no lease.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Attach {
    /// Its base URL: `http://` with a loopback host, such as `http://127.0.0.1:1430`.
    #[schemars(extend("examples" = ["http://127.0.0.1:1430"]))]
    pub(crate) url: LoopbackUrl,
    /// The path that answers 2xx once the server is ready. Default: `/health`.
    #[serde(default)]
    #[schemars(extend("examples" = ["/api/health"]))]
    pub(crate) health_path: HealthPath,
    /// Time between two looks at the health path, in ms. Default: 100.
    #[serde(default = "interval")]
    #[schemars(extend("examples" = [500]))]
    pub(crate) interval_ms: Millis,
    /// How long the server may take to become healthy, in ms. Default: 30 000.
    #[serde(default = "healthy_within")]
    #[schemars(extend("examples" = [120_000]))]
    pub(crate) timeout_ms: Millis,
    /// Whether the host keeps the cookies that the server sets for pages, in memory, and sends them along. Default: false.
    #[serde(default)]
    #[schemars(extend("examples" = [true]))]
    pub(crate) cookies: bool,
    /// Whether the host keeps cookies, and those with an expiry in a file of the app's data directory, too. Default: false.
    #[serde(default)]
    #[schemars(extend("examples" = [true]))]
    pub(crate) persist_cookies: bool,
    #[serde(skip)]
    pub(super) faults: Faults,
}

impl Attach {
    /// A server at that base URL: `http://` with a loopback host and no path, such as `http://127.0.0.1:1430`. Another URL
    /// is an error when the app is built; see [`Config::sidecar`](super::Config::sidecar).
    #[must_use]
    pub fn new(url: impl AsRef<str>) -> Self {
        let mut faults = Faults::default();
        let url = faults.right("attach.url", LoopbackUrl::of(url.as_ref()));
        Self {
            url: url.unwrap_or_else(LoopbackUrl::nowhere),
            health_path: HealthPath::default(),
            interval_ms: interval(),
            timeout_ms: healthy_within(),
            cookies: false,
            persist_cookies: false,
            faults,
        }
    }

    /// The path, with an optional query, that answers 2xx once the server is ready. It begins with `/`; another is an error
    /// when the app is built. Default: `/health`.
    #[must_use]
    pub fn health_path(mut self, path: impl Into<String>) -> Self {
        let path = HealthPath::try_from(path.into());
        if let Some(path) = self.faults.right("attach.healthPath", path) {
            self.health_path = path;
        }
        self
    }

    /// Time between two looks at the health path, in whole milliseconds. Default: 100 ms.
    #[must_use]
    pub fn interval(mut self, time: Duration) -> Self {
        self.interval_ms = time.into();
        self
    }

    /// How long the server may take to become healthy, in whole milliseconds; then it has `failed`. Default: 30 s.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout_ms = limit.into();
        self
    }

    /// Whether the host keeps the cookies that the server sets for pages, in memory, and sends them along. Default: false.
    #[must_use]
    pub const fn cookies(mut self, kept: bool) -> Self {
        self.cookies = kept;
        self
    }

    /// Whether the host keeps cookies, and those with an expiry in a file of the app's data directory, too. Default: false.
    #[must_use]
    pub const fn persist_cookies(mut self, kept: bool) -> Self {
        self.persist_cookies = kept;
        self
    }
}

const fn interval() -> Millis {
    Millis(100)
}

const fn healthy_within() -> Millis {
    Millis(30_000)
}

/// A path on the server, with an optional query; `/health` by default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^/"))]
pub struct HealthPath(PathAndQuery);

impl Default for HealthPath {
    fn default() -> Self {
        Self(PathAndQuery::from_static("/health"))
    }
}

impl TryFrom<String> for HealthPath {
    type Error = String;

    fn try_from(path: String) -> Result<Self, Self::Error> {
        let parsed = path.parse().ok().filter(|_| path.starts_with('/'));
        parsed
            .map(Self)
            .ok_or_else(|| format!("`{path}` is not a path; begin it with `/`"))
    }
}

impl From<HealthPath> for String {
    fn from(path: HealthPath) -> Self {
        path.0.to_string()
    }
}

impl From<HealthPath> for Uri {
    fn from(path: HealthPath) -> Self {
        Self::from(path.0)
    }
}

/// A plain `http://` URL on this machine: requests to it are not encrypted, so they must not leave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Url", into = "Url")]
#[schemars(with = "String")]
pub struct LoopbackUrl(Url);

impl LoopbackUrl {
    fn of(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|_| cannot_be_attached(text))?;
        Self::try_from(url)
    }

    /// Stands in an [`Attach`] that is refused, for a URL that cannot be attached: nobody can listen on port 0.
    fn nowhere() -> Self {
        Self(Url::parse("http://127.0.0.1:0").expect("it is a URL"))
    }

    /// Host and port, as a connection needs them.
    pub(crate) fn socket_address(&self) -> (&str, u16) {
        let host = self.0.host_str().unwrap_or("localhost");
        let port = self.0.port_or_known_default().unwrap_or(80);
        (host.trim_matches(['[', ']']), port)
    }

    /// Host and port, as a `Host` header says them.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.0.authority()
    }
}

impl TryFrom<Url> for LoopbackUrl {
    type Error = String;

    fn try_from(url: Url) -> Result<Self, Self::Error> {
        let loopback = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if url.scheme() == "http" && loopback && bare {
            Ok(Self(url))
        } else {
            Err(cannot_be_attached(url.as_str()))
        }
    }
}

impl From<LoopbackUrl> for Url {
    fn from(url: LoopbackUrl) -> Self {
        url.0
    }
}

fn cannot_be_attached(url: &str) -> String {
    format!(
        "`{url}` cannot be attached; use http:// with a loopback host and no path, such as http://127.0.0.1:1430"
    )
}
