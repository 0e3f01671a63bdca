import { clearMocks, mockIPC, mockWindows } from "@tauri-apps/api/mocks";
import { rejectionOf } from "./problem.js";

/** Answers a command that the page invokes. */
export type Invoke = (command: string, args: unknown) => unknown;

interface TauriWindow {
  __TAURI_INTERNALS__?: { invoke?: (command: string) => Promise<unknown> };
  __TAURI_EVENT_PLUGIN_INTERNALS__?: { unregisterListener: () => void };
}

/** Counts the windows: an answer belongs to one window, and a later window must not get it. */
let opened = 0;

/** Gives the page what a Tauri window has, so that the page runs in the window of that label. */
export function openWindow(label: string, invoke: Invoke): void {
  const window = ++opened;
  mockWindows(label);
  mockIPC(
    async (command, args) => {
      try {
        return await invoke(command, args);
      } catch (reason) {
        // The window is closed, and the test is over: code of the page that still waits must not go on with an error.
        if (window !== opened) return new Promise(() => {});
        throw rejectionOf(reason);
      }
    },
    { shouldMockEvents: true },
  );
}

/** Takes from the page what a Tauri window has. */
export function closeWindow(): void {
  const page = window as unknown as TauriWindow;
  opened++;
  clearMocks();
  delete page.__TAURI_INTERNALS__;
  // Testing Library unmounts a page after this, and the page ends its subscriptions then. Tauri's `unlisten` calls this
  // function and then, synchronously, `invoke`: so there is a host until the next microtask.
  page.__TAURI_EVENT_PLUGIN_INTERNALS__ = {
    unregisterListener() {
      if (page.__TAURI_INTERNALS__) return;
      page.__TAURI_INTERNALS__ = { invoke: async () => null };
      queueMicrotask(() => {
        delete page.__TAURI_INTERNALS__;
      });
    },
  };
}
