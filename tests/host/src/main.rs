//! `test-host <configuration as JSON>`: prints each status of each sidecar as a line of JSON, ends when stdin does.

use std::io::{Read, Write, stdin, stdout};

use tauri::async_runtime;
use tauri_plugin_sidecar_bridge::{Config, Sidecar, SidecarBridgeExt};

fn main() {
    let argument = std::env::args()
        .nth(1)
        .expect("usage: test-host <configuration as JSON>");
    let config: Config = serde_json::from_str(&argument).expect("a valid configuration");
    let names: Vec<String> = config.sidecars.keys().map(ToString::to_string).collect();
    test_host::run(config, |app| {
        for name in names {
            let sidecar = app
                .sidecar_bridge()
                .sidecar(&name)
                .expect("it is configured");
            async_runtime::spawn(print_statuses(sidecar));
        }
        drop(stdin().read_to_end(&mut Vec::new()));
    });
}

async fn print_statuses(sidecar: Sidecar) {
    let mut status = sidecar.subscribe();
    status.mark_changed();
    while status.changed().await.is_ok() {
        let line =
            serde_json::to_string(&*status.borrow_and_update()).expect("a status is plain JSON");
        writeln!(stdout(), "{line}").expect("stdout is open");
    }
}
