import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { serveWorker } from "../../src/index.js";
import { decodeFrame, encodeFrame } from "../../src/wire/frame.js";
import type { FetchRequest } from "../../src/wire/types.js";
import {
  ANSWER,
  bytes,
  closeWindow,
  mockHost,
  mockSidecar,
  mockStream,
  openWindow,
  piece,
  text,
} from "../window.js";

beforeEach(() => openWindow());
afterEach(closeWindow);

type Package = typeof import("../../src/index.js");

/** A worker has a copy of the package of its own. */
async function workersPackage(): Promise<Package> {
  vi.resetModules();
  return import("../../src/index.js");
}

/** Both ends of what a page and a worker meet over. */
function meeting() {
  const { port1, port2 } = new MessageChannel();
  return { worker: port1, page: port2 };
}

/** A worker that a page serves. */
async function served(host: Record<string, () => unknown> | null = {}) {
  // The page looks whether it is in a window.
  if (host) mockHost(host);
  const { worker, page } = meeting();
  const inWorker = await workersPackage();
  const connected = inWorker.connectPage(page);
  const stop = serveWorker(worker);
  await connected;
  return { ...inWorker, stop };
}

test("a worker's requests go through its page, with their bodies and answers", async () => {
  const { fetch } = await served();
  const sent = mockSidecar(({ body }) => ({ body: bytes(`${text(body)}!`) }));
  const large = new Uint8Array(600_000).fill(97);
  expect(await (await fetch("/a", { method: "POST", body: "hi" })).text()).toBe("hi!");
  expect(sent).toMatchObject([{ method: "POST", path: "/a" }]);
  const pieces: number[] = [];
  mockHost({
    fetch: (frame) => {
      expect(decodeFrame<FetchRequest>(frame as Uint8Array<ArrayBuffer>).head.bodyBytes).toBe(600_000);
      return new Promise((resolve) => {
        answer = () => resolve(encodeFrame({ head: ANSWER, body: bytes("taken") }).buffer);
      });
    },
    write: (frame) => {
      const { body, head } = decodeFrame<{ last: boolean }>(frame as Uint8Array<ArrayBuffer>);
      pieces.push(body.length);
      if (head.last) answer();
    },
  });
  let answer = () => {};
  expect(await (await fetch("/b", { method: "POST", body: large })).text()).toBe("taken");
  expect(pieces).toEqual([524_288, 75_712, 0]);
});

test("it does not matter who comes first", async () => {
  const { connectPage, fetch } = await workersPackage();
  const sent = mockSidecar();
  const { worker, page } = meeting();
  serveWorker(worker);
  await new Promise((resolve) => setTimeout(resolve));
  await connectPage(page);
  expect((await fetch("/a")).status).toBe(200);
  expect(sent).toHaveLength(1);
});

test("the app's own listeners see its own messages, and none of the package's", async () => {
  mockHost({});
  const { connectPage } = await workersPackage();
  const { worker, page } = meeting();
  const heard: unknown[] = [];
  const connected = [connectPage(page), connectPage(page)];
  page.addEventListener("message", ({ data }) => heard.push(["in the worker", data]));
  serveWorker(worker);
  const last = new Promise<void>((resolve) => {
    worker.addEventListener("message", ({ data }) => {
      heard.push(["in the page", data]);
      resolve();
    });
  });
  await Promise.all(connected);
  // They come after every greeting: the page answers to all that the worker has asked before its message.
  page.postMessage("from the worker");
  await last;
  worker.postMessage("from the page");
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  expect(heard).toEqual([
    ["in the page", "from the worker"],
    ["in the worker", "from the page"],
  ]);
});

test("files of the disk are for the page, and a worker that names some sends nothing", async () => {
  const { download, upload } = await served();
  const sent = vi.fn();
  mockHost({ download: sent, upload: sent });
  const refused = {
    code: "failed_precondition",
    message: expect.stringContaining("call download and upload in the page"),
  };
  await expect(download("/export.csv")).rejects.toMatchObject(refused);
  await expect(download("/export.csv", { to: "/a" })).rejects.toMatchObject(refused);
  await expect(upload("/import", { files: { file: "/a" } })).rejects.toMatchObject(refused);
  expect(sent).not.toHaveBeenCalled();
});

test("an error of the host is the same error in the worker", async () => {
  const { fetch, status } = await served();
  mockHost({
    fetch: () => {
      throw "fetch not allowed on window main";
    },
    status: () => ({ sidecar: "python" }),
  });
  await expect(fetch("/a")).rejects.toMatchObject({ name: "BridgeError", code: "permission_denied" });
  expect(await status()).toEqual({ sidecar: "python" });
});

test("an abort in the worker ends the exchange", async () => {
  const { fetch } = await served();
  const host = mockStream(() => new Promise(() => {}));
  const controller = new AbortController();
  const response = await fetch("/a", { signal: controller.signal });
  controller.abort(new RangeError("enough"));
  await expect(response.text()).rejects.toThrow("enough");
  await vi.waitFor(() => expect(host.cancelled).toHaveLength(1));
});

test("when the page serves no more, what is under way ends on both sides, and nothing else", async () => {
  const { fetch, stop } = await served();
  const host = mockStream((nth) => (nth < 2 ? piece(nth, "x", nth === 1) : new Promise(() => {})));
  await (await fetch("/whole")).text();
  const reading = (await fetch("/endless")).text();
  await vi.waitFor(() => expect(host.reads()).toBeGreaterThan(3));
  stop();
  await expect(reading).rejects.toMatchObject({ code: "cancelled" });
  await vi.waitFor(() => expect(host.cancelled).toHaveLength(1));
  await expect(fetch("/a")).rejects.toThrow("the page that served this worker was left");
});

/** The locks of a browser: one holder at a time; a worker that ends lets go of its own. */
function locks() {
  const held = new Map<string, { waiting: (() => unknown)[]; release: () => void }>();
  const request = async (
    name: string,
    ...rest: [() => unknown] | [{ signal: AbortSignal }, () => unknown]
  ) => {
    const given = rest.at(-1) as () => unknown;
    const lock = held.get(name);
    if (lock) return void lock.waiting.push(given);
    const ended = new Promise<void>((release) => held.set(name, { waiting: [], release }));
    await Promise.race([given(), ended]);
    for (const next of held.get(name)?.waiting ?? []) next();
    held.delete(name);
  };
  return { held, request };
}

test("when the worker ends, what it has under way ends, too", async () => {
  const { held, request } = locks();
  vi.stubGlobal("navigator", { locks: { request } });
  const { fetch } = await served();
  const host = mockStream((nth) => (nth < 2 ? piece(nth, "x", nth === 1) : new Promise(() => {})));
  await (await fetch("/whole")).text();
  const reading = (await fetch("/endless")).text();
  reading.catch(() => {});
  await vi.waitFor(() => expect([...held.values()].flatMap(({ waiting }) => waiting)).toHaveLength(1));
  for (const { release } of held.values()) release();
  await vi.waitFor(() => expect(host.cancelled).toHaveLength(1));
});

test("a worker whose page serves no more holds no lock for that page", async () => {
  const { held, request } = locks();
  vi.stubGlobal("navigator", { locks: { request } });
  const { stop } = await served();
  await vi.waitFor(() => expect(held.size).toBe(1));
  stop();
  await vi.waitFor(() => expect(held.size).toBe(0));
});

test("what has failed is not cancelled when the page serves no more", async () => {
  const { fetch, stop } = await served();
  const cancelled = vi.fn();
  mockHost({
    fetch: () => {
      throw "fetch not allowed on window main";
    },
    cancel: cancelled,
  });
  await expect(fetch("/a")).rejects.toMatchObject({ code: "permission_denied" });
  stop();
  expect(cancelled).not.toHaveBeenCalled();
});

test("a shared worker goes on with another page", async () => {
  const { connectPage, fetch } = await workersPackage();
  mockSidecar();
  const [first, second] = [meeting(), meeting()];
  const stops = [first, second].map(({ worker }) => serveWorker(worker));
  await connectPage(first.page);
  await connectPage(second.page);
  stops[1]?.();
  await vi.waitFor(async () => expect((await fetch("/a")).status).toBe(200));
});

test("a worker gets no other command than those of this plugin", async () => {
  const called = vi.fn();
  mockHost({ "plugin:window|close": called });
  const { worker, page } = meeting();
  serveWorker(worker);
  const port = await new Promise<MessagePort>((resolve) => {
    page.onmessage = ({ data }) => resolve(data.port);
  });
  const answered = new Promise((resolve) => {
    port.onmessage = ({ data }) => resolve(data);
  });
  port.postMessage({ id: 1, command: "plugin:window|close", args: {} });
  expect(await answered).toEqual({
    id: 1,
    reason: "plugin:window|close is not allowed for a worker; call it in the page",
  });
  expect(called).not.toHaveBeenCalled();
});

test("in a plain browser a worker reaches a sidecar by itself", async () => {
  vi.unstubAllGlobals();
  vi.stubGlobal("location", { href: "http://localhost:1420/index.html" });
  const asked = vi.fn(async () => new Response("ok"));
  vi.stubGlobal("fetch", asked);
  vi.stubGlobal(Symbol.for("tauri-plugin-sidecar-bridge.fetch") as unknown as string, undefined);
  const { fetch } = await served(null);
  expect(await (await fetch("/a")).text()).toBe("ok");
  expect(asked).toHaveBeenCalledOnce();
  openWindow();
});
