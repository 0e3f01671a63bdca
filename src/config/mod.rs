//! What `tauri.conf.json > plugins > sidecar-bridge` may say, and the same in Rust.
//!
//! ```
//! use std::time::Duration;
//! use tauri_plugin_sidecar_bridge::{
//!     Builder, Config,
//!     config::{Attach, Dev, Spawn, Watchdog},
//! };
//!
//! let python = Spawn::new(["python3", "main.py"])
//!     .cwd("$RESOURCE/sidecar")
//!     .env("APP_LOG", "info")
//!     .watchdog(Watchdog::RestartAfterMs(30_000))
//!     .dev(Dev::new().cwd("../sidecar").reload("../sidecar"));
//! let models = Attach::new("http://127.0.0.1:1430").timeout(Duration::from_secs(120));
//! let config = Config::new().sidecar("python", python).sidecar("models", models);
//!
//! fn with_python<R: tauri::Runtime>(builder: tauri::Builder<R>, config: Config) -> tauri::Builder<R> {
//!     builder.plugin(Builder::new().config(config).build())
//! }
//! # config.check().expect("nothing is wrong with it");
//! ```
//!
//! A wrong value is no panic where it is said: like a wrong key of `tauri.conf.json` it is the error with which the app
//! does not build, and [`Config::check`] tells it before.
//!
//! # Paths
//! Every path follows one rule. It may begin with one of Tauri's variables, such as `$RESOURCE`, `$APPDATA` or `$HOME`; it
//! may be absolute; otherwise it is relative to the folder that its key documents. `..` goes up, and stays as it is
//! written.

mod attach;
mod command;
mod digest;
mod fault;
mod millis;
mod name;
mod paths;
mod spawn;
mod standby;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Kind, Result};

pub use attach::Attach;
pub(crate) use attach::LoopbackUrl;
pub(crate) use command::{Command, Program};
pub(crate) use digest::Sha256Digest;
pub(crate) use name::SidecarName;
pub(crate) use paths::{ConfigPath, Folder};
pub use spawn::{Dev, Spawn, Watchdog};
pub use standby::Standby;

use fault::Faults;
pub(crate) use millis::Millis;

/// The plugin's configuration. Unknown keys are errors, so that a typing mistake never passes unnoticed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "tauri.conf.json > plugins > sidecar-bridge")]
#[non_exhaustive]
pub struct Config {
    /// The sidecars of the app, by name: 1 to 32 of `a-z`, `0-9` and `-`, beginning with a letter. Each has `spawn` or `attach`.
    #[schemars(extend("examples" = [{ "python": { "spawn": { "command": ["python3", "main.py"] } } }]))]
    pub(crate) sidecars: BTreeMap<SidecarName, SidecarConfig>,
    /// Largest body, in bytes, that is held in memory whole: of a call to the host, of an answer that Rust reads at once,
    /// and of a message of a WebSocket. Default: 16 MiB.
    #[schemars(extend("examples" = [67_108_864]))]
    pub(crate) max_body_bytes: MaxBodyBytes,
    /// How long a request of a page waits for a sidecar that does not serve yet, in ms. Default: 30 000.
    #[schemars(extend("examples" = [60_000]))]
    wait_ms: WaitMs,
    /// What becomes of a sidecar whose generated bindings were not made from this app, if the app knows its own contract
    /// (`Builder::contract`). Default: `warn` under `tauri dev`, else `refuse`.
    #[schemars(extend("examples" = ["ignore"]))]
    stale_bindings: Option<StaleBindings>,
    /// What Rust code said and cannot be.
    #[serde(skip)]
    faults: Faults,
}

/// What becomes of a sidecar whose generated bindings were not made from this app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum StaleBindings {
    /// It serves, and its status has a `warning`.
    Warn,
    /// It is ended, and has `failed`.
    Refuse,
    /// Nothing.
    Ignore,
}

impl Config {
    /// A configuration without sidecars, for [`Builder::config`](crate::Builder::config).
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a sidecar: a [`Spawn`] or an [`Attach`]. The name is 1 to 32 of `a-z`, `0-9` and `-`, beginning with a letter;
    /// `bridge.sidecar(name)` and the principal `sidecar-bridge://<name>` of capability files have it.
    ///
    /// A name that cannot be, one that is taken, and all that is wrong with the sidecar are what [`check`](Self::check)
    /// tells.
    #[must_use]
    pub fn sidecar(mut self, name: impl AsRef<str>, sidecar: impl Into<SidecarConfig>) -> Self {
        let (name, sidecar) = (name.as_ref(), sidecar.into());
        let place = format!("sidecars.{name}");
        let wrong = self.faults.take_over(&place, sidecar.faults());
        match SidecarName::try_from(name.to_owned()) {
            Err(text) => self.faults.add("sidecars", text),
            Ok(name) if self.sidecars.contains_key(&name) => {
                let text = format!("two sidecars are named `{name}`; give each a name of its own");
                self.faults.add("sidecars", text);
            }
            Ok(_) if wrong => {}
            Ok(name) => drop(self.sidecars.insert(name, sidecar)),
        }
        self
    }

    /// Largest body, in bytes, that is held in memory whole: of a call to the host, of an answer that Rust reads at once,
    /// and of a message of a WebSocket; a larger one is `resource_exhausted`. Default: 16 MiB.
    #[must_use]
    pub const fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = MaxBodyBytes(bytes);
        self
    }

    /// How long a request of a page waits for a sidecar that does not serve yet, in whole milliseconds; then it is
    /// `unavailable`. Default: 30 s.
    #[must_use]
    pub fn wait(mut self, limit: Duration) -> Self {
        self.wait_ms = WaitMs(limit.into());
        self
    }

    /// What becomes of a sidecar whose generated bindings were not made from this app, if the app knows its own contract
    /// ([`Builder::contract`](crate::Builder::contract)). Default: a warning under `tauri dev`, else it is refused.
    #[must_use]
    pub const fn stale_bindings(mut self, outcome: StaleBindings) -> Self {
        self.stale_bindings = Some(outcome);
        self
    }

    /// The names of the sidecars, in the alphabet's order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sidecars.keys().map(SidecarName::as_str)
    }

    /// Tells whether all that Rust code said can be. The plugin's setup does it too, so only a test has reason to.
    ///
    /// # Errors
    /// `invalid_argument`, with every wrong value under the key that it has in `tauri.conf.json`.
    pub fn check(&self) -> Result<()> {
        if self.faults.is_empty() {
            return Ok(());
        }
        Err(Kind::Config(self.faults.to_string()).into())
    }

    /// How long a request of a page waits.
    pub(crate) fn waiting(&self) -> Duration {
        self.wait_ms.0.into()
    }

    /// What becomes of a sidecar whose bindings are stale, also where nothing was said of it.
    pub(crate) fn on_stale_bindings(&self) -> StaleBindings {
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
struct WaitMs(Millis);

impl Default for WaitMs {
    fn default() -> Self {
        Self(Millis(30_000))
    }
}

/// A limit in bytes; 16 MiB by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct MaxBodyBytes(pub usize);

impl Default for MaxBodyBytes {
    fn default() -> Self {
        Self(16 * 1024 * 1024)
    }
}

/// Where a sidecar comes from: the host starts it, or it already runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
#[expect(
    clippy::large_enum_variant,
    reason = "there are few, and a box would be no help to who writes one"
)]
pub enum SidecarConfig {
    /// The host starts the process and owns its life.
    Spawn(Spawn),
    /// Somebody else runs an HTTP server; the host only talks to it.
    Attach(Attach),
}

impl SidecarConfig {
    pub(crate) const fn cookies(&self) -> bool {
        match self {
            Self::Spawn(spawn) => spawn.cookies,
            Self::Attach(attach) => attach.cookies,
        }
    }

    pub(crate) const fn persist_cookies(&self) -> bool {
        match self {
            Self::Spawn(spawn) => spawn.persist_cookies,
            Self::Attach(attach) => attach.persist_cookies,
        }
    }

    const fn faults(&self) -> &Faults {
        match self {
            Self::Spawn(spawn) => &spawn.faults,
            Self::Attach(attach) => &attach.faults,
        }
    }
}

impl From<Spawn> for SidecarConfig {
    fn from(spawn: Spawn) -> Self {
        Self::Spawn(spawn)
    }
}

impl From<Attach> for SidecarConfig {
    fn from(attach: Attach) -> Self {
        Self::Attach(attach)
    }
}
