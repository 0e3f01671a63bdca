//! The quickstart: a page, a Rust command and a FastAPI sidecar that talk in all four directions.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::time::{Duration, Instant};

use serde::Serialize;
use specta::Type;
use tauri::{AppHandle, Wry, async_runtime};
use tauri_plugin_sidecar_bridge::{Result as BridgeResult, Sidecar, SidecarBridgeExt};
use tauri_specta::{Builder, ErrorHandlingMode, Event, collect_commands, collect_events};

#[derive(Serialize, Type)]
struct Greeting {
    message: String,
}

#[derive(Serialize, Type)]
#[serde(rename_all = "camelCase")]
enum GreetError {
    EmptyName,
}

/// Greets somebody; the page and Python call it.
#[tauri::command]
#[specta::specta]
fn greet(name: &str) -> Result<Greeting, GreetError> {
    if name.is_empty() {
        return Err(GreetError::EmptyName);
    }
    let message = format!("Hello from Rust, {name}!");
    Ok(Greeting { message })
}

/// What the sidecar says of its health, and how long that took.
#[derive(Clone, Serialize, Type, Event)]
struct Health {
    status: String,
    ms: f64,
}

/// What Python emits at every question.
#[derive(Clone, Serialize, Type, Event)]
struct Asked {
    count: u32,
}

async fn watch_health(app: AppHandle, python: Sidecar) -> BridgeResult<()> {
    python.wait_ready(Duration::from_secs(30)).await?;
    loop {
        let start = Instant::now();
        let status: String = python.client().get("/health").send().await?.json().await?;
        let ms = start.elapsed().as_secs_f64() * 1000.0;
        Health { status, ms }.emit(&app)?;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// The commands and events: what the app answers to, and what TypeScript and Python are generated from.
fn builder() -> Builder<Wry> {
    Builder::new()
        .commands(collect_commands![greet])
        .events(collect_events![Asked, Health])
        .error_handling(ErrorHandlingMode::Throw)
        .disable_serde_phases()
}

fn main() {
    let bindings = builder();
    tauri::Builder::default()
        // [snippet: rust]
        .plugin(tauri_plugin_sidecar_bridge::init()) // starts Python, and ends it with the app
        .invoke_handler(bindings.invoke_handler())
        .setup(move |app| {
            bindings.mount_events(app);
            let python = app.sidecar_bridge().sidecar("python")?;
            async_runtime::spawn(watch_health(app.handle().clone(), python));
            Ok(())
        })
        // [end]
        .run(tauri::generate_context!())
        .expect("Tauri starts");
}

#[cfg(test)]
mod tests {
    use std::{env, fs, path::Path};

    use specta_typescript::Typescript;
    use tauri_plugin_sidecar_bridge::codegen::Python;

    #[test]
    fn bindings_are_current() -> Result<(), Box<dyn std::error::Error>> {
        let (typescript, python) = ("src/bindings.ts", "sidecar/bindings.py");
        let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let fresh = tempfile::tempdir()?;
        let to = env::var_os("BLESS").map_or(fresh.path(), |_| &app);
        super::builder().export(Typescript::default(), to.join(typescript))?;
        let generator = Python::default().command_line("scripts/generate");
        super::builder().export(generator, to.join(python))?;
        for file in [typescript, python] {
            let read = |root: &Path| fs::read_to_string(root.join(file));
            assert!(read(to)? == read(&app)?, "{file}: run scripts/generate");
        }
        Ok(())
    }
}
