#!/bin/sh
# A page asks for all webviews, as the documentation of `getAllWebviews` says. One expects webviews that know their window:
# `webview.window` is declared as a `Window`, whose `label` is a string.
#
# The crate serializes `window_label`, the wrapper of the npm package of the same version reads `windowLabel`. So `window.label` of
# every webview that `getAllWebviews`, `Webview.getAll` and `Webview.getByLabel` give is `undefined`, in the type of which there is none.
# No error is given: a command of that window is sent with the label `undefined`, which JSON leaves out, so that it acts on the window
# that asks. `(await Webview.getByLabel("tools")).window.close()` in the window `main` closes `main`.
#
# Shown with the struct of the crate's own source, which serde serializes, and the wrapper of the npm package, to which its mock of
# Tauri's IPC gives that.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM
cd "$folder"

mkdir src read
cat >Cargo.toml <<'end'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
serde = { version = "=1.0.229", features = ["derive"] }
serde_json = "=1.0.154"
end
# Only read, never compiled.
printf '[package]\nname = "read"\nversion = "0.0.0"\n[lib]\npath = "lib.rs"\n[workspace]\n[dependencies]\ntauri = "=2.12.5"\n' \
    >read/Cargo.toml
touch read/lib.rs
cargo metadata --quiet --format-version=1 --manifest-path read/Cargo.toml >crates.json || exit 2
source=$(grep -o '"manifest_path":"[^"]*/tauri-2\.12\.5/Cargo\.toml"' crates.json | head -n 1 | cut -d '"' -f 4)
sed -n '/^#\[derive(serde::Serialize)\]$/,/^}/p' "${source%/Cargo.toml}/src/webview/plugin.rs" | sed -n '1,/^}/p' >struct
{
    cat struct
    cat <<'end'
fn main() {
    let webviews = [("main", "main"), ("tools", "tools")]
        .map(|(window, label)| WebviewRef { window_label: window.into(), label: label.into() });
    println!("{}", serde_json::to_string(&webviews).unwrap());
}
end
} >src/main.rs
cargo run --quiet >answer || exit 2

echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tauri-apps/api@2.12.5 || exit 2
cat >page.js <<'end'
import { readFileSync } from "node:fs";
globalThis.window = globalThis;
const { mockIPC, mockWindows } = await import("@tauri-apps/api/mocks");
const { Webview } = await import("@tauri-apps/api/webview");
mockWindows("main", "tools");
const sent = [];
mockIPC((command, args) => {
  sent.push(`${command} ${JSON.stringify(args)}`);
  return command.endsWith("get_all_webviews") ? JSON.parse(readFileSync("answer", "utf8")) : null;
});
const tools = await Webview.getByLabel("tools");
console.log(`label ${tools.label}, window.label ${tools.window.label}`);
await tools.window.close();
console.log(sent.at(-1));
end
node page.js >seen || exit 2

echo 'tauri 2.12.5 and @tauri-apps/api 2.12.5'
printf 'the struct in the crate:\n' && sed 's/^/    /' struct
printf 'what it is in JSON:\n    ' && cat answer
printf 'the webview "tools" in the page, and what closing its window sends:\n' && sed 's/^/    /' seen
grep -qx 'label tools, window.label undefined' seen && grep -qx 'plugin:window|close {}' seen
