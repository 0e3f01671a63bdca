import { REDIRECTS } from "../wire/redirects.js";
import type { FetchResponse } from "../wire/types.js";
import { isOwn, ofPage } from "./address.js";
import type { PageRequest } from "./request.js";

/** The most redirects that one request follows (Fetch Standard, "HTTP-redirect fetch"). */
export const MAX_REDIRECTS = 20;

/** The headers that describe a body, and are dropped with the body (Fetch Standard, "request-body-header name"). */
const BODY_HEADERS = ["content-encoding", "content-language", "content-location", "content-type"];

/**
 * The request that an answer leads to: null for an answer that is no redirect, `"opaque"` for a redirect that the
 * page wants to see instead (`redirect: "manual"`).
 *
 * Throws a `TypeError` where a browser has a network error: when the page allows no redirect, when the redirect leads
 * to another server, or when a stream would have to be sent again.
 */
export function redirectOf(request: PageRequest, head: FetchResponse): PageRequest | "opaque" | null {
  const location = head.headers.find(([name]) => name === "location")?.[1];
  if (!REDIRECTS.includes(head.status)) return null;
  const from = request.url.pathname;
  if (request.redirect === "error") throw new TypeError(`${from} redirects, and \`redirect\` is "error"`);
  if (request.redirect === "manual") return "opaque";
  if (location === undefined) return null;

  const url = ownLocation(location, request.url, head.origin);
  if (url === null) throw new TypeError(`${from} redirects to ${location}, which is no url of the sidecar`);
  const { method } = request;
  const dropsBody =
    (head.status <= 302 && method === "POST") ||
    (head.status === 303 && method !== "GET" && method !== "HEAD");
  // A 303 alone never sends the body again; the standard asks no more than that.
  if (head.status !== 303 && request.body.kind === "stream" && request.body.once) {
    throw new TypeError(`${from} redirects, and the stream that is its body cannot be sent again`);
  }
  if (!dropsBody) return { ...request, url };
  const headers = request.headers.filter(([name]) => !BODY_HEADERS.includes(name));
  const body = { kind: "bytes", bytes: new Uint8Array() } as const;
  return { ...request, url, method: "GET", headers, body };
}

/**
 * The target of a redirect as an address of the page; null for another server. `origin` is the origin that the
 * sidecar has in its own view, and may name in a redirect.
 */
function ownLocation(location: string, base: URL, origin: string): URL | null {
  try {
    const url = new URL(location, base);
    return isOwn(url) || url.origin === origin ? ofPage(url) : null;
  } catch {
    return null;
  }
}
