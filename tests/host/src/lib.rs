//! An app without a screen: the real plugin and a real ACL from capability files, on Tauri's mock runtime.

mod channels;
mod resources;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tauri::{
    AppHandle, Context, Manager, RunEvent, Webview, WebviewWindowBuilder, http,
    ipc::{InvokeBody, Request, Response},
    test::{MockRuntime, mock_builder},
};
use tauri_plugin_sidecar_bridge::{Builder, Config};

pub use channels::Page;
pub use resources::{Gate, Noted};

/// What `greet` answers.
#[derive(Debug, Serialize, Deserialize)]
pub struct Greeting {
    message: String,
}

/// Why `greet` refuses.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum GreetError {
    /// Nobody to greet.
    EmptyName,
}

#[tauri::command]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
fn greet(name: String) -> Result<Greeting, GreetError> {
    if name.is_empty() {
        return Err(GreetError::EmptyName);
    }
    Ok(Greeting {
        message: format!("Hello, {name}!"),
    })
}

#[tauri::command]
async fn echo(value: Value) -> Value {
    value
}

#[tauri::command]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
fn reverse(request: Request<'_>) -> Result<Response, String> {
    match request.body() {
        InvokeBody::Raw(bytes) => Ok(Response::new(
            bytes.iter().rev().copied().collect::<Vec<u8>>(),
        )),
        InvokeBody::Json(_) => Err("raw bytes expected".into()),
    }
}

/// A header of the call, as the commands of `tauri-plugin-fs` read theirs.
#[tauri::command]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
fn header(request: Request<'_>, name: String) -> Option<String> {
    let value = request.headers().get(name)?;
    Some(value.to_str().expect("visible ASCII").to_owned())
}

/// How many bytes came.
#[tauri::command]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
fn take_bytes(request: Request<'_>) -> Result<usize, String> {
    match request.body() {
        InvokeBody::Raw(bytes) => Ok(bytes.len()),
        InvokeBody::Json(_) => Err("raw bytes expected".into()),
    }
}

/// So many bytes.
#[tauri::command]
fn give_bytes(count: usize) -> Response {
    Response::new(vec![0; count])
}

#[tauri::command]
fn fail() -> Result<(), String> {
    Err("it failed on purpose".into())
}

#[tauri::command]
fn secret() -> &'static str {
    "for the page alone"
}

/// The label of the webview that this command runs in.
#[tauri::command]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
fn whereabouts(webview: Webview<MockRuntime>) -> String {
    webview.label().to_owned()
}

/// What may differ in the app.
#[derive(Clone, Copy, Debug)]
pub struct App {
    /// Its configuration and its ACL.
    pub context: fn() -> Context<MockRuntime>,
    /// The labels of its windows, in the order in which they are opened.
    pub windows: &'static [&'static str],
    /// Whether it gives sidecars what commands send over channels, as an app should.
    pub intercepts: bool,
    /// A URI scheme that it registers. Tauri takes what comes from one for the app's page, so it should not be
    /// `sidecar-bridge`.
    pub scheme: Option<&'static str>,
}

impl Default for App {
    fn default() -> Self {
        Self {
            context: || tauri::generate_context!(),
            windows: &["main"],
            intercepts: true,
            scheme: None,
        }
    }
}

/// Runs the app for as long as `live` does, then closes its windows, which ends it as it ends a real one.
///
/// The mock event loop sleeps for a second after each message. So the app lives before that loop: then Tauri runs what
/// is sent to the main thread at once, on the thread that sends it.
///
/// # Panics
/// If Tauri cannot build the app.
pub fn run(config: Config, app: App, live: impl FnOnce(&AppHandle<MockRuntime>)) {
    let mut builder = mock_builder();
    if app.intercepts {
        builder = builder.channel_interceptor(channels::interceptor());
    }
    if let Some(scheme) = app.scheme {
        builder = builder
            .register_uri_scheme_protocol(scheme, |_, _| http::Response::new(Vec::<u8>::new()));
    }
    let mut built = builder
        .plugin(tauri_plugin_fs::init())
        .plugin(Builder::new().config(config).build())
        .manage(channels::Kept::default())
        .manage(Page::default())
        .manage(Gate::default())
        .manage(Noted::default())
        .invoke_handler(tauri::generate_handler![
            greet,
            echo,
            reverse,
            take_bytes,
            give_bytes,
            fail,
            secret,
            whereabouts,
            channels::tell,
            channels::hold,
            channels::keep,
            channels::tell_late,
            channels::tell_from_thread,
            header,
            resources::make_at_gate,
            resources::note,
        ])
        .setup(move |setup| {
            for label in app.windows {
                open(setup.handle(), label)?;
            }
            Ok(())
        })
        .build((app.context)())
        .expect("the test app builds");
    #[expect(deprecated, reason = "it is called once, for the setup that it runs")]
    built.run_iteration(|_, _| {});
    live(built.handle());
    built.run(|app, event| {
        if let RunEvent::Ready = event {
            if app.webview_windows().is_empty() {
                open(app, "last").expect("a window opens");
            }
            for window in app.webview_windows().into_values() {
                window.destroy().expect("the window closes");
            }
        }
    });
}

/// Opens a window with that label.
///
/// # Errors
/// When there is one already.
pub fn open(app: &AppHandle<MockRuntime>, label: &str) -> tauri::Result<()> {
    let mut window = app.config().app.windows[0].clone();
    label.clone_into(&mut window.label);
    WebviewWindowBuilder::from_config(app, &window)?
        .build()
        .map(drop)
}
