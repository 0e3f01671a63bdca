//! A window for tests: its page has the guest package, its sidecar is there twice, on the bridge and on a port.

mod stalls;

fn main() {
    tauri::Builder::default()
        .plugin(tauri_plugin_sidecar_bridge::init())
        .manage(stalls::Stalls::default())
        .invoke_handler(tauri::generate_handler![stalls::watch, stalls::stalls])
        .run(tauri::generate_context!())
        .expect("Tauri starts");
}
