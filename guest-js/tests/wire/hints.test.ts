import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { decodeFrame, encodeFrame } from "../../src/wire/frame.js";
import type { WriteRequest } from "../../src/wire/types.js";
import { ANSWER, bytes, closeWindow, mockHost, mockSidecar, openWindow } from "../window.js";

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

/** A host that takes bodies in pieces, in an app with that pattern; gives the lengths of the pieces. */
function hostWith(pattern: string): number[] {
  const lengths: number[] = [];
  let answer = () => {};
  mockHost({
    fetch: () =>
      new Promise((resolve) => {
        answer = () => resolve(encodeFrame({ head: ANSWER, body: bytes("ok") }).buffer);
      }),
    write: (frame) => {
      const { head, body } = decodeFrame<WriteRequest>(frame as Uint8Array<ArrayBuffer>);
      lengths.push(body.length);
      if (head.last) answer();
    },
  });
  Object.assign(Reflect.get(globalThis, "__TAURI_INTERNALS__"), { __TAURI_PATTERN__: { pattern } });
  return lengths;
}

test("the isolation pattern is warned of at the first large upload, with the remedies, and gets small pieces", async () => {
  const lengths = hostWith("isolation");
  await upload();
  await upload();
  expect(warned).toHaveBeenCalledOnce();
  expect(warned.mock.calls[0]?.[0]).toMatch(
    /send files of the disk with `upload`.*use the pattern `brownfield`/,
  );
  expect(Math.max(...lengths)).toBe(65_536);
});

test("in the usual pattern nobody is warned, and pieces are large", async () => {
  const lengths = hostWith("brownfield");
  await upload();
  expect(Math.max(...lengths)).toBe(524_288);
  expect(warned).not.toHaveBeenCalled();
});

test("a policy without `ipc:` is warned of once, with the remedy", async () => {
  mockHost({ fetch: () => [...encodeFrame({ head: ANSWER, body: bytes("ok") })] });
  expect(await (await fetch("/a")).text()).toBe("ok");
  await fetch("/a");
  expect(warned).toHaveBeenCalledOnce();
  expect(warned.mock.calls[0]?.[0]).toContain("add `ipc: http://ipc.localhost` to `connect-src`");
});

test.each(["sidecar-media", "sidecar-media://bridge.localhost", "http://sidecar-media.bridge.localhost"])(
  "a policy that refuses what mediaUrl gives is warned of once, with the remedy (%s)",
  async (blockedURI) => {
    vi.stubGlobal("document", new EventTarget());
    mockHost({ media: () => "sidecar-media://bridge.localhost/secret" });
    const refuse = (uri: string) =>
      document.dispatchEvent(
        Object.assign(new Event("securitypolicyviolation"), {
          blockedURI: uri,
          effectiveDirective: "font-src",
        }),
      );
    const { mediaUrl } = await import("../../src/index.js");
    await mediaUrl("/a.woff2");
    await mediaUrl("/b.woff2");
    refuse("https://example.com");
    expect(warned).not.toHaveBeenCalled();
    refuse(blockedURI);
    refuse(blockedURI);
    expect(warned).toHaveBeenCalledOnce();
    expect(warned.mock.calls[0]?.[0]).toContain(
      "add `sidecar-media: http://sidecar-media.bridge.localhost` to `font-src`",
    );
  },
);

test("bytes that come as bytes are nothing to warn of", async () => {
  mockSidecar();
  await fetch("/a");
  expect(warned).not.toHaveBeenCalled();
});
