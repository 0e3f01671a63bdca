import { mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BridgeError, cookies } from "../../src/index.js";
import { closeWindow, openWindow, unavailable } from "../window.js";

describe("in a window", () => {
  beforeEach(() => openWindow());
  afterEach(closeWindow);

  test("asks the host for those of a path, and takes the first of a name", async () => {
    const asked: unknown[] = [];
    mockIPC((command, args) => {
      asked.push([command, args]);
      return [
        ["csrftoken", "of the path"],
        ["theme", "a=b"],
        ["csrftoken", "of the root"],
      ];
    });
    const found = await cookies({ path: "/api/items?page=2", sidecar: "worker" });
    await cookies();
    expect([...found]).toEqual([
      ["csrftoken", "of the path"],
      ["theme", "a=b"],
    ]);
    const command = "plugin:sidecar-bridge|cookies";
    expect(asked).toEqual([
      [command, { sidecar: "worker", path: "/api/items" }],
      [command, { sidecar: null, path: "/" }],
    ]);
  });

  test("rejects with a BridgeError", async () => {
    mockIPC(() => Promise.reject(unavailable));
    await expect(cookies()).rejects.toBeInstanceOf(BridgeError);
  });
});

test("in a plain browser they are the page's", async () => {
  vi.stubGlobal("document", { cookie: "csrftoken=xyz; theme=a=b; lone" });
  const found = await cookies();
  vi.unstubAllGlobals();
  expect([...found]).toEqual([
    ["csrftoken", "xyz"],
    ["theme", "a=b"],
    ["", "lone"],
  ]);
});
