/**
 * A Vite plugin for pages that use `tauri-plugin-sidecar-bridge-api` in a plain browser during development: it passes
 * their requests on to the sidecar of the app that runs under `tauri dev`.
 *
 * @packageDocumentation
 */

import { constants, lstatSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Duplex } from "node:stream";
import type { Plugin } from "vite";
import { PROXY_PREFIX } from "../wire/proxy.js";

/** Options of {@link sidecarBridge}. */
export interface SidecarBridgeOptions {
  /** The app's identifier, such as `"com.example.app"`. Default: what `src-tauri/tauri.conf.json` says. */
  identifier?: string;
  /** Where the sidecar is when no app runs, such as `"http://127.0.0.1:1430"`. Default: nowhere. */
  fallback?: string;
  /**
   * Paths that go to the only sidecar as they are, such as `["/api"]`: for addresses that do not come from this package's
   * `fetch`, like that of an `<img>`. Default: none.
   */
  paths?: string[];
}

/** Where a sidecar takes requests. */
type Address = { path: string } | { host: string; port: number };

/** A request that is for a sidecar: its name, none for the only one, and the path there. */
interface Target {
  sidecar: string | null;
  path: string;
}

/**
 * Passes requests of the page's `fetch`, `BridgeEventSource` and `BridgeWebSocket` on to the sidecar:
 *
 * ```ts
 * // vite.config.ts
 * import { sidecarBridge } from "tauri-plugin-sidecar-bridge-api/vite";
 * export default { plugins: [sidecarBridge()] };
 * ```
 *
 * It looks up the app's connection file at each request, so app and sidecar may come and go. Requests from other sites
 * are refused. Only the development server has it; nothing of it is in a build.
 */
export function sidecarBridge(options: SidecarBridgeOptions = {}): Plugin {
  return {
    name: "sidecar-bridge",
    apply: "serve",
    configureServer(server) {
      const identifier = () => options.identifier ?? configuredIdentifier(server.config.root);
      const find = async ({ sidecar }: Target) => {
        try {
          return await running(identifier(), sidecar);
        } catch (reason) {
          if (options.fallback === undefined) throw reason;
          return addressOf(options.fallback);
        }
      };
      const paths = options.paths ?? [];
      server.middlewares.use((incoming, outgoing, next) => {
        const target = targetOf(incoming, paths);
        if (target === null) next();
        else void forward(incoming, outgoing, target, find);
      });
      server.httpServer?.on("upgrade", (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
        const target = targetOf(incoming, paths);
        if (target !== null) void tunnel(incoming, socket, head, target, find);
      });
    },
  };
}

type Find = (target: Target) => Promise<Address>;

function targetOf({ url = "/" }: IncomingMessage, paths: string[]): Target | null {
  if (url.startsWith(PROXY_PREFIX)) {
    const [, sidecar, path] = /^([^/?]*)(.*)$/.exec(url.slice(PROXY_PREFIX.length)) ?? [];
    return {
      sidecar: !sidecar || sidecar === "-" ? null : sidecar,
      path: path?.startsWith("/") ? path : `/${path}`,
    };
  }
  const own = paths.some((path) => url === path || url.startsWith(`${path}/`) || url.startsWith(`${path}?`));
  return own ? { sidecar: null, path: url } : null;
}

/** Browsers say where a request comes from (Fetch Metadata, W3C); what is not a browser is not a page, either. */
function isForeign({ headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  return headers.origin !== undefined && !headers.origin.endsWith(`//${headers.host}`);
}

async function forward(incoming: IncomingMessage, outgoing: ServerResponse, target: Target, find: Find) {
  const refuse = (status: number, code: string, detail: string) => {
    outgoing.writeHead(status, { "content-type": "application/problem+json" });
    outgoing.end(
      JSON.stringify({ type: "about:blank", title: code.replace("_", " "), status, detail, code }),
    );
  };
  if (isForeign(incoming)) return refuse(403, "permission_denied", "the request comes from another site");
  let address: Address;
  try {
    address = await find(target);
  } catch (reason) {
    return refuse(503, "unavailable", reason instanceof Error ? reason.message : String(reason));
  }
  const headers = { ...incoming.headers, host: hostOf(address) };
  const passedOn = request({ ...requestTo(address), method: incoming.method, path: target.path, headers });
  passedOn.on("response", (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.headers);
    answer.pipe(outgoing);
  });
  passedOn.on("error", (error) => {
    if (outgoing.headersSent) outgoing.destroy(error);
    else refuse(503, "unavailable", `the sidecar does not answer: ${error.message}`);
  });
  outgoing.on("close", () => passedOn.destroy());
  incoming.pipe(passedOn);
}

/** Passes on an upgrade and all that follows. */
async function tunnel(incoming: IncomingMessage, socket: Duplex, head: Buffer, target: Target, find: Find) {
  const address = isForeign(incoming) ? null : await find(target).catch(() => null);
  if (address === null) {
    socket.end("HTTP/1.1 503 Service Unavailable\r\n\r\n");
    return;
  }
  const sidecar = connect(address, () => {
    const lines = [`${incoming.method} ${target.path} HTTP/1.1`, `host: ${hostOf(address)}`];
    for (let n = 0; n < incoming.rawHeaders.length; n += 2) {
      const name = incoming.rawHeaders[n] ?? "";
      if (name.toLowerCase() !== "host") lines.push(`${name}: ${incoming.rawHeaders[n + 1]}`);
    }
    sidecar.write(`${lines.join("\r\n")}\r\n\r\n`);
    sidecar.write(head);
    sidecar.pipe(socket).pipe(sidecar);
  });
  sidecar.on("error", () => socket.destroy());
  socket.on("error", () => sidecar.destroy());
}

function requestTo(address: Address) {
  return "path" in address ? { socketPath: address.path } : address;
}

function hostOf(address: Address): string {
  return "path" in address ? "localhost" : `${address.host}:${address.port}`;
}

function addressOf(url: string): Address {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) };
}

/** The address of a sidecar of the app that runs, by its connection file: see `docs/wire.md`. */
async function running(identifier: string, sidecar: string | null): Promise<Address> {
  const path = join(runtimeDirectory(), `sidecar-bridge-${identifier}.json`);
  const { sidecars } = JSON.parse(await readPrivate(path, identifier));
  const names = Object.keys(sidecars);
  const name = sidecar ?? (names.length === 1 ? names[0] : null);
  const found = name == null ? undefined : sidecars[name]?.listen;
  if (typeof found?.unix === "string") return { path: found.unix };
  if (typeof found?.http === "string") return addressOf(found.http);
  throw new Error(
    `the app has no sidecar ${sidecar ?? "that could be the only one"}; it has: ${names.join(", ")}`,
  );
}

/** `$XDG_RUNTIME_DIR` if it is ours alone, else the temporary directory: where the app puts its connection file. */
function runtimeDirectory(): string {
  const candidate = process.env.XDG_RUNTIME_DIR;
  const found = candidate ? lstatSync(candidate, { throwIfNoEntry: false }) : undefined;
  const isOurs = found?.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o777) === 0o700;
  return candidate && isOurs ? candidate : tmpdir();
}

/** Reads a file that nobody else can have written. */
async function readPrivate(path: string, identifier: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => {
    throw new Error(`no app \`${identifier}\` runs in development (${path}); start it with \`tauri dev\``);
  });
  try {
    const found = await file.stat();
    if (!found.isFile() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) {
      throw new Error(`${path} is not a file of this user alone, so it is not trusted; remove it`);
    }
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

function configuredIdentifier(root: string): string {
  for (const folder of ["src-tauri", "../src-tauri"]) {
    const path = resolve(root, folder, "tauri.conf.json");
    try {
      const { identifier } = JSON.parse(readFileSync(path, "utf8"));
      if (typeof identifier === "string") return identifier;
    } catch {
      // The next one, or the option.
    }
  }
  throw new Error(
    `no identifier in src-tauri/tauri.conf.json below ${root}; give sidecarBridge the option \`identifier\``,
  );
}
