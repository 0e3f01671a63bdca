"""The calls of Tauri's commands. The async classes are made from `tools/tauri-api`, the blocking ones from these."""
