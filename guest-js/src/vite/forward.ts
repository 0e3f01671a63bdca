import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { PROXY_PREFIX } from "../wire/proxy.js";
import type { Address } from "./address.js";

/** A request for a sidecar. */
export interface Target {
  /** The name of the sidecar; null for the only one. */
  sidecar: string | null;
  /** The path and query that the sidecar gets. */
  path: string;
}

/** Finds the address of a sidecar. Rejects when there is none. */
export type Find = (target: Target) => Promise<Address>;

/**
 * What a request asks of a sidecar; null for a request that Vite itself answers. `paths` are those of the only
 * sidecar.
 */
export function targetOf({ url = "/" }: IncomingMessage, paths: string[]): Target | null {
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

/**
 * Whether a page of another site makes the request. A browser says so in a header; other programs send none, and are
 * not foreign. Source: Fetch Metadata Request Headers, W3C.
 */
function isForeign({ headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  return headers.origin !== undefined && !headers.origin.endsWith(`//${headers.host}`);
}

/** Passes a request on to the sidecar, and the answer back. */
export async function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: Target,
  find: Find,
) {
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

/** Passes on a request for an upgrade, such as to a WebSocket, and all bytes that follow in both directions. */
export async function tunnel(
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  target: Target,
  find: Find,
) {
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
