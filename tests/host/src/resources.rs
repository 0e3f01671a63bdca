//! Commands that make something, and one that undoes it.

use std::sync::{Mutex, PoisonError};

use tauri::{Manager, ResourceId, State, Webview, image::Image, test::MockRuntime};
use tokio::sync::Semaphore;

/// What holds `make_at_gate` back: how many of its calls may go on, and how many have come.
#[derive(Debug)]
pub struct Gate {
    /// A permit for each call that may go on.
    pub open: Semaphore,
    /// A permit for each call that has come.
    pub come: Semaphore,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            open: Semaphore::new(0),
            come: Semaphore::new(0),
        }
    }
}

/// What `note` was told, the oldest first.
#[derive(Debug, Default)]
pub struct Noted(Mutex<Vec<String>>);

impl Noted {
    /// All so far.
    pub fn all(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Makes an image once the gate is open.
#[tauri::command]
pub(crate) async fn make_at_gate(
    webview: Webview<MockRuntime>,
    gate: State<'_, Gate>,
) -> Result<ResourceId, ()> {
    gate.come.add_permits(1);
    gate.open.acquire().await.expect("never closed").forget();
    let image = Image::new_owned(vec![0; 4], 1, 1);
    Ok(webview.resources_table().add(image))
}

/// Notes a text.
#[tauri::command]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
pub(crate) fn note(noted: State<'_, Noted>, text: String) -> String {
    noted
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(text.clone());
    text
}
