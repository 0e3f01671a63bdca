import { unlessAborted } from "../wire/abort.js";
import { Exchange } from "../wire/exchange.js";
import type { Frame } from "../wire/frame.js";
import { inTauri } from "../wire/tauri.js";
import type { FetchRequest, FetchResponse } from "../wire/types.js";
import { absolute, learnOrigin } from "./address.js";
import { fetchInBrowser } from "./browser.js";
import type { FetchInit } from "./init.js";
import { answerOfPage } from "./page.js";
import { MAX_REDIRECTS, redirectOf } from "./redirect.js";
import { type PageRequest, readRequest } from "./request.js";
import { opaqueRedirect, toResponse } from "./response.js";

/**
 * Sends an HTTP request to a sidecar and resolves with the sidecar's response, like the browser's `fetch`. No port is
 * open: the host judges the request by the app's capabilities, and passes the request on.
 *
 * ```ts
 * const response = await fetch("/api/users", { method: "POST", body: JSON.stringify({ name: "Ada" }) });
 * ```
 *
 * - Addresses: a path such as `"/api/users?page=2"`, or a `URL` or `Request` of the page's own origin, or of the one that
 *   the sidecar takes for its own, as `url_for` of FastAPI does. The sidecar gets path and query.
 * - Bodies: everything that the browser's `fetch` takes, and a `ReadableStream` of `Uint8Array` in every webview.
 *   Streams, and bodies of more than 512 KiB, are sent in pieces. Give a `FormData` with files as `body`, not inside
 *   a `Request`, or make the `Request` with the class `Request` of this package: WebKitGTK cannot read a `FormData`
 *   with files back out of the browser's `Request`.
 * - Compressed answers: gzip and deflate, which `Accept-Encoding` asks for unless the caller sets that.
 * - The body of the response is taken from the sidecar as fast as the page reads that body, and no faster.
 * - Redirects to the same sidecar are followed, at most 20 times, unless `redirect` says otherwise.
 * - Cookies: the page's cookies are not sent. For a sidecar with `cookies: true` in the app's configuration, the host
 *   keeps the sidecar's cookies and sends them, unless `credentials` is `"omit"`.
 * - `signal`: an abort rejects the promise, or the reading of the body, with the signal's reason. The sidecar sees a
 *   disconnect, as it does when the page lets go of a body without reading it to its end.
 * - `cache`, `mode`, `integrity` and `keepalive` have no effect.
 *
 * Rejects with a {@link BridgeError} when there is no response, as the reading of a body that breaks off does:
 * `unavailable` when the sidecar does not run, or ends before it answers; `permission_denied` when no capability of the
 * window allows the request; `not_found` for an unknown sidecar. Rejects with a `TypeError` when the arguments do not
 * make a request. A response with an HTTP error status resolves.
 *
 * May be `globalThis.fetch`, also with another function around it: then requests to other origins, Tauri's own, and
 * those for a file that the page's server has, go to the `fetch` that was there before.
 *
 * In a plain browser the browser's own `fetch` sends the request, see {@link setBrowserBase}.
 *
 * Source: Fetch Standard, WHATWG.
 */
export async function fetch(input: string | URL | Request, init?: FetchInit | null): Promise<Response> {
  if (input === undefined) throw new TypeError("fetch was given no address; give a path");
  // No `await` unless there is something to wait for: the caller may change the body as soon as this function returns.
  const url = absolute(input);
  const asked = answerOfPage(url, input, init);
  const answered = asked && (await asked);
  if (answered) return answered;
  if (!inTauri()) return fetchInBrowser(input, init);
  let request = await readRequest(url, input, init);
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const exchange = new Exchange();
    const answer = await send(exchange, request);
    learnOrigin(answer.head.origin);
    const { method, url, signal } = request;
    let next: ReturnType<typeof redirectOf>;
    try {
      signal?.throwIfAborted();
      next = redirectOf(request, answer.head);
    } catch (reason) {
      exchange.cancel();
      throw reason;
    }
    if (next === null) return toResponse(answer, exchange, { method, url, redirected: hops > 0, signal });
    if (answer.head.streams) exchange.cancel();
    if (next === "opaque") return opaqueRedirect(url);
    request = next;
  }
  throw new TypeError(`${request.url.pathname} redirects more than ${MAX_REDIRECTS} times`);
}

/** Sends the request with its body, and resolves with the head of the answer. An abort ends the exchange. */
async function send(exchange: Exchange, request: PageRequest): Promise<Frame<FetchResponse>> {
  const { body, url, signal } = request;
  const stream = body.kind === "stream" ? body : null;
  const head: Omit<FetchRequest, "exchange"> = {
    sidecar: request.sidecar,
    method: request.method,
    path: url.pathname + url.search,
    headers: request.headers,
    streams: stream !== null,
    bodyBytes: stream?.length ?? null,
    cookies: request.credentials !== "omit",
    waitMs: request.waitMs,
  };
  const source = stream?.open();
  if (signal?.aborted) {
    source?.return?.(signal.reason).catch(() => {});
    throw signal.reason;
  }
  let refused = false;
  const answer = exchange.fetch(head, body.kind === "bytes" ? body.bytes : new Uint8Array());
  answer.catch(() => {
    refused = true;
  });
  const all = source ? [answer, failureOf(sendPieces(exchange, source))] : [answer];
  try {
    return await unlessAborted(Promise.race(all), signal);
  } catch (reason) {
    if (!refused) exchange.cancel();
    throw reason;
  } finally {
    // The sidecar has answered, or the request has failed: the rest of the body is not needed in either case.
    source?.return?.().catch(() => {});
  }
}

/** Sends the pieces of a body. Stops without an error when the sidecar takes no more: the sidecar's answer says why. */
async function sendPieces(exchange: Exchange, source: AsyncIterator<Uint8Array<ArrayBuffer>>): Promise<void> {
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

/** Rejects as `work` rejects, and never resolves. */
function failureOf(work: Promise<void>): Promise<never> {
  return new Promise((_, reject) => {
    work.catch(reject);
  });
}
