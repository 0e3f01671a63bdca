import { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Asked, ask, type Protocol, upgrade, VITES, World } from "./kit.js";

const world = new World();
const PROTOCOLS: Protocol[] = ["http", "https", "h2"];
const PATH = "/@sidecar-bridge/-/users";
const [echo, empty] = [world.upgrade, world.answer];

beforeAll(() => world.open());
beforeEach(() => {
  world.upgrade = echo;
  world.answer = empty;
});
afterAll(() => world.close());

/** A body of which one piece comes, and never the end. */
const unending = () => {
  const body = new Readable({ read() {} });
  body.push("half");
  return body;
};

describe.each(VITES)("with %s", (name) => {
  let ports: Record<Protocol, number>;

  beforeAll(async () => {
    ports = await world.ports(name);
  });

  describe.each(PROTOCOLS)("over %s", (protocol) => {
    const page = (asked: Asked = {}) => ask(ports[protocol], PATH, { protocol, ...asked });

    test.each([
      ["of a known length", { "content-length": 10 }],
      ["in chunks", {}],
    ])("a sidecar that ends in the middle of an answer %s is an error of the page", async (_, headers) => {
      let end = () => {};
      world.answer = (_, answer) => {
        answer.writeHead(200, headers).write("half");
        end = () => answer.destroy();
      };
      await expect(page({ answered: () => end() })).rejects.toThrow();
      world.answer = empty;
      expect((await page()).status).toBe(200);
    });

    test("a sidecar that ends before it answers is unavailable", async () => {
      world.answer = (incoming) => incoming.destroy();
      const { status, body } = await page();
      expect([status, JSON.parse(body).code]).toEqual([503, "unavailable"]);
    });

    test("an answer before the end of the request is passed on", async () => {
      world.answer = (incoming, answer) => {
        answer.writeHead(413, { connection: "close" }).end("too large");
        answer.on("finish", () => incoming.destroy());
      };
      const answer = await page({ method: "POST", body: unending() });
      expect([answer.status, answer.body]).toEqual([413, "too large"]);
    });

    test.each(["while it sends", "while it waits", "while it reads"])(
      "a page that leaves %s ends the request",
      async (when) => {
        const left = new AbortController();
        const ended = new Promise((resolve) => {
          world.answer = (incoming, answer) => {
            answer.on("close", () => resolve(answer.writableFinished));
            incoming.once("data", () => when === "while it sends" && left.abort());
            incoming.on("error", () => {});
            if (when === "while it waits") left.abort();
            if (when === "while it reads") answer.write("half");
          };
        });
        const body = when === "while it sends" ? unending() : "";
        const method = body === "" ? "GET" : "POST";
        const answered = () => when === "while it reads" && left.abort();
        await expect(page({ method, body, answered, signal: left.signal })).rejects.toThrow();
        expect(await ended).toBe(false);
      },
    );
  });

  describe.each(["http", "https"] as const)("an upgrade over %s", (protocol) => {
    const page = (asked: Asked = {}) => upgrade(ports[protocol], PATH, { protocol, ...asked });

    test("that the sidecar agrees to is passed on, and all that follows", async () => {
      const answer = await page();
      expect([answer.status, answer.headers["x-path"], answer.body]).toEqual([101, "/users", "ping"]);
    });

    test("that the sidecar refuses gets the sidecar's answer", async () => {
      // The connection stays open, as that of a server does that keeps connections.
      world.upgrade = (_, stream) => {
        stream.write(
          "HTTP/1.1 403 Not You\r\nx-own: 1\r\ntransfer-encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n",
        );
      };
      const { status, headers, body } = await page();
      expect([status, headers["x-own"], headers.connection, body]).toEqual([403, "1", "close", "no"]);
    });

    test("that the sidecar does not answer is unavailable", async () => {
      world.upgrade = (_, stream) => stream.destroy();
      const { status, body } = await page();
      expect([status, JSON.parse(body).code]).toEqual([503, "unavailable"]);
    });

    test("that there is no sidecar for says so", async () => {
      const { status, body } = await upgrade(ports[protocol], "/@sidecar-bridge/ruby/ws", { protocol });
      expect([status, JSON.parse(body).detail]).toEqual([503, expect.stringContaining("no sidecar ruby")]);
    });

    test("that the page gives up is given up", async () => {
      const left = new AbortController();
      const ended = new Promise<void>((resolve) => {
        world.upgrade = (_, stream) => {
          stream.on("end", resolve).resume();
          left.abort();
        };
      });
      await expect(page({ signal: left.signal })).rejects.toThrow("left");
      await ended;
    });

    test("ends with either end", async () => {
      const left = new AbortController();
      const ended = new Promise<void>((resolve) => {
        world.upgrade = (incoming, stream) => {
          stream.on("close", resolve);
          echo(incoming, stream);
          stream.on("data", () => left.abort());
        };
      });
      await Promise.allSettled([page({ signal: left.signal })]);
      await ended;
      world.upgrade = (incoming, stream) => {
        stream.once("data", () => stream.destroy());
        stream.write("HTTP/1.1 101 Fine\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n");
        expect(incoming.headers.upgrade).toBe("echo");
      };
      await expect(page()).rejects.toThrow();
    });
  });
});
