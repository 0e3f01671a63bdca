#!/bin/sh
# A person whose settings are not in ~/.config says so in XDG_CONFIG_HOME. Desktops start at login what is in
# $XDG_CONFIG_HOME/autostart, by https://specifications.freedesktop.org/autostart-spec.
#
# auto-launch, which tauri-plugin-autostart uses, always writes into ~/.config/autostart, and says that all is well: `enable` gives Ok,
# `is_enabled` gives true, and no desktop will start the app.
#
# For such a person an app has to write the entry itself.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM
cd "$folder"

mkdir -p src home settings
cat >Cargo.toml <<'end'
[package]
name = "starts"
version = "0.0.0"
edition = "2021"

[dependencies]
auto-launch = "=0.6.0"

[workspace]
end
cat >src/main.rs <<'end'
fn main() {
    let app = auto_launch::AutoLaunchBuilder::new()
        .set_app_name("starts")
        .set_app_path("/usr/bin/true")
        .build()
        .expect("valid");
    app.enable().expect("enabled");
    println!("enabled: {}", app.is_enabled().expect("known"));
}
end
cargo build --quiet
echo 'auto-launch 0.6.0'
seen=$(HOME=$folder/home XDG_CONFIG_HOME=$folder/settings target/debug/starts && find home settings -name '*.desktop')
printf '%s\n' "$seen"
# Seen on 30 Nov 2026 with auto-launch 0.6.0, Debian 12.
expected='enabled: true
home/.config/autostart/starts.desktop'
[ "$seen" = "$expected" ] || { echo 'this has changed' >&2 && exit 1; }
