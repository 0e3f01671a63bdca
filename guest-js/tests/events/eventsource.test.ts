import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BridgeEventSource } from "../../src/index.js";
import {
  bytes,
  closeWindow,
  mockSidecar,
  mockStream,
  openWindow,
  type Sent,
  unavailable,
} from "../window.js";

beforeEach(() => openWindow());
afterEach(() => {
  closeWindow();
  vi.useRealTimers();
});

const stream = (text: string) => ({
  headers: [["content-type", "text/event-stream; charset=utf-8"]] as [string, string][],
  body: bytes(text),
});
const event = (source: BridgeEventSource, name: string) =>
  new Promise<Event>((resolve) => source.addEventListener(name, resolve, { once: true }));

describe("an event source", () => {
  test("reads events as the HTML Standard has them", async () => {
    const text = [
      ": a comment",
      "data: one",
      "data:two",
      "id: 7",
      "",
      "event: named",
      "data:  x ",
      "unknown: field",
      "",
      "event: without data",
      "",
      "data",
      "id: with\0zero",
      "",
      "data: not whole",
    ].join("\n");
    mockSidecar(() => stream(text));
    const source = new BridgeEventSource("/events");
    const seen: unknown[] = [];
    source.onmessage = ({ data, lastEventId }) => seen.push([data, lastEventId]);
    source.addEventListener("named", ({ data, lastEventId }) => seen.push(["named", data, lastEventId]));
    await event(source, "error");
    source.close();
    expect(seen).toEqual([
      ["one\ntwo", "7"],
      ["named", " x ", "7"],
      ["", "7"],
    ]);
  });

  test("connects again where it was, after the time that the server says", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const received: Sent[] = mockSidecar(() =>
      received.length === 1 ? stream("retry: 50\nid: 3\ndata: x\n\n") : Promise.reject(unavailable),
    );
    const source = new BridgeEventSource("/events", {
      sidecar: "worker",
      headers: { authorization: "Bearer x" },
    });
    await event(source, "error");
    expect(source.readyState).toBe(0);
    await vi.advanceTimersByTimeAsync(49);
    expect(received).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(received).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(50);
    expect(received).toHaveLength(3);
    source.close();
    const headers = received.map((sent) => new Headers(sent.headers));
    expect(headers.map((sent) => sent.get("last-event-id"))).toEqual([null, "3", "3"]);
    expect(headers[0]?.get("authorization")).toBe("Bearer x");
    expect(headers[0]?.get("accept")).toBe("text/event-stream");
    expect(received[0]?.sidecar).toBe("worker");
  });

  test("sends the id of the last event as UTF-8, and begins no line that has not ended", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const received = mockSidecar(() => stream("retry: 50\nid: \u20ac\ndata: x\n\nretry: 7"));
    const source = new BridgeEventSource("/events");
    await event(source, "error");
    await vi.advanceTimersByTimeAsync(49);
    expect(received).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    source.close();
    expect(received).toHaveLength(2);
    expect(new Headers(received[1]?.headers).get("last-event-id")).toBe("\u00e2\u0082\u00ac");
  });

  test("waits for no longer than a timer can, however much the server asks for", async () => {
    const timer = vi.spyOn(globalThis, "setTimeout");
    mockSidecar(() => stream(`retry: ${"9".repeat(400)}\n`));
    const source = new BridgeEventSource("/events");
    await event(source, "error");
    await vi.waitFor(() => expect(timer.mock.calls.map(([, pause]) => pause)).toContain(2 ** 31 - 1));
    source.close();
    timer.mockRestore();
  });

  test("gives its events at the CR that ends them, with the origin of the page", async () => {
    mockStream(() => new Promise(() => {}), stream(""), "data: 1\r\rdata: 2\r\n\r");
    const source = new BridgeEventSource("/events");
    const seen: unknown[] = [];
    source.onmessage = ({ data, origin }) => seen.push([data, origin]);
    await vi.waitFor(() => expect(seen).toHaveLength(2));
    source.close();
    expect(seen).toEqual([
      ["1", "tauri://localhost"],
      ["2", "tauri://localhost"],
    ]);
  });

  test.each<[string, () => object, string | undefined]>([
    ["an end without a reason", () => ({ ...stream(""), status: 204 }), undefined],
    ["another status", () => ({ ...stream(""), status: 404 }), "answered with status 404"],
    ["another content type", () => ({ headers: [["content-type", "text/plain"]] }), "type text/plain"],
    [
      "a refusal of the host",
      () => Promise.reject({ ...unavailable, code: "permission_denied", detail: "not for this window" }),
      "not for this window",
    ],
  ])("ends for good with %s, and says why", async (_, answer, why) => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    const received = mockSidecar(answer);
    const source = new BridgeEventSource("/events");
    const failed = (await event(source, "error")) as ErrorEvent;
    expect(source.readyState).toBe(2);
    expect(failed.message ?? "").toContain(why ?? "");
    expect(failed.error instanceof Error).toBe(why !== undefined);
    expect(said).toHaveBeenCalledTimes(why === undefined ? 0 : 1);
    said.mockRestore();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(received).toHaveLength(1);
  });

  test("that was closed while it connected never opens", async () => {
    for (let ticks = 0; ticks < 30; ticks++) {
      mockSidecar(() => stream("data: 1\n\n"));
      const source = new BridgeEventSource("/events");
      const seen: string[] = [];
      source.onopen = () => seen.push(`open with readyState ${source.readyState}`);
      for (let tick = 0; tick < ticks; tick++) await null;
      const before = seen.length;
      source.close();
      await new Promise((resolve) => setTimeout(resolve));
      expect([seen.length, source.readyState], `${ticks} microtasks`).toEqual([before, 2]);
    }
  });

  test("that was closed by a listener says nothing more", async () => {
    mockSidecar(() => stream("data: 1\n\ndata: 2\n\n"));
    const source = new BridgeEventSource("/events");
    const seen: unknown[] = [];
    source.onerror = () => seen.push("error");
    source.onmessage = ({ data }) => {
      seen.push(data);
      source.close();
    };
    await event(source, "message");
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(seen).toEqual(["1"]);
    expect(source.readyState).toBe(2);
  });
});
