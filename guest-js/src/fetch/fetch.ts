import { inTauri } from "../wire/tauri.js";
import { absolute } from "./address.js";
import { fetchInBrowser } from "./browser.js";
import { follow } from "./follow.js";
import type { FetchInit } from "./init.js";
import { answerOfPage } from "./page.js";
import { readRequest } from "./request.js";
import { responseOf } from "./response.js";

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
 * - `onProgress` hears how much of the body is sent, see {@link Progress}; not in a plain browser.
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
  const first = await readRequest(url, input, init);
  const followed = await follow(first, (exchange, head, body) => exchange.fetch(head, body));
  return responseOf(followed);
}
