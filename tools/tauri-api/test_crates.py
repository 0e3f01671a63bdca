"""What the sources of a crate say of its commands."""

from __future__ import annotations

from pathlib import Path

from crates import Argument, plugin_of

BUILD = """
const COMMANDS: &[Command] = &[
    Command::new("play"),
    Command::new("record").dependencies(&["play"]),
    Command::new("vibrate"),
    Command::new("dance"),
];
"""
SOURCE = """
// commands::nothing,
.invoke_handler(tauri::generate_handler![
    commands::play,
    #[cfg(feature = "tape")]
    commands::record,
    #[cfg(target_os = "android")]
    commands::vibrate,
])

#[command]
pub(crate) async fn play<R: Runtime>(
    _app: AppHandle<R>,
    state: State<'_, Radio<R>>,
    song_title: &str,
    #[allow(unused)] volume: Option<f64>,
) -> Result<Option<String>> {
    todo!()
}

#[tauri::command]
fn record(on_event: Channel<Vec<u8>>) {}
"""
PERMISSIONS = """
[default]
permissions = ["allow-listening"]

[[set]]
identifier = "allow-listening"
permissions = ["allow-play"]

[[permission]]
identifier = "allow-play"
commands.allow = ["play"]

[[permission]]
identifier = "allow-record"
commands.allow = ["record"]
"""


def test_a_crate_is_read(tmp_path: Path) -> None:
    for name, text in (("build.rs", BUILD), ("src/lib.rs", SOURCE), ("permissions/all.toml", PERMISSIONS)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    plugin = plugin_of(tmp_path, "tauri-plugin-radio", "2.0.0")
    play, record, vibrate, dance = (plugin.commands[name] for name in ("play", "record", "vibrate", "dance"))
    assert (play.by_default, play.permission, play.cfg) == (True, True, [])
    assert play.arguments == [Argument("song_title", "&str"), Argument("volume", "Option<f64>")]
    assert [each.js for each in play.arguments] == ["songTitle", "volume"]
    assert play.result == "Result<Option<String>>"
    assert (record.by_default, record.cfg) == (False, ['feature = "tape"'])
    assert record.arguments == [Argument("on_event", "Channel<Vec<u8>>")]
    assert (vibrate.cfg, dance.cfg) == (None, None)
