import { PROXY_PREFIX } from "../wire/proxy.js";
import { type FetchInit, readInit } from "./init.js";

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

/** The address at which a plain browser finds the path of a sidecar: below the base, or at the Vite plugin. */
export function browserUrl(path: string | URL, sidecar: string | undefined): URL {
  const page = new URL(globalThis.location?.href ?? "http://localhost");
  const { pathname, search, hash } = new URL(path, page);
  if (base !== null) return new URL(base.pathname.replace(/\/$/, "") + pathname + search + hash, base);
  return new URL(`${PROXY_PREFIX}${sidecar ?? "-"}${pathname}${search}${hash}`, page);
}

/**
 * Sends a request with `browsers`, the browser's own `fetch`, to the address in {@link browserUrl}. The body of a `Request` is read
 * before, for Chromium sends a body that is a stream over HTTP/2 only.
 */
export async function fetchInBrowser(
  input: string | URL | Request,
  init: FetchInit | null | undefined,
  browsers: typeof globalThis.fetch,
): Promise<Response> {
  const { sidecar, waitMs: _, ...rest } = readInit(init);
  if (!(input instanceof Request)) return browsers(browserUrl(input, sidecar), rest);
  const { method, headers, signal, credentials, cache, redirect } = input;
  const mayHaveBody = method !== "GET" && method !== "HEAD";
  const body = mayHaveBody ? { body: await input.arrayBuffer() } : {};
  const request = { method, headers, signal, credentials, cache, redirect, ...body };
  return browsers(browserUrl(input.url, sidecar), { ...request, ...rest });
}
