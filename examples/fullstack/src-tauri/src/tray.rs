//! The icon in the tray. What its menu does is Python's affair, but for showing the window and quitting.

use tauri::{
    App, AppHandle, Manager, async_runtime,
    menu::{MenuBuilder, MenuEvent},
    tray::TrayIconBuilder,
};
use tauri_plugin_sidecar_bridge::{Result as BridgeResult, SidecarBridgeExt};

/// Puts the icon into the tray.
pub fn build(app: &App) -> tauri::Result<()> {
    let menu = MenuBuilder::new(app)
        .text("show", "Show Ledger")
        .separator()
        .text("import", "Import orders …")
        .text("report", "Open report")
        .text("toggle", "Maximize or restore")
        .separator()
        .text("quit", "Quit")
        .build()?;
    let mut tray = TrayIconBuilder::with_id("main")
        .menu(&menu)
        .tooltip("Ledger")
        .on_menu_event(|app, event| choose(app, &event));
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    tray.build(app).map(drop)
}

/// Brings the main window to the front.
pub fn show(app: &AppHandle) {
    let Some(window) = app.get_webview_window("main") else {
        return;
    };
    let shown = window
        .show()
        .and_then(|()| window.unminimize())
        .and_then(|()| window.set_focus());
    if let Err(error) = shown {
        log::warn!("the window cannot be shown: {error}");
    }
}

fn choose(app: &AppHandle, event: &MenuEvent) {
    match event.id().as_ref() {
        "show" => show(app),
        "quit" => app.exit(0),
        item => {
            let (app, item) = (app.clone(), item.to_owned());
            async_runtime::spawn(async move {
                if let Err(error) = ask_python(&app, &item).await {
                    log::error!("the tray's `{item}` failed: {error}");
                }
            });
        }
    }
}

async fn ask_python(app: &AppHandle, item: &str) -> BridgeResult<()> {
    let python = app.sidecar_bridge().sidecar("python")?;
    // No limit: a dialog waits for a person.
    let answer = python.client().post(format!("/tray/{item}")).send();
    answer.await?.success().await.map(drop)
}
