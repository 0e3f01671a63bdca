#!/bin/sh
# A type with a `chrono::Duration` is exported to TypeScript, and a value of it is written with serde. One expects that the
# TypeScript type takes what serde writes: specta's feature `chrono` names chrono's types, and chrono's feature `serde`
# writes them.
#
# specta says `string` for `chrono::Duration`. serde writes an array of two numbers, the seconds and the nanoseconds, and
# reads nothing else: a string is refused. The other types of chrono are strings on both sides, so nothing looks wrong
# until a page shows "90,0", or sends a string and gets an error of serde's. No warning is given at the export.
#
# An app keeps to one side by `#[specta(type = (i64, i32))]` at the field, or by `#[serde(with = …)]` that writes a string.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM
cd "$folder"

mkdir src
cat >Cargo.toml <<'end'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
chrono = { version = "=0.4.45", features = ["serde"] }
serde = { version = "=1.0.229", features = ["derive"] }
serde_json = "=1.0.154"
specta = { version = "=2.0.0-rc.26", features = ["chrono", "derive"] }
specta-serde = "=0.0.13"
specta-typescript = "=0.0.13"
end
cat >src/main.rs <<'end'
use serde::{Deserialize, Serialize};
use specta::{Type, Types};
use specta_typescript::Typescript;

#[derive(Serialize, Deserialize, Type)]
struct Pause {
    lasts: chrono::Duration,
    since: chrono::NaiveDate,
}

fn main() {
    let types = Types::default().register::<Pause>();
    let text = Typescript::default().export(&types, specta_serde::Format).expect("exported");
    for line in text.lines().filter(|line| line.contains("lasts") || line.contains("since")) {
        println!("{}", line.trim());
    }
    let since = chrono::NaiveDate::from_ymd_opt(2026, 1, 2).expect("a day");
    let pause = Pause { lasts: chrono::Duration::seconds(90), since };
    println!("{}", serde_json::to_string(&pause).expect("JSON"));
    let text = r#"{"lasts":"PT90S","since":"2026-01-02"}"#;
    println!("{}", serde_json::from_str::<Pause>(text).err().map_or("read".to_owned(), |error| error.to_string()));
}
end

echo 'specta 2.0.0-rc.26, specta-typescript 0.0.13, chrono 0.4.45'
CARGO_TARGET_DIR=$folder/target cargo run --quiet >seen 2>log || {
    cat log
    exit 2
}
sed 's/^/    /' seen
cat >expected <<'end'
lasts: string,
since: string,
{"lasts":[90,0],"since":"2026-01-02"}
invalid type: string "PT90S", expected a tuple of size 2 at line 1 column 16
end
if ! cmp -s seen expected; then
    echo 'this has changed'
    exit 1
fi
