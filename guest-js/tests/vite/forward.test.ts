import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Address } from "../../src/vite/address.js";
import { forward, tunnel, type Way } from "../../src/vite/forward.js";
import { portOf } from "./kit.js";

const TARGET = { sidecar: null, path: "/" };

/** A server on a free port; `close` ends it. */
const sidecar = createServer((_, answer) => answer.end());
let reached = 0;

beforeAll(async () => {
  sidecar.on("connection", () => reached++);
  await new Promise<void>((resolve) => sidecar.listen(0, "127.0.0.1", resolve));
});
afterAll(() => sidecar.close());

/** A development server whose way to the sidecar waits: gives what came, and lets the way go on. */
async function devServer() {
  let found = (_: Address) => {};
  const address = new Promise<Address>((resolve) => {
    found = resolve;
  });
  const way: Way = { objectionTo: () => null, find: () => address };
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const page = connect(portOf(server), "127.0.0.1").on("error", () => {});
  const go = () => found({ host: "127.0.0.1", port: portOf(sidecar) });
  return { server, page, way, go };
}

const leave: [string, (page: Socket) => void][] = [
  ["ends", (page) => page.end()],
  ["breaks off", (page) => page.resetAndDestroy()],
];

test.each(leave)("a page that %s while its sidecar is looked for reaches none", async (_, end) => {
  const { server, page, way, go } = await devServer();
  const came = new Promise<[IncomingMessage, ServerResponse]>((resolve) => {
    server.on("request", (incoming, outgoing) => resolve([incoming, outgoing]));
  });
  page.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf");
  const [incoming, outgoing] = await came;
  const before = reached;
  const forwarded = forward(incoming, outgoing, TARGET, way);
  const closed = new Promise((resolve) => outgoing.on("close", resolve));
  end(page);
  await closed;
  go();
  await forwarded;
  expect(reached).toBe(before);
  server.close();
});

test.each(leave)("a page that %s in the middle of an upgrade reaches no sidecar", async (_, end) => {
  const { server, page, way, go } = await devServer();
  const came = new Promise<[IncomingMessage, Duplex, Buffer]>((resolve) => {
    server.on("upgrade", (...args) => resolve(args));
  });
  page.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n");
  const [incoming, socket, head] = await came;
  const before = reached;
  const tunnelled = tunnel(incoming, socket, head, TARGET, way);
  const closed = new Promise((resolve) => socket.on("close", resolve));
  end(page);
  await closed;
  go();
  await tunnelled;
  expect(reached).toBe(before);
  server.close();
});

test("what comes before the sidecar has agreed to an upgrade is kept for it", async () => {
  const { server, page, way, go } = await devServer();
  const agreed = createServer().on("upgrade", (_, stream, head) => {
    stream.write("HTTP/1.1 101 Fine\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n");
    stream.write(head);
    stream.pipe(stream);
  });
  await new Promise<void>((resolve) => agreed.listen(0, "127.0.0.1", resolve));
  const find = async () => {
    await way.find(TARGET);
    return { host: "127.0.0.1", port: portOf(agreed) };
  };
  const came = new Promise<void>((resolve) => {
    server.on("upgrade", (incoming, socket, head) => {
      void tunnel(incoming, socket, head, TARGET, { ...way, find });
      resolve();
    });
  });
  page.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nfirst ");
  await came;
  page.write("second");
  go();
  let seen = "";
  for await (const chunk of page) {
    seen += chunk;
    if (seen.endsWith("second")) break;
  }
  expect(seen.split("\r\n\r\n")[1]).toBe("first second");
  server.close();
  agreed.close();
});

test("a way that fails, and a request that cannot be sent, are answers", async () => {
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url === "/path" ? "/not a path" : "/";
    const find = async (): Promise<Address> => {
      if (incoming.url === "/way") throw "lost";
      return { host: "127.0.0.1", port: incoming.url === "/port" ? 70_000 : portOf(sidecar) };
    };
    void forward(incoming, outgoing, { sidecar: null, path }, { objectionTo: () => null, find });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  for (const path of ["/way", "/path", "/port"]) {
    const answer = await fetch(`http://127.0.0.1:${portOf(server)}${path}`);
    expect([path, answer.status]).toEqual([path, 503]);
  }
  server.close();
});

test("an answer that HTTP cannot carry is an error of the page alone", async () => {
  const { Server } = await import("node:net");
  const odd = new Server((stream) =>
    stream.on("error", () => {}).end("HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n"),
  );
  await new Promise<void>((resolve) => odd.listen(0, "127.0.0.1", resolve));
  const server = createServer((incoming, outgoing) => {
    const find = async () => ({ host: "127.0.0.1", port: portOf(odd) });
    void forward(incoming, outgoing, TARGET, { objectionTo: () => null, find });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  expect((await fetch(`http://127.0.0.1:${portOf(server)}/`)).status).toBe(503);
  server.close();
  odd.close();
});
