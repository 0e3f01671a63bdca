import { mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BridgeError, diagnose, onStatus, type State, type Status, status } from "../../src/index.js";
import { closeWindow, deferred, openWindow, unavailable } from "../window.js";

beforeEach(() => openWindow());
afterEach(closeWindow);

const starting: State = { phase: "starting", activity: null };
const ready: State = { phase: "ready", pid: 42 };
const stopped: State = { phase: "stopped" };
const statusOf = (revision: number, state: State, sidecar = "python"): Status => ({
  sidecar,
  revision,
  generation: 1,
  state,
  warning: null,
});

/** What a page asks the host for. */
interface Asked {
  command: string;
  sidecar: string | null;
  revision: number;
  exchange: string;
}

/** Stands in for the host: answers the plugin's commands, and records what was asked. */
function mockHost(answer: (asked: Asked) => unknown): Asked[] {
  const all: Asked[] = [];
  mockIPC((command, args) => {
    const asked = {
      ...(args as Omit<Asked, "command">),
      command: command.replace("plugin:sidecar-bridge|", ""),
    };
    all.push(asked);
    return answer(asked);
  });
  return all;
}

/** A host whose sidecar goes through these statuses, each of which comes when the page has heard the one before. */
function mockStatuses(...statuses: [Status, ...Status[]]): Asked[] {
  return mockHost(({ command, revision }) => {
    if (command === "status") return statuses[0];
    if (command === "cancel") return null;
    return statuses.find((status) => status.revision > revision) ?? new Promise(() => {});
  });
}

describe("status", () => {
  test("reads the only sidecar unless one is named", async () => {
    mockHost(({ sidecar }) => statusOf(1, ready, sidecar ?? "python"));
    expect(await status()).toEqual(statusOf(1, ready, "python"));
    expect(await status("worker")).toEqual(statusOf(1, ready, "worker"));
  });

  test("rejects with a BridgeError", async () => {
    mockHost(() => Promise.reject({ ...unavailable, code: "not_found" }));
    await expect(status("nobody")).rejects.toBeInstanceOf(BridgeError);
    await expect(status("nobody")).rejects.toMatchObject({ code: "not_found" });
  });

  test("has the details for a page that may read the log", async () => {
    const failed: State = { phase: "failed", problem: unavailable, details: "no module `app`", exit: null };
    const asked = mockHost(() => statusOf(3, failed));
    expect((await diagnose("worker")).state).toEqual(failed);
    expect(asked).toMatchObject([{ command: "diagnose", sidecar: "worker" }]);
  });
});

describe("onStatus", () => {
  test("reports the current status at once, then each change", async () => {
    const statuses = [statusOf(0, starting), statusOf(1, ready), statusOf(4, stopped)] as const;
    const asked = mockStatuses(...statuses);
    const seen: Status[] = [];
    await onStatus((next) => seen.push(next));
    expect(seen).toEqual([statuses[0]]);
    await vi.waitFor(() => expect(seen).toEqual(statuses));
    await vi.waitFor(() => expect(asked.map(({ revision }) => revision)).toEqual([undefined, 0, 1, 4]));
    expect(new Set(asked.map(({ exchange }) => exchange)).size).toBe(4);
  });

  test("follows one sidecar: the named one, or the one that an unnamed status is of", async () => {
    const asked = mockHost(({ command, sidecar }) =>
      command === "status" ? statusOf(0, starting, sidecar ?? "python") : new Promise(() => {}),
    );
    await onStatus(() => {});
    await onStatus(() => {}, { sidecar: "worker" });
    const waits = asked.filter(({ command }) => command === "next_status");
    expect(waits.map(({ sidecar }) => sidecar)).toEqual(["python", "worker"]);
  });

  test("ends when its function is called, as often as one likes, and tells the host", async () => {
    const next = deferred<Status>();
    const asked = mockHost(({ command }) => (command === "status" ? statusOf(0, starting) : next.promise));
    const callback = vi.fn();
    const stop = await onStatus(callback);
    stop();
    stop();
    next.resolve(statusOf(1, ready));
    await vi.waitFor(() =>
      expect(asked.map(({ command }) => command)).toEqual(["status", "next_status", "cancel"]),
    );
    expect(asked[2]?.exchange).toBe(asked[1]?.exchange);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  test("ends when the signal aborts", async () => {
    const controller = new AbortController();
    const asked = mockStatuses(statusOf(0, starting));
    await onStatus(() => {}, { signal: controller.signal });
    controller.abort();
    await vi.waitFor(() => expect(asked.at(-1)?.command).toBe("cancel"));
  });

  test("ends when the signal aborts in a report", async () => {
    const controller = new AbortController();
    const asked = mockStatuses(statusOf(0, starting), statusOf(1, ready));
    await onStatus(() => controller.abort(), { signal: controller.signal });
    expect(asked.map(({ command }) => command)).toEqual(["status"]);
  });

  test("rejects with the reason when the signal aborts before the first report, and stays silent", async () => {
    const controller = new AbortController();
    const asked = mockHost(() => {
      controller.abort("enough");
      return new Promise(() => {});
    });
    const callback = vi.fn();
    await expect(onStatus(callback, { signal: controller.signal })).rejects.toBe("enough");
    await expect(onStatus(callback, { signal: controller.signal })).rejects.toBe("enough");
    expect(callback).not.toHaveBeenCalled();
    expect(asked).toHaveLength(1);
  });

  test("rejects with a BridgeError when the status cannot be read", async () => {
    const asked = mockHost(() => Promise.reject(unavailable));
    await expect(onStatus(() => {})).rejects.toMatchObject({ name: "BridgeError", code: "unavailable" });
    expect(asked).toHaveLength(1);
  });

  test("passes on what the callback throws in the first report, and stays silent", async () => {
    const asked = mockStatuses(statusOf(0, starting), statusOf(1, ready));
    const callback = vi.fn(() => {
      throw new Error("from the page");
    });
    await expect(onStatus(callback)).rejects.toThrow("from the page");
    expect(callback).toHaveBeenCalledTimes(1);
    expect(asked).toHaveLength(1);
  });

  test("asks once more when a wait fails, such as when the app begins to end", async () => {
    let waits = 0;
    const over = { ...unavailable, code: "cancelled" };
    mockHost(({ command }) => {
      if (command === "status") return statusOf(0, ready);
      if (++waits === 2) return statusOf(1, stopped);
      return Promise.reject(over);
    });
    const seen: Status[] = [];
    await onStatus((next) => seen.push(next));
    await vi.waitFor(() => expect(waits).toBe(4));
    expect(seen).toEqual([statusOf(0, ready), statusOf(1, stopped)]);
  });
});
