import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sidecarUrl } from "../../src/index.js";
import { bytes, closeWindow, mockSidecar, openWindow } from "../window.js";

beforeEach(() => openWindow());
afterEach(closeWindow);

const typed = (type: string, status = 200) =>
  mockSidecar(() => ({ status, headers: [["content-type", type]], body: bytes("content") }));

describe("an object URL", () => {
  test("has what the sidecar has", async () => {
    typed("image/png");
    const url = await sidecarUrl("/plot.png");
    expect(url).toMatch(/^blob:/);
    const blob = await (await globalThis.fetch(url)).blob();
    expect([blob.type, await blob.text()]).toEqual(["image/png", "content"]);
    URL.revokeObjectURL(url);
  });

  test.each([
    "text/html",
    "Text/HTML; charset=utf-8",
    " application/xhtml+xml",
    "application/xml",
    "text/xml",
  ])("of %s is never a page", async (type) => {
    typed(type);
    const url = await sidecarUrl("/page");
    expect((await (await globalThis.fetch(url)).blob()).type).toBe("text/plain");
    URL.revokeObjectURL(url);
  });

  test.each([
    [404, "not_found"],
    [500, "failed_precondition"],
  ])("is not made of a %i", async (status, code) => {
    typed("image/png", status);
    await expect(sidecarUrl("/plot.png")).rejects.toMatchObject({ code });
  });
});
