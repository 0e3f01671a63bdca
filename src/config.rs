//! What `tauri.conf.json > plugins > sidecar-bridge` may say.

use std::{collections::BTreeMap, fmt, time::Duration};

use hyper::{Uri, http::uri::PathAndQuery};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// The plugin's configuration. Unknown keys are errors, so that a typing mistake never passes unnoticed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "tauri.conf.json > plugins > sidecar-bridge")]
pub struct Config {
    /// The sidecars of the app, by name.
    pub sidecars: BTreeMap<SidecarName, SidecarConfig>,
    /// Largest body, in bytes, that is held in memory whole: of a call to the host, of an answer that Rust reads at once,
    /// and of a message of a WebSocket. Default: 16 MiB.
    pub max_body_bytes: MaxBodyBytes,
    /// How long a request of a page waits for a sidecar that does not serve yet, in ms. Default: 30 000.
    wait_ms: WaitMs,
    /// What becomes of a sidecar whose generated bindings were not made from this app, if the app knows its own contract
    /// (`Builder::contract`). Default: `warn` under `tauri dev`, else `refuse`.
    stale_bindings: Option<StaleBindings>,
}

/// What becomes of a sidecar whose generated bindings were not made from this app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum StaleBindings {
    /// It serves, and its status has a `warning`.
    Warn,
    /// It is ended, and has `failed`.
    Refuse,
    /// Nothing.
    Ignore,
}

impl Config {
    /// How long a request of a page waits for a sidecar that does not serve yet.
    #[must_use]
    pub const fn wait(&self) -> Duration {
        Duration::from_millis(self.wait_ms.0)
    }

    /// What becomes of a sidecar whose bindings were not made from this app.
    #[must_use]
    pub fn stale_bindings(&self) -> StaleBindings {
        self.stale_bindings.unwrap_or_else(|| {
            if tauri::is_dev() {
                StaleBindings::Warn
            } else {
                StaleBindings::Refuse
            }
        })
    }
}

/// A time in ms; 30 000 by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
struct WaitMs(u64);

impl Default for WaitMs {
    fn default() -> Self {
        Self(30_000)
    }
}

/// A limit in bytes; 16 MiB by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct MaxBodyBytes(pub usize);

impl Default for MaxBodyBytes {
    fn default() -> Self {
        Self(16 * 1024 * 1024)
    }
}

/// A sidecar's name: 1 to 32 of `a-z`, `0-9` and `-`, beginning with a letter.
///
/// It is the host part of the principal `sidecar-bridge://<name>`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct SidecarName(#[schemars(regex(pattern = "^[a-z][a-z0-9-]{0,31}$"))] String);

impl SidecarName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The origin that Tauri's ACL sees when this sidecar calls: `sidecar-bridge://<name>`.
    ///
    /// No URI scheme of that name may ever be registered: Tauri takes registered schemes for local pages.
    ///
    /// # Panics
    /// Never: what is valid in a name is valid in a host.
    #[must_use]
    pub fn principal(&self) -> Url {
        let url = Url::parse(&format!("sidecar-bridge://{}", self.0));
        url.expect("a checked name is a valid host")
    }
}

impl TryFrom<String> for SidecarName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let valid = name.len() <= 32
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if valid {
            Ok(Self(name))
        } else {
            Err(format!(
                "`{name}` is not a sidecar name; use 1 to 32 of a-z, 0-9 and -, beginning with a letter"
            ))
        }
    }
}

impl From<SidecarName> for String {
    fn from(name: SidecarName) -> Self {
        name.0
    }
}

impl std::borrow::Borrow<str> for SidecarName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SidecarName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a sidecar comes from: the host starts it, or it already runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SidecarConfig {
    /// The host starts the process and owns its life.
    Spawn(Spawn),
    /// Somebody else runs an HTTP server; the host only talks to it.
    Attach(Attach),
}

/// How to start a sidecar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Spawn {
    /// The program and its arguments. A bare name is looked up on `PATH`; a path may begin with one of Tauri's
    /// variables, such as `$RESOURCE/sidecar/main`.
    #[schemars(length(min = 1))]
    pub command: Vec<String>,
    /// The working directory; it may begin with one of Tauri's variables. Default: the resource directory.
    #[serde(default = "resource_directory")]
    pub cwd: String,
    /// Variables added to the environment that the sidecar inherits from the app.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Variables that the sidecar inherits although they usually break a Python that is not the app's own, such as
    /// `LD_LIBRARY_PATH` and `PYTHONPATH`. Default: none.
    #[serde(default)]
    pub keep_env: Vec<String>,
    /// SHA-256 of the program, which must be given as a path, in 64 hexadecimal digits; another file is not started.
    #[serde(default)]
    pub sha256: Option<Sha256Digest>,
    /// Whether a sidecar that ends by itself is started again: after a pause that doubles from 100 ms to 10 s, at most 5
    /// times within 60 s. Default: true.
    #[serde(default = "yes")]
    pub restart: bool,
    /// How long the sidecar may take until it announces that it serves, in ms; whatever it reports until then gives it as
    /// long again. Default: 30 000.
    #[serde(default = "ready_timeout")]
    ready_timeout_ms: u64,
    /// What becomes of a sidecar that does not answer any more. Default: `report`.
    #[serde(default)]
    pub watchdog: Watchdog,
    /// Whether the host keeps the cookies that the sidecar sets for pages, in memory, and sends them along. Default: false.
    #[serde(default)]
    pub cookies: bool,
    /// What is different under `tauri dev`.
    #[serde(default)]
    pub dev: Dev,
}

/// A SHA-256 (FIPS 180-4): 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[0-9a-fA-F]{64}$"))]
pub struct Sha256Digest(pub(crate) [u8; 32]);

impl TryFrom<String> for Sha256Digest {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut digest = [0; 32];
        let valid = text.len() == 64
            && text.bytes().all(|digit| digit.is_ascii_hexdigit())
            && (0..32).all(|i| {
                let byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16);
                byte.map(|byte| digest[i] = byte).is_ok()
            });
        if valid {
            Ok(Self(digest))
        } else {
            Err(format!(
                "`{text}` is not a SHA-256; give 64 hexadecimal digits, such as sha256sum prints"
            ))
        }
    }
}

impl From<Sha256Digest> for String {
    fn from(digest: Sha256Digest) -> Self {
        digest.to_string()
    }
}

impl fmt::Display for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What becomes of a sidecar that does not answer. One that is wholly dead, such as a stopped one, is started again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Watchdog {
    /// Nobody listens to it.
    Off,
    /// One whose event loop is blocked becomes `unresponsive`.
    #[default]
    Report,
    /// It is also started again once it has been so for that long, in ms.
    RestartAfterMs(u64),
}

/// What is different under `tauri dev`. Relative paths are relative to where the app is started: `src-tauri`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Dev {
    /// The program and its arguments, instead of `command`. It is not checked against `sha256`.
    pub command: Option<Vec<String>>,
    /// The working directory, instead of `cwd`.
    pub cwd: Option<String>,
    /// Directories whose `.py` files are watched: after a change the sidecar is started again.
    pub reload: Vec<String>,
}

impl SidecarConfig {
    pub(crate) const fn cookies(&self) -> bool {
        match self {
            Self::Spawn(spawn) => spawn.cookies,
            Self::Attach(attach) => attach.cookies,
        }
    }
}

impl Spawn {
    /// How long the sidecar may take until it announces that it serves.
    #[must_use]
    pub const fn ready_timeout(&self) -> Duration {
        Duration::from_millis(self.ready_timeout_ms)
    }
}

/// How to reach a server that already runs. It cannot call the host, for it has no lease.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attach {
    /// Its base URL: `http://` with a loopback host, such as `http://127.0.0.1:1430`.
    pub url: LoopbackUrl,
    /// The path that answers 2xx once the server is ready. Default: `/health`.
    #[serde(default)]
    pub health_path: HealthPath,
    /// Time between two looks at the health path, in ms. Default: 100.
    #[serde(default = "interval")]
    interval_ms: u64,
    /// How long the server may take to become healthy, in ms. Default: 30 000.
    #[serde(default = "ready_timeout")]
    timeout_ms: u64,
    /// Whether the host keeps the cookies that the server sets for pages, in memory, and sends them along. Default: false.
    #[serde(default)]
    pub cookies: bool,
}

impl Attach {
    /// Time between two looks at the health path.
    #[must_use]
    pub const fn interval(&self) -> Duration {
        Duration::from_millis(self.interval_ms)
    }

    /// How long the server may take to become healthy.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
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
            Err(format!(
                "`{url}` cannot be attached; use http:// with a loopback host and no path, such as http://127.0.0.1:1430"
            ))
        }
    }
}

impl From<LoopbackUrl> for Url {
    fn from(url: LoopbackUrl) -> Self {
        url.0
    }
}

fn resource_directory() -> String {
    "$RESOURCE".into()
}

const fn yes() -> bool {
    true
}

const fn ready_timeout() -> u64 {
    30_000
}

const fn interval() -> u64 {
    100
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Config, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn a_command_is_all_that_a_sidecar_needs() {
        let config =
            parse(r#"{"sidecars":{"python":{"spawn":{"command":["python3","main.py"]}}}}"#)
                .expect("valid");
        let Some(SidecarConfig::Spawn(spawn)) = config.sidecars.get("python") else {
            panic!("not a spawned sidecar: {config:?}");
        };
        assert_eq!(spawn.cwd, "$RESOURCE");
        assert_eq!(spawn.ready_timeout(), Duration::from_secs(30));
        assert_eq!(config.max_body_bytes.0, 16 * 1024 * 1024);
    }

    #[test]
    fn an_unknown_key_is_an_error_at_every_level() {
        for json in [
            r#"{"sidecar":{}}"#,
            r#"{"sidecars":{"python":{"run":{}}}}"#,
            r#"{"sidecars":{"python":{"spawn":{"command":["a"],"timeout":1}}}}"#,
            r#"{"sidecars":{"python":{"attach":{"url":"http://127.0.0.1:1","path":"/"}}}}"#,
        ] {
            let error = parse(json).expect_err(json);
            assert!(error.contains("unknown"), "{json}: {error}");
        }
    }

    #[test]
    fn a_name_must_be_able_to_be_an_origin() {
        for name in ["", "Python", "a b", "1a", "-a", "a_b", "é", &"a".repeat(33)] {
            let error = SidecarName::try_from(name.to_owned()).expect_err(name);
            assert!(error.contains(name), "{error}");
        }
        let name = SidecarName::try_from("py-2".to_owned()).expect("valid");
        assert_eq!(name.principal().as_str(), "sidecar-bridge://py-2");
    }

    #[test]
    fn attaching_stays_on_this_machine() {
        for url in [
            "https://127.0.0.1",
            "http://example.com",
            "http://10.0.0.1:80",
            "http://127.0.0.1/api",
            "ftp://localhost",
        ] {
            let json = format!(r#"{{"sidecars":{{"x":{{"attach":{{"url":"{url}"}}}}}}}}"#);
            assert!(
                parse(&json).expect_err(url).contains("cannot be attached"),
                "{url}"
            );
        }
        let json = r#"{"sidecars":{"x":{"attach":{"url":"http://[::1]","healthPath":"up"}}}}"#;
        assert!(
            parse(json)
                .expect_err("relative")
                .contains("begin it with `/`")
        );
        parse(r#"{"sidecars":{"x":{"attach":{"url":"http://[::1]:1430"}}}}"#).expect("valid");
    }
}
