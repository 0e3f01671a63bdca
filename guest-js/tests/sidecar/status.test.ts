import { emit } from "@tauri-apps/api/event";
import { mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BridgeError, onStatus, type State, type Status, status } from "../../src/index.js";
import { closeWindow, openWindow, unavailable } from "../window.js";

beforeEach(() => openWindow());
afterEach(closeWindow);

const EVENT = "plugin:sidecar-bridge:status-changed";
const starting: State = { phase: "starting", activity: null };
const loading = (percent: number): State => ({ phase: "starting", activity: { name: "loading", percent } });
const ready: State = { phase: "ready", pid: 42 };
const stopped: State = { phase: "stopped" };
const statusOf = (generation: number, state: State, sidecar = "python"): Status => ({
  sidecar,
  generation,
  state,
  warning: null,
});

/** Stands in for the host: `read` answers the status command. */
function mockHost(read: (sidecar: string | null) => Status | Promise<Status>): void {
  mockIPC(
    (command, args) => {
      if (command !== "plugin:sidecar-bridge|status") throw `Command ${command} not found`;
      return read((args as { sidecar: string | null }).sidecar);
    },
    { shouldMockEvents: true },
  );
}

describe("status", () => {
  test("reads the only sidecar unless one is named", async () => {
    mockHost((sidecar) => statusOf(1, ready, sidecar ?? "python"));
    expect(await status()).toEqual(statusOf(1, ready, "python"));
    expect(await status("worker")).toEqual(statusOf(1, ready, "worker"));
  });

  test("rejects with a BridgeError", async () => {
    mockHost(() => Promise.reject({ ...unavailable, code: "not_found" }));
    await expect(status("nobody")).rejects.toBeInstanceOf(BridgeError);
    await expect(status("nobody")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("onStatus", () => {
  test("reports the current status at once, then each change", async () => {
    mockHost(() => statusOf(1, starting));
    const seen: Status[] = [];
    await onStatus((next) => seen.push(next));
    expect(seen).toEqual([statusOf(1, starting)]);
    for (const next of [statusOf(1, ready), statusOf(1, stopped), statusOf(2, starting)])
      await emit(EVENT, next);
    expect(seen).toEqual([
      statusOf(1, starting),
      statusOf(1, ready),
      statusOf(1, stopped),
      statusOf(2, starting),
    ]);
  });

  test("reports what a sidecar does until it serves", async () => {
    mockHost(() => statusOf(1, starting));
    const seen: Status[] = [];
    await onStatus((next) => seen.push(next));
    const changes = [loading(10), loading(60), ready, loading(60)].map((state) => statusOf(1, state));
    for (const next of changes) await emit(EVENT, next);
    expect(seen).toEqual([statusOf(1, starting), ...changes.slice(0, 3)]);
  });

  test("loses no change made while the current status is being read, and drops that stale one", async () => {
    mockHost(async () => {
      await emit(EVENT, statusOf(1, ready));
      await emit(EVENT, statusOf(1, stopped));
      return statusOf(1, starting);
    });
    const seen: Status[] = [];
    await onStatus((next) => seen.push(next));
    expect(seen).toEqual([statusOf(1, ready), statusOf(1, stopped)]);
  });

  test("never reports the same status twice, nor one that has been overtaken", async () => {
    mockHost(() => statusOf(2, ready));
    const seen: Status[] = [];
    await onStatus((next) => seen.push(next));
    for (const next of [statusOf(1, stopped), statusOf(2, starting), statusOf(2, ready)])
      await emit(EVENT, next);
    expect(seen).toEqual([statusOf(2, ready)]);
  });

  test("follows one sidecar: the named one, or the one that an unnamed status is of", async () => {
    mockHost(async (sidecar) => {
      await emit(EVENT, statusOf(9, stopped, "other"));
      return statusOf(1, starting, sidecar ?? "python");
    });
    const unnamed: Status[] = [];
    const named: Status[] = [];
    await onStatus((next) => unnamed.push(next));
    await onStatus((next) => named.push(next), { sidecar: "worker" });
    await emit(EVENT, statusOf(1, ready, "worker"));
    expect(unnamed).toEqual([statusOf(1, starting, "python")]);
    expect(named).toEqual([statusOf(1, starting, "worker"), statusOf(1, ready, "worker")]);
  });

  test("ends when its function is called, as often as one likes", async () => {
    mockHost(() => statusOf(1, starting));
    const callback = vi.fn();
    const stop = await onStatus(callback);
    stop();
    stop();
    await emit(EVENT, statusOf(1, ready));
    expect(callback).toHaveBeenCalledTimes(1);
  });

  test("ends when the signal aborts", async () => {
    mockHost(() => statusOf(1, starting));
    const controller = new AbortController();
    const callback = vi.fn();
    await onStatus(callback, { signal: controller.signal });
    controller.abort();
    await emit(EVENT, statusOf(1, ready));
    expect(callback).toHaveBeenCalledTimes(1);
  });

  test("rejects with the reason when the signal aborts before the first report, and stays silent", async () => {
    const controller = new AbortController();
    mockHost(() => {
      controller.abort("enough");
      return new Promise(() => {});
    });
    const callback = vi.fn();
    await expect(onStatus(callback, { signal: controller.signal })).rejects.toBe("enough");
    await expect(onStatus(callback, { signal: controller.signal })).rejects.toBe("enough");
    await emit(EVENT, statusOf(1, ready));
    expect(callback).not.toHaveBeenCalled();
  });

  test("rejects with a BridgeError when the status cannot be read, and stays silent", async () => {
    mockHost(() => Promise.reject(unavailable));
    const callback = vi.fn();
    await expect(onStatus(callback)).rejects.toMatchObject({ name: "BridgeError", code: "unavailable" });
    await emit(EVENT, statusOf(1, ready));
    expect(callback).not.toHaveBeenCalled();
  });

  test("passes on what the callback throws in the first report, and stays silent", async () => {
    mockHost(() => statusOf(1, starting));
    const callback = vi.fn(() => {
      throw new Error("from the page");
    });
    await expect(onStatus(callback)).rejects.toThrow("from the page");
    await emit(EVENT, statusOf(1, ready));
    expect(callback).toHaveBeenCalledTimes(1);
  });
});
