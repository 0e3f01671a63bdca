import { unlessAborted } from "../wire/abort.js";
import { decodeFrame, encodeFrame } from "../wire/frame.js";
import type { FetchRequest, FetchResponse, Problem, WriteRequest } from "../wire/types.js";
import { Cookies } from "./cookies.js";
import { problem } from "./problem.js";
import type { Sidecar } from "./sidecar.js";

/** The origin of the sidecar, and of its requests when the page has no http address. */
const ORIGIN = "http://localhost";

/** A request on its way. */
interface Exchange {
  /** The name of the sidecar that answers. */
  sidecar: string;
  /** Aborts when the exchange ends; the reason is the problem that ended it. */
  ended: AbortController;
  /** Whether the handler has the request, and may have done what it asks for. */
  begun: boolean;
  /** Takes the pieces of the request's body. */
  upload: WritableStreamDefaultWriter<Uint8Array> | null;
  /** Has the pieces of the answer's body. */
  download: ReadableStreamDefaultReader<Uint8Array> | null;
  /** How many pieces of the answer were read. */
  reads: number;
}

/**
 * The host's side of the commands `fetch`, `read`, `write` and `cancel`, like `src/guest/exchange.rs` of the plugin, of `cookies`,
 * and of what waits in an exchange.
 */
export class Exchanges {
  readonly #open = new Map<string, Exchange>();
  readonly #find: (sidecar: string | null) => Sidecar;
  readonly #cookies = new Cookies();

  constructor(find: (sidecar: string | null) => Sidecar) {
    this.#find = find;
  }

  async fetch(frame: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
    const { head, body } = decodeFrame<FetchRequest>(frame);
    const { lifecycle, handler } = this.#find(head.sidecar);
    const exchange = this.#begin(head.exchange, lifecycle.status.sidecar);
    const { ended } = exchange;
    const request = requestOf(head, body, exchange);
    try {
      await unlessAborted(lifecycle.serves(head.waitMs), ended.signal);
      exchange.begun = true;
      const response = await unlessAborted(Promise.resolve(handler(request)), ended.signal);
      return this.#reply(head, response, exchange);
    } catch (reason) {
      this.#open.delete(head.exchange);
      throw reason;
    }
  }

  /** Waits for something of a sidecar, unless the exchange ends before. */
  async wait<T>(name: string, sidecar: string, waiting: Promise<T>): Promise<T> {
    const { ended } = this.#begin(name, sidecar);
    try {
      return await unlessAborted(waiting, ended.signal);
    } finally {
      this.#open.delete(name);
    }
  }

  async read(name: string): Promise<ArrayBuffer> {
    const exchange = this.#named(name);
    if (exchange.download === null)
      throw problem("failed_precondition", `exchange ${name} has no answer yet`);
    const number = exchange.reads++;
    const { done, value } = await unlessAborted(exchange.download.read(), exchange.ended.signal);
    if (done) this.#open.delete(name);
    const bytes = value ?? new Uint8Array();
    const piece = new Uint8Array(5 + bytes.length);
    new DataView(piece.buffer).setUint32(0, number);
    piece[4] = done ? 1 : 0;
    piece.set(bytes, 5);
    return piece.buffer;
  }

  async write(frame: Uint8Array<ArrayBuffer>): Promise<void> {
    const { head, body } = decodeFrame<WriteRequest>(frame);
    const { upload, ended } = this.#named(head.exchange);
    if (upload === null) throw problem("failed_precondition", `exchange ${head.exchange} takes no body`);
    if (body.length > 0) await unlessAborted(upload.write(body.slice()), ended.signal);
    if (head.last) await unlessAborted(upload.close(), ended.signal);
  }

  cookies(sidecar: string | null): [string, string][] {
    return this.#cookies.of(this.#find(sidecar).lifecycle.status.sidecar);
  }

  cancel(name: string): void {
    const exchange = this.#open.get(name);
    this.#open.delete(name);
    if (exchange) end(exchange, problem("cancelled", "the page has cancelled"));
  }

  /**
   * Ends what a sidecar has begun, as the end of its process does; what was asked for may have been done. Requests that wait
   * for the sidecar wait on.
   */
  endBegun(sidecar: string, reason: Problem): void {
    this.#end({ ...reason, retryable: false }, (exchange) => exchange.begun && exchange.sidecar === sidecar);
  }

  /** Ends all exchanges of a sidecar that is taken away. */
  endAll(sidecar: string, reason: Problem): void {
    this.#end(reason, (exchange) => exchange.sidecar === sidecar);
  }

  #end(reason: Problem, concerns: (exchange: Exchange) => boolean): void {
    for (const [name, exchange] of this.#open) {
      if (!concerns(exchange)) continue;
      this.#open.delete(name);
      end(exchange, reason);
    }
  }

  #begin(name: string, sidecar: string): Exchange {
    const ended = new AbortController();
    const exchange: Exchange = { sidecar, ended, begun: false, upload: null, download: null, reads: 0 };
    this.#open.set(name, exchange);
    return exchange;
  }

  #named(name: string): Exchange {
    const exchange = this.#open.get(name);
    if (exchange === undefined) throw problem("cancelled", `exchange ${name} is over`);
    return exchange;
  }

  #reply(head: FetchRequest, response: Response, exchange: Exchange): ArrayBuffer {
    if (response.bodyUsed || response.body?.locked) {
      const what = `${head.method} ${head.path}`;
      throw problem(
        "internal",
        `${what} was answered with a Response that was read before; make one per request`,
      );
    }
    if (head.cookies) this.#cookies.take(exchange.sidecar, response.headers);
    exchange.download = response.body?.getReader() ?? null;
    if (exchange.download === null) this.#open.delete(head.exchange);
    const { status, statusText } = response;
    const headers = [...response.headers].filter(([name]) => name !== "set-cookie");
    const streams = exchange.download !== null;
    const answer: FetchResponse = { status, statusText, headers, origin: ORIGIN, streams };
    return encodeFrame({ head: answer, body: new Uint8Array() }).buffer;
  }
}

function end({ ended, upload, download }: Exchange, reason: Problem): void {
  ended.abort(reason);
  // The page's reads and writes reject with the problem, by the signal. These two free the streams of the handler.
  upload?.abort(reason).catch(() => {});
  download?.cancel(reason).catch(() => {});
}

/** The request as the handler sees it. The signal of the request aborts when the exchange ends. */
function requestOf(head: FetchRequest, body: Uint8Array<ArrayBuffer>, exchange: Exchange): Request {
  const { href } = globalThis.location ?? { href: ORIGIN };
  const url = new URL(head.path, href.startsWith("http") ? href : ORIGIN);
  const init: RequestInit & { duplex?: "half" } = { method: head.method, headers: head.headers };
  if (head.streams) {
    const pipe = new TransformStream<Uint8Array, Uint8Array>();
    exchange.upload = pipe.writable.getWriter();
    init.body = pipe.readable;
    init.duplex = "half";
  } else if (body.length > 0) {
    init.body = body.slice();
  }
  return new Request(url, { ...init, signal: exchange.ended.signal });
}
