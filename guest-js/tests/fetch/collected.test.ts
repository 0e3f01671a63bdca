import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fetch } from "../../src/index.js";
import { closeWindow, mockStream, openWindow } from "../window.js";

beforeEach(() => openWindow());
afterEach(closeWindow);

test("a body that nobody holds any more ends its exchange once it is collected", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  const { cancelled } = mockStream(() => new Promise(() => {}));
  const { signal } = new AbortController();
  const held = (await fetch("/", { signal })).body;
  // In a function of its own, whose variables do not keep the response.
  await (async () => {
    await fetch("/", { signal });
  })();
  await vi.waitFor(() => {
    collect();
    expect(cancelled).toHaveLength(1);
  });
  expect(held?.locked).toBe(false);
});
