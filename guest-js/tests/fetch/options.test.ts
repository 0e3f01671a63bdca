import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fetch } from "../../src/index.js";
import { bytes, closeWindow, mockSidecar, openWindow, text } from "../window.js";

beforeEach(() => openWindow());
afterEach(closeWindow);

describe("an abort", () => {
  test("before the call rejects with the reason, and nothing is sent", async () => {
    const received = mockSidecar();
    await expect(fetch("/", { signal: AbortSignal.abort("enough") })).rejects.toBe("enough");
    const request = new Request("tauri://localhost/", { signal: AbortSignal.abort() });
    await expect(fetch(request)).rejects.toMatchObject({ name: "AbortError" });
    expect(received).toEqual([]);
  });

  test("while the sidecar works rejects with the reason at once", async () => {
    const controller = new AbortController();
    mockSidecar(() => {
      controller.abort("enough");
      return new Promise(() => {});
    });
    await expect(fetch("/", { signal: controller.signal })).rejects.toBe("enough");
  });

  test("by a timeout rejects with a TimeoutError", async () => {
    mockSidecar(() => new Promise(() => {}));
    await expect(fetch("/", { signal: AbortSignal.timeout(1) })).rejects.toMatchObject({
      name: "TimeoutError",
    });
  });

  test("is heard at every microtask, and nothing is sent after it", async () => {
    for (let ticks = 0; ticks < 20; ticks++) {
      const received = mockSidecar(() => new Promise(() => {}));
      const controller = new AbortController();
      const outcome = expect(fetch("/", { signal: controller.signal })).rejects.toBe("enough");
      for (let tick = 0; tick < ticks; tick++) await null;
      const before = received.length;
      controller.abort("enough");
      await outcome;
      expect(received, `${ticks} microtasks`).toHaveLength(before);
    }
  });

  test("after the head fails the reading of the body, and of its clones", async () => {
    const controller = new AbortController();
    mockSidecar(() => ({ body: bytes("hi") }));
    const response = await fetch("/", { signal: controller.signal });
    const copy = response.clone();
    controller.abort("enough");
    await expect(response.text()).rejects.toBe("enough");
    await expect(copy.json()).rejects.toBe("enough");
  });

  test("after the body changes nothing", async () => {
    const controller = new AbortController();
    mockSidecar(() => ({ body: bytes("hi") }));
    const response = await fetch("/", { signal: controller.signal });
    expect(await response.text()).toBe("hi");
    controller.abort("enough");
    await expect(response.text()).rejects.toBeInstanceOf(TypeError);
  });

  test("before the call cancels the stream that is the body", async () => {
    mockSidecar();
    const cancel = vi.fn();
    const body = new ReadableStream({ cancel });
    await expect(fetch("/", { method: "POST", body, signal: AbortSignal.abort("enough") })).rejects.toBe(
      "enough",
    );
    expect(cancel).toHaveBeenCalledWith("enough");
  });
});

describe("the options", () => {
  class Options {
    get method() {
      return "PUT";
    }
    get headers() {
      return { authorization: "Bearer x" };
    }
    get body() {
      return "body";
    }
  }

  test.each([
    ["of a class", () => new Options()],
    ["of a Request", () => new Request("tauri://localhost/x", new Options())],
  ])("%s count as those of an object", async (_, options) => {
    const received = mockSidecar();
    await fetch("/echo", options());
    expect(received[0]).toMatchObject({ method: "PUT", path: "/echo" });
    expect(received[0]?.headers).toContainEqual(["authorization", "Bearer x"]);
    expect(text(received[0]?.body)).toBe("body");
  });

  test("may be null, and nothing else that is no object", async () => {
    const received = mockSidecar();
    await fetch("/", null);
    expect(received).toHaveLength(1);
    await expect(fetch("/", 7 as RequestInit)).rejects.toThrow("7 is not an object of options");
    await expect((fetch as () => Promise<Response>)()).rejects.toThrow("no address; give a path");
  });

  test("cannot have a body that is a stream with a reader, or that was read from", async () => {
    const received = mockSidecar();
    const stream = new Response("ab").body as ReadableStream;
    const reader = stream.getReader();
    await expect(fetch("/", { method: "POST", body: stream })).rejects.toThrow("is locked, or was read from");
    await reader.read();
    reader.releaseLock();
    await expect(fetch("/", { method: "POST", body: stream })).rejects.toThrow("is locked, or was read from");
    expect(received).toEqual([]);
  });
});
