import { mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type State, waitReady } from "../../src/index.js";
import { closeWindow, openWindow, unavailable } from "../window.js";

/** Stands in for the host: its sidecar goes through these states. */
const mockStatus = (...states: State[]) =>
  mockIPC((command, args) => {
    if (command === "plugin:sidecar-bridge|cancel") return null;
    const { revision = -1 } = args as { revision?: number };
    const state = states[revision + 1];
    const status = { sidecar: "python", revision: revision + 1, generation: 1, state, warning: null };
    return state ? status : new Promise(() => {});
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
    const restarting: State = { phase: "restarting", problem: null, exit: null };
    mockStatus({ phase: "starting", activity: null }, restarting, { phase: "ready", pid: 1 });
    await expect(waitReady()).resolves.toBeUndefined();
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
