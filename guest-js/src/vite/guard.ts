import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

/** What the guard reads of Vite's `server` options. Vite before 5.4.12 knows no `allowedHosts`. */
export interface HostOptions {
  allowedHosts?: string[] | true | undefined;
  host?: string | boolean | undefined;
  origin?: string | undefined;
}

/**
 * The host names, besides `localhost` and IP addresses, by which the development server may be called; `true` for
 * all. As in Vite itself they are `server.allowedHosts`, and the server's own names in `server.host` and
 * `server.origin`.
 */
export function allowedHosts({ allowedHosts = [], host, origin }: HostOptions): string[] | true {
  if (allowedHosts === true) return true;
  const own = origin !== undefined && URL.canParse(origin) ? [new URL(origin).hostname] : [];
  if (typeof host === "string") own.push(host);
  return [...allowedHosts, ...own].map((name) => name.toLowerCase());
}

/**
 * Why a request may not reach the sidecar; null when the request may.
 *
 * Vite looks at the host itself since 5.4.12, but not at upgrades, nor under `server.https`.
 */
export function objectionTo(incoming: IncomingMessage, allowed: string[] | true): string | null {
  const authority = authorityOf(incoming);
  const name = authority.replace(/:\d*$/, "");
  if (!isAllowed(name, allowed)) {
    return `the host ${name} is not allowed; add it to \`server.allowedHosts\` of the Vite configuration`;
  }
  return isForeign(incoming, authority) ? "the request comes from another site" : null;
}

/** The host, and maybe the port, that the request is for. HTTP/2 has no `Host`. */
function authorityOf({ headers }: IncomingMessage): string {
  const authority = headers[":authority"] ?? headers.host ?? "";
  return String(authority).trim().toLowerCase();
}

/**
 * Whether a page that calls the server by this name is one that Vite serves. Whoever owns another name may let it lead
 * to this machine (DNS rebinding); a browser then takes that site's pages for Vite's own. `localhost` and IP addresses
 * are nobody's to give away. A leading dot covers a domain and all below, as in Vite.
 */
function isAllowed(name: string, allowed: string[] | true): boolean {
  if (allowed === true) return true;
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  if (isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0) return true;
  return allowed.some((each) => each === name || (each.startsWith(".") && `.${name}`.endsWith(each)));
}

/**
 * Whether a page of another site makes the request. A browser says so in a header; other programs send none, and are
 * not foreign. Source: Fetch Metadata Request Headers, W3C.
 */
function isForeign({ headers }: IncomingMessage, authority: string): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  const { origin } = headers;
  return (
    origin !== undefined && ![`http://${authority}`, `https://${authority}`].includes(origin.toLowerCase())
  );
}
