import { mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BridgeError, logs, type OutputLine, restart, start, stop } from "../../src/index.js";
import { closeWindow, openWindow, unavailable } from "../window.js";

beforeEach(() => openWindow());
afterEach(closeWindow);

describe.each([
  ["restart", restart],
  ["start", start],
  ["stop", stop],
])("%s", (name, order) => {
  test("orders it for the only sidecar unless one is named", async () => {
    const ordered: unknown[] = [];
    mockIPC((command, args) => {
      ordered.push([command, args]);
      return null;
    });
    expect(await order()).toBeUndefined();
    await order("worker");
    const command = `plugin:sidecar-bridge|${name}`;
    expect(ordered).toEqual([
      [command, { sidecar: null }],
      [command, { sidecar: "worker" }],
    ]);
  });

  test("rejects with a BridgeError", async () => {
    mockIPC(() => Promise.reject(unavailable));
    await expect(order()).rejects.toBeInstanceOf(BridgeError);
    await expect(order()).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("logs", () => {
  test("gives the lines as the host keeps them", async () => {
    const line: OutputLine = {
      sequence: 7,
      generation: 2,
      atMs: 1e12,
      stream: "stderr",
      text: "no such thing",
    };
    mockIPC((command, args) => {
      expect([command, args]).toEqual(["plugin:sidecar-bridge|logs", { sidecar: "worker" }]);
      return [line];
    });
    expect(await logs("worker")).toEqual([line]);
  });
});
