//! The test host as many apps are: its commands are registered, and not declared to Tauri's ACL.

use test_host::App;

/// The app.
#[must_use]
pub fn app() -> App {
    App {
        context: || tauri::generate_context!(),
        ..App::default()
    }
}
