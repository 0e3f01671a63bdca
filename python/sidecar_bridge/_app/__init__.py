"""A Tauri app as its files have it: where they are (`places`), and how one is read and changed (`formats`)."""
