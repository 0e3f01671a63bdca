import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ConnectRequest } from "../../src/wire/types.js";
import { mockHost, openWindow } from "../window.js";

/** The class that the page has before this package is loaded. */
const opened = vi.fn();
class SocketOfPage {
  constructor(...given: unknown[]) {
    opened(...given);
  }
}

let Socket: typeof WebSocket;
beforeEach(async () => {
  vi.resetModules();
  opened.mockReset();
  vi.stubGlobal("WebSocket", SocketOfPage);
  // What the copy that an earlier test loaded has left.
  vi.stubGlobal(Symbol.for("tauri-plugin-sidecar-bridge.WebSocket") as unknown as string, undefined);
  Socket = await loaded();
});
afterEach(() => vi.unstubAllGlobals());

const loaded = async () => (await import("../../src/index.js")).BridgeWebSocket;

/** A second copy of the package, as a dependency of the app may bring one. */
async function secondCopy(): Promise<typeof WebSocket> {
  vi.resetModules();
  return loaded();
}

/** Puts a class around the global one, as instrumentation does. */
function instrument(): void {
  vi.stubGlobal("WebSocket", class extends globalThis.WebSocket {});
}

/** How this package's class becomes the global one. */
const WAYS: Record<string, () => void | Promise<void>> = {
  "that is the global one": () => void vi.stubGlobal("WebSocket", Socket),
  "with instrumentation around it": () => {
    vi.stubGlobal("WebSocket", Socket);
    instrument();
  },
  "of a second copy of the package": async () => {
    vi.stubGlobal("WebSocket", Socket);
    vi.stubGlobal("WebSocket", await secondCopy());
  },
  "of a second copy around instrumentation around the first": async () => {
    vi.stubGlobal("WebSocket", Socket);
    instrument();
    vi.stubGlobal("WebSocket", await secondCopy());
  },
  "with a second copy loaded after it": async () => {
    vi.stubGlobal("WebSocket", Socket);
    await secondCopy();
  },
};

describe.each(Object.entries(WAYS))("a WebSocket %s", (_, makeGlobal) => {
  beforeEach(makeGlobal);

  test("leaves other hosts to the class before, in a window", () => {
    openWindow();
    const requests: ConnectRequest[] = [];
    mockHost({
      connect(args) {
        requests.push((args as { request: ConnectRequest }).request);
        return new Promise(() => {});
      },
    });
    new WebSocket("wss://example.com/live", "a");
    expect(opened).toHaveBeenCalledExactlyOnceWith("wss://example.com/live", ["a"]);
    expect(new WebSocket("ws://localhost/chat").readyState).toBe(0);
    expect(requests).toMatchObject([{ path: "/chat" }]);
  });

  test("is of the class before, in a plain browser", () => {
    vi.stubGlobal("location", { href: "http://localhost:1420/index.html" });
    new WebSocket("/ws", "a");
    new WebSocket("wss://example.com/live");
    expect(opened.mock.calls).toEqual([
      ["ws://localhost:1420/@sidecar-bridge/-/ws", ["a"]],
      ["wss://example.com/live", []],
    ]);
  });
});

test("in a plain browser a WebSocket is the browser's own", () => {
  vi.stubGlobal("location", { href: "http://localhost:1420/index.html" });
  expect(new Socket("/ws", "a")).toBeInstanceOf(SocketOfPage);
  expect(opened).toHaveBeenCalledExactlyOnceWith("ws://localhost:1420/@sidecar-bridge/-/ws", ["a"]);
});
