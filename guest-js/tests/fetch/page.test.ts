import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { mockSidecar, openWindow } from "../window.js";

/** What the page has before this package is loaded: its own files, Tauri's calls, and the world. */
const ofPage: typeof globalThis.fetch = async (input) => {
  const { protocol, pathname } = new URL(input instanceof Request ? input.url : input, "tauri://localhost");
  if (protocol !== "tauri:" || pathname === "/assets/data.json") return new Response("of the page");
  return new Response("<p>index.html</p>", { headers: { "content-type": "text/html" } });
};
const before = vi.fn(ofPage);

let fetch: typeof globalThis.fetch;
beforeEach(async () => {
  openWindow();
  vi.resetModules();
  before.mockReset().mockImplementation(ofPage);
  vi.stubGlobal("fetch", before);
  // What the copy that an earlier test loaded has left.
  vi.stubGlobal(Symbol.for("tauri-plugin-sidecar-bridge.fetch") as unknown as string, undefined);
  ({ fetch } = await import("../../src/index.js"));
});
afterEach(() => vi.unstubAllGlobals());

const answer = async (input: string, init?: RequestInit) => (await globalThis.fetch(input, init)).text();

/** A second copy of the package, as a dependency of the app may bring one. */
async function secondCopy(): Promise<typeof globalThis.fetch> {
  vi.resetModules();
  return (await import("../../src/index.js")).fetch;
}

/** Puts a function around the global one, as instrumentation does. */
function instrument(): void {
  const around = globalThis.fetch;
  vi.stubGlobal("fetch", (...asked: Parameters<typeof around>) => around(...asked));
}

/** How this package's `fetch` becomes the global one. */
const WAYS: Record<string, () => void | Promise<void>> = {
  "that is the global one": () => void vi.stubGlobal("fetch", fetch),
  "with instrumentation around it": () => {
    vi.stubGlobal("fetch", fetch);
    instrument();
  },
  "of a second copy of the package": async () => {
    vi.stubGlobal("fetch", fetch);
    vi.stubGlobal("fetch", await secondCopy());
  },
  "of a second copy around instrumentation around the first": async () => {
    vi.stubGlobal("fetch", fetch);
    instrument();
    vi.stubGlobal("fetch", await secondCopy());
  },
  "with a second copy loaded after it": async () => {
    vi.stubGlobal("fetch", fetch);
    await secondCopy();
  },
};

describe.each(Object.entries(WAYS))("in a window a fetch %s", (_, makeGlobal) => {
  beforeEach(async () => {
    await makeGlobal();
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

  test("asks the sidecar for a file where the page has no server", async () => {
    before.mockRejectedValueOnce(new TypeError("Failed to fetch"));
    expect(await answer("/assets/data.json")).toBe("sidecar /assets/data.json");
  });
});

describe.each(Object.entries(WAYS))("in a plain browser a fetch %s", (_, makeGlobal) => {
  beforeEach(async () => {
    vi.stubGlobal("window", undefined);
    await makeGlobal();
  });

  /** Where the one before was asked, the first time first. */
  const asked = () =>
    before.mock.calls.map(([input]) => (input instanceof Request ? input.url : String(input)));

  /** What Vite and its plugin say. */
  const vite: typeof globalThis.fetch = async (input) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input, globalThis.location.href);
    if (pathname.startsWith("/@sidecar-bridge/")) return new Response("of the sidecar");
    if (pathname === "/locales/en.json") return new Response("of the page");
    return new Response("<p>index.html</p>", { headers: { "content-type": "text/html" } });
  };

  test.each(["http://localhost:1420/", "blob:http://localhost:1420/0197"])(
    "asks the plugin for a path, and once, at %s",
    async (href) => {
      vi.stubGlobal("location", { href });
      before.mockImplementationOnce(vite);
      expect(await answer("/users")).toBe("of the sidecar");
      expect(asked()).toEqual(["http://localhost:1420/@sidecar-bridge/-/users"]);
    },
  );

  test("leaves other origins to the one before, with all that they were asked with", async () => {
    vi.stubGlobal("location", { href: "http://localhost:1420/" });
    const init = { method: "POST", headers: { authorization: "Bearer x" }, body: "x" };
    expect(await answer("https://api.example.com/x", init)).toBe("of the page");
    expect(before.mock.calls).toEqual([["https://api.example.com/x", init]]);
  });

  test("leaves the files of the page to the one before, and asks the plugin for those that it has not", async () => {
    vi.stubGlobal("location", { href: "http://localhost:1420/" });
    before.mockImplementation(vite);
    expect(await answer("/locales/en.json")).toBe("of the page");
    expect(asked()).toEqual(["/locales/en.json"]);
    expect(await answer("/plots/today.png")).toBe("of the sidecar");
    expect(asked().at(-1)).toBe("http://localhost:1420/@sidecar-bridge/-/plots/today.png");
  });
});

test("a fetch that is not the global one is for sidecars alone", async () => {
  await expect(fetch("https://example.com/")).rejects.toThrow("cannot fetch");
  mockSidecar(() => ({ body: new TextEncoder().encode("sidecar") }));
  expect(await (await fetch("/assets/data.json")).text()).toBe("sidecar");
});
