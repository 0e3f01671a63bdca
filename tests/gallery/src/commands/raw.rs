//! Commands with bytes that travel as they are.

use tauri::ipc::Channel;
use tauri_plugin_sidecar_bridge::Bytes;

/// Turns bytes around; they are the whole body both ways.
#[tauri::command]
#[specta::specta]
pub(crate) fn reverse_bytes(data: Bytes) -> Bytes {
    Bytes(data.0.into_iter().rev().collect())
}

/// Divides bytes: beside another argument they are JSON.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cut_bytes(
    data: Bytes,
    size: usize,
    on_piece: Channel<Bytes>,
) -> Result<Bytes, String> {
    let mut pieces = data
        .0
        .chunks(size.max(1))
        .map(|piece| Bytes(piece.to_vec()));
    pieces
        .try_for_each(|piece| on_piece.send(piece))
        .map_err(|error| error.to_string())?;
    Ok(data)
}
