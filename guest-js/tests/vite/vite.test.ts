import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer as createHttp, type Server } from "node:http";
import { createServer as createNet } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { sidecarBridge } from "../../src/vite/index.js";

const directory = mkdtempSync(join(tmpdir(), "vite-test-"));
const file = join(directory, "sidecar-bridge-com.example.app.json");
const socket = join(directory, "sidecar.sock");
let sidecar: Server;
let vite: ViteDevServer;
let base: string;

const publish = (sidecars: object) => {
  rmSync(file, { force: true });
  writeFileSync(file, JSON.stringify({ protocol: 1, identifier: "com.example.app", pid: 1, sidecars }), {
    mode: 0o600,
  });
};

beforeAll(async () => {
  vi.stubEnv("XDG_RUNTIME_DIR", directory);
  sidecar = createHttp(async (request, answer) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    answer.writeHead(request.url === "/missing" ? 404 : 200, { "x-many": ["1", "2"] });
    const { method, url, headers } = request;
    answer.end(JSON.stringify({ method, url, host: headers.host, body: Buffer.concat(chunks).toString() }));
  });
  sidecar.on("upgrade", (request, stream) => {
    stream.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: echo\r\nx-path: ${request.url}\r\n\r\n`);
    stream.pipe(stream);
  });
  await new Promise<void>((resolve) => sidecar.listen(socket, resolve));
  vite = await createServer({
    configFile: false,
    root: directory,
    logLevel: "silent",
    server: { port: 0, host: "127.0.0.1" },
    plugins: [sidecarBridge({ identifier: "com.example.app", paths: ["/api"] })],
  });
  await vite.listen();
  base = vite.resolvedUrls?.local[0]?.replace(/\/$/, "") ?? "";
});

afterAll(async () => {
  await vite.close();
  sidecar.close();
  rmSync(directory, { recursive: true });
  vi.unstubAllEnvs();
});

beforeEach(() => publish({ python: { join: { unix: "/x" }, listen: { unix: socket } } }));

describe("the development server", () => {
  test("passes a request on to the sidecar, and its answer back", async () => {
    const init = { method: "POST", body: "body" };
    const answer = await fetch(`${base}/@sidecar-bridge/-/users?x=1`, init);
    expect([answer.status, answer.headers.get("x-many")]).toEqual([200, "1, 2"]);
    expect(answer.headers.get("sidecar-bridge")).toBe("vite");
    expect(await answer.json()).toEqual({
      method: "POST",
      url: "/users?x=1",
      host: "localhost",
      body: "body",
    });
    expect((await fetch(`${base}/@sidecar-bridge/python/missing`)).status).toBe(404);
    expect(await (await fetch(`${base}/@sidecar-bridge/python`)).json()).toMatchObject({ url: "/" });
  });

  test("passes the paths on that it is told to, and serves all others itself", async () => {
    expect(await (await fetch(`${base}/api/users`)).json()).toMatchObject({ url: "/api/users" });
    expect(await (await fetch(`${base}/api?x`)).json()).toMatchObject({ url: "/api?x" });
    expect((await fetch(`${base}/apis`)).status).toBe(404);
  });

  test("passes an upgrade on, and all that follows", async () => {
    const { connect } = await import("node:net");
    const stream = connect(Number(new URL(base).port), "127.0.0.1");
    stream.write(
      `GET /@sidecar-bridge/-/ws HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n`,
    );
    let seen = "";
    for await (const chunk of stream) {
      if (seen === "") stream.write("ping");
      seen += chunk;
      if (seen.endsWith("ping")) break;
    }
    expect(seen).toContain("x-path: /ws");
  });

  test("says why there is no sidecar", async () => {
    const detail = async (path: string) => {
      const answer = await fetch(`${base}${path}`);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(answer.headers.get("sidecar-bridge")).toBe("vite");
      const problem = (await answer.json()) as { code: string; status: number; detail: string };
      expect([problem.code, problem.status]).toEqual(["unavailable", answer.status]);
      return problem.detail;
    };
    expect(await detail("/@sidecar-bridge/ruby/")).toContain("the app has no sidecar ruby; it has: python");
    const listen = { unix: join(directory, "nobody.sock") };
    publish({ python: { listen }, worker: { listen } });
    expect(await detail("/@sidecar-bridge/-/")).toContain("it has: python, worker");
    expect(await detail("/@sidecar-bridge/worker/")).toContain("the sidecar does not answer");
    rmSync(file);
    expect(await detail("/@sidecar-bridge/-/")).toContain("no app `com.example.app` runs in development");
  });

  test("trusts no connection file that somebody else could have written", async () => {
    chmodSync(file, 0o644);
    const untrusted = await fetch(`${base}/@sidecar-bridge/-/`);
    expect([untrusted.status, await untrusted.text()]).toEqual([
      503,
      expect.stringContaining("is not trusted"),
    ]);
    rmSync(file);
    writeFileSync(join(directory, "elsewhere"), JSON.stringify({ sidecars: {} }), { mode: 0o600 });
    symlinkSync(join(directory, "elsewhere"), file);
    expect((await fetch(`${base}/@sidecar-bridge/-/`)).status).toBe(503);
  });

  test("refuses what another site sends", async () => {
    for (const headers of [
      { "sec-fetch-site": "cross-site" },
      { origin: "http://example.com" },
      { origin: "null" },
    ]) {
      expect((await fetch(`${base}/@sidecar-bridge/-/users`, { headers })).status).toBe(403);
    }
    expect(
      (await fetch(`${base}/@sidecar-bridge/-/users`, { headers: { "sec-fetch-site": "same-origin" } })).ok,
    ).toBe(true);
  });

  test("refuses what names another host, as DNS rebinding does", async () => {
    const { request } = await import("node:http");
    const { port } = new URL(base);
    const status = await new Promise((resolve, reject) => {
      const headers = { host: "evil.example" };
      const sent = request(
        { host: "127.0.0.1", port, path: "/@sidecar-bridge/-/users", headers },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      );
      sent.on("error", reject).end();
    });
    expect(status).toBe(403);
  });

  test("finds a server that the app is attached to", async () => {
    const attached = createHttp((_, answer) => answer.end("attached"));
    await new Promise<void>((resolve) => attached.listen(0, "127.0.0.1", resolve));
    const { port } = attached.address() as { port: number };
    publish({ python: { listen: { http: `http://127.0.0.1:${port}/` } } });
    expect(await (await fetch(`${base}/@sidecar-bridge/-/`)).text()).toBe("attached");
    attached.close();
  });
});

describe("the plugin's options", () => {
  test.each([
    ["the app does not run", { identifier: "com.example.absent" }],
    ["nobody says which app", {}],
  ])("may name a server for when %s", async (_, app) => {
    const alone = createNet((stream) => stream.end("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nalone"));
    await new Promise<void>((resolve) => alone.listen(0, "127.0.0.1", resolve));
    const { port } = alone.address() as { port: number };
    const options = { ...app, fallback: `http://127.0.0.1:${port}` };
    const other = await createServer({
      configFile: false,
      root: directory,
      logLevel: "silent",
      server: { port: 0, host: "127.0.0.1" },
      plugins: [sidecarBridge(options)],
    });
    await other.listen();
    const url = other.resolvedUrls?.local[0] ?? "";
    expect(await (await fetch(`${url}@sidecar-bridge/-/`)).text()).toBe("alone");
    await other.close();
    alone.close();
  });
});
