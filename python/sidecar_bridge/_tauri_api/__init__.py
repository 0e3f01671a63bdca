"""Typed Python for a plugin's npm package: `python -m sidecar_bridge tauri-api`."""
