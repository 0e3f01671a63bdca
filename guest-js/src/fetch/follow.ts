import { unlessAborted } from "../wire/abort.js";
import { Exchange } from "../wire/exchange.js";
import type { Frame } from "../wire/frame.js";
import type { FetchRequest, FetchResponse } from "../wire/types.js";
import { learnOrigin } from "./address.js";
import { MAX_REDIRECTS, redirectOf } from "./redirect.js";
import type { PageRequest } from "./request.js";

/** Asks the host for the answer to a request; `body` has the bytes that go along with the head. */
export type Ask = (
  exchange: Exchange,
  head: Omit<FetchRequest, "exchange">,
  body: Uint8Array<ArrayBuffer>,
) => Promise<Frame<FetchResponse>>;

/** An answer, and the request that got it. */
export interface Followed {
  answer: Frame<FetchResponse>;
  exchange: Exchange;
  request: PageRequest;
  /** Whether the request is not the first one. */
  redirected: boolean;
  /** Whether the answer is a redirect that the page wants to see. */
  opaque: boolean;
}

/** Sends a request, and where its answers redirect to. */
export async function follow(first: PageRequest, ask: Ask): Promise<Followed> {
  let request = first;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const exchange = new Exchange();
    const answer = await send(exchange, request, ask);
    learnOrigin(answer.head.origin);
    let next: ReturnType<typeof redirectOf>;
    try {
      request.signal?.throwIfAborted();
      next = redirectOf(request, answer.head);
    } catch (reason) {
      exchange.cancel();
      throw reason;
    }
    const followed = { answer, exchange, request, redirected: hops > 0 };
    if (next === null) return { ...followed, opaque: false };
    if (answer.head.streams) exchange.cancel();
    if (next === "opaque") return { ...followed, opaque: true };
    request = next;
  }
  throw new TypeError(`${request.url.pathname} redirects more than ${MAX_REDIRECTS} times`);
}

/** Sends the request with its body, and resolves with the head of the answer. An abort ends the exchange. */
async function send(exchange: Exchange, request: PageRequest, ask: Ask): Promise<Frame<FetchResponse>> {
  const { body, url, signal, onProgress } = request;
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
  const whole = body.kind === "bytes" ? body.bytes : new Uint8Array();
  const answer = ask(exchange, head, whole);
  answer.catch(() => {
    refused = true;
  });
  const tell = onProgress && ((bytes: number) => onProgress({ bytes, totalBytes: head.bodyBytes }));
  if (source) sending++;
  const all = source ? [answer, failureOf(sendPieces(exchange, source, tell))] : [answer];
  try {
    const answered = await unlessAborted(Promise.race(all), signal);
    if (whole.length > 0) onProgress?.({ bytes: whole.length, totalBytes: whole.length });
    return answered;
  } catch (reason) {
    if (!refused) exchange.cancel();
    throw reason;
  } finally {
    if (source) sending--;
    // The sidecar has answered, or the request has failed: the rest of the body is not needed in either case.
    source?.return?.().catch(() => {});
  }
}

/** How many bodies are being sent in pieces. */
let sending = 0;
/** With more than so many of them, each waits for its turn before its first piece, and so keeps no piece on its way meanwhile. */
const FEW = 8;

/** Sends the pieces of a body. Stops without an error when the sidecar takes no more: the sidecar's answer says why. */
async function sendPieces(
  exchange: Exchange,
  source: AsyncIterator<Uint8Array<ArrayBuffer>>,
  tell: ((bytes: number) => void) | null,
): Promise<void> {
  let bytes = 0;
  if (sending > FEW) {
    try {
      await exchange.write(new Uint8Array(), false);
    } catch {
      return;
    }
  }
  for (;;) {
    const { done, value } = await source.next();
    try {
      await exchange.write(value ?? new Uint8Array(), done === true);
    } catch {
      return;
    }
    if (done) return;
    bytes += value.length;
    tell?.(bytes);
  }
}

/** Rejects as `work` rejects, and never resolves. */
function failureOf(work: Promise<void>): Promise<never> {
  return new Promise((_, reject) => {
    work.catch(reject);
  });
}
