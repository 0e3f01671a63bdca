import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { encodeFrame } from "../../src/wire/frame.js";
import { ANSWER, bytes, closeWindow, mockHost, mockSidecar, openWindow, text } from "../window.js";

let warned: ReturnType<typeof vi.spyOn>;
let fetch: typeof globalThis.fetch;
beforeEach(async () => {
  openWindow();
  warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  // A page has said nothing yet.
  vi.resetModules();
  ({ fetch } = await import("../../src/index.js"));
});
afterEach(() => {
  warned.mockRestore();
  closeWindow();
});

const upload = () => fetch("/upload", { method: "POST", body: new Uint8Array(600_000) });

/** A host that takes bodies in pieces, in an app with that pattern. */
function hostWith(pattern: string): void {
  let answer = () => {};
  mockHost({
    fetch: () =>
      new Promise((resolve) => {
        answer = () => resolve(encodeFrame({ head: ANSWER, body: bytes("ok") }).buffer);
      }),
    write: (frame) => text(frame as Uint8Array).includes('"last":true') && answer(),
  });
  Object.assign(Reflect.get(globalThis, "__TAURI_INTERNALS__"), { __TAURI_PATTERN__: { pattern } });
}

test("the isolation pattern is warned of at the first large upload, with the remedy", async () => {
  hostWith("isolation");
  await upload();
  await upload();
  expect(warned).toHaveBeenCalledOnce();
  expect(warned.mock.calls[0]?.[0]).toContain("use the pattern `brownfield`");
});

test("in the usual pattern nobody is warned", async () => {
  hostWith("brownfield");
  await upload();
  expect(warned).not.toHaveBeenCalled();
});

test("a policy without `ipc:` is warned of once, with the remedy", async () => {
  mockHost({ fetch: () => [...encodeFrame({ head: ANSWER, body: bytes("ok") })] });
  expect(await (await fetch("/a")).text()).toBe("ok");
  await fetch("/a");
  expect(warned).toHaveBeenCalledOnce();
  expect(warned.mock.calls[0]?.[0]).toContain("add `ipc: http://ipc.localhost` to `connect-src`");
});

test("bytes that come as bytes are nothing to warn of", async () => {
  mockSidecar();
  await fetch("/a");
  expect(warned).not.toHaveBeenCalled();
});
