//! What the pages and Python can ask of the app.
#![expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]

use std::{
    fs, io,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, Manager, Runtime, State};
use tauri_plugin_sidecar_bridge::{Result as BridgeResult, SidecarBridgeExt};
use tauri_specta::Event;

/// What the host emits when somebody has logged in or out.
#[derive(Clone, Debug, Deserialize, Serialize, Type, Event)]
#[serde(rename_all = "camelCase")]
pub struct SessionChanged {
    signed_in: bool,
}

/// The token of who is logged in. It is kept here alone: not on the disk, where backups and other programs find it, and not
/// in a page's storage. Both windows share it, and it ends with the app.
#[derive(Debug, Default)]
pub struct Session(Mutex<Option<String>>);

impl Session {
    fn replace(&self, token: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }

    fn token(&self) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Whether this is a development build.
#[tauri::command]
#[specta::specta]
pub fn is_dev_mode() -> bool {
    tauri::is_dev()
}

/// Where the app keeps what it has to keep; the directory is there.
#[tauri::command]
#[specta::specta]
pub fn data_dir<R: Runtime>(app: AppHandle<R>) -> Result<String, String> {
    let directory = app.path().app_data_dir().map_err(|e| e.to_string())?;
    create_private(&directory)
        .map_err(|error| format!("{} cannot be made: {error}", directory.display()))?;
    Ok(directory.to_string_lossy().into_owned())
}

/// Answers; for measuring how long that takes.
#[tauri::command]
#[specta::specta]
pub fn ping() {}

/// The token of who is logged in.
#[tauri::command]
#[specta::specta]
pub fn session(session: State<'_, Session>) -> Option<String> {
    session.token()
}

/// Keeps the token of who has logged in, in memory, for all windows.
#[tauri::command]
#[specta::specta]
pub fn remember_session<R: Runtime>(
    app: AppHandle<R>,
    session: State<'_, Session>,
    token: String,
) -> Result<(), String> {
    session.replace(Some(token));
    announce(&app, true)
}

/// Forgets the token.
#[tauri::command]
#[specta::specta]
pub fn forget_session<R: Runtime>(
    app: AppHandle<R>,
    session: State<'_, Session>,
) -> Result<(), String> {
    session.replace(None);
    announce(&app, false)
}

/// How long a request from Rust to FastAPI takes, in ms.
#[tauri::command]
#[specta::specta]
pub async fn measure_sidecar<R: Runtime>(app: AppHandle<R>) -> BridgeResult<f64> {
    let python = app.sidecar_bridge().sidecar("python")?;
    let begun = Instant::now();
    let health = python.client().get("/health");
    let answer = health.timeout(Duration::from_secs(5)).send();
    answer.await?.success().await?.bytes().await?;
    Ok(begun.elapsed().as_secs_f64() * 1000.0)
}

fn announce<R: Runtime>(app: &AppHandle<R>, signed_in: bool) -> Result<(), String> {
    SessionChanged { signed_in }
        .emit(app)
        .map_err(|error| error.to_string())
}

/// Makes a directory that is for this user alone: there are password hashes in it.
fn create_private(directory: &std::path::Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(directory)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use serde_json::json;
    use tauri::{
        App,
        async_runtime::block_on,
        test::{MockRuntime, mock_builder, mock_context, noop_assets},
        utils::config::AppDirectoriesOverride,
    };
    use tauri_plugin_sidecar_bridge::{
        ErrorCode, StatusCode,
        testing::{self, Answer, FakeSidecar},
    };
    use tauri_specta::{Builder, collect_events};

    use super::*;

    fn app(builder: tauri::Builder<MockRuntime>) -> App<MockRuntime> {
        let app = builder.build(mock_context(noop_assets()));
        app.expect("the app builds")
    }

    #[test]
    fn a_request_to_fastapi_is_measured() {
        let python = FakeSidecar::new("python");
        python.route("GET /health", |_| Answer::json(&json!({ "status": "ok" })));
        let app = app(mock_builder().plugin(testing::plugin([&python])));
        let ms = block_on(measure_sidecar(app.handle().clone()));
        assert!(ms.expect("it answers") > 0.0);
        assert_eq!(python.requests()[0].path, "/health");
    }

    #[test]
    fn an_answer_that_is_an_error_is_no_measurement() {
        let python = FakeSidecar::new("python");
        python.route("GET /health", |_| {
            Answer::text("the disk is full").status(StatusCode::INTERNAL_SERVER_ERROR)
        });
        let app = app(mock_builder().plugin(testing::plugin([&python])));
        let error = block_on(measure_sidecar(app.handle().clone())).expect_err("it fails");
        assert_eq!(error.code(), ErrorCode::Internal);
    }

    #[test]
    fn all_windows_share_a_session_and_hear_of_it() {
        let app = app(mock_builder().manage(Session::default()));
        let bindings = Builder::<MockRuntime>::new().events(collect_events![SessionChanged]);
        bindings.mount_events(&app);
        let (tell, told) = mpsc::channel();
        SessionChanged::listen(app.handle(), move |event| {
            tell.send(event.payload.signed_in).expect("the test waits");
        });
        assert_eq!(session(app.state()), None);

        remember_session(app.handle().clone(), app.state(), "token".into()).expect("it is told");
        assert_eq!(session(app.state()).as_deref(), Some("token"));
        assert_eq!(told.try_recv(), Ok(true));

        forget_session(app.handle().clone(), app.state()).expect("it is told");
        assert_eq!(session(app.state()), None);
        assert_eq!(told.try_recv(), Ok(false));
    }

    #[test]
    fn the_data_directory_is_made_for_this_user_alone() {
        let parent = tempfile::tempdir().expect("a directory");
        let wanted = parent.path().join("not yet/there");
        let mut context = mock_context(noop_assets());
        context.config_mut().app.app_directories_override =
            Some(AppDirectoriesOverride::Root(wanted.clone()));
        let app = mock_builder().build(context).expect("the app builds");

        for _ in ["made", "there already"] {
            let given = data_dir(app.handle().clone());
            assert_eq!(given, Ok(wanted.to_string_lossy().into_owned()));
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let made = fs::metadata(wanted).expect("it is there");
            assert_eq!(made.permissions().mode() & 0o777, 0o700);
        }
    }
}
