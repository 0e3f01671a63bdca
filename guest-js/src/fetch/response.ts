import type { Exchange } from "../wire/exchange.js";
import type { Frame } from "../wire/frame.js";
import { ReadAhead } from "../wire/readahead.js";
import type { FetchResponse } from "../wire/types.js";

/** The statuses with which a response has no body, not even an empty one (Fetch Standard, "null body status"). */
const NULL_BODY_STATUSES = [101, 103, 204, 205, 304];

/** How many pieces are asked for at once: while one is handed over, the next one is on its way. */
const READS_AHEAD = 2;

/** What a response says of the request that it answers. */
export interface Answered {
  method: string;
  url: URL;
  redirected: boolean;
  signal: AbortSignal | null;
}

/** Makes a `Response` of what the host gave; the rest of its body is read as fast as the page reads it. */
export function toResponse(
  { head, body }: Frame<FetchResponse>,
  exchange: Exchange,
  answered: Answered,
): Response {
  const bodiless = answered.method === "HEAD" || NULL_BODY_STATUSES.includes(head.status);
  if (bodiless && head.streams) exchange.cancel();
  const whole = head.streams ? restOf(body, exchange, answered.signal) : body;
  // The list may repeat a header: `Headers` appends where a record would overwrite.
  const headers = new Headers(head.headers);
  const init = { status: head.status, statusText: head.statusText, headers };
  const response = new Response(bodiless ? null : decompressed(whole, headers), init);
  return asAnswerTo(response, answered.url.href, answered.redirected);
}

/** What `fetch` gives for a redirect that the page wants to see and not to follow; a browser shows nothing of it. */
export function opaqueRedirect(url: URL): Response {
  const response = asAnswerTo(new Response(null), url.href, false);
  return Object.defineProperties(response, {
    type: { value: "opaqueredirect" },
    status: { value: 0 },
    ok: { value: false },
  });
}

/** Adds what a `Response` that a script makes does not have. A clone has it too. */
function asAnswerTo(response: Response, url: string, redirected: boolean): Response {
  return Object.defineProperties(response, {
    url: { value: url },
    redirected: { value: redirected },
    type: { value: "basic", configurable: true },
    clone: { value: () => asAnswerTo(Response.prototype.clone.call(response), url, redirected) },
  });
}

/** The bytes that are there, then those that the host gives when it is asked. */
function restOf(
  first: Uint8Array<ArrayBuffer>,
  exchange: Exchange,
  signal: AbortSignal | null,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pieces = new ReadAhead(exchange, READS_AHEAD);
  const over = new AbortController();
  const source: UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> = {
    start(controller) {
      const aborted = () => {
        over.abort();
        controller.error(signal?.reason);
        exchange.cancel();
      };
      signal?.addEventListener("abort", aborted, { once: true, signal: over.signal });
      if (first.length > 0) controller.enqueue(first);
    },
    async pull(controller) {
      try {
        const { bytes, last } = await pieces.next();
        if (over.signal.aborted) return;
        if (bytes.length > 0) controller.enqueue(bytes);
        if (!last) return;
        over.abort();
        controller.close();
      } catch (reason) {
        if (over.signal.aborted) return;
        over.abort();
        controller.error(reason);
      }
    },
    cancel() {
      over.abort();
      exchange.cancel();
    },
  };
  // The reads ahead are buffer enough: nothing is asked for that nobody reads.
  return new ReadableStream(source, { highWaterMark: 0 });
}

/** A browser undoes what a server has compressed; so do we, as far as the webview can. */
function decompressed(body: BodyInit, headers: Headers): BodyInit {
  const encoding = headers.get("content-encoding")?.toLowerCase().replace("x-gzip", "gzip");
  if (encoding !== "gzip" && encoding !== "deflate") return body;
  const compressed = new Response(body).body;
  return compressed ? compressed.pipeThrough(new DecompressionStream(encoding)) : body;
}
