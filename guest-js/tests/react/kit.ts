import { act, createElement, Fragment, type ReactNode, StrictMode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, vi } from "vitest";
import { closeSidecars } from "../../src/testing/index.js";

vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);

const roots: Root[] = [];

afterEach(async () => {
  for (const root of roots.splice(0)) await act(() => root.unmount());
  closeSidecars();
});

/** Both ways in which React mounts components. In StrictMode it takes each away once, and puts it back. */
export const MODES = [
  ["once", Fragment],
  ["in StrictMode", StrictMode],
] as const;

/** Shows an element in a page of its own, and gives what can be done with that. */
export async function render(node: ReactNode, mode: (typeof MODES)[number][1] = Fragment) {
  const page = document.createElement("div");
  const root = createRoot(page);
  roots.push(root);
  const show = (next: ReactNode) => act(async () => root.render(createElement(mode, null, next)));
  await show(node);
  return { page, show, unmount: () => act(async () => root.unmount()) };
}

/** Waits, as React's users do, until the page is as expected. */
export const until = (expected: () => void) => vi.waitFor(() => act(async () => expected()));
