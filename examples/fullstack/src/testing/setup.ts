import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { toast } from "sonner";
import { closeSidecars } from "tauri-plugin-sidecar-bridge-api/testing";
import { afterEach, vi } from "vitest";

// Longer than anything takes, also on a busy machine; only a failing test waits for it.
configure({ asyncUtilTimeout: 10_000 });

// The bridge takes for the browser's own the `fetch` that is there when it is loaded, which is after this file.
globalThis.fetch = vi.fn<typeof fetch>();

// There is no layout here, and charts draw nothing into a box without a size.
vi.spyOn(Element.prototype, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, 640, 256));

afterEach(() => {
  cleanup();
  // Toasts live outside of the page that showed them.
  toast.dismiss();
  closeSidecars();
  vi.mocked(fetch).mockReset();
  vi.unstubAllGlobals();
  localStorage.clear();
  sessionStorage.clear();
});
