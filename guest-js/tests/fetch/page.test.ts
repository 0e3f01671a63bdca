import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { mockSidecar, openWindow } from "../window.js";

/** What the page has before this package is loaded: its own files, Tauri's calls, and the world. */
const before = vi.fn<typeof globalThis.fetch>(async (input) => {
  const { protocol, pathname } = new URL(input instanceof Request ? input.url : input, "tauri://localhost");
  if (protocol !== "tauri:" || pathname === "/assets/data.json") return new Response("of the page");
  return new Response("<p>index.html</p>", { headers: { "content-type": "text/html" } });
});

let fetch: typeof globalThis.fetch;
beforeEach(async () => {
  openWindow();
  vi.resetModules();
  before.mockClear();
  vi.stubGlobal("fetch", before);
  ({ fetch } = await import("../../src/index.js"));
});
afterEach(() => vi.unstubAllGlobals());

const answer = async (input: string, init?: RequestInit) => (await globalThis.fetch(input, init)).text();

describe("a fetch that is the global one", () => {
  beforeEach(() => {
    vi.stubGlobal("fetch", fetch);
    mockSidecar(({ path }) => ({ body: new TextEncoder().encode(`sidecar ${path}`) }));
  });

  test("leaves Tauri's own calls, other origins and files of the page to the one before", async () => {
    for (const address of [
      "ipc://localhost/plugin%3Aapp%7Cversion",
      "http://ipc.localhost/plugin%3Aapp%7Cversion",
      "https://example.com/",
      "asset://localhost/a.png",
      "/assets/data.json",
    ]) {
      expect(await answer(address), address).toBe("of the page");
    }
  });

  test("asks the sidecar for all else, also for a file that the page has not", async () => {
    for (const path of ["/", "/users", "/report.html", "/plots/today.png"]) {
      expect(await answer(path), path).toBe(`sidecar ${path}`);
    }
    expect(await answer("/assets/data.json", { method: "POST" })).toBe("sidecar /assets/data.json");
  });
});

test("a fetch around this one leaves Tauri's own calls to the one before", async () => {
  vi.stubGlobal("fetch", (input: string) => fetch(input));
  expect(await answer("ipc://localhost/plugin%3Aapp%7Cversion")).toBe("of the page");
  await expect(answer("https://example.com/")).rejects.toThrow("cannot fetch");
});

test("in a plain browser a global one asks the one before", async () => {
  vi.unstubAllGlobals();
  vi.stubGlobal("location", { href: "http://localhost:1420/" });
  vi.stubGlobal("fetch", fetch);
  expect(await (await fetch("/users")).text()).toBe("of the page");
  expect(String(before.mock.calls[0]?.[0])).toBe("http://localhost:1420/@sidecar-bridge/-/users");
});
