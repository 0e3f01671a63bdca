import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Asked, ask, type Protocol, upgrade, VITES, World } from "./kit.js";

const world = new World();
const PATH = "/@sidecar-bridge/-/users";

/** Whether Vite is told to take `dev.example` and `.team.example`, and which names it takes then. */
const HOSTS: [string, boolean][] = [
  ["localhost", true],
  ["localhost:5173", true],
  ["app.localhost:5173", true],
  ["127.0.0.1:5173", true],
  ["192.168.178.20", true],
  ["[::1]:5173", true],
  ["dev.example:5173", true],
  ["team.example", true],
  ["deep.down.team.example", true],
  ["evil.example", false],
  ["evil.example:5173", false],
  ["localhost.evil.example", false],
  ["127.0.0.1.evil.example", false],
  ["evillocalhost", false],
  ["sub.dev.example", false],
  ["evil-team.example", false],
  ["[::1].evil.example", false],
];

beforeAll(() => world.open());
afterAll(() => world.close());

/** The status of a request and of an upgrade; HTTP/2 has no upgrade. */
async function statuses(port: number, asked: Asked): Promise<(number | undefined)[]> {
  const answer = await ask(port, PATH, asked);
  if (asked.protocol === "h2") return [answer.status];
  return [answer.status, (await upgrade(port, PATH, asked)).status];
}

describe.each(VITES)("the sidecar behind %s", (name) => {
  const ports: Partial<Record<Protocol, number>> = {};
  const everywhere = async (check: (protocol: Protocol, port: number) => Promise<void>) => {
    for (const [protocol, port] of Object.entries(ports)) await check(protocol as Protocol, port);
  };

  beforeAll(async () => {
    const allowedHosts = ["dev.example", ".team.example"];
    ports.http = await world.vite(name, { allowedHosts });
    ports.https = await world.vite(name, { allowedHosts, https: world.certificate() });
    ports.h2 = ports.https;
  });

  test.each(HOSTS)("is reached by the name %s: %s", async (host, isAllowed) => {
    await everywhere(async (protocol, port) => {
      const seen = await statuses(port, { protocol, headers: { host } });
      const wanted = isAllowed ? [200, 101] : [403, 403];
      expect([protocol, ...seen]).toEqual([protocol, ...wanted.slice(0, seen.length)]);
    });
  });

  test("is reached by every name where Vite's configuration says so, and by the server's own", async () => {
    const all = await world.vite(name, { allowedHosts: true });
    expect(await statuses(all, { headers: { host: "any.example" } })).toEqual([200, 101]);
    const own = await world.vite(name, { origin: "http://dev.example:5173" });
    expect(await statuses(own, { headers: { host: "dev.example:5173" } })).toEqual([200, 101]);
    expect(await statuses(own, { headers: { host: "evil.example" } })).toEqual([403, 403]);
  });

  test.each([
    ["GET", { "sec-fetch-site": "cross-site" }],
    ["GET", { "sec-fetch-site": "same-site" }],
    ["POST", { origin: "http://evil.example" }],
    ["POST", { origin: "http://localhost:1" }],
    ["POST", { origin: "null" }],
    ["POST", { origin: "chrome-extension://localhost:5173" }],
  ])("is not reached by a page of another site: %s with %o", async (method, headers) => {
    await everywhere(async (protocol, port) => {
      const all = { host: "localhost:5173", ...headers };
      const { status } = await ask(port, PATH, { protocol, method, headers: all });
      expect([protocol, status]).toEqual([protocol, 403]);
      if (protocol === "h2") return;
      expect((await upgrade(port, PATH, { protocol, headers: all })).status).toBe(403);
    });
  });

  test("is reached by the page that Vite serves", async () => {
    await everywhere(async (protocol, port) => {
      const origin = `${protocol === "http" ? "http" : "https"}://localhost:5173`;
      const headers = { host: "localhost:5173", origin, "sec-fetch-site": "same-origin" };
      expect((await ask(port, PATH, { protocol, method: "POST", headers })).status).toBe(200);
      if (protocol === "h2") return;
      const opened = await upgrade(port, PATH, { protocol, headers });
      expect([opened.status, opened.body]).toEqual([101, "ping"]);
    });
  });

  test("is reached by what says nothing of itself, such as curl", async () => {
    await everywhere(async (protocol, port) => {
      const seen = await statuses(port, { protocol, headers: { host: "192.168.178.20:5173" } });
      expect([protocol, ...seen]).toEqual([protocol, ...[200, 101].slice(0, seen.length)]);
    });
  });

  test("says which name to allow", async () => {
    const { body } = await upgrade(ports.http ?? 0, PATH, { headers: { host: "evil.example:80" } });
    const { code, status, detail } = JSON.parse(body);
    expect([code, status]).toEqual(["permission_denied", 403]);
    expect(detail).toBe(
      "the host evil.example is not allowed; add it to `server.allowedHosts` of the Vite configuration",
    );
  });
});
