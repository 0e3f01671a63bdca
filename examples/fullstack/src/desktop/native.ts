/** Whether this page runs in a window of the app, and not in a plain browser during development. */
export function isDesktop(): boolean {
  return "__TAURI_INTERNALS__" in window;
}

/** Why a button does nothing in a plain browser. */
export const NEEDS_DESKTOP = "This needs the desktop app; you are looking at the page in a browser.";
