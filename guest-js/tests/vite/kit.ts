import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttp, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect, constants } from "node:http2";
import { request as requestTls } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Duplex, Readable, type Writable } from "node:stream";
import { text } from "node:stream/consumers";
import type { ServerOptions, ViteDevServer } from "vite";
import { vi } from "vitest";
import { sidecarBridge } from "../../src/vite/index.js";

/** The packages of every major version of Vite that the guest package names, the oldest release of all first. */
export const VITES = ["vite-5", "vite-6", "vite-7", "vite"];

/** How a browser may speak to Vite: without TLS, or with one of the versions of HTTP that `server.https` offers. */
export type Protocol = "http" | "https" | "h2";

/** What the development server answered. */
export interface Answer {
  status: number | undefined;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** A request of a test. */
export interface Asked {
  /** Default: `"http"`. */
  protocol?: Protocol;
  /** Default: `"GET"`. */
  method?: string;
  /** Default: none; over HTTP/2 `host` is the authority. */
  headers?: Record<string, string>;
  /** Default: none. A stream need not end. */
  body?: string | Readable;
  /** Is called when the head of the answer has come. */
  answered?: () => void;
  /** Ends the request, as a page does that is closed. Default: nothing does. */
  signal?: AbortSignal;
}

/** A folder with a connection file that names one sidecar, `python`, whose socket a test serves. */
export class World {
  readonly directory = mkdtempSync(join(tmpdir(), "vite-test-"));
  readonly sidecar = createHttp((incoming, answer) => this.answer(incoming, answer));
  /** What the sidecar does with a request. */
  answer: (incoming: IncomingMessage, answer: ServerResponse) => void = (_, answer) => answer.end();
  /** What the sidecar does with a request for an upgrade: sends back all that comes. */
  upgrade: (incoming: IncomingMessage, stream: Duplex) => void = (incoming, stream) => {
    stream.write(
      `HTTP/1.1 101 Fine\r\nconnection: upgrade\r\nupgrade: echo\r\nx-path: ${incoming.url}\r\n\r\n`,
    );
    stream.pipe(stream);
  };
  readonly #vites: ViteDevServer[] = [];

  async open(): Promise<void> {
    vi.stubEnv("XDG_RUNTIME_DIR", this.directory);
    const socket = join(this.directory, "sidecar.sock");
    const sidecars = { python: { listen: { unix: socket } } };
    const file = join(this.directory, "sidecar-bridge-com.example.app.json");
    writeFileSync(file, JSON.stringify({ protocol: 1, identifier: "com.example.app", pid: 1, sidecars }), {
      mode: 0o600,
    });
    this.sidecar.on("upgrade", (incoming, stream) => {
      stream.on("error", () => {});
      this.upgrade(incoming, stream);
    });
    await new Promise<void>((resolve) => this.sidecar.listen(socket, resolve));
  }

  /** Starts a development server of one of {@link VITES}, and gives its port. */
  async vite(name: string, server: ServerOptions = {}): Promise<number> {
    const { createServer } = (await import(name)) as typeof import("vite");
    const vite = await createServer({
      configFile: false,
      root: this.directory,
      logLevel: "silent",
      server: { port: 0, host: "127.0.0.1", watch: null, ...server },
      plugins: [sidecarBridge({ identifier: "com.example.app" })],
    });
    this.#vites.push(vite);
    await vite.listen();
    return portOf(vite.httpServer as Server);
  }

  /** Starts one of {@link VITES} with TLS and without, and gives the port for each protocol. */
  async ports(name: string): Promise<Record<Protocol, number>> {
    const https = await this.vite(name, { https: this.certificate() });
    return { http: await this.vite(name), https, h2: https };
  }

  /** A certificate for `localhost` that nobody has signed but its own key. */
  certificate(): { key: Buffer; cert: Buffer } {
    const [key, cert] = [join(this.directory, "key.pem"), join(this.directory, "cert.pem")];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const files = ["-keyout", key, "-out", cert];
    const stdio = "pipe";
    execFileSync("openssl", ["req", "-x509", ...curve, ...files, "-subj", "/CN=localhost", "-days", "1"], {
      stdio,
    });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  }

  async close(): Promise<void> {
    await Promise.all(this.#vites.map((vite) => vite.close()));
    this.sidecar.closeAllConnections();
    this.sidecar.close();
    rmSync(this.directory, { recursive: true });
    vi.unstubAllEnvs();
  }
}

/** The port of a server that listens on TCP. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Sends a request to a development server; rejects when the answer breaks off. */
export async function ask(port: number, path: string, asked: Asked = {}): Promise<Answer> {
  if (asked.protocol === "h2") return await askHttp2(port, path, asked);
  const { protocol = "http", method = "GET", headers = {}, body = "", answered, signal } = asked;
  const options = { host: "127.0.0.1", port, path, method, headers, agent: false as const };
  const sent = protocol === "http" ? request(options) : requestTls({ ...options, rejectUnauthorized: false });
  signal?.addEventListener("abort", () => sent.destroy(new Error("left")));
  return await new Promise((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", (answer) => {
      answered?.();
      const { statusCode: status, headers } = answer;
      text(answer).then((body) => resolve({ status, headers, body }), reject);
    });
    sent.on("upgrade", ({ statusCode: status, headers }, stream, head) => {
      answered?.();
      signal?.addEventListener("abort", () => stream.destroy());
      stream.unshift(head);
      stream.write("ping");
      stream.once("data", (chunk) => {
        stream.end();
        resolve({ status, headers, body: String(chunk) });
      });
      stream.on("error", reject);
      stream.on("close", () => reject(new Error("the stream has ended")));
    });
    send(sent, body);
  });
}

/** The same as {@link ask} for the opening of a WebSocket; the answer's body is what the sidecar has sent back. */
export function upgrade(port: number, path: string, asked: Asked = {}): Promise<Answer> {
  const headers = { connection: "Upgrade", upgrade: "echo", ...asked.headers };
  return ask(port, path, { ...asked, headers });
}

async function askHttp2(port: number, path: string, asked: Asked): Promise<Answer> {
  const { method = "GET", headers: { host, ...headers } = {}, body = "", answered, signal } = asked;
  const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  const authority = host === undefined ? {} : { ":authority": host };
  try {
    return await new Promise((resolve, reject) => {
      session.on("error", reject);
      const all = { ":method": method, ":path": path, ...authority, ...headers };
      const stream = session.request(all, { endStream: body === "" });
      signal?.addEventListener("abort", () => {
        stream.close(constants.NGHTTP2_CANCEL);
        reject(new Error("left"));
      });
      stream.on("error", reject);
      stream.on("response", ({ ":status": status, ...headers }) => {
        answered?.();
        text(stream).then((body) => resolve({ status, headers: { ...headers }, body }), reject);
      });
      if (body !== "") send(stream, body);
    });
  } finally {
    // After what is under way, such as the reset of a stream.
    session.close();
  }
}

function send(stream: Writable, body: string | Readable): void {
  if (body instanceof Readable) body.pipe(stream);
  else stream.end(body);
}
