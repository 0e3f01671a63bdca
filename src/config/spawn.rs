//! A sidecar that the host starts.

use std::{collections::BTreeMap, path::Path, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    command::Command, digest::Sha256Digest, fault::Faults, millis::Millis, paths::ConfigPath,
    standby::Standby,
};

/// How to start a sidecar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a key of its own in the configuration"
)]
pub struct Spawn {
    /// The program and its arguments. A bare name is looked up beside the app's own program, then on `PATH`; a path may begin with
    /// one of Tauri's variables, such as `$RESOURCE/sidecar/main`, and is otherwise relative to the resource directory.
    #[schemars(extend("examples" = [["python3", "main.py"], ["$RESOURCE/sidecar/python/python"]]))]
    pub(crate) command: Command,
    /// The working directory; it may begin with one of Tauri's variables, and is otherwise relative to the resource
    /// directory. Default: the resource directory.
    #[serde(default = "ConfigPath::resources")]
    #[schemars(extend("examples" = ["$RESOURCE/sidecar"]))]
    pub(crate) cwd: ConfigPath,
    /// Variables added to the environment that the sidecar inherits from the app.
    #[serde(default)]
    #[schemars(extend("examples" = [{ "DATABASE": "$APPDATA/app.db", "APP_LOG": "info" }]))]
    pub(crate) env: BTreeMap<String, String>,
    /// Variables that the sidecar inherits although they usually break a Python that is not the app's own, such as
    /// `LD_LIBRARY_PATH` and `PYTHONPATH`. Default: none.
    #[serde(default)]
    #[schemars(extend("examples" = [["PYTHONPATH"]]))]
    pub(crate) keep_env: Vec<String>,
    /// SHA-256 of the program, which must be given as a path, in 64 hexadecimal digits; another file is not started.
    #[serde(default)]
    #[schemars(extend("examples" = ["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]))]
    pub(crate) sha256: Option<Sha256Digest>,
    /// Whether a sidecar that ends by itself is started again: after a pause that doubles from 100 ms to 10 s, at most 5
    /// times within 60 s. Default: true.
    #[serde(default = "restarted")]
    #[schemars(extend("examples" = [false]))]
    pub(crate) restart: bool,
    /// How long the sidecar may take until it announces that it serves, in ms; whatever it reports until then gives it as
    /// long again. Default: 30 000.
    #[serde(default = "ready_within")]
    #[schemars(extend("examples" = [120_000]))]
    pub(crate) ready_timeout_ms: Millis,
    /// How long the sidecar may take to end once it was asked to stop, in ms: to finish background tasks, and for what follows the
    /// `yield` of its lifespan. After that it is ended by force. Default: 10 000.
    #[serde(default = "stopped_within")]
    #[schemars(extend("examples" = [30_000]))]
    pub(crate) stop_timeout_ms: Millis,
    /// What becomes of a sidecar that does not answer any more. Default: `restartDead`.
    #[serde(default)]
    #[schemars(extend("examples" = ["report", { "restartAfterMs": 30_000 }]))]
    pub(crate) watchdog: Watchdog,
    /// How long a sidecar may be silent that was asked twice whether it lives, until it counts as dead, in ms. A debugger that
    /// stops the whole process needs more. Default: 1000.
    #[serde(default = "dead_after")]
    #[schemars(extend("examples" = [5000]))]
    pub(crate) dead_after_ms: Millis,
    /// What a spare process does ahead that stands ready as the next generation, see `docs/standby.md`. There is none on Windows.
    /// Default: `off`; `dev` has its own.
    #[serde(default)]
    #[schemars(extend("examples" = ["app"]))]
    pub(crate) standby: Standby,
    /// Modules that the spare does not import ahead, with what is in them: such as those that start threads or open a GPU when
    /// they are imported. Default: none.
    #[serde(default)]
    #[schemars(extend("examples" = [["grpc", "torch"]]))]
    pub(crate) standby_without: Vec<String>,
    /// Whether the host keeps the cookies that the sidecar sets for pages, in memory, and sends them along. Default: false.
    #[serde(default)]
    #[schemars(extend("examples" = [true]))]
    pub(crate) cookies: bool,
    /// Whether the host keeps cookies, and those with an expiry in a file of the app's data directory, too. Default: false.
    #[serde(default)]
    #[schemars(extend("examples" = [true]))]
    pub(crate) persist_cookies: bool,
    /// The label of the window in which the sidecar's calls run that name none, if that window is open; else they run in the
    /// oldest window in which the ACL grants them. Default: `main`.
    #[serde(default = "main_window")]
    #[schemars(extend("examples" = ["dashboard"]))]
    pub(crate) window: String,
    /// Whether the sidecar's calls run in a hidden webview, `sidecar-bridge-agent`, while the app has no window open; the
    /// plugin makes the webview for them, and capabilities name it as a window. Default: false.
    #[serde(default)]
    #[schemars(extend("examples" = [true]))]
    pub(crate) agent: bool,
    /// What is different under `tauri dev`. Default: nothing.
    #[serde(default)]
    #[schemars(extend("examples" = [{ "command": ["python3", "main.py"], "cwd": "../sidecar", "reload": ["../sidecar"] }]))]
    pub(crate) dev: Dev,
    #[serde(skip)]
    pub(super) faults: Faults,
}

impl Spawn {
    /// A sidecar that this program is, with these arguments: `Spawn::new(["python3", "main.py"])`.
    ///
    /// A bare name is looked up beside the app's own program, then on `PATH`; a path may begin with one of Tauri's variables,
    /// such as `$RESOURCE/sidecar/main`, and is otherwise relative to the resource directory. No program, and a variable that Tauri
    /// does not have, are errors when the app is built; see [`Config::sidecar`](super::Config::sidecar).
    #[must_use]
    pub fn new(command: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut faults = Faults::default();
        let command = faults.right("spawn.command", Command::of(command));
        Self {
            command: command.unwrap_or_else(Command::none),
            cwd: ConfigPath::resources(),
            env: BTreeMap::new(),
            keep_env: Vec::new(),
            sha256: None,
            restart: restarted(),
            ready_timeout_ms: ready_within(),
            stop_timeout_ms: stopped_within(),
            watchdog: Watchdog::default(),
            dead_after_ms: dead_after(),
            standby: Standby::Off,
            standby_without: Vec::new(),
            cookies: false,
            persist_cookies: false,
            window: main_window(),
            agent: false,
            dev: Dev::default(),
            faults,
        }
    }

    /// The working directory; it may begin with one of Tauri's variables, and is otherwise relative to the resource
    /// directory. A variable that Tauri does not have is an error when the app is built. Default: the resource directory.
    #[must_use]
    pub fn cwd(mut self, directory: impl AsRef<Path>) -> Self {
        let directory = ConfigPath::of(directory);
        if let Some(directory) = self.faults.right("spawn.cwd", directory) {
            self.cwd = directory;
        }
        self
    }

    /// Adds a variable to the environment that the sidecar inherits from the app; the last value of a name counts.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    /// Lets the sidecar inherit one more variable although it usually breaks a Python that is not the app's own, such as
    /// `LD_LIBRARY_PATH` or `PYTHONPATH`. Default: none.
    #[must_use]
    pub fn keep_env(mut self, name: impl Into<String>) -> Self {
        self.keep_env.push(name.into());
        self
    }

    /// SHA-256 of the program, which must be given as a path, in 64 hexadecimal digits; another file is not started, and the
    /// sidecar has `failed`. What is not such digits is an error when the app is built. Default: any file is started.
    #[must_use]
    pub fn sha256(mut self, digits: impl Into<String>) -> Self {
        let digest = Sha256Digest::try_from(digits.into());
        if let Some(digest) = self.faults.right("spawn.sha256", digest) {
            self.sha256 = Some(digest);
        }
        self
    }

    /// Whether a sidecar that ends by itself is started again: after a pause that doubles from 100 ms to 10 s, at most 5
    /// times within 60 s. Default: true.
    #[must_use]
    pub const fn restart(mut self, again: bool) -> Self {
        self.restart = again;
        self
    }

    /// How long the sidecar may take until it announces that it serves, in whole milliseconds; whatever it reports until
    /// then gives it as long again. After that it has `failed`. Default: 30 s.
    #[must_use]
    pub fn ready_timeout(mut self, limit: Duration) -> Self {
        self.ready_timeout_ms = limit.into();
        self
    }

    /// How long the sidecar may take to end once it was asked to stop, in whole milliseconds: to finish background tasks, and for
    /// what follows the `yield` of its lifespan. After that it is ended by force. Default: 10 s.
    #[must_use]
    pub fn stop_timeout(mut self, limit: Duration) -> Self {
        self.stop_timeout_ms = limit.into();
        self
    }

    /// How long a sidecar may be silent that was asked twice whether it lives, until it counts as dead, in whole milliseconds. A
    /// debugger that stops the whole process needs more. Default: 1 s.
    #[must_use]
    pub fn dead_after(mut self, silence: Duration) -> Self {
        self.dead_after_ms = silence.into();
        self
    }

    /// What becomes of a sidecar that does not answer any more. Default: [`Watchdog::RestartDead`].
    #[must_use]
    pub const fn watchdog(mut self, watchdog: Watchdog) -> Self {
        self.watchdog = watchdog;
        self
    }

    /// What a spare process does ahead that stands ready as the next generation, see `docs/standby.md`. There is none on Windows.
    /// Default: [`Standby::Off`]; [`Dev`] has its own.
    #[must_use]
    pub const fn standby(mut self, ahead: Standby) -> Self {
        self.standby = ahead;
        self
    }

    /// Leaves one more module, with what is in it, to be imported when it is used: such as one that starts a thread or opens a
    /// GPU when it is imported. Default: none.
    #[must_use]
    pub fn standby_without(mut self, module: impl Into<String>) -> Self {
        self.standby_without.push(module.into());
        self
    }

    /// Whether the host keeps the cookies that the sidecar sets for pages, in memory, and sends them along. Default: false.
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

    /// The label of the window in which the sidecar's calls run that name none, if that window is open; else they run in the
    /// oldest window in which the ACL grants them. Default: `main`.
    #[must_use]
    pub fn window(mut self, label: impl Into<String>) -> Self {
        self.window = label.into();
        self
    }

    /// Whether the sidecar's calls run in a hidden webview, `sidecar-bridge-agent`, while the app has no window open; the
    /// plugin makes the webview for them, and capabilities name it as a window. Default: false.
    #[must_use]
    pub const fn agent(mut self, stands_in: bool) -> Self {
        self.agent = stands_in;
        self
    }

    /// What is different under `tauri dev`. Default: nothing.
    #[must_use]
    pub fn dev(mut self, dev: Dev) -> Self {
        self.faults.take_over("spawn.dev", &dev.faults);
        self.dev = dev;
        self
    }
}

fn main_window() -> String {
    "main".to_owned()
}

const fn restarted() -> bool {
    true
}

const fn ready_within() -> Millis {
    Millis(30_000)
}

const fn stopped_within() -> Millis {
    Millis(10_000)
}

const fn dead_after() -> Millis {
    Millis(1000)
}

/// What becomes of a sidecar that does not answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Watchdog {
    /// Nobody listens to it.
    Off,
    /// One that does not answer becomes `unresponsive`, and nothing else.
    Report,
    /// One whose event loop is blocked becomes `unresponsive`. One in which nothing answers, such as a stopped process, is started
    /// again after `deadAfterMs`.
    #[default]
    RestartDead,
    /// One whose event loop is blocked is started again, too, once it has been so for that long, in ms.
    RestartAfterMs(u64),
}

/// What is different under `tauri dev`. Relative paths are relative to where the app is started: `src-tauri`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Dev {
    /// The program and its arguments, instead of `command`. It is not checked against `sha256`. A bare name is looked up beside the
    /// app's own program, then on `PATH`; a path may begin with one of Tauri's variables, and is otherwise relative to `src-tauri`.
    #[schemars(extend("examples" = [["python3", "main.py"]]))]
    pub(crate) command: Option<Command>,
    /// The working directory, instead of `cwd`; it may begin with one of Tauri's variables, and is otherwise relative to
    /// `src-tauri`.
    #[schemars(extend("examples" = ["../sidecar"]))]
    pub(crate) cwd: Option<ConfigPath>,
    /// Directories whose `.py` files are watched: after a change the sidecar is started again. They may begin with one of
    /// Tauri's variables, and are otherwise relative to `src-tauri`.
    #[schemars(extend("examples" = [["../sidecar"]]))]
    pub(crate) reload: Vec<ConfigPath>,
    /// What the spare does ahead, instead of `standby`. Default: `imports`.
    #[schemars(extend("examples" = ["off"]))]
    pub(crate) standby: Option<Standby>,
    #[serde(skip)]
    faults: Faults,
}

impl Dev {
    /// Nothing is different yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The program and its arguments, instead of those of [`Spawn::new`]. It is not checked against the SHA-256. A bare name
    /// is looked up on `PATH`; a path may begin with one of Tauri's variables, and is otherwise relative to where the app is
    /// started: `src-tauri`. No program, and a variable that Tauri does not have, are errors when the app is built.
    #[must_use]
    pub fn command(mut self, command: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let command = self.faults.right("command", Command::of(command));
        self.command = command.or(self.command);
        self
    }

    /// The working directory, instead of that of [`Spawn::cwd`]; it may begin with one of Tauri's variables, and is otherwise
    /// relative to where the app is started: `src-tauri`. A variable that Tauri does not have is an error when the app is
    /// built.
    #[must_use]
    pub fn cwd(mut self, directory: impl AsRef<Path>) -> Self {
        let directory = self.faults.right("cwd", ConfigPath::of(directory));
        self.cwd = directory.or(self.cwd);
        self
    }

    /// Watches the `.py` files of one more directory: after a change the sidecar is started again. It may begin with one of
    /// Tauri's variables, and is otherwise relative to where the app is started: `src-tauri`. A variable that Tauri does not
    /// have is an error when the app is built; a directory that is not there makes the sidecar `failed`.
    #[must_use]
    pub fn reload(mut self, directory: impl AsRef<Path>) -> Self {
        let directory = self.faults.right("reload", ConfigPath::of(directory));
        self.reload.extend(directory);
        self
    }

    /// What the spare does ahead, instead of that of [`Spawn::standby`]. Default: [`Standby::Imports`].
    #[must_use]
    pub const fn standby(mut self, ahead: Standby) -> Self {
        self.standby = Some(ahead);
        self
    }
}
