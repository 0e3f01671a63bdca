import { PROXY_PREFIX } from "../wire/proxy.js";
import type { FetchInit } from "./init.js";

let base: URL | null = null;

/**
 * Says where the sidecar is for a page in a plain browser, during development: `setBrowserBase("http://127.0.0.1:1430")`.
 * In a Tauri window it has no effect. Without it, requests go to this package's Vite plugin, which finds the sidecar of
 * the running app. `null` undoes it.
 *
 * Throws a `TypeError` for what is no URL.
 */
export function setBrowserBase(url: string | URL | null): void {
  base = url === null ? null : new URL(url);
}

/** The address in a plain browser of what is `path` of a sidecar. */
export function browserUrl(path: string | URL, sidecar: string | undefined): URL {
  const page = new URL(globalThis.location?.href ?? "http://localhost");
  const { pathname, search, hash } = new URL(path, page);
  if (base !== null) return new URL(base.pathname.replace(/\/$/, "") + pathname + search + hash, base);
  return new URL(`${PROXY_PREFIX}${sidecar ?? "-"}${pathname}${search}${hash}`, page);
}

/**
 * The browser's own `fetch`, with another address. The body of a `Request` is a stream, which Chromium sends over HTTP/2
 * only; so it is read first.
 */
export async function askBrowser(input: string | URL | Request, init: FetchInit): Promise<Response> {
  const { sidecar, waitMs: _, ...rest } = init;
  if (!(input instanceof Request)) return globalThis.fetch(browserUrl(input, sidecar), rest);
  const { method, headers, signal, credentials, cache, redirect } = input;
  const has = method !== "GET" && method !== "HEAD";
  const body = has ? { body: await input.arrayBuffer() } : {};
  const request = { method, headers, signal, credentials, cache, redirect, ...body };
  return globalThis.fetch(browserUrl(input.url, sidecar), { ...request, ...rest });
}
