import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { mediaUrl, setBrowserBase } from "../../src/index.js";
import { closeWindow, mockHost, openWindow } from "../window.js";

describe("a URL for an element", () => {
  const asked: unknown[] = [];

  beforeEach(() => {
    openWindow();
    asked.length = 0;
    mockHost({
      media(args) {
        asked.push(args);
        return "sidecar-media://bridge.localhost/secret";
      },
    });
  });
  afterEach(closeWindow);

  test.each([
    ["/plot.png", "/plot.png"],
    ["/plot.png?day=1#top", "/plot.png?day=1"],
    ["../a/./b c.png", "/a/b%20c.png"],
    ["/tiles/{z}/{x}/{y}.png", "/tiles/{z}/{x}/{y}.png"],
    ["http://localhost/made/by/url_for.png", "/made/by/url_for.png"],
  ])("is made of %s", async (path, whole) => {
    expect(await mediaUrl(path)).toBe(`sidecar-media://bridge.localhost/secret${whole}`);
    expect(asked).toEqual([{ sidecar: null }]);
  });

  test("names a sidecar to the host", async () => {
    await mediaUrl("/plot.png", { sidecar: "worker" });
    expect(asked).toEqual([{ sidecar: "worker" }]);
  });

  test("is not made of an address of another origin", async () => {
    await expect(mediaUrl("https://example.com/plot.png")).rejects.toThrow(TypeError);
  });

  test("is refused with the host's reason", async () => {
    mockHost({});
    await expect(mediaUrl("/plot.png")).rejects.toMatchObject({ name: "BridgeError" });
  });
});

test("in a plain browser, a URL for an element leads where fetch does", async () => {
  vi.stubGlobal("location", { href: "http://localhost:1420/index.html" });
  expect(await mediaUrl("/tiles/{z}.png", { sidecar: "maps" })).toBe(
    "http://localhost:1420/@sidecar-bridge/maps/tiles/{z}.png",
  );
  setBrowserBase("http://127.0.0.1:1430");
  expect(await mediaUrl("/plot.png?a=b")).toBe("http://127.0.0.1:1430/plot.png?a=b");
  setBrowserBase(null);
  vi.unstubAllGlobals();
});
