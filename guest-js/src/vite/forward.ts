import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { type Duplex, pipeline } from "node:stream";
import { PROXY_MARK, PROXY_PREFIX } from "../wire/proxy.js";
import type { Address } from "./address.js";
import { headOf, passedOn } from "./headers.js";
import { Refusal, unavailable } from "./problem.js";

/** A request for a sidecar. */
export interface Target {
  /** The name of the sidecar; null for the only one. */
  sidecar: string | null;
  /** The path and query that the sidecar gets. */
  path: string;
}

/** How the plugin judges requests, and where sidecars are. */
export interface Way {
  /** Why a request may not reach the sidecar; null when the request may. */
  objectionTo(incoming: IncomingMessage): string | null;
  /** Finds the address of a sidecar. Rejects when there is none. */
  find(target: Target): Promise<Address>;
}

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
 * Passes a request on to the sidecar, and the answer back. Never rejects.
 *
 * When the page goes away, the request to the sidecar ends. When the sidecar ends in the middle of its answer, the
 * answer to the page breaks off, so that the page sees an error and not a shorter answer.
 */
export async function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: Target,
  way: Way,
): Promise<void> {
  // Without a listener an error of either ends the development server.
  incoming.on("error", ignore);
  outgoing.on("error", ignore);
  outgoing.setHeader(PROXY_MARK, "vite");
  const refuse = ({ status, headers, body }: Refusal) => {
    if (outgoing.headersSent) outgoing.destroy(new Error(body));
    else outgoing.writeHead(status, headers).end(body);
  };
  try {
    const sent = await requestTo(incoming, target, way, lengthOf(incoming), endOf(outgoing));
    let answered = false;
    sent.on("error", (error) => {
      // Once there is an answer its own end counts: a sidecar may answer before it has read all of the request.
      if (!answered) refuse(silent(error));
    });
    sent.on("response", (answer) => {
      answered = true;
      try {
        outgoing.writeHead(answer.statusCode ?? 502, passedOn(answer.headers));
        pipeline(answer, outgoing, ignore);
      } catch (error) {
        sent.destroy();
        refuse(silent(error));
      }
    });
    incoming.pipe(sent);
  } catch (reason) {
    refuse(reason instanceof Refusal ? reason : unavailable(reason));
  }
}

/**
 * Passes on a request for an upgrade, such as to a WebSocket, and all bytes that follow in both directions. The page
 * gets the sidecar's answer when the sidecar refuses. Never rejects.
 */
export async function tunnel(
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  target: Target,
  way: Way,
): Promise<void> {
  // Node's server has given the socket away: without a listener an error of the socket ends the development server.
  socket.on("error", ignore);
  const refuse = ({ text }: Refusal) => socket.end(text);
  const unwatch = watchEnd(socket);
  try {
    const { connection, upgrade } = incoming.headers;
    const sent = await requestTo(incoming, target, way, { connection, upgrade }, endOf(socket));
    sent.on("error", (error) => refuse(silent(error)));
    sent.on("response", (answer) => {
      socket.write(headOf(answer, ["connection: close"]), "latin1");
      pipeline(answer, socket, ignore);
    });
    sent.on("upgrade", (answer, sidecar, first) => {
      unwatch();
      const { connection, upgrade } = answer.headers;
      socket.write(headOf(answer, [`connection: ${connection}`, `upgrade: ${upgrade}`]), "latin1");
      socket.write(first);
      sidecar.write(head);
      join(socket, sidecar);
      join(sidecar, socket);
    });
    sent.end();
  } catch (reason) {
    refuse(reason instanceof Refusal ? reason : unavailable(reason));
  }
}

/**
 * Begins the request to the sidecar, which ends with `signal`. Its connection serves no other request, so that none
 * suffers from the end of another. Rejects with the reason when the request may not reach the sidecar, when there is
 * no sidecar, and when `signal` has fired.
 */
async function requestTo(
  incoming: IncomingMessage,
  target: Target,
  way: Way,
  own: Record<string, string | undefined>,
  signal: AbortSignal,
): Promise<ClientRequest> {
  const objection = way.objectionTo(incoming);
  if (objection !== null) throw new Refusal(403, "permission_denied", objection);
  const address = await way.find(target);
  signal.throwIfAborted();
  const isUnix = "path" in address;
  return request({
    ...(isUnix ? { socketPath: address.path } : address),
    method: incoming.method,
    path: target.path,
    headers: {
      ...passedOn(incoming.headers),
      ...own,
      host: isUnix ? "localhost" : `${address.host}:${address.port}`,
    },
    agent: false,
    signal,
  });
}

/**
 * Closes a socket when its other side has ended, and gives the function that stops that. Nobody reads the socket before
 * the sidecar has answered, and a socket that nobody reads does not notice; what has come already stays unread here.
 */
function watchEnd(socket: Duplex): () => void {
  const look = () => void socket.read(0);
  const close = () => void socket.destroy();
  socket.on("readable", look).on("end", close);
  return () => void socket.off("readable", look).off("end", close);
}

/** Passes on what comes from one side, and its end; after `one` has closed, `other` can only send what it has. */
function join(one: Duplex, other: Duplex): void {
  one.on("error", ignore).on("close", () => other.end(() => other.destroy()));
  one.pipe(other);
}

/** Fires when the page needs no answer any more: because the answer is complete, or because the page has left. */
function endOf(outgoing: ServerResponse | Duplex): AbortSignal {
  const end = new AbortController();
  outgoing.on("close", () => end.abort());
  return end.signal;
}

/** The header that says where the body of a request without `content-length` ends; none for a request without one. */
function lengthOf(incoming: IncomingMessage): Record<string, string> {
  const { headers, httpVersionMajor } = incoming;
  if (headers["content-length"] !== undefined) return {};
  const hasBody =
    httpVersionMajor === 2
      ? !(incoming as unknown as Http2ServerRequest).stream.endAfterHeaders
      : headers["transfer-encoding"] !== undefined;
  return hasBody ? { "transfer-encoding": "chunked" } : {};
}

function silent(error: unknown): Refusal {
  return unavailable(`the sidecar does not answer: ${error instanceof Error ? error.message : error}`);
}

function ignore(): void {}
