import type { Exchange } from "../wire/exchange.js";
import type { Frame } from "../wire/frame.js";
import { ReadAhead } from "../wire/readahead.js";
import type { FetchResponse } from "../wire/types.js";

/** The statuses whose responses have no body, not even an empty one (Fetch Standard, "null body status"). */
const NULL_BODY_STATUSES = [101, 103, 204, 205, 304];

/** How many pieces are read at once: one can be on its way while the page takes another. */
const READS_AHEAD = 2;

/** What a response says about its request. */
export interface AnsweredRequest {
  method: string;
  url: URL;
  redirected: boolean;
  signal: AbortSignal | null;
}

/**
 * Makes a `Response` of the host's answer. What is missing of the body is read from the host as fast as the page
 * reads.
 */
export function toResponse(
  { head, body }: Frame<FetchResponse>,
  exchange: Exchange,
  answered: AnsweredRequest,
): Response {
  const hasNoBody = answered.method === "HEAD" || NULL_BODY_STATUSES.includes(head.status);
  if (hasNoBody && head.streams) exchange.cancel();
  const whole = head.streams ? restOf(body, exchange, answered.signal) : body;
  // The list may repeat a header: `Headers` appends where a record would overwrite.
  const headers = new Headers(head.headers);
  const init = { status: head.status, statusText: head.statusText, headers };
  const response = new Response(hasNoBody ? null : decompressed(whole, headers), init);
  return withAddress(response, answered.url.href, answered.redirected);
}

/** The response of a redirect that the page does not follow. Like a browser's, it has neither headers nor status. */
export function opaqueRedirect(url: URL): Response {
  const response = withAddress(new Response(null), url.href, false);
  return Object.defineProperties(response, {
    type: { value: "opaqueredirect" },
    status: { value: 0 },
    ok: { value: false },
  });
}

/** Sets the properties that a script cannot give a `Response` in its constructor, on the clones of the response too. */
function withAddress(response: Response, url: string, redirected: boolean): Response {
  return Object.defineProperties(response, {
    url: { value: url },
    redirected: { value: redirected },
    type: { value: "basic", configurable: true },
    clone: { value: () => withAddress(Response.prototype.clone.call(response), url, redirected) },
  });
}

/** A stream of the first bytes, then of the pieces that are read from the host. */
function restOf(
  first: Uint8Array<ArrayBuffer>,
  exchange: Exchange,
  signal: AbortSignal | null,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pieces = new ReadAhead(exchange, READS_AHEAD);
  const ended = new AbortController();
  const source: UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> = {
    start(controller) {
      const aborted = () => {
        ended.abort();
        controller.error(signal?.reason);
        exchange.cancel();
      };
      signal?.addEventListener("abort", aborted, { once: true, signal: ended.signal });
      if (first.length > 0) controller.enqueue(first);
    },
    async pull(controller) {
      try {
        const { bytes, last } = await pieces.next();
        if (ended.signal.aborted) return;
        if (bytes.length > 0) controller.enqueue(bytes);
        if (!last) return;
        ended.abort();
        controller.close();
      } catch (reason) {
        if (ended.signal.aborted) return;
        ended.abort();
        controller.error(reason);
      }
    },
    cancel() {
      ended.abort();
      exchange.cancel();
    },
  };
  // No buffer in the stream: the pieces that are read ahead are the buffer, and the page's reading sets the pace.
  return new ReadableStream(source, { highWaterMark: 0 });
}

/**
 * Decompresses a body, as a browser does. Encodings that `DecompressionStream` does not know in every webview stay as
 * they are.
 */
function decompressed(body: BodyInit, headers: Headers): BodyInit {
  const encoding = headers.get("content-encoding")?.toLowerCase().replace("x-gzip", "gzip");
  if (encoding !== "gzip" && encoding !== "deflate") return body;
  const compressed = new Response(body).body;
  return compressed ? compressed.pipeThrough(new DecompressionStream(encoding)) : body;
}
