import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BridgeWebSocket, fetch, setBrowserBase, waitReady } from "../../src/index.js";

/** The browser's own `fetch`, which is there before the package. */
const asked = vi.hoisted(() => {
  globalThis.fetch = vi.fn<typeof globalThis.fetch>();
  return vi.mocked(globalThis.fetch);
});

beforeEach(() => {
  vi.stubGlobal("location", { href: "http://localhost:1420/index.html" });
  asked.mockReset().mockImplementation(async () => new Response("ok"));
});
afterEach(() => {
  setBrowserBase(null);
  vi.unstubAllGlobals();
});

/** What the page's own server says to a path that it does not know. */
const page = (headers = {}) =>
  new Response("<title>The app</title>", { headers: { "content-type": "text/html", ...headers } });

const address = () => {
  const [input] = asked.mock.calls.at(-1) ?? [];
  return input instanceof Request ? input.url : String(input);
};

describe("in a plain browser", () => {
  test("a request goes to the Vite plugin", async () => {
    await fetch("/api/users?x=1");
    expect(address()).toBe("http://localhost:1420/@sidecar-bridge/-/api/users?x=1");
    await fetch("/api", { sidecar: "worker", waitMs: 5, method: "POST", body: "x" });
    expect(address()).toBe("http://localhost:1420/@sidecar-bridge/worker/api");
    expect(asked.mock.calls.at(-1)?.[1]).toEqual({ method: "POST", body: "x" });
  });

  test("a request goes where the page says", async () => {
    setBrowserBase("http://127.0.0.1:1430/root/");
    await fetch(new URL("http://localhost:1420/api?x=1"));
    expect(address()).toBe("http://127.0.0.1:1430/root/api?x=1");
    expect(() => setBrowserBase("nowhere")).toThrow(TypeError);
  });

  test("a Request goes there with its body as bytes, since Chromium streams none over HTTP/1.1", async () => {
    const sent = new Request("http://localhost:1420/api", {
      method: "PUT",
      headers: { "x-kind": "test" },
      body: "x",
    });
    await fetch(sent, { cache: "no-store" });
    expect(address()).toBe("http://localhost:1420/@sidecar-bridge/-/api");
    const init = asked.mock.calls.at(-1)?.[1];
    expect(init).toMatchObject({ method: "PUT", cache: "no-store", signal: sent.signal });
    expect(new Headers(init?.headers).get("x-kind")).toBe("test");
    expect(new TextDecoder().decode(init?.body as ArrayBuffer)).toBe("x");
    await fetch(new Request("http://localhost:1420/api"));
    expect(asked.mock.calls.at(-1)?.[1]).not.toHaveProperty("body");
  });

  test("a page that no plugin serves gets an error that says so, and not the page itself", async () => {
    asked.mockImplementation(async () => page());
    vi.stubGlobal("document", {});
    await expect(fetch("/api")).rejects.toMatchObject({ code: "failed_precondition" });
    await expect(fetch("/api")).rejects.toThrow(
      "no sidecar is behind this page's server; open the page in its app",
    );
    asked.mockImplementation(async () => page({ "sidecar-bridge": "vite" }));
    expect(await (await fetch("/a-page-of-the-sidecar")).text()).toBe("<title>The app</title>");
    asked.mockImplementation(async () => page());
    setBrowserBase("http://127.0.0.1:1430");
    expect(await (await fetch("/api")).text()).toBe("<title>The app</title>");
  });

  test.each([
    "tauri://localhost/worker.js",
    "blob:tauri://localhost/0197",
    "http://tauri.localhost/worker.js",
  ])("a worker at %s gets an error that says so", async (href) => {
    vi.stubGlobal("location", { href });
    asked.mockImplementation(async () => page());
    await expect(fetch("/api")).rejects.toThrow(
      "a worker of a page in a tauri window cannot reach a sidecar by itself; call serveWorker",
    );
    if (!href.startsWith("http:")) expect(() => new BridgeWebSocket("/ws")).toThrow("a worker of a page");
  });

  test.each([
    ["a worker of a plain browser", { href: "http://localhost:1420/worker.js" }],
    ["Node", undefined],
  ])("%s is not taken for a worker of a packaged app", async (_, location) => {
    vi.stubGlobal("location", location);
    asked.mockImplementation(async () => page());
    await expect(fetch("/api")).rejects.toMatchObject({ code: "failed_precondition" });
    await expect(fetch("/api")).rejects.toThrow(
      /no sidecar is behind http:\/\/localhost.*in a worker of a tauri window, call serveWorker .*setBrowserBase/,
    );
  });

  test("the sidecar is taken for ready", async () => {
    await expect(waitReady()).resolves.toBeUndefined();
  });
});
