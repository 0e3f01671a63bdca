import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BridgeEventSource } from "../../src/index.js";
import { bytes, closeWindow, mockSidecar, openWindow, type Sent, unavailable } from "../window.js";

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

  test.each([
    ["a status that is no 200", { ...stream("data: x\n\n"), status: 204 }],
    [
      "another content type",
      { headers: [["content-type", "text/plain"]] as [string, string][], body: bytes("x") },
    ],
  ])("ends for good with %s", async (_, answer) => {
    const received = mockSidecar(() => answer);
    const source = new BridgeEventSource("/events");
    await event(source, "error");
    expect(source.readyState).toBe(2);
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
