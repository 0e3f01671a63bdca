import { clearMocks, mockIPC, mockWindows } from "@tauri-apps/api/mocks";
import { rejectionOf } from "./problem.js";

/** Answers what the page invokes. */
export type Invoke = (command: string, args: unknown) => unknown;

interface TauriWindow {
  __TAURI_INTERNALS__?: { invoke?: (command: string) => Promise<unknown> };
  __TAURI_EVENT_PLUGIN_INTERNALS__?: { unregisterListener: () => void };
}

/** Counts the windows, so that an answer for one that is closed is not given to the next. */
let opened = 0;

/** Makes the page believe that it runs in the Tauri window with that label. */
export function openWindow(label: string, invoke: Invoke): void {
  const window = ++opened;
  mockWindows(label);
  mockIPC(
    async (command, args) => {
      try {
        return await invoke(command, args);
      } catch (reason) {
        // A window that is gone hears nothing: what is left of the page shall not act on the end of the test.
        if (window !== opened) return new Promise(() => {});
        throw rejectionOf(reason);
      }
    },
    { shouldMockEvents: true },
  );
}

/** Makes it a plain browser's page again. */
export function closeWindow(): void {
  const page = window as unknown as TauriWindow;
  opened++;
  clearMocks();
  delete page.__TAURI_INTERNALS__;
  // A page that is unmounted after this, as Testing Library does, ends its subscriptions late. `unlisten` calls this
  // first and `invoke` in the same breath, so there has to be a host for that long.
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
