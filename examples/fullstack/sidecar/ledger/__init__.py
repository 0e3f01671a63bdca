"""An order ledger: the Python half of a desktop app whose window is Tauri's."""
