import { BridgeError, localProblem } from "../wire/error.js";
import { PROXY_MARK, PROXY_PREFIX } from "../wire/proxy.js";
import { page } from "./address.js";
import { type FetchInit, readInit } from "./init.js";
import { browsersFetch } from "./page.js";

/** What {@link setBrowserBase} was given. */
let base: URL | null = null;

/**
 * Sets the address of the sidecar for a page in a plain browser, during development:
 *
 * ```ts
 * setBrowserBase("http://127.0.0.1:1430");
 * ```
 *
 * Without a base, a page in a plain browser sends its requests to this package's Vite plugin, which finds the sidecar
 * of the running app. A page in a Tauri window does not use the base.
 *
 * @param url The base of all addresses; `null` removes the base.
 *
 * Throws a `TypeError` when `url` is not a URL.
 */
export function setBrowserBase(url: string | URL | null): void {
  base = url === null ? null : new URL(url);
}

/**
 * The address at which a plain browser finds the path of a sidecar: below the base, or at the Vite plugin. Throws a
 * {@link BridgeError} where there is neither: in a worker of a page of a packaged app.
 */
export function browserUrl(path: string | URL, sidecar: string | undefined): URL {
  const place = page();
  const { pathname, search, hash } = new URL(path, place);
  if (base !== null) return new URL(base.pathname.replace(/\/$/, "") + pathname + search + hash, base);
  if (!place.protocol.startsWith("http")) throw noWay();
  return new URL(`${PROXY_PREFIX}${sidecar ?? "-"}${pathname}${search}${hash}`, place);
}

/**
 * Sends a request with the browser's own `fetch` to the address in {@link browserUrl}. The body of a `Request` is read
 * before, for Chromium sends a body that is a stream over HTTP/2 only.
 *
 * Rejects with a {@link BridgeError}, `failed_precondition`, where no plugin and no base leads to a sidecar: the page's own
 * server may answer any path, with the page.
 */
export async function fetchInBrowser(
  input: string | URL | Request,
  init: FetchInit | null | undefined,
): Promise<Response> {
  const { sidecar, waitMs: _, onProgress: __, ...rest } = readInit(init);
  const request = input instanceof Request ? { ...(await readRequest(input)), ...rest } : rest;
  const response = await browsersFetch(
    browserUrl(input instanceof Request ? input.url : input, sidecar),
    request,
  );
  const isPage = response.headers.get("content-type")?.startsWith("text/html") ?? false;
  if (base !== null || !isPage || response.headers.has(PROXY_MARK)) return response;
  response.body?.cancel().catch(() => {});
  throw noWay();
}

/** Says why no request gets to a sidecar from here. A worker cannot tell the window of `tauri dev` from a plain browser. */
function noWay(): BridgeError {
  const { href, protocol, hostname } = page();
  const asked = "call serveWorker with it in the page, and await connectPage() in the worker";
  const served =
    "open the page in its app or in vite's development server with the plugin `sidecarBridge`, or call setBrowserBase";
  let detail = `no sidecar is behind this page's server; ${served}`;
  if (globalThis.document === undefined) {
    const isPackaged = protocol === "tauri:" || hostname === "tauri.localhost";
    detail = isPackaged
      ? `a worker of a page in a tauri window cannot reach a sidecar by itself; ${asked}`
      : `no sidecar is behind ${href}; in a worker of a tauri window, ${asked}; elsewhere, ${served}`;
  }
  return new BridgeError(localProblem("failed_precondition", detail));
}

async function readRequest(given: Request): Promise<RequestInit> {
  const { method, headers, signal, credentials, cache, redirect } = given;
  const mayHaveBody = method !== "GET" && method !== "HEAD";
  const body = mayHaveBody ? { body: await given.arrayBuffer() } : {};
  return { method, headers, signal, credentials, cache, redirect, ...body };
}
