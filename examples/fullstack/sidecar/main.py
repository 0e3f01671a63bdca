"""The sidecar's program: what the Tauri app starts."""

from typing import TYPE_CHECKING

from sidecar_bridge import serve

if TYPE_CHECKING:
    import ledger.app  # noqa: F401 - for PyInstaller, which reads imports but no strings

if __name__ == "__main__":
    # As a string, so that the host and the page learn that the app is being imported.
    serve("ledger.app:app")
