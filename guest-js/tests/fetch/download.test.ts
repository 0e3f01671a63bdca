import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BridgeError, download, type Progress } from "../../src/index.js";
import { decodeFrame } from "../../src/wire/frame.js";
import type { DownloadRequest, FetchResponse } from "../../src/wire/types.js";
import { ANSWER, closeWindow, mockHost, openWindow, unavailable } from "../window.js";

beforeEach(() => openWindow());
afterEach(closeWindow);

type Saving = { path: string; onProgress: { onmessage: (bytes: number) => void } };

/** A host that answers downloads, and saves six bytes; tells what it was asked. */
function mockDownload(answer: Partial<FetchResponse> = {}, save?: (asked: Saving) => unknown) {
  const asked: DownloadRequest[] = [];
  const saved: string[] = [];
  const cancel = vi.fn();
  const dialog = vi.fn((_: unknown): unknown => "/home/ada/orders.csv");
  mockHost({
    download(frame) {
      asked.push(decodeFrame<DownloadRequest>(frame as Uint8Array<ArrayBuffer>).head);
      return { ...ANSWER, streams: true, ...answer };
    },
    save(args) {
      if (save) return save(args as Saving);
      saved.push((args as Saving).path);
      return 6;
    },
    cancel,
    "plugin:dialog|save": dialog,
  });
  return { asked, saved, cancel, dialog };
}

describe("where a file goes", () => {
  test("the person chooses, and is shown the sidecar's name", async () => {
    const disposition: [string, string] = ["content-disposition", 'attachment; filename="../orders.csv"'];
    const { asked, saved, dialog } = mockDownload({ headers: [disposition] });
    expect(await download("/export", { method: "POST", body: "{}" })).toBe("/home/ada/orders.csv");
    expect(dialog).toHaveBeenCalledWith({ options: { defaultPath: "orders.csv" } });
    expect(saved).toEqual(["/home/ada/orders.csv"]);
    expect(asked).toMatchObject([{ to: null, request: { method: "POST", path: "/export" } }]);
  });

  test("nobody has chosen: then nothing is saved, and the answer is given up", async () => {
    const { saved, cancel, dialog } = mockDownload();
    dialog.mockReturnValue(null);
    expect(await download("/export")).toBeNull();
    expect(saved).toEqual([]);
    expect(cancel).toHaveBeenCalledOnce();
  });

  test("the page may say it, also by a function of the name", async () => {
    const { asked, saved, dialog } = mockDownload();
    expect(await download("/export.csv", { to: "/a" })).toBe("/a");
    expect(await download("/export.csv", { to: async (name) => `/b/${name}` })).toBe("/b/export.csv");
    expect(saved).toEqual(["/a", "/b/export.csv"]);
    // The host judges a path that is known before it sends anything.
    expect(asked.map(({ to }) => to)).toEqual(["/a", null]);
    expect(dialog).not.toHaveBeenCalled();
  });

  test("an error of that function is the caller's, and the answer is given up", async () => {
    const { cancel } = mockDownload();
    const to = () => Promise.reject(new RangeError("no"));
    await expect(download("/export.csv", { to })).rejects.toThrow(RangeError);
    expect(cancel).toHaveBeenCalledOnce();
  });

  test.each([
    ["plugin dialog not found", "failed_precondition"],
    [
      "dialog.save not allowed. Permissions associated with this command: dialog:allow-save",
      "permission_denied",
    ],
  ])("without a dialog, the error says what to add: %s", async (said, code) => {
    const { cancel, dialog } = mockDownload();
    dialog.mockRejectedValue(said);
    const error = await download("/export.csv").catch((error: unknown) => error);
    expect(error).toBeInstanceOf(BridgeError);
    expect(error).toMatchObject({ code, message: expect.stringContaining("grant `dialog:allow-save`") });
    expect(cancel).toHaveBeenCalledOnce();
  });
});

describe("the progress", () => {
  test("tells how much there is, the end once and nothing after it", async () => {
    const told: Progress[] = [];
    let late = () => {};
    mockDownload({ headers: [["content-length", "6"]] }, ({ onProgress: { onmessage } }) => {
      onmessage(2);
      late = () => onmessage(6);
      return 6;
    });
    await download("/export.csv", { to: "/a", onProgress: (progress) => told.push(progress) });
    late();
    await Promise.resolve();
    expect(told).toEqual([
      { bytes: 2, totalBytes: 6 },
      { bytes: 6, totalBytes: 6 },
    ]);
  });

  test("has no total where the sidecar tells none", async () => {
    const told: Progress[] = [];
    mockDownload();
    await download("/export.csv", { to: "/a", onProgress: (progress) => told.push(progress) });
    expect(told).toEqual([{ bytes: 6, totalBytes: null }]);
  });
});

describe("a download that comes to nothing", () => {
  test("is given up by an abort while it is saved, with the signal's reason", async () => {
    const controller = new AbortController();
    const { cancel } = mockDownload({}, () => {
      controller.abort(new RangeError("enough"));
      return new Promise(() => {});
    });
    const saving = download("/export.csv", { to: "/a", signal: controller.signal });
    await expect(saving).rejects.toThrow(RangeError);
    expect(cancel).toHaveBeenCalledOnce();
  });

  test("is given up by an abort while the person chooses", async () => {
    const controller = new AbortController();
    const { cancel } = mockDownload();
    const to = () => {
      controller.abort();
      return new Promise<string>(() => {});
    };
    const saving = download("/export.csv", { to, signal: controller.signal });
    await expect(saving).rejects.toMatchObject({ name: "AbortError" });
    expect(cancel).toHaveBeenCalledOnce();
  });

  test("rejects with the host's problem", async () => {
    mockDownload({}, () => Promise.reject({ ...unavailable, code: "resource_exhausted" }));
    await expect(download("/export.csv", { to: "/a" })).rejects.toMatchObject({ code: "resource_exhausted" });
  });

  test.each(["manual", "follow"] as const)("saves no redirect (%s)", async (redirect) => {
    const location: [string, string][] = redirect === "manual" ? [["location", "/a"]] : [];
    const { saved } = mockDownload({ status: 302, streams: false, headers: location });
    await expect(download("/export.csv", { to: "/a", redirect })).rejects.toThrow(/nothing to save/);
    expect(saved).toEqual([]);
  });

  test("an answer without a body is an empty file", async () => {
    const { saved } = mockDownload({ status: 204 }, ({ path }) => {
      saved.push(path);
      return 0;
    });
    expect(await download("/export.csv", { to: "/a" })).toBe("/a");
    expect(saved).toEqual(["/a"]);
  });

  test("needs a window of Tauri's", async () => {
    await expect(download("/export.csv", { to: "/a" })).rejects.toMatchObject({
      code: "failed_precondition",
    });
  });
});
