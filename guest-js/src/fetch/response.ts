import type { Exchange } from "../wire/exchange.js";
import type { Frame } from "../wire/frame.js";
import type { FetchResponse } from "../wire/types.js";
import { decoded } from "./coding.js";
import type { Followed } from "./follow.js";
import { bodyInPieces, type ReceivedBody, wholeBody } from "./received.js";

/** The statuses whose responses have no body, not even an empty one (Fetch Standard, "null body status"). */
const NULL_BODY_STATUSES = [101, 103, 204, 205, 304];

/** What a response says about its request. */
interface AnsweredRequest {
  method: string;
  url: URL;
  redirected: boolean;
  signal: AbortSignal | null;
}

/** Makes a `Response` of an answer. */
export function responseOf({ answer, exchange, request, redirected, opaque }: Followed): Response {
  const { method, url, signal } = request;
  if (opaque) return opaqueRedirect(url);
  return toResponse(answer, exchange, { method, url, redirected, signal });
}

/**
 * Makes a `Response` of the host's answer. What is missing of the body is read from the host as fast as the page
 * reads.
 */
function toResponse(
  { head, body }: Frame<FetchResponse>,
  exchange: Exchange,
  { method, url, redirected, signal }: AnsweredRequest,
): Response {
  // The list may repeat a header: `Headers` appends where a record would overwrite.
  const headers = new Headers(head.headers);
  // A script cannot make a `Response` of a status from 600 to 999, which a browser shows as it came.
  const { status, statusText } = head;
  const init = { status: Math.min(status, 599), statusText, headers };
  const shown = { url: url.href, redirected, type: "basic", ...(status > 599 && { status }) };
  if (method === "HEAD" || NULL_BODY_STATUSES.includes(head.status)) {
    if (head.streams) exchange.cancel();
    return showing(new Response(null, init), shown, wholeBody(body, signal).failure);
  }
  const received = head.streams ? bodyInPieces(body, exchange, signal) : wholeBody(body, signal);
  const { body: plain, failure } = decoded(received, headers);
  return showing(new Response(plain, init), shown, failure);
}

/** The response of a redirect that the page does not follow. Like a browser's, it has neither headers nor status. */
function opaqueRedirect(url: URL): Response {
  const shown = { url: url.href, redirected: false, type: "opaqueredirect", status: 0, ok: false };
  return showing(new Response(null), shown, () => null);
}

/** Sets the properties that a script cannot give a `Response` in its constructor, on the clones of the response too. */
function showing(
  response: Response,
  shown: { [Name in keyof Response]?: unknown },
  failure: ReceivedBody["failure"],
): Response {
  for (const [name, value] of Object.entries(shown)) Object.defineProperty(response, name, { value });
  for (const name of ["append", "delete", "set"]) {
    Object.defineProperty(response.headers, name, { value: refuseChange });
  }
  const { clone } = Response.prototype;
  Object.defineProperty(response, "clone", { value: () => showing(clone.call(response), shown, failure) });
  for (const name of ["arrayBuffer", "blob", "bytes", "formData", "json", "text"] as const) {
    const read: (() => Promise<unknown>) | undefined = Response.prototype[name];
    if (read) Object.defineProperty(response, name, { value: async () => readBody(response, read, failure) });
  }
  return response;
}

function refuseChange(): never {
  throw new TypeError("the headers of a response cannot be changed; make a new Headers of them");
}

/** Reads a body as a browser does, which rejects with the reason for which the body broke off: WebKit says a `TypeError`. */
async function readBody<T>(
  response: Response,
  read: () => Promise<T>,
  failure: ReceivedBody["failure"],
): Promise<T> {
  const before = failure();
  // A body that was read, or that has a reader, gets the browser's own error.
  if (response.bodyUsed || (before && response.body?.locked)) return read.call(response);
  if (before) throw before.reason;
  try {
    return await read.call(response);
  } catch (error) {
    const broken = failure();
    throw broken ? broken.reason : error;
  }
}
