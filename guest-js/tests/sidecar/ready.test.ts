import { emit } from "@tauri-apps/api/event";
import { mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type State, waitReady } from "../../src/index.js";
import { closeWindow, openWindow, unavailable } from "../window.js";

const EVENT = "plugin:sidecar-bridge:status-changed";
const statusOf = (state: State) => ({ sidecar: "python", generation: 1, state });
const mockStatus = (state: State) =>
  mockIPC((command) => (command === "plugin:sidecar-bridge|status" ? statusOf(state) : null), {
    shouldMockEvents: true,
  });

beforeEach(() => openWindow());
afterEach(closeWindow);

describe("waiting for a sidecar", () => {
  test.each<State>([
    { phase: "ready", pid: 1 },
    { phase: "unresponsive", pid: 1 },
  ])("is over when it is $phase", async (state) => {
    mockStatus(state);
    await expect(waitReady()).resolves.toBeUndefined();
  });

  test("goes on until it serves", async () => {
    mockStatus({ phase: "starting", activity: null });
    const waiting = waitReady();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await emit(EVENT, statusOf({ phase: "restarting", problem: null, exit: null }));
    await emit(EVENT, statusOf({ phase: "ready", pid: 1 }));
    await expect(waiting).resolves.toBeUndefined();
  });

  test.each<State>([
    { phase: "failed", problem: unavailable, exit: null },
    { phase: "stopped" },
    { phase: "stopping" },
  ])("fails when it is $phase", async (state) => {
    mockStatus(state);
    await expect(waitReady()).rejects.toMatchObject({ code: "unavailable" });
  });

  test("ends with its signal", async () => {
    mockStatus({ phase: "starting", activity: null });
    await expect(waitReady({ signal: AbortSignal.timeout(5) })).rejects.toMatchObject({
      name: "TimeoutError",
    });
    await expect(waitReady({ signal: AbortSignal.abort("enough") })).rejects.toBe("enough");
  });
});
