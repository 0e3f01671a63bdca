//! `gallery <configuration as JSON>`: the gallery as an app without a screen, with a sidecar that may call all of it.
//!
//! It prints each status of its sidecar as a line of JSON, and ends when standard input does.
//! `gallery samples <count>` prints values of every type instead.

use std::{
    env::args,
    io::{Read, Write, stdin, stdout},
};

use arbitrary::Unstructured;
use gallery::samples::{Entry, entries, stream};
use serde::Serialize;
use tauri::{
    AppHandle, Manager, RunEvent, WebviewWindowBuilder, async_runtime,
    test::{MockRuntime, mock_builder},
};
use tauri_plugin_sidecar_bridge::{
    Builder, Config, Sidecar, SidecarBridgeExt, channels, codegen::contract,
};

const USAGE: &str = "usage: gallery <configuration as JSON> | gallery samples <count>";

/// Values of one type.
#[derive(Serialize)]
struct Samples {
    name: &'static str,
    python: &'static str,
    /// Each as its JSON, so that whoever reads the line changes none.
    values: Vec<String>,
}

fn say(line: &impl Serialize) {
    let line = serde_json::to_string(line).expect("plain JSON");
    writeln!(stdout(), "{line}").expect("stdout is open");
}

fn main() {
    let arguments: Vec<String> = args().skip(1).collect();
    match &arguments[..] {
        [word, count] if word == "samples" => print_samples(count.parse().expect(USAGE)),
        [config] => run(serde_json::from_str(config).expect("a valid configuration")),
        _ => panic!("{USAGE}"),
    }
}

fn print_samples(count: usize) {
    for entry in entries() {
        say(&Samples {
            name: entry.name,
            python: entry.python,
            values: samples(&entry).take(count).collect(),
        });
    }
}

fn samples(entry: &Entry) -> impl Iterator<Item = String> {
    let streams = (0..).map(|seed| stream(seed, 256));
    let values = streams.map(|bytes| (entry.generate)(&mut Unstructured::new(&bytes)));
    values.filter_map(Result::ok)
}

/// Runs the app until standard input ends, then closes its window, which ends it as it ends a real one.
///
/// The app lives before its event loop, as `test-host` does: the mock loop sleeps for a second after each message.
fn run(config: Config) {
    let names: Vec<String> = config.names().map(str::to_owned).collect();
    let builder = gallery::builder();
    let contract = contract(&builder).expect("every type has a form in Python");
    let mut app = mock_builder()
        .plugin(Builder::new().config(config).contract(contract).build())
        .channel_interceptor(channels())
        .manage(gallery::commands::special::Calls::default())
        .invoke_handler(builder.invoke_handler())
        .setup(move |app| {
            builder.mount_events(app);
            let window = &app.config().app.windows[0];
            WebviewWindowBuilder::from_config(app, window)?.build()?;
            Ok(())
        })
        .build(tauri::generate_context!())
        .expect("the gallery builds");
    #[expect(deprecated, reason = "it is called once, for the setup that it runs")]
    app.run_iteration(|_, _| {});
    live(app.handle(), &names);
    app.run(|app, event| {
        if let RunEvent::Ready = event {
            let window = app.get_webview_window("main").expect("the window is open");
            window.destroy().expect("the window closes");
        }
    });
}

fn live(app: &AppHandle<MockRuntime>, names: &[String]) {
    for name in names {
        let sidecar = app.sidecar_bridge().sidecar(name);
        async_runtime::spawn(print_statuses(sidecar.expect("it is configured")));
    }
    stdin().read_to_end(&mut vec![]).expect("stdin is open");
}

async fn print_statuses(sidecar: Sidecar) {
    let mut status = sidecar.subscribe();
    status.mark_changed();
    while status.changed().await.is_ok() {
        say(&*status.borrow_and_update());
    }
}
