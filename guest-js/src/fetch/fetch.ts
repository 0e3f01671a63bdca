import { unlessAborted } from "../wire/abort.js";
import { Exchange } from "../wire/exchange.js";
import type { Frame } from "../wire/frame.js";
import { inTauri } from "../wire/tauri.js";
import type { FetchRequest, FetchResponse } from "../wire/types.js";
import { askBrowser } from "./browser.js";
import type { FetchInit } from "./init.js";
import { MAX_REDIRECTS, redirectOf } from "./redirect.js";
import { type PageRequest, readRequest } from "./request.js";
import { opaqueRedirect, toResponse } from "./response.js";

/**
 * Sends an HTTP request to a sidecar and resolves with its response, like the browser's `fetch` but without a
 * port: the request goes through the host, which judges it by the app's capabilities.
 *
 * ```ts
 * const response = await fetch("/api/users", { method: "POST", body: JSON.stringify({ name: "Ada" }) });
 * ```
 *
 * - Addresses: a path such as `"/api/users?page=2"`, or a `URL` or `Request` of the page's own origin, of which
 *   path and query are used.
 * - Bodies: all that the browser takes, and a `ReadableStream` of `Uint8Array` in every webview. Large ones and streams
 *   go a piece at a time. A `FormData` with files must be given as `body` here, not inside a `Request`: WebKitGTK
 *   cannot read it back from there.
 * - The response's body comes as fast as it is read, and no faster.
 * - Redirects to the same sidecar are followed, unless `redirect` says otherwise.
 * - Cookies: those of the page are not sent. If the app's configuration gives the sidecar a jar, its own are, unless
 *   `credentials` is `"omit"`.
 * - `signal`: once it aborts, the promise rejects with its reason, or the body does, and the sidecar sees a disconnect.
 * - `cache`, `mode`, `integrity` and `keepalive` have no effect.
 *
 * Rejects with a {@link BridgeError} when there is no response: `unavailable` when the sidecar does not run, or breaks
 * off, `permission_denied` when no capability of the window grants the request, `not_found` for an unknown sidecar.
 * Rejects with a `TypeError` when the arguments do not make a request. An HTTP error status resolves.
 *
 * In a plain browser this is the browser's own `fetch`, see {@link setBrowserBase}.
 */
export async function fetch(input: string | URL | Request, init: FetchInit = {}): Promise<Response> {
  if (!inTauri()) return askBrowser(input, init);
  let request = await readRequest(input, init);
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const exchange = new Exchange();
    const answer = await ask(exchange, request);
    const next = redirectOf(request, answer.head);
    const { method, url, signal } = request;
    if (next === null) return toResponse(answer, exchange, { method, url, redirected: hops > 0, signal });
    if (answer.head.streams) exchange.cancel();
    if (next === "opaque") return opaqueRedirect(url);
    request = next;
  }
  throw new TypeError(`${request.url.pathname} redirects more than ${MAX_REDIRECTS} times`);
}

/** Sends the request with its body; an abort ends the exchange. */
async function ask(exchange: Exchange, request: PageRequest): Promise<Frame<FetchResponse>> {
  const { body, url, signal } = request;
  const pieces = body.kind === "pieces" ? body : null;
  const head: Omit<FetchRequest, "exchange"> = {
    sidecar: request.sidecar,
    method: request.method,
    path: url.pathname + url.search,
    headers: [...request.headers],
    streams: pieces !== null,
    bodyBytes: pieces?.length ?? null,
    cookies: request.credentials !== "omit",
    waitMs: request.waitMs,
  };
  let over = false;
  const answer = exchange.fetch(head, body.kind === "bytes" ? body.bytes : new Uint8Array()).finally(() => {
    over = true;
  });
  const source = pieces?.open();
  const all = source ? [answer, unlessBroken(write(exchange, source))] : [answer];
  try {
    return await unlessAborted(Promise.race(all), signal);
  } catch (reason) {
    if (!over) exchange.cancel();
    throw reason;
  } finally {
    // Whatever the outcome, what was not sent by now is not wanted any more.
    source?.return?.().catch(() => {});
  }
}

/** Sends the pieces of a body, until the sidecar takes no more: then its answer says why. */
async function write(exchange: Exchange, source: AsyncIterator<Uint8Array<ArrayBuffer>>): Promise<void> {
  for (;;) {
    const { done, value } = await source.next();
    try {
      await exchange.write(value ?? new Uint8Array(), done === true);
    } catch {
      return;
    }
    if (done) return;
  }
}

/** Rejects like `work`, and never resolves. */
function unlessBroken(work: Promise<void>): Promise<never> {
  return new Promise((_, reject) => {
    work.catch(reject);
  });
}
