//! Bytes by a bare command, both ways: what Tauri's IPC takes for them, with no plugin in between.

use tauri::ipc::{InvokeBody, Request, Response};

/// Gives so many bytes.
#[tauri::command]
pub async fn bare_bytes(count: usize) -> Response {
    Response::new(vec![0; count])
}

/// Tells how many bytes the page has sent.
#[tauri::command]
pub async fn bare_length(request: Request<'_>) -> Result<usize, String> {
    match request.body() {
        InvokeBody::Raw(bytes) => Ok(bytes.len()),
        InvokeBody::Json(_) => Err("the page sent JSON; send bytes".into()),
    }
}
