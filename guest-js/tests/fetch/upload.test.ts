import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fetch, type Progress, upload } from "../../src/index.js";
import { encodeFrame } from "../../src/wire/frame.js";
import type { FetchResponse, UploadRequest } from "../../src/wire/types.js";
import { ANSWER, bytes, closeWindow, mockHost, mockSidecar, openWindow } from "../window.js";

beforeEach(() => openWindow());
afterEach(closeWindow);

const answerOf = (head: Partial<FetchResponse>, body = "") =>
  encodeFrame({ head: { ...ANSWER, ...head }, body: bytes(body) }).buffer;

/** A host that takes forms, and answers each as told. */
function mockUpload(...answers: Partial<FetchResponse>[]): (UploadRequest | "fetch")[] {
  const asked: (UploadRequest | "fetch")[] = [];
  mockHost({
    upload(args) {
      const { form, onProgress } = args as {
        form: UploadRequest;
        onProgress: { onmessage: (told: [number, number]) => void };
      };
      asked.push(form);
      onProgress.onmessage([3, 10]);
      return answerOf(answers.shift() ?? {}, "taken");
    },
    fetch() {
      asked.push("fetch");
      return answerOf({}, "elsewhere");
    },
  });
  return asked;
}

describe("files from the disk", () => {
  test("go by their paths, after the fields", async () => {
    const asked = mockUpload();
    const told: Progress[] = [];
    const response = await upload("/import?x=1", {
      files: { file: "/home/ada/a.csv", more: ["/b", "/c"] },
      fields: { year: "2026", tag: ["x", "y"] },
      headers: { authorization: "Bearer 1" },
      onProgress: (progress) => told.push(progress),
    });
    expect(await response.text()).toBe("taken");
    const [form] = asked as UploadRequest[];
    expect(form?.request).toMatchObject({ method: "POST", path: "/import?x=1", streams: false });
    expect(form?.request.headers).toContainEqual(["authorization", "Bearer 1"]);
    expect(form?.fields).toEqual([
      ["year", "2026"],
      ["tag", "x"],
      ["tag", "y"],
    ]);
    expect(form?.files).toEqual([
      ["file", "/home/ada/a.csv"],
      ["more", "/b"],
      ["more", "/c"],
    ]);
    expect(told).toEqual([{ bytes: 3, totalBytes: 10 }]);
  });

  test("go again where a redirect says so, and not where it makes the request a GET", async () => {
    const to: [string, string][] = [["location", "/there"]];
    const again = mockUpload({ status: 307, headers: to });
    expect(await (await upload("/import", { files: { file: "/a" } })).text()).toBe("taken");
    expect(again.map((form) => form !== "fetch" && form.request.path)).toEqual(["/import", "/there"]);
    const once = mockUpload({ status: 303, headers: to });
    expect(await (await upload("/import", { files: { file: "/a" } })).text()).toBe("elsewhere");
    expect(once).toHaveLength(2);
  });

  test.each(["GET", "HEAD"])("do not go with %s", async (method) => {
    const asked = mockUpload();
    await expect(upload("/import", { method, files: {} })).rejects.toThrow(TypeError);
    expect(asked).toEqual([]);
  });
});

describe("the progress of a body that the page has", () => {
  const told = async (body: BodyInit): Promise<Progress[]> => {
    const seen: Progress[] = [];
    const init = { method: "POST", body, duplex: "half", onProgress: (now: Progress) => seen.push(now) };
    await fetch("/import", init as RequestInit);
    return seen;
  };

  test("is told at once where it is short", async () => {
    mockSidecar();
    expect(await told("four")).toEqual([{ bytes: 4, totalBytes: 4 }]);
  });

  test("is told piece by piece where it is long", async () => {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    let pieces = 0;
    mockHost({
      fetch: async () => {
        await ended;
        return answerOf({});
      },
      write: () => {
        pieces += 1;
        if (pieces === 4) setTimeout(end);
      },
    });
    const totalBytes = 3 * 512 * 1024;
    expect(await told(new Uint8Array(totalBytes).buffer)).toEqual(
      [1, 2, 3].map((piece) => ({ bytes: (piece * totalBytes) / 3, totalBytes })),
    );
  });

  test("has no total for a stream", async () => {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    mockHost({
      fetch: async () => {
        await ended;
        return answerOf({});
      },
      write: () => setTimeout(end),
    });
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes("abc"));
        controller.close();
      },
    });
    expect((await told(stream))[0]).toEqual({ bytes: 3, totalBytes: null });
  });
});
