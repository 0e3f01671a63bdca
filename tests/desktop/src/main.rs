//! An app with every official desktop plugin, and nothing of its own: what happens in it, Python has asked Tauri for.
//!
//! `DESKTOP_TEST_SIDECARS` has the configuration of the bridge as JSON, and `DESKTOP_TEST_UPDATER` that of the updater. The
//! tests look at its windows by X11, so elsewhere it is nothing, and compiles no plugin.

#[cfg(target_os = "linux")]
mod app;

fn main() {
    #[cfg(target_os = "linux")]
    app::run();
}
