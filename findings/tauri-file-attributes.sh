#!/bin/sh
# A page asks what a file is: `stat`, `lstat` or `FileHandle.stat` of @tauri-apps/plugin-fs. One expects `fileAttributes`, which is
# declared as `number | null` and documented as the attributes on Windows.
#
# The crate's struct has `file_attribues`, which becomes `fileAttribues`; the wrapper reads `fileAttributes`. So it is `undefined` on
# every system: on Windows the number is lost, and elsewhere the null that the type promises, so that `info.fileAttributes === null`
# does not hold.
#
# Shown with the struct of the crate's own source, which serde serializes, and the wrapper of the npm package, to which the mock of
# @tauri-apps/api gives that.
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
printf '[package]\nname = "read"\nversion = "0.0.0"\n[lib]\npath = "lib.rs"\n[workspace]\n[dependencies]\ntauri-plugin-fs = "=2.7.1"\n' \
    >read/Cargo.toml
touch read/lib.rs
cargo metadata --quiet --format-version=1 --manifest-path read/Cargo.toml >crates.json || exit 2
source=$(grep -o '"manifest_path":"[^"]*/tauri-plugin-fs-2\.7\.1/Cargo\.toml"' crates.json | head -n 1 | cut -d '"' -f 4)
sed -n '/^#\[derive(Debug, Clone, Serialize)\]$/,/^}/p' "${source%/Cargo.toml}/src/commands.rs" |
    sed -n '/rename_all/,/^}/p' | sed -n '1,/^}/p' >struct
{
    printf 'use serde::Serialize;\n\n#[derive(Serialize)]\n'
    cat struct
    printf 'fn main() {\n    let info = FileInfo {\n'
    sed -n 's/^ *\(file_attri[a-z]*\): Option.*/        \1: Some(32),/p; t; s/^ *\([a-z_]*\): .*,$/        \1: Default::default(),/p' struct
    printf '    };\n    println!("{}", serde_json::to_string(&info).unwrap());\n}\n'
} >src/main.rs
cargo run --quiet >answer || exit 2

echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tauri-apps/api@2.12.5 @tauri-apps/plugin-fs@2.6.0 || exit 2
cat >page.js <<'end'
import { readFileSync } from "node:fs";
globalThis.window = globalThis;
const { mockIPC } = await import("@tauri-apps/api/mocks");
const { stat } = await import("@tauri-apps/plugin-fs");
mockIPC(() => JSON.parse(readFileSync("answer", "utf8")));
console.log(`fileAttributes ${(await stat("a.txt")).fileAttributes}`);
end
node page.js >seen || exit 2

echo 'tauri-plugin-fs 2.7.1 and @tauri-apps/plugin-fs 2.6.0'
printf 'what the crate says of a file with the attributes 32:\n    ' && cat answer
printf 'what the page sees:\n    ' && cat seen
grep -q '"fileAttribues":32' answer && grep -qx 'fileAttributes undefined' seen
