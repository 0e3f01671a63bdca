//! Declares nothing: the app's own command is for its page alone.

fn main() {
    tauri_build::build();
}
